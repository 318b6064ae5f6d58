/// Who decided and why, as it may be kept: short, printable, and without anything that reads like a phone or account number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    who: String,
    why: String,
}

/// Words that may not be kept. The words themselves are not repeated: they may hold what must not be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidWords {
    /// Too short or too long.
    #[error("{name} needs {least} to {most} characters")]
    Length {
        /// Which of the two.
        name: &'static str,
        /// Characters at least.
        least: usize,
        /// Characters at most.
        most: usize,
    },
    /// Line breaks, control characters, characters that hide or turn others.
    #[error("{0} may only hold characters that print, in one line")]
    Unprintable(&'static str),
    /// Personal data has no place here.
    #[error(
        "{0} holds a number that reads like a phone or account number; nothing personal is kept, so say it without"
    )]
    Number(&'static str),
}

const WHO: (&str, usize, usize) = ("--who", 2, 80);
const WHY: (&str, usize, usize) = ("--why", 5, 500);
/// Digits in a row, also when apart by spaces: account numbers begin with this many.
const DIGITS_MAX: usize = 7;
/// Viet Nam's phone numbers, which begin with 0 or +84, also come apart by dots and hyphens.
const PHONE_DIGITS: usize = 9;

impl Words {
    /// Checks both.
    ///
    /// # Errors
    /// See [`InvalidWords`].
    pub fn new(who: &str, why: &str) -> Result<Self, InvalidWords> {
        Ok(Self { who: checked(who, WHO)?, why: checked(why, WHY)? })
    }

    /// Who decided.
    #[must_use]
    pub fn who(&self) -> &str {
        &self.who
    }

    /// Why.
    #[must_use]
    pub fn why(&self) -> &str {
        &self.why
    }
}

fn checked(text: &str, (name, least, most): (&'static str, usize, usize)) -> Result<String, InvalidWords> {
    let text = text.trim();
    if !(least..=most).contains(&text.chars().count()) {
        return Err(InvalidWords::Length { name, least, most });
    }
    if text.chars().any(is_unprintable) {
        return Err(InvalidWords::Unprintable(name));
    }
    if holds_number(text) {
        return Err(InvalidWords::Number(name));
    }
    Ok(text.to_owned())
}

/// Control characters, line and paragraph separators, and what is invisible or changes the direction of writing.
fn is_unprintable(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Whatever stands between digits of a word, unless it is a letter: many of them are no day and no sum.
fn holds_scattered_number(text: &str) -> bool {
    let words = text.split_whitespace().filter(|word| !is_day(word));
    let mut runs = words.flat_map(|word| word.split(char::is_alphabetic));
    runs.any(|run| {
        run.chars().filter(|character| character.is_numeric()).count() > DIGITS_MAX && !is_sum(run)
    })
}

/// As 2022-03-01 or 01/03/2022, with what ends a word or part of a sentence.
fn is_day(word: &str) -> bool {
    let word = word.trim_matches(|character: char| matches!(character, ',' | '.' | ';' | ':' | '(' | ')'));
    let parts: Vec<&str> = word.split(['-', '/']).collect();
    let is_number = |part: &&str| part.len() <= 4 && part.bytes().all(|byte| byte.is_ascii_digit());
    parts.len() == 3 && parts.iter().all(is_number) && word.bytes().filter(u8::is_ascii_digit).count() <= 8
}

/// As 1.200.000.000: groups of three after the first.
fn is_sum(run: &str) -> bool {
    let mut groups = run.trim_matches(|character: char| !character.is_ascii_digit()).split(['.', ',']);
    groups.next().is_some_and(|first| (1..=3).contains(&first.len()) && !first.starts_with('0'))
        && groups.all(|group| group.len() == 3 && group.bytes().all(|byte| byte.is_ascii_digit()))
}

fn holds_number(text: &str) -> bool {
    holds_scattered_number(text)
        || longest_number(text, &[' ', '\u{a0}']).any(|(digits, _)| digits > DIGITS_MAX)
        || longest_number(text, &[' ', '\u{a0}', '.', '-'])
            .any(|(digits, is_phone)| is_phone && digits >= PHONE_DIGITS)
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
    fn numbers_that_read_like_phones_or_accounts_are_refused_and_days_and_sums_are_not() {
        for refused in [
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
        ] {
            let why = Words::new("Lê An", refused);
            assert_eq!(why, Err(InvalidWords::Number("--why")), "{refused}");
            assert_eq!(Words::new(refused, "vì vậy"), Err(InvalidWords::Number("--who")), "{refused}");
        }
        for taken in [
            "đối soát ngày 2022-03-01, 12:30",
            "hai lần 1.200.000.000 đồng",
            "sao kê ngày 05/09/2022, và (2022-09-06).",
            "công văn 1234567/STC năm 2022",
            "bản ghi 00ab12cd34ef5678",
        ] {
            assert_eq!(Words::new("Lê An", taken).expect("taken").why(), taken);
        }
    }

    #[test]
    fn words_are_there_short_and_printable() {
        assert_eq!(
            Words::new(" ", "vì vậy"),
            Err(InvalidWords::Length { name: "--who", least: 2, most: 80 })
        );
        assert!(Words::new(&"a".repeat(80), &"ế".repeat(500)).is_ok());
        assert!(matches!(Words::new(&"a".repeat(81), "vì vậy"), Err(InvalidWords::Length { .. })));
        assert!(matches!(Words::new("Lê An", &"ế".repeat(501)), Err(InvalidWords::Length { .. })));
        for hidden in ["hai\ndòng chữ", "\u{202e}gnuđ iợ", "khoảng\u{200b}trống", "\u{1b}[31mđỏ chót"]
        {
            assert_eq!(Words::new("Lê An", hidden), Err(InvalidWords::Unprintable("--why")), "{hidden:?}");
        }
        assert_eq!(Words::new("  Lê An ", " vì vậy ").expect("taken").who(), "Lê An");
    }
}
