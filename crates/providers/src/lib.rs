//! A module per provider: authenticate the raw bytes of a delivery, then normalise it.
//!
//! [`PROVIDERS`] lists them. Configured with a source's secrets, one becomes an [`Adapter`]: it authenticates a
//! [`Delivery`], makes items of it, answers it in the provider's own words, and can compose such a delivery itself.
//! Only an authenticated delivery can be read, which the types of each module see to. What it says is a [`Statement`]
//! for every provider but one, whose own documented events say more; from there one piece of code goes on to
//! [`PaymentEvent`](cashless_domain::PaymentEvent)s, or to a [`Rejection`] that says what is wrong, and where, in
//! words of this crate's own.
//!
//! Promises: no bytes of a sender reach an error, a `Debug` output or an event, except as keyed digests, amounts,
//! times and members of closed sets; no input panics; the key of a transaction is the same in every statement about
//! it. The crate is pure: no clock, no sockets, no async.
//!
//! ```
//! use cashless_domain::{IdKey, PersonKeys, SourceClass, SourceId, Timestamp};
//! use cashless_providers::standard_webhooks::{Keys, SigningSecret, Unverified, sign_v1};
//! use cashless_providers::{CodePatterns, DigestKeys, MergeBy, ReceiverRule, Receivers, Source};
//!
//! let secret = SigningSecret::parse("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")?;
//! let body = br#"{"type":"payment.settled","timestamp":"2026-09-07T20:15:31+07:00","data":{
//!     "transaction_id":"T1","transaction_time":"2026-09-07T20:15:30+07:00",
//!     "receiver":{"bank":"970405","account":"5000200300400"},"amount_dong":350000}}"#;
//! let now = Timestamp::parse_rfc3339("2026-09-07T20:15:32+07:00")?;
//! let seconds = now.as_micros() / 1_000_000;
//! let signature = sign_v1(&secret, "msg_1", seconds, body);
//!
//! let keys = Keys::new([&secret], [])?;
//! let seconds = seconds.to_string();
//! let delivery = Unverified::new(Some("msg_1"), Some(&seconds), Some(&signature), body)?.verify(&keys, now)?;
//!
//! let source = Source {
//!     id: SourceId::new("example-bank")?,
//!     class: SourceClass::Bank,
//!     merge_by: MergeBy::TransactionId,
//!     id_scope: "example-bank".into(),
//!     merchant_scope: "example-bank".into(),
//!     receivers: Receivers::new([ReceiverRule::Bank { bank: "970405".into() }]),
//!     invoice_codes: CodePatterns::default(),
//! };
//! let digests = DigestKeys { ids: IdKey::new(&[1; 32])?, persons: PersonKeys::default() };
//! let normalized = delivery.normalize(&source, &digests, now);
//! let [item] = normalized.items() else { panic!("one statement") };
//! assert_eq!(item.dong, 350_000);
//! assert!(item.outcome.is_ok());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod adapter;
mod amount;
mod announcement;
mod banks;
mod camt054;
mod casso;
mod codes;
mod declaring;
mod delivery;
mod event;
mod form;
mod item;
mod json;
mod momo;
mod onepay;
mod payos;
mod proof;
mod provider;
mod reason;
mod refused;
mod reply;
mod sepay;
mod shopeepay;
mod source;
pub mod standard_webhooks;
mod statement;
#[cfg(test)]
mod testing;
mod times;
mod tokens;
mod tree;
pub mod vectors;
pub mod vietqr;
mod vietqr_vn;
mod viettel_money;
mod vnpay;
mod vnpt_money;
mod written;
mod zalopay;

pub use adapter::{Adapter, Answered, Content, Received};
pub use announcement::{Announcement, Composed, Happening};
pub use codes::{CodePattern, CodePatterns, InvalidPattern};
pub use declaring::{Declared, DeclaredFor, Declarer, Declaring, MonthText};
pub use delivery::{Delivery, Verb};
pub use event::Context;
pub use item::{Item, Normalized, Rejection};
pub use proof::Secret;
pub use provider::{PROVIDERS, Provider};
pub use refused::Refused;
pub use reply::{Outcome, Reply};
pub use source::{DigestKeys, MergeBy, ReceiverRule, Receivers, Source};
pub use statement::{Channel, Direction, Receiver, Said, Statement};
