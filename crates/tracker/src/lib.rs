//! The loop that evaluates every active plan and keeps what changed.
//!
//! A round reads how far the figures are, then the registry, the declarations and the counted money, evaluates
//! (`cashless-evaluation` alone knows how), appends each result that differs from the one before, and shows all of them
//! as gauges. What has not changed is not read again: the registry by its version, the declarations by their number,
//! money of a month by the versions of its cells, and beside it one month a round in turn.
//!
//! Promises: a row says from which data it was made; nothing is appended when nothing changed, also not after a restart;
//! two trackers at once do no harm. Temporary trouble is retried for ever with backoff and [`Health`] says what it is; a
//! table that is not what this release expects ends [`Tracker::run`]. A stored plan that this release cannot read is
//! named by [`Health`], and the others go on.
//!
//! No clock enters an evaluation but the local day, which can be set to replay a past plan ([`Config::today`]).

mod config;
mod data;
mod health;
mod metrics;
mod rows;
mod stored;
mod worker;

pub use config::{Config, InvalidConfig};
pub use health::Health;
pub use worker::{Error, Tracker};
