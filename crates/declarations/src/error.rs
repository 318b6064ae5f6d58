use cashless_domain::DeclarationProblem;

/// What is wrong with a row, or with a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}, row {row}: {problem}")]
pub struct FileError {
    /// The file, as it was named.
    pub file: String,
    /// The row as spreadsheet programs count it, the header's being 1.
    pub row: usize,
    /// What.
    pub problem: Problem,
}

/// What can be wrong. Only column names, ids and versions are repeated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// Neither CSV in UTF-8 nor XLSX.
    #[error("not readable as CSV in UTF-8, nor as XLSX")]
    Unreadable,
    /// No row below a header.
    #[error("nothing is declared in it")]
    Empty,
    /// The header names a column that does not exist.
    #[error("there is no column {0}")]
    UnknownColumn(String),
    /// The header lacks a column.
    #[error("column {0} is missing")]
    MissingColumn(&'static str),
    /// The header has a column twice, perhaps under two names.
    #[error("column {0} is there twice")]
    RepeatedColumn(&'static str),
    /// A value has to be there.
    #[error("{0} is empty")]
    EmptyValue(&'static str),
    /// No number, or one that could be read in two ways.
    #[error("{0} is no whole number: write 1250000 or 1.250.000, nothing that could be a fraction")]
    NotANumber(&'static str),
    /// No month.
    #[error("month is none: write it as 2022-09")]
    NotAMonth,
    /// No time.
    #[error("declared_at is no date or time: write 2022-10-03, or 2022-10-03T09:00:00+07:00")]
    NotATime,
    /// Another source.
    #[error("source is none of system_export (A), declaration (B), invoice_total (C)")]
    NotASource,
    /// Half of what is exported.
    #[error("exported_cashless_n and exported_cashless_dong belong together")]
    HalfExported,
    /// What every declaration has to hold.
    #[error(transparent)]
    Declaration(#[from] DeclarationProblem),
    /// The month is of the future.
    #[error("the month has not begun")]
    MonthNotBegun,
    /// Declared later than now.
    #[error("declared_at is in the future")]
    DeclaredInFuture,
    /// The registry does not know it.
    #[error("there is no institution {0}")]
    UnknownInstitution(String),
    /// Two rows say the same revision.
    #[error("this version of the institution, month and source is also in {file}, row {row}")]
    Repeated {
        /// The file of the other one.
        file: String,
        /// Its row.
        row: usize,
    },
    /// It is stored with other content, or a higher version is.
    #[error("version {found} is taken: what is stored says something else; the next version is {next}")]
    VersionTaken {
        /// The version of the row.
        found: u32,
        /// The one that would be the next.
        next: u32,
    },
}
