use std::borrow::Cow;
use std::fmt;

use cashless_domain::{DeadLetterReason, PaymentEvent};

/// What a delivery turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Normalized<T = PaymentEvent> {
    /// One statement, or a body that could not be read.
    One(Item<T>),
    /// A batch, in the order of its statements; never empty.
    Batch(Vec<Item<T>>),
}

impl<T> Normalized<T> {
    /// The items, in order; at least one.
    #[must_use]
    pub fn items(&self) -> &[Item<T>] {
        match self {
            Self::One(item) => std::slice::from_ref(item),
            Self::Batch(items) => items,
        }
    }
}

/// What one statement of a delivery turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item<T = PaymentEvent> {
    /// The money it speaks of, for the sums by fate: 0 where none moves or the amount cannot be read.
    pub dong: i64,
    /// The event, or why there is none.
    pub outcome: Result<T, Rejection>,
}

/// Why a statement cannot be used. It names a place in the documented format, never what was found there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Rejection {
    /// The reason, from the closed set.
    pub reason: DeadLetterReason,
    /// The member at fault, as a path in its statement; empty for the body as a whole.
    pub path: &'static str,
    /// What is wrong with it.
    pub problem: Cow<'static, str>,
}

impl Rejection {
    /// The problem of a sum whose parts add up to something else.
    pub(crate) const SUM_DIFFERS: &'static str = "the details do not add up to the entry";
    /// The problem of an amount that is not the one that was asked for.
    pub(crate) const OTHER_AMOUNT: &'static str = "not the amount on file for this order";
    /// The problem of a message of another type than the source's.
    pub(crate) const OTHER_MESSAGE: &'static str = "another message than the documented one";

    pub(crate) const fn new(reason: DeadLetterReason, path: &'static str, problem: &'static str) -> Self {
        Self { reason, path, problem: Cow::Borrowed(problem) }
    }

    pub(crate) const fn malformed(path: &'static str, problem: &'static str) -> Self {
        Self::new(DeadLetterReason::Malformed, path, problem)
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path {
            "" => f.write_str(&self.problem),
            path => write!(f, "{path}: {}", self.problem),
        }
    }
}
