//! Test vectors of providers' messages: files that say what a delivery is and what has to come of it.
//!
//! A file is `{"provider", "vectors": […]}`. A vector has `name`, `secrets` (the source's settings), `now` (Unix
//! seconds, where freshness matters), `context` (what the receiver knows besides), `request` (`method`, `path`,
//! `query`, `headers`, `body`) and `expected`: `valid` with the members of the statement and the `reply`, or
//! `valid: false` with an `error` and the `reply`. Members that are not listed are not looked at; `null` means missing.
//!
//! What is expected of the statement is compared here. Who answers is the caller's: the adapter alone, or a whole
//! collector.

mod expected;
mod qr;
mod reply;

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use cashless_domain::Timestamp;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{Adapter, Delivery, Provider, Reply, Verb};

/// The receiver's clock where a vector names none.
const NOW_S: i64 = 1_783_561_550;
/// The bank of accounts, where a vector's messages name none.
const BANK: &str = "970436";

/// A file of vectors.
#[derive(Debug, Deserialize)]
pub struct VectorFile {
    /// The provider.
    pub provider: String,
    /// The vectors.
    pub vectors: Vec<Vector>,
    /// Texts and the codes to be found in them.
    #[serde(default)]
    content_parsing: Option<expected::ContentParsing>,
}

/// One delivery, and what has to come of it.
#[derive(Debug, Deserialize)]
pub struct Vector {
    /// Its name.
    pub name: String,
    #[serde(default)]
    secrets: Map<String, Value>,
    #[serde(default)]
    now: Option<i64>,
    #[serde(default)]
    context: Map<String, Value>,
    request: Request,
    expected: Map<String, Value>,
}

#[derive(Debug, Deserialize)]
struct Request {
    method: String,
    path: String,
    #[serde(default)]
    query: Option<String>,
    #[serde(default)]
    headers: Map<String, Value>,
    #[serde(default)]
    body: Option<String>,
}

/// What did not come as expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// The vector.
    pub vector: String,
    /// The member.
    pub member: String,
    /// What was expected.
    pub expected: String,
    /// What came.
    pub got: String,
}

/// A receiver as one vector needs it.
pub struct Receiver<'a> {
    /// The provider.
    pub provider: &'static Provider,
    /// The provider, set up.
    pub adapter: Arc<dyn Adapter>,
    /// The settings it was set up with.
    pub settings: &'a Value,
    /// Its clock.
    pub now: Timestamp,
}

/// Answers deliveries, in their order. The first of two may be the one that the second repeats.
pub type Answer<'a> = dyn FnMut(&Receiver<'_>, &[Delivery<'_>]) -> Vec<Reply> + 'a;

impl VectorFile {
    /// Reads a file.
    ///
    /// # Errors
    /// Not of this format.
    pub fn parse(text: &str) -> Result<Self, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    /// How many things the file expects.
    #[must_use]
    pub fn len(&self) -> usize {
        self.vectors.len() + self.content_parsing.as_ref().map_or(0, expected::ContentParsing::len)
    }

    /// Whether it expects nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Everything that does not come as expected, by vector.
    pub fn check(&self, answer: &mut Answer<'_>) -> Vec<Mismatch> {
        let mut mismatches: Vec<_> =
            self.vectors.iter().flat_map(|vector| self.check_one(vector, answer)).collect();
        mismatches.extend(self.content_parsing.iter().flat_map(expected::ContentParsing::check));
        mismatches
    }

    fn check_one(&self, vector: &Vector, answer: &mut Answer<'_>) -> Vec<Mismatch> {
        if self.provider == qr::PROVIDER {
            return qr::compare(vector);
        }
        let mismatch = |member: &str, expected: &str, got: &str| {
            let (vector, member) = (vector.name.clone(), member.to_owned());
            vec![Mismatch { vector, member, expected: expected.to_owned(), got: got.to_owned() }]
        };
        let Some(provider) = Provider::named(&self.provider) else {
            return mismatch("provider", "one that is known", &self.provider);
        };
        let settings = vector.settings(provider);
        let adapter = match (provider.configure)(settings.clone()) {
            Ok(adapter) => adapter,
            Err(problem) => return mismatch("secrets", "settings of the provider", &problem),
        };
        let Ok(now) = Timestamp::from_micros(vector.now.unwrap_or(NOW_S).saturating_mul(1_000_000)) else {
            return mismatch("now", "a time from 1970 on", "another");
        };
        let receiver = Receiver { provider, adapter, settings: &settings, now };
        let Some(headers) = vector.request.headers() else {
            return mismatch("request.headers", "names and values of headers", "others");
        };
        let delivery = vector.request.delivery(provider, &headers);
        let mut mismatches = expected::compare(vector, provider, &receiver, &delivery);
        if let Some(wanted) = vector.expected.get("reply") {
            let original = vector.expected.get("duplicate_of").and_then(Value::as_str);
            let original = original.and_then(|name| self.vectors.iter().find(|other| other.name == name));
            let headers_before = original.and_then(|original| original.request.headers());
            let before = original
                .zip(headers_before.as_ref())
                .map(|(original, headers)| original.request.delivery(provider, headers));
            let deliveries: Vec<_> = before.into_iter().chain([delivery]).collect();
            let got = answer(&receiver, &deliveries).pop();
            mismatches.extend(reply::compare(&vector.name, wanted, got.as_ref()));
        }
        mismatches
    }
}

impl Vector {
    /// The source's settings: the vector's secrets under the names that configurations use.
    fn settings(&self, provider: &Provider) -> Value {
        let mut settings = Map::new();
        for (name, value) in self.secrets.iter().chain(&self.context) {
            let name = match (provider.name, name.as_str()) {
                ("standard-webhooks", "symmetric") => "secrets",
                (
                    _,
                    "secret_key_for_reference"
                    | "issued_token"
                    | "issued_at"
                    | "expires_in"
                    | "authentication",
                ) => {
                    continue;
                }
                (_, name) => name,
            };
            settings.insert(name.to_owned(), value.clone());
        }
        if let Some(token) = self.secrets.get("issued_token") {
            let number = |name: &str| self.secrets.get(name).and_then(Value::as_i64).unwrap_or(0);
            let expires_at_s = number("issued_at").saturating_add(number("expires_in"));
            settings.insert(
                "agreed_tokens".to_owned(),
                json!([{ "token": token, "expires_at_s": expires_at_s }]),
            );
        }
        if self.secrets.contains_key("authentication") {
            settings.insert("transport_authenticates".to_owned(), true.into());
        }
        if provider.names_accounts {
            settings.insert("bank".to_owned(), BANK.into());
        }
        Value::Object(settings)
    }
}

impl Request {
    fn headers(&self) -> Option<HeaderMap> {
        let header = |(name, value): (&String, &Value)| {
            Some((HeaderName::try_from(name).ok()?, HeaderValue::from_str(value.as_str()?).ok()?))
        };
        self.headers.iter().map(header).collect()
    }

    fn delivery<'d>(&'d self, provider: &Provider, headers: &'d HeaderMap) -> Delivery<'d> {
        let is_it = |path: &&&str| !path.is_empty() && self.path.ends_with(**path);
        let path = provider.paths.iter().filter(is_it).max_by_key(|path| path.len()).copied();
        Delivery {
            verb: if self.method == "GET" { Verb::Get } else { Verb::Post },
            path: path.unwrap_or(if provider.paths.contains(&"") { "" } else { self.path.as_str() }),
            query: self.query.as_deref().unwrap_or(""),
            headers,
            body: self.body.as_deref().unwrap_or("").as_bytes(),
            peer: Some(IpAddr::V4(Ipv4Addr::LOCALHOST)),
        }
    }
}
