//! From events to figures: registers, units, cells, the ledger, and the order in which they are stored.
//!
//! One idea carries it: **every stored row is the fold of the log up to the version it carries.** A row is a
//! function of a prefix of the log alone, so equal versions mean equal content, a late or repeated writer can
//! only write an older true value, and a replay skips what a row has already seen.
//!
//! Pure: no clock, no sockets, no async. [`Partition`] says what it wants read or written as a [`Request`];
//! whoever holds the sockets answers. The same machine runs on Kafka and ClickHouse and under the simulator in
//! `tests/`.
//!
//! Promises: any order, repetition and batch split of the same events ends in the same facts and cells; cells
//! and ledger are requested to be stored before the facts that prove them, and offsets are committed last.
//!
//! Left to others: decoding, dead letters, retries, and what an institution is (the registry is applied when
//! figures are read, never here).

mod cell;
mod fact;
mod known;
mod ledger;
mod memory;
mod partition;
mod payment;
mod record;
mod unit;
mod version;

pub use cell::{Cell, CellKey, CellValues};
pub use fact::Fact;
pub use ledger::{FateTotals, LedgerKey, LedgerRow};
pub use partition::{
    Answer, CellRows, Entry, EntryBody, FactRows, Limits, LogError, Partition, PaymentRows, Request, Start,
};
pub use payment::{Payment, PaymentKey, TornPayment};
pub use record::Record;
pub use unit::{Standing, standings};
pub use version::Version;
