use std::borrow::Cow;

use crate::{Refused, Rejection};

/// What a provider is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The type of the body; empty without one.
    pub content_type: &'static str,
    /// The body.
    pub body: Cow<'static, str>,
}

impl Reply {
    /// Without a body.
    #[must_use]
    pub const fn empty(status: u16) -> Self {
        Self { status, content_type: "", body: Cow::Borrowed("") }
    }

    /// With a JSON body.
    #[must_use]
    pub fn json(status: u16, body: impl Into<Cow<'static, str>>) -> Self {
        Self { status, content_type: "application/json", body: body.into() }
    }

    /// With a body of plain text.
    #[must_use]
    pub fn text(status: u16, body: impl Into<Cow<'static, str>>) -> Self {
        Self { status, content_type: "text/plain", body: body.into() }
    }
}

/// What became of a delivery, for its answer. A provider has words of its own for each.
#[derive(Debug, Clone, Copy)]
pub enum Outcome<'a> {
    /// Durable.
    Stored,
    /// Durable, and known to have been before. Where nothing is known, a repetition is `Stored`.
    Repeated,
    /// Authentic and kept, but not a statement that can be used.
    Unusable(&'a Rejection),
    /// Not believed; kept nowhere.
    Refused(Refused),
    /// Not durable: the sender has to repeat it.
    Unavailable,
}
