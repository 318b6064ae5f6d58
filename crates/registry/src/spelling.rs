//! What numbers, codes and ids are made of.

use crate::error::Problem;

/// The characters a value may have, and how many of them.
pub(crate) struct Spelling {
    takes: fn(char) -> bool,
    shortest: usize,
    longest: usize,
    /// The same in words.
    expected: &'static str,
}

/// A bank: its BIN, or its BIC.
pub(crate) const BANK: Spelling = Spelling {
    takes: |character| character.is_ascii_uppercase() || character.is_ascii_digit(),
    shortest: 2,
    longest: 11,
    expected: "2 to 11 characters of A-Z and 0-9",
};

/// An account number, or the leading part of one.
pub(crate) const ACCOUNT: Spelling = Spelling {
    takes: |character| character.is_ascii_alphanumeric() || matches!(character, '_' | '-'),
    shortest: 1,
    longest: 34,
    expected: "1 to 34 characters of A-Z, a-z, 0-9, _ and -",
};

/// A merchant or terminal.
pub(crate) const MERCHANT: Spelling = Spelling {
    takes: is_of_a_code,
    shortest: 1,
    longest: 64,
    expected: "1 to 64 characters of A-Z, a-z, 0-9, _, . and -",
};

/// An institution's id.
pub(crate) const INSTITUTION: Spelling = Spelling {
    takes: is_of_a_code,
    shortest: 1,
    longest: 40,
    expected: "1 to 40 characters of A-Z, a-z, 0-9, _, . and -",
};

fn is_of_a_code(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | '.' | '-')
}

impl Spelling {
    /// What is wrong with a value, without the value.
    pub(crate) fn problem(&self, column: &'static str, value: &str) -> Option<Problem> {
        if value.chars().any(char::is_whitespace) {
            return Some(Problem::HasSpaces(column));
        }
        let is_of_length = (self.shortest..=self.longest).contains(&value.chars().count());
        let is_spelled = is_of_length && value.chars().all(self.takes);
        (!is_spelled).then_some(Problem::NotASpelling { column, expected: self.expected })
    }
}
