//! A module per provider: authenticate the raw bytes of a delivery, then normalise it.
//!
//! A delivery is `Unverified` until its signature has been checked against the live keys of its source; only the
//! `Verified` one it becomes can be normalised. Normalising yields items: each is a
//! [`PaymentEvent`](cashless_domain::PaymentEvent) or a [`Rejection`] that says what is wrong, and where, in words
//! of this crate's own.
//!
//! Promises: no bytes of a sender reach an error, a `Debug` output or an event, except as keyed digests, amounts,
//! times and members of closed sets; no input panics; the key of a transaction is the same in every statement about
//! it. The crate is pure: no clock, no sockets, no async. Which HTTP status an answer has is the collector's affair.
//!
//! ```
//! use cashless_domain::{IdKey, PersonKeys, SourceClass, SourceId, Timestamp};
//! use cashless_providers::standard_webhooks::{Keys, SigningSecret, Unverified, sign_v1};
//! use cashless_providers::{DigestKeys, MergeBy, ReceiverRule, Receivers, Source};
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
//! };
//! let digests = DigestKeys { ids: IdKey::new(&[1; 32])?, persons: PersonKeys::default() };
//! let normalized = delivery.normalize(&source, &digests, now);
//! let [item] = normalized.items() else { panic!("one statement") };
//! assert_eq!(item.dong, 350_000);
//! assert!(item.outcome.is_ok());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod amount;
mod item;
mod json;
mod source;
pub mod standard_webhooks;

pub use item::{Item, Normalized, Rejection};
pub use source::{DigestKeys, MergeBy, ReceiverRule, Receivers, Source};
