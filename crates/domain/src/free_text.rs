//! Texts that people write, and what they may not hold.

/// Digits in a row, also when apart by spaces: account numbers begin with this many.
const DIGITS_MAX: usize = 7;
/// Viet Nam's phone numbers, which begin with 0 or +84, also come apart by dots and hyphens.
const PHONE_DIGITS: usize = 9;

/// Whether a text holds a number that reads like one of somebody's: of a phone, an account, a card or a citizen. Days,
/// spans of years, sums of money and the numbers of documents do not.
///
/// ```
/// assert!(cashless_domain::holds_private_number("gọi 0912 345 678"));
/// assert!(!cashless_domain::holds_private_number("Trường THCS 19/5, công văn 1234/STC năm 2022"));
/// ```
#[must_use]
pub fn holds_private_number(text: &str) -> bool {
    holds_scattered_number(text)
        || longest_number(text, &[' ', '\u{a0}']).any(|(digits, _)| digits > DIGITS_MAX)
        || longest_number(text, &[' ', '\u{a0}', '.', '-'])
            .any(|(digits, is_phone)| is_phone && digits >= PHONE_DIGITS)
}

/// Whatever stands between digits of a word, unless it is a letter: many of them are no day and no sum.
fn holds_scattered_number(text: &str) -> bool {
    let words = text.split_whitespace().filter(|word| !is_time(word));
    let mut runs = words.flat_map(|word| word.split(char::is_alphabetic));
    runs.any(|run| {
        run.chars().filter(|character| character.is_numeric()).count() > DIGITS_MAX && !is_sum(run)
    })
}

/// As 2022-03-01, 01/03/2022 or 2021-2025, with what ends a word or part of a sentence.
fn is_time(word: &str) -> bool {
    let word = word.trim_matches(|character: char| matches!(character, ',' | '.' | ';' | ':' | '(' | ')'));
    let parts: Vec<&str> = word.split(['-', '/', '–']).collect();
    let is_number = |part: &&str| part.len() <= 4 && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_year = |part: &&str| part.len() == 4 && (part.starts_with("19") || part.starts_with("20"));
    parts.iter().all(is_number)
        && match parts.len() {
            2 => parts.iter().all(is_year),
            3 => word.bytes().filter(u8::is_ascii_digit).count() <= 8,
            _ => false,
        }
}

/// As 1.200.000.000: groups of three after the first.
fn is_sum(run: &str) -> bool {
    let mut groups = run.trim_matches(|character: char| !character.is_ascii_digit()).split(['.', ',']);
    groups.next().is_some_and(|first| (1..=3).contains(&first.len()) && !first.starts_with('0'))
        && groups.all(|group| group.len() == 3 && group.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The numbers of a text whose digits are apart by one of these characters at most: how many digits, and whether they begin
/// as phone numbers do.
fn longest_number(text: &str, separators: &[char]) -> impl Iterator<Item = (usize, bool)> {
    let (mut numbers, mut number, mut may_go_on) = (Vec::new(), String::new(), false);
    for character in text.chars() {
        if character.is_numeric() {
            number.push(character);
            may_go_on = true;
        } else if may_go_on && separators.contains(&character) {
            may_go_on = false;
        } else {
            numbers.push(std::mem::take(&mut number));
            may_go_on = false;
        }
    }
    numbers.push(number);
    numbers.into_iter().map(|number| {
        let is_phone = number.starts_with('0') || number.starts_with("84");
        (number.chars().count(), is_phone)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_phones_and_accounts_are_found_and_days_sums_and_names_are_not_taken_for_them() {
        for held in [
            "gọi 0912345678",
            "gọi 0912 345 678",
            "gọi 0912.345.678",
            "gọi +84 912-345-678",
            "tài khoản 12345678",
            "tài khoản 1234 5678 9012",
            "số ０９１２３４５６７８",
            "mã9704051234567890x",
            "TK 5000-2003-0040-0",
            "TK 5000.2003.0040.0",
            "TK 5000_2003_0040_0",
            "gọi (0912)345678",
            "gọi 0912/345/678",
            "CCCD 066099001234",
            "TK 5021-2025",
        ] {
            assert!(holds_private_number(held), "{held}");
        }
        for free in [
            "đối soát ngày 2022-03-01, 12:30",
            "hai lần 1.200.000.000 đồng",
            "sao kê ngày 05/09/2022, và (2022-09-06).",
            "công văn 1234567/STC năm 2022",
            "bản ghi 00ab12cd34ef5678",
            "Trường THCS 19/5",
            "Trường Tiểu học 30-4-1975",
            "đề án giai đoạn 2021-2025, 2021–2025",
            "Quyết định số 1813/QĐ-TTg ngày 28/10/2021",
        ] {
            assert!(!holds_private_number(free), "{free}");
        }
    }
}
