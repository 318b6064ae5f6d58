//! The reviewer: which records are one payment though no reference says so, and which money is no fee by the account it
//! came from, by rules.
//!
//! A round asks the warehouse what should be decided about the days on which facts have changed, and about all days when
//! the registry has, compares it with what is decided, and appends what differs to the payments topic: events with nothing
//! but a decision, keyed like their records. A decision whose reason is gone is taken back in the same way.
//!
//! Promises: it keeps no state that a restart could lose, so two reviewers, or one that runs again, decide the same; a
//! second round over the same facts appends nothing; what a person decided it never touches, since a person's decision
//! outranks a rule's wherever they meet.
//!
//! Payers' accounts are known as digests under the keys of their years. Money of a year whose key is not configured, or
//! destroyed, keeps the kind that is decided.
//!
//! [`person`] is the other way to a decision: what a person wants, checked and shown before it is appended.
//!
//! Left to others: what looks alike (`warehouse`, in SQL), what a decision does to the figures (`rollup`).

mod config;
mod content;
mod decide;
mod metrics;
mod payers;
pub mod person;
mod worker;

pub use config::Config;
pub use worker::{Error, Reviewer};
