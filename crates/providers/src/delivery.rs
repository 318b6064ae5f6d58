use std::net::IpAddr;

use http::HeaderMap;

/// How a provider posts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// Everything is in the query.
    Get,
    /// Everything is in the body, and perhaps in headers.
    Post,
}

/// A request as it came: nothing decoded, nothing believed.
#[derive(Clone, Copy)]
pub struct Delivery<'d> {
    /// How it was posted.
    pub verb: Verb,
    /// What follows the source's name in the path, without a leading slash; mostly empty.
    pub path: &'d str,
    /// The query without its question mark, undecoded.
    pub query: &'d str,
    /// All headers.
    pub headers: &'d HeaderMap,
    /// The whole body.
    pub body: &'d [u8],
    /// Who is at the other end of the connection, where that is known.
    pub peer: Option<IpAddr>,
}

impl<'d> Delivery<'d> {
    /// The value of a header that appears once and is printable ASCII.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&'d str> {
        let mut values = self.headers.get_all(name).iter();
        match (values.next(), values.next()) {
            (Some(value), None) => value.to_str().ok(),
            _ => None,
        }
    }

    /// What the message is made of: the body, or the query of a `GET`.
    #[must_use]
    pub fn raw(&self) -> &'d [u8] {
        match self.verb {
            Verb::Get => self.query.as_bytes(),
            Verb::Post => self.body,
        }
    }
}

impl std::fmt::Debug for Delivery<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Delivery({:?}, {} bytes)", self.verb, self.raw().len())
    }
}
