use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use serde::Deserialize;

use crate::SecretRef;

/// The collector's configuration. Unknown keys are refused.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Address and port of the webhooks; default `0.0.0.0:8080`. Plain HTTP: put TLS in front of it.
    #[serde(default = "listen")]
    pub listen: SocketAddr,
    /// The file that lists the sources. Required. Read at start and on reload.
    pub sources_file: PathBuf,
    /// The key of all ids: base64 of 32 bytes or more. Required. It can never be changed: every id would change.
    pub id_key: SecretRef,
    /// The yearly keys of names, codes and invoices. Default: none, which leaves no digest of any person.
    #[serde(default)]
    pub person_keys: Vec<YearKey>,
    /// The key that seals bodies into dead letters: base64 of 32 bytes. Default: none, bodies are not kept.
    #[serde(default)]
    pub seal_key: Option<SecretRef>,
    /// Put in front of every topic's name; default empty. Keeps tests and trial systems apart.
    #[serde(default)]
    pub topic_prefix: String,
    /// Addresses of proxies that are believed about whom they speak for (`X-Forwarded-For`). Default: none. Only sources
    /// with a list of allowed addresses look at them.
    #[serde(default)]
    pub trusted_proxies: Vec<IpAddr>,
    /// Bounds.
    #[serde(default)]
    pub limits: Limits,
}

fn listen() -> SocketAddr {
    SocketAddr::from(([0, 0, 0, 0], 8080))
}

/// The key of one year's names, codes and invoices.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct YearKey {
    /// The calendar year of the payments.
    pub year: i16,
    /// Base64 of 32 bytes or more.
    pub key: SecretRef,
}

/// What the collector takes on. Everything beyond is refused at once, in a way that senders repeat.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Bytes of one body; default 524288, at most 786432. Larger ones get 413, after up to 32 times as much was read
    /// and dropped: a connection closed over unread bytes would take the answer with it.
    pub body_bytes_max: usize,
    /// Bytes of one request's head; default 16384, at least 8192.
    pub head_bytes_max: usize,
    /// Milliseconds in which a head must arrive, also on a connection kept open; default 15000. It may get half as long
    /// again.
    pub head_timeout_ms: u64,
    /// Milliseconds in which a body must arrive; default 10000. Slower ones get 408.
    pub body_timeout_ms: u64,
    /// Requests worked on at a time; default 1024. More get 429.
    pub requests_max: usize,
    /// Bytes of bodies held at a time; default 16777216. More get 429.
    pub in_flight_bytes_max: usize,
    /// Connections at a time; default 4096. More wait in the system's backlog.
    pub connections_max: usize,
    /// Statements of one delivery; default 2000, at most 10000. More are one dead letter. Our own contract allows 500; a
    /// bank's camt.054 of the largest allowed body has some 1100.
    pub batch_items_max: usize,
    /// Milliseconds in which the log must acknowledge; default 8000. Later ones get 503. Many senders wait 15 s.
    pub append_timeout_ms: u64,
    /// Milliseconds that requests may still take after shutdown began; default 15000.
    pub drain_timeout_ms: u64,
    /// Seconds in `Retry-After`; default 5.
    pub retry_after_s: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes_max: 512 * 1024,
            head_bytes_max: 16 * 1024,
            head_timeout_ms: 15_000,
            body_timeout_ms: 10_000,
            requests_max: 1024,
            in_flight_bytes_max: 16 * 1024 * 1024,
            connections_max: 4096,
            batch_items_max: 2_000,
            append_timeout_ms: 8_000,
            drain_timeout_ms: 15_000,
            retry_after_s: 5,
        }
    }
}

impl Limits {
    /// Everything that cannot work, all at once.
    pub(crate) fn problems(&self) -> Vec<&'static str> {
        // Semaphores count permits in 32 bits when many are taken at once.
        let permits = 1..=(u32::MAX >> 3) as usize;
        let rules = [
            // The sealed body of a dead letter must fit into a record of Kafka's default 1 MB.
            (!(1..=768 * 1024).contains(&self.body_bytes_max), "limits.body_bytes_max is not 1 to 786432"),
            (self.head_bytes_max < 8192, "limits.head_bytes_max is below 8192"),
            (!permits.contains(&self.requests_max), "limits.requests_max is 0 or absurd"),
            (!permits.contains(&self.connections_max), "limits.connections_max is 0 or absurd"),
            (!permits.contains(&self.in_flight_bytes_max), "limits.in_flight_bytes_max is 0 or absurd"),
            (
                self.in_flight_bytes_max < self.body_bytes_max,
                "limits.in_flight_bytes_max is below body_bytes_max",
            ),
            (!(1..=10_000).contains(&self.batch_items_max), "limits.batch_items_max is not 1 to 10000"),
            (self.append_timeout_ms == 0, "limits.append_timeout_ms is 0"),
            (self.body_timeout_ms == 0, "limits.body_timeout_ms is 0"),
            (self.head_timeout_ms == 0, "limits.head_timeout_ms is 0"),
        ];
        rules.into_iter().filter_map(|(broken, problem)| broken.then_some(problem)).collect()
    }
}
