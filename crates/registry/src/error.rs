use std::fmt;

/// One of the two files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileName {
    /// `institutions.csv`.
    Institutions,
    /// `identifiers.csv`.
    Identifiers,
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Institutions => "institutions.csv",
            Self::Identifiers => "identifiers.csv",
        })
    }
}

/// What is wrong with a row, or with a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}, line {line}: {problem}")]
pub struct FileError {
    /// Where.
    pub file: FileName,
    /// The line on which the row begins, the header's being 1.
    pub line: u64,
    /// What.
    pub problem: Problem,
}

/// What can be wrong. Identifiers are shown by their masked tails only.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The header names a column that does not exist.
    #[error("there is no column {0}")]
    UnknownColumn(String),
    /// The header lacks a column.
    #[error("column {0} is missing")]
    MissingColumn(&'static str),
    /// The header has a column twice.
    #[error("column {0} is there twice")]
    RepeatedColumn(&'static str),
    /// Not CSV, not UTF-8, or a row of another length than the header.
    #[error("not readable as CSV")]
    Unreadable,
    /// A value has to be there.
    #[error("{0} is empty")]
    Empty(&'static str),
    /// Not one of the words a column takes.
    #[error("{column} is none of {expected}")]
    NotAWord {
        /// The column.
        column: &'static str,
        /// What it takes.
        expected: String,
    },
    /// Not `YYYY-MM-DD`, or outside 1970 … 2149.
    #[error("{0} is no date of the form YYYY-MM-DD")]
    NotADate(&'static str),
    /// Not a whole number.
    #[error("{0} is no whole number")]
    NotANumber(&'static str),
    /// The interval has no day.
    #[error("valid_to is not after valid_from")]
    EmptyInterval,
    /// No row of `institutions.csv` has this id.
    #[error("there is no institution {0}")]
    UnknownInstitution(String),
    /// Two rows of one institution share a day.
    #[error("institution {id} is described twice on some days, also on line {other_line}")]
    InstitutionOverlap {
        /// The institution.
        id: String,
        /// The row before.
        other_line: u64,
    },
    /// Two rows of one identifier share a day.
    #[error("identifier {tail} is assigned twice on some days, also on line {other_line}")]
    IdentifierOverlap {
        /// The masked identifier.
        tail: String,
        /// The row before.
        other_line: u64,
    },
}
