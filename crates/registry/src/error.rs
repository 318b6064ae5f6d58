use std::fmt;

use cashless_domain::BusinessDate;

/// One of the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileName {
    /// `units.csv`.
    Units,
    /// `institutions.csv`.
    Institutions,
    /// `identifiers.csv`.
    Identifiers,
    /// `attributes.csv`.
    Attributes,
    /// `connections.csv`.
    Connections,
    /// `payer_accounts.csv`.
    PayerAccounts,
    /// `successions.csv`.
    Successions,
    /// `indicators.csv`.
    Indicators,
}

impl FileName {
    /// Every file.
    pub const ALL: &'static [Self] = &[
        Self::Units,
        Self::Institutions,
        Self::Identifiers,
        Self::Attributes,
        Self::Connections,
        Self::PayerAccounts,
        Self::Successions,
        Self::Indicators,
    ];

    /// Its name in a directory.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Units => "units.csv",
            Self::Institutions => "institutions.csv",
            Self::Identifiers => "identifiers.csv",
            Self::Attributes => "attributes.csv",
            Self::Connections => "connections.csv",
            Self::PayerAccounts => "payer_accounts.csv",
            Self::Successions => "successions.csv",
            Self::Indicators => "indicators.csv",
        }
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Where a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// In the file, on the line on which the row begins, the header's being 1.
    Line(u64),
    /// In the registry already; the files do not replace it, and what they say does not go with it.
    Stored,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(line) => write!(f, "line {line}"),
            Self::Stored => f.write_str("as stored"),
        }
    }
}

/// What is wrong with a row, or with a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}, {place}: {problem}")]
pub struct FileError {
    /// The file.
    pub file: FileName,
    /// Where in it.
    pub place: Place,
    /// What.
    pub problem: Problem,
}

/// What can be wrong. Identifiers are shown by their masked tails only.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// As spreadsheet programs write it where a comma begins a fraction.
    #[error("the columns are separated by ;, expected a comma")]
    Semicolons,
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
    #[error("not readable as CSV in UTF-8")]
    Unreadable,
    /// A value has to be there.
    #[error("{0} is empty")]
    Empty(&'static str),
    /// Personal data has no place here.
    #[error(
        "{0} holds a number that reads like a phone or account number; nothing personal is kept, so write it without"
    )]
    HoldsNumber(&'static str),
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
    /// Begins like a digest and is none.
    #[error("{0} is no digest of 32 hexadecimal digits")]
    NotADigest(&'static str),
    /// An account number, bank or code with characters that none has, or too long. What it is stays unsaid.
    #[error("{column} is not {expected}")]
    NotASpelling {
        /// The column.
        column: &'static str,
        /// What it takes.
        expected: &'static str,
    },
    /// A number as it is printed, in groups; no provider sends it like that.
    #[error("{0} has spaces: write it without spaces")]
    HasSpaces(&'static str),
    /// The name of what belongs to nobody.
    #[error("{0} is the word for institutions that nobody knows")]
    Reserved(&'static str),
    /// A school in health, or a hospital in education.
    #[error("type {of} belongs to sector {sector}")]
    OtherSector {
        /// The type.
        of: &'static str,
        /// Where it belongs.
        sector: &'static str,
    },
    /// More than all of them.
    #[error("numerator is greater than denominator")]
    MoreThanAll,
    /// A part of nothing.
    #[error("denominator is 0")]
    OfNothing,
    /// Shows more of an account than is kept.
    #[error("tail is not ••• and at most three characters")]
    NotATail,
    /// A value that would not be understood.
    #[error("{column} has to be empty for {of}")]
    NotEmpty {
        /// The column.
        column: &'static str,
        /// Of what.
        of: &'static str,
    },
    /// Neither the files nor the registry have an institution with this id.
    #[error("there is no institution {0}")]
    UnknownInstitution(String),
    /// Neither the files nor the registry have the unit on all days of the row.
    #[error("there is no unit {code} on {day}")]
    MissingUnit {
        /// The unit's code.
        code: String,
        /// The first such day.
        day: BusinessDate,
    },
    /// A district that is not part of a province, or a commune that is part of a commune.
    #[error("unit {code} is of no higher level on {day}")]
    NotAbove {
        /// The other unit's code.
        code: String,
        /// The first such day.
        day: BusinessDate,
    },
    /// Two rows about one thing share a day.
    #[error("{what} has two rows for some days, the other on {other}")]
    Overlap {
        /// What they are about; accounts masked.
        what: String,
        /// The row before.
        other: Place,
    },
    /// An institution cannot be a part of itself.
    #[error("parent_id is the institution itself")]
    BelongsToItself,
    /// Its parents, or theirs, are parts of it.
    #[error("institution {id} belongs to {parent}, which belongs to {id}, on {day}")]
    LoopOfParents {
        /// The institution.
        id: String,
        /// Its parent.
        parent: String,
        /// The first such day.
        day: BusinessDate,
    },
    /// An institution cannot become itself.
    #[error("from_institution_id and to_institution_id are the same")]
    SucceedsItself,
    /// A merger, split or closure, and the institution goes on or was not there.
    #[error(
        "institution {id} does not end on {day}: its row has to be valid to that day, or closed from then on"
    )]
    DoesNotEnd {
        /// The institution.
        id: String,
        /// The event's day.
        day: BusinessDate,
    },
    /// An opening, and the institution was there before or is not there then.
    #[error("institution {id} does not begin on {day}")]
    DoesNotBegin {
        /// The institution.
        id: String,
        /// The event's day.
        day: BusinessDate,
    },
    /// It happened to an institution that does not work then, or made such a one its successor.
    #[error("institution {id} is not active on {day}")]
    NotActive {
        /// The institution.
        id: String,
        /// The event's day.
        day: BusinessDate,
    },
    /// A change of name, and the name is the same before and after.
    #[error("institution {id} has the same name before {day}")]
    SameName {
        /// The institution.
        id: String,
        /// The event's day.
        day: BusinessDate,
    },
    /// A change of parent, and the institution has another one then.
    #[error("institution {id} does not belong to {parent} on {day}")]
    OtherParent {
        /// The institution.
        id: String,
        /// The parent it should have.
        parent: String,
        /// The event's day.
        day: BusinessDate,
    },
}
