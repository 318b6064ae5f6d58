use thiserror::Error;

/// One mistake in a plan file.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}: {problem}", if pointer.is_empty() { "/" } else { pointer })]
pub struct PlanError {
    /// Where, as a JSON pointer; empty for the whole file.
    pub pointer: String,
    /// What.
    pub problem: PlanProblem,
}

/// What is wrong in a plan file.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PlanProblem {
    /// Not JSON at all.
    #[error("is not JSON: {0}")]
    NotJson(String),
    /// A member that has to be there.
    #[error("is missing")]
    Missing,
    /// A member that means nothing; mostly a spelling mistake.
    #[error("is not a member that a plan has here")]
    UnknownMember,
    /// Another type of JSON value.
    #[error("has to be {0}")]
    WrongType(&'static str),
    /// A text without letters.
    #[error("may not be empty")]
    Empty,
    /// Not one of the words.
    #[error("is none of: {0}")]
    UnknownWord(String),
    /// A whole number outside of its range.
    #[error("has to be a whole number from {min} to {max}")]
    OutOfRange {
        /// The smallest.
        min: i64,
        /// The largest.
        max: i64,
    },
    /// Another form of an id.
    #[error("has to be 1 to 40 of A-Z, a-z, 0-9, - and _")]
    InvalidId,
    /// Not a date, or not in its form.
    #[error("has to be a date {0}")]
    InvalidDate(&'static str),
    /// The same twice.
    #[error("stands here twice: {0}")]
    Repeated(String),
    /// A target or type that is not there.
    #[error("names {0}, which is not a target of this plan")]
    UnknownTarget(String),
    /// A rule between members.
    #[error("{0}")]
    Rule(&'static str),
}
