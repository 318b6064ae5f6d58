//! The HTTP intake: `POST` or `GET /v1/webhooks/{source}`, with what a provider puts behind it, and
//! `POST /v1/declarations/{source}` for declared cash.
//!
//! The raw body is authenticated, then normalised and pseudonymised, appended to the log, and only answered with a
//! success when every event and every dead letter of the request is durable there.
//!
//! Promises: a 2xx means durable; temporary trouble is 429 or 503 with `Retry-After`, never a 4xx that a sender would
//! give up on, never a false success; every delivered item meets exactly one fate, and the metrics' fates add up to
//! the items received, also when the sender hangs up before the answer; memory is bounded by [`Limits`]; nothing a
//! sender wrote reaches a log line, a metric or an error. A request may be in the log although its answer was lost:
//! senders repeat, and a repetition is harmless behind the log.
//!
//! Left to others: what a body means (`providers`), how a record is spelt (`wire`), how it is appended (`broker`),
//! TLS in front of the port, signals and exporters (the binary).

mod answer;
mod body;
mod config;
mod dead_letters;
mod declarations;
mod intake;
mod keys;
mod metrics;
mod repeats;
mod seal;
mod secrets;
mod server;
mod settings;
mod sources;

pub use config::{Config, Limits, YearKey};
pub use keys::KeysError;
pub use seal::{InvalidSealKey, Sealer, Unsealable};
pub use secrets::{SecretError, SecretRef};
pub use server::{BuildError, Collector, Handle};
pub use sources::{ConfiguredSource, ReloadSummary, SourcesError};
