//! The loop behind the log: read, decode, fold, insert, commit.
//!
//! The arithmetic and the order of the steps are in `cashless-rollup`; this crate gives it the log and the
//! warehouse, for all partitions of this process at once: one query or insert a step, whatever their number. A large
//! batch goes as two lanes of partitions, so that one folds while the other waits for the warehouse.
//!
//! Promises: an offset is committed only after its facts, and before them its cells, are acknowledged as durable;
//! a record that cannot be decoded is durable in the dead-letter topic first; nothing is skipped. Temporary trouble
//! is retried for ever with backoff. A log or ledger that is not what the figures were made from halts its
//! partition, and [`Health`] says why; a table that is not what this release expects ends [`Aggregator::run`].
//!
//! Cash declarations come through a log and a group of their own, in a small loop beside: whatever holds them up does not
//! hold up the payments, nor end them.
//!
//! Everything between reading an offset and committing it may happen twice and does not matter.

mod config;
mod dead_letters;
mod declarations;
mod decode;
mod failpoint;
mod health;
mod lane;
mod metrics;
mod retry;
mod steps;
mod take_up;
mod worker;

pub use config::Config;
pub use health::Health;
pub use worker::{Aggregator, Error, Topics};
