//! What people write, and whether it is what a field is for.

/// 2 to 140 letters (with their marks, composed or not), spaces and `' - .`, at least one of them a letter.
pub(crate) fn is_person_name(name: &str) -> bool {
    let name = name.trim();
    let is_mark = |letter: char| ('\u{300}'..='\u{36f}').contains(&letter);
    let allowed =
        |letter: char| letter.is_alphabetic() || is_mark(letter) || matches!(letter, ' ' | '\'' | '-' | '.');
    (2..=140).contains(&name.chars().count())
        && name.chars().all(allowed)
        && name.chars().any(char::is_alphabetic)
}

/// 1 to 50 letters, digits and `. / _ -`.
pub(crate) fn is_invoice(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'/' | b'_' | b'-');
    (1..=50).contains(&text.len()) && text.bytes().all(allowed)
}

/// 4 to 34 digits and capitals: what can be an account number.
pub(crate) fn is_account(text: &str) -> bool {
    (4..=34).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_letters_with_the_marks_that_real_names_have() {
        for name in [
            "NGUYEN VAN VI DU",
            "Nguyễn Thị Thí Dụ",
            "Nguye\u{302}\u{303}n Thi\u{323} Du",
            "O'Neil-Du",
            "Y B.",
        ] {
            assert!(is_person_name(name), "{name}");
        }
        for name in ["", "A", "  ", "..", "Ví Dụ 5", "Ví\tDụ", "<b>Ví</b>", &"a".repeat(141)] {
            assert!(!is_person_name(name), "{name}");
        }
    }
}
