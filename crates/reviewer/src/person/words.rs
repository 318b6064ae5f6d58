use cashless_domain::holds_private_number;

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
    if holds_private_number(text) {
        return Err(InvalidWords::Number(name));
    }
    Ok(text.to_owned())
}

/// Control characters, line and paragraph separators, and what is invisible or changes the direction of writing.
fn is_unprintable(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_reads_like_a_phone_or_an_account_is_refused_in_both() {
        assert_eq!(Words::new("Lê An", "gọi 0912345678"), Err(InvalidWords::Number("--why")));
        assert_eq!(Words::new("gọi 0912345678", "vì vậy"), Err(InvalidWords::Number("--who")));
        let day = "đối soát ngày 2022-03-01, 12:30";
        assert_eq!(Words::new("Lê An", day).expect("taken").why(), day);
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
