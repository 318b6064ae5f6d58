use std::fmt;

use cashless_domain::{AmountDong, Timestamp};

use crate::Verb;

/// What a sender wants to tell, in no provider's words. Simulators and connection checks give it to
/// [`Adapter::compose`](crate::Adapter::compose); each format takes from it what it has room for.
#[derive(Debug, Clone, Copy)]
pub struct Announcement<'a> {
    /// What happened.
    pub happening: Happening,
    /// The number of the transaction, unique in its source: becomes the provider's transaction id.
    pub number: u64,
    /// The bank's reference: letters and digits.
    pub bank_reference: &'a str,
    /// The receiving account, for formats that name one. Merchants are in the source's settings.
    pub account: &'a str,
    /// The virtual account that received, for formats that name one.
    pub virtual_account: Option<&'a str>,
    /// The amount.
    pub amount: AmountDong,
    /// When it happened; formats keep whole seconds.
    pub occurred_at: Timestamp,
    /// The payer's name.
    pub payer_name: Option<&'a str>,
    /// The payer's account or phone number.
    pub payer_account: Option<&'a str>,
    /// The text of the transfer.
    pub reason: &'a str,
    /// The invoice or order: letters, digits and hyphens.
    pub invoice: Option<&'a str>,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Happening {
    /// Money came in.
    Paid,
    /// Money went out of the receiving account.
    PaidOut,
    /// An attempt failed.
    Failed,
    /// An attempt is not decided.
    Pending,
    /// The provider tries the connection.
    Test,
}

/// A request as a provider would post it.
#[derive(Clone, PartialEq, Eq)]
pub struct Composed {
    /// How it is posted.
    pub verb: Verb,
    /// What follows the source's name in the path, without a leading slash; mostly empty.
    pub path: &'static str,
    /// The query without its question mark; mostly empty.
    pub query: String,
    /// Names in lower case, and values.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Composed {
    /// Everything in the query.
    pub(crate) fn get(query: String) -> Self {
        Self { verb: Verb::Get, path: "", query, headers: Vec::new(), body: Vec::new() }
    }

    /// A posted JSON body.
    pub(crate) fn json(body: impl Into<Vec<u8>>) -> Self {
        Self::post("application/json", body)
    }

    /// A posted body.
    pub(crate) fn post(content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            verb: Verb::Post,
            path: "",
            query: String::new(),
            headers: vec![("content-type", content_type.to_owned())],
            body: body.into(),
        }
    }

    /// The same with one more header.
    #[must_use]
    pub(crate) fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

impl fmt::Debug for Composed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Composed({:?}, {} bytes)", self.verb, self.query.len() + self.body.len())
    }
}
