//! What a payment event *is*: money, ids, methods, kinds, times, and the one fate each event meets.
//!
//! This crate is pure: no clock, no sockets, no serialisation format. Whoever reads an event from a
//! provider, from Kafka or from ClickHouse ends up with these types, and whoever writes one starts here.
//!
//! Promises: an id, an amount or a source name that exists is valid; a keyed digest cannot be made
//! without its key; debug output never shows a key.

mod digest;
#[macro_use]
mod event;
mod declaration;
mod fate;
mod free_text;
mod ids;
mod money;
mod person;
mod time;

pub use declaration::{CashDeclaration, DeclarationProblem, DeclarationSource, ExportedCashless};
pub use digest::{IdKey, InvalidKey, PersonKeys};
pub use event::{
    Added, Beneficiary, DecidedBy, Decision, Details, EventKey, Evidence, Flags, Kind, Method, MinimumFields,
    PaymentEvent, Reason, SourceClass, Status, StatusChange,
};
pub use fate::{DeadLetterReason, DeliveryFate, EventFate, RecordFate, RefusalReason, Stage};
pub use free_text::holds_private_number;
pub use ids::{
    AccountId, IdentifierId, InvalidSourceId, InvoiceDigest, PayerAccountDigest, PaymentId, PersonDigest,
    RecordId, ReferenceDigest, SourceId,
};
pub use money::{AmountDong, InvalidAmount};
pub use person::{normalized_name, without_accents};
pub use time::{BusinessDate, InvalidDay, InvalidTime, Timestamp};
