//! An institution's own codes in free text: what banks leave of `HP26A00123` in the content of a transfer.
//!
//! Banks upper-case the text, drop accents and punctuation, put words before and behind it, and may break a code by
//! one separator. A code is trusted less than one in a field of its own, and not at all when there are two.

use std::fmt;

use cashless_domain::without_accents;

/// Longer texts are no transfer content; the rest of them is not looked at.
const TEXT_CHARS_MAX: usize = 1_000;
/// Characters of the longest code.
const CODE_CHARS_MAX: usize = 40;

/// A pattern that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a code pattern is capitals, digits, [0-9] and [A-Z], each with an optional {{count}}, 4 to 40 characters"
)]
pub struct InvalidPattern;

/// The form of an institution's codes, as `HP[0-9]{2}[A-Z][0-9]{5}`.
#[derive(Clone, PartialEq, Eq)]
pub struct CodePattern(Vec<Class>);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    This(char),
    Digit,
    Letter,
}

impl Class {
    fn has(self, letter: char) -> bool {
        match self {
            Self::This(this) => this == letter,
            Self::Digit => letter.is_ascii_digit(),
            Self::Letter => letter.is_ascii_uppercase(),
        }
    }
}

impl CodePattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// See [`InvalidPattern`].
    pub fn parse(text: &str) -> Result<Self, InvalidPattern> {
        let (mut classes, mut rest) = (Vec::new(), text);
        while let Some(first) = rest.chars().next() {
            let (class, length) = match first {
                _ if rest.starts_with("[0-9]") => (Class::Digit, 5),
                _ if rest.starts_with("[A-Z]") => (Class::Letter, 5),
                'A'..='Z' | '0'..='9' => (Class::This(first), 1),
                _ => return Err(InvalidPattern),
            };
            rest = &rest[length..];
            let mut count = 1;
            if let Some(counted) = rest.strip_prefix('{') {
                let (digits, behind) = counted.split_once('}').ok_or(InvalidPattern)?;
                count = digits.parse().map_err(|_| InvalidPattern)?;
                rest = behind;
            }
            if count == 0 || classes.len() + count > CODE_CHARS_MAX {
                return Err(InvalidPattern);
            }
            classes.extend(std::iter::repeat_n(class, count));
        }
        if classes.len() < 4 { Err(InvalidPattern) } else { Ok(Self(classes)) }
    }

    /// The code that begins at `start`, and where it ends. One separator may stand between two of its characters.
    fn at(&self, text: &[char], start: usize) -> Option<(String, usize)> {
        let (mut position, mut code) = (start, String::with_capacity(self.0.len()));
        for class in &self.0 {
            let is_gap = |letter: &char| matches!(letter, ' ' | '.' | '_' | '-');
            if !code.is_empty() && text.get(position).is_some_and(is_gap) {
                position += 1;
            }
            let letter = text.get(position).copied().filter(|letter| class.has(*letter))?;
            code.push(letter);
            position += 1;
        }
        Some((code, position))
    }
}

impl fmt::Debug for CodePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CodePattern({} characters)", self.0.len())
    }
}

/// The forms of an institution's codes.
#[derive(Debug, Clone, Default)]
pub struct CodePatterns(Vec<CodePattern>);

impl CodePatterns {
    /// Codes of any of these forms.
    #[must_use]
    pub fn new(patterns: impl IntoIterator<Item = CodePattern>) -> Self {
        Self(patterns.into_iter().collect())
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The distinct codes in a text, in the order in which they appear.
    #[must_use]
    pub fn find(&self, text: &str) -> Vec<String> {
        if self.0.is_empty() {
            return Vec::new();
        }
        let text: Vec<char> = without_accents(text).chars().take(TEXT_CHARS_MAX).collect();
        let touches = |letter: Option<&char>| letter.is_some_and(|letter| letter.is_alphanumeric());
        let mut codes: Vec<String> = Vec::new();
        for start in 0..text.len() {
            if start > 0 && touches(text.get(start - 1)) {
                continue;
            }
            for pattern in &self.0 {
                if let Some((code, end)) = pattern.at(&text, start)
                    && !touches(text.get(end))
                    && !codes.contains(&code)
                {
                    codes.push(code);
                }
            }
        }
        codes
    }

    /// The code of a text that has exactly one.
    pub(crate) fn only_code_in(&self, text: &str) -> Option<String> {
        let mut codes = self.find(text);
        if codes.len() == 1 { codes.pop() } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patterns() -> CodePatterns {
        let parse = |text| CodePattern::parse(text).unwrap_or_else(|error| panic!("{error}"));
        CodePatterns::new([parse("HP[0-9]{2}[A-Z][0-9]{5}"), parse("BN[0-9]{7}")])
    }

    #[test]
    fn codes_are_found_in_what_banks_make_of_them() {
        let table: &[(&str, &[&str])] = &[
            ("hp26a00123 nộp học phí kỳ 2", &["HP26A00123"]),
            ("MBVCB.3278907687.HP26A00123 NOP HOC PHI.CT tu 1029384756", &["HP26A00123"]),
            ("VQR712a7d45ea HP26A00123", &["HP26A00123"]),
            ("HP26A00123-090726-08:45:40 512345678", &["HP26A00123"]),
            ("HP 26A 00123 NGUYEN VAN VI DU", &["HP26A00123"]),
            ("Vien phi BN0012345 Ma giao dich Trace512345", &["BN0012345"]),
            ("HP26A00123 HP26A00124 hai con", &["HP26A00123", "HP26A00124"]),
            ("HP26A00123 HP26A00123", &["HP26A00123"]),
            ("HP26A0012", &[]),
            ("HP26A001234", &[]),
            ("XHP26A00123", &[]),
            ("HP  26A00123", &[]),
            ("HP26A00123 va HP 26A 00124", &["HP26A00123", "HP26A00124"]),
            ("HP--26A00123", &[]),
            ("", &[]),
        ];
        for (text, codes) in table {
            assert_eq!(patterns().find(text), *codes, "{text}");
        }
        assert_eq!(patterns().only_code_in("HP26A00123 HP26A00124"), None);
    }

    #[test]
    fn patterns_are_plain_and_bounded() {
        for text in
            ["", "HP1", "hp[0-9]{5}", "HP[0-9", "HP[0-9]{", "HP[0-9]{0}", "HP[0-9]{99}", "HP.*", "HP[a-z]{4}"]
        {
            assert!(CodePattern::parse(text).is_err(), "{text}");
        }
        assert!(CodePattern::parse("[0-9]{40}").is_ok());
    }
}
