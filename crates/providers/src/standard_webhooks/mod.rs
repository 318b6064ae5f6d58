//! Deliveries signed by Standard Webhooks, with the body of `schemas/webhooks/payment.v1.schema.json`.
//!
//! For banks, intermediaries and institution software that write their own connector. Three headers carry the id of
//! the message, the time of signing and a list of signatures; what is signed is `id.timestamp.body`, byte for byte.
//! That text cannot be cut differently: the timestamp is digits alone, and a body is JSON, which never begins with
//! the digits and the dot that a shifted cut would leave in front of it.

mod adapter;
mod declarations;
mod normalize;
mod payload;
mod persons;
mod signature;

use cashless_domain::Timestamp;

use crate::Refused;

pub(crate) use adapter::PROVIDER;
pub use signature::{InvalidKey, Keys, PrivateKey, PublicKey, SigningSecret, sign_v1, sign_v1a};

/// How far the time of signing may be from the receiver's clock, either way.
pub const TOLERANCE_S: i64 = 300;

/// The header with the id of a message, the same in every re-send of it.
pub const ID_HEADER: &str = "webhook-id";
/// The header with the time of signing, in Unix seconds.
pub const TIMESTAMP_HEADER: &str = "webhook-timestamp";
/// The header with the signatures.
pub const SIGNATURE_HEADER: &str = "webhook-signature";

/// The longest `webhook-id` that is looked at.
const ID_BYTES_MAX: usize = 256;

/// A delivery that anybody may have sent.
pub struct Unverified<'a> {
    id: &'a str,
    timestamp: &'a str,
    signature: &'a str,
    body: &'a [u8],
}

impl<'a> Unverified<'a> {
    /// From the values of the three headers and the raw body.
    ///
    /// # Errors
    /// A missing or empty header.
    pub fn new(
        id: Option<&'a str>,
        timestamp: Option<&'a str>,
        signature: Option<&'a str>,
        body: &'a [u8],
    ) -> Result<Self, Refused> {
        let present =
            |value: Option<&'a str>| value.filter(|value| !value.is_empty()).ok_or(Refused::MissingSignature);
        Ok(Self { id: present(id)?, timestamp: present(timestamp)?, signature: present(signature)?, body })
    }

    /// Believes the delivery if a live key signed it within [`TOLERANCE_S`] of `now`.
    ///
    /// The signature is checked before the time: a stranger learns nothing, and only the owner of a key hears that
    /// its clock is wrong.
    ///
    /// # Errors
    /// See [`Refused`].
    pub fn verify(self, keys: &Keys, now: Timestamp) -> Result<Verified<'a>, Refused> {
        let signed_at = seconds(self.timestamp).filter(|_| self.id.len() <= ID_BYTES_MAX);
        let signed_at = signed_at.ok_or(Refused::BadSignature)?;
        if !keys.accept(self.id, self.timestamp, self.body, self.signature) {
            return Err(Refused::BadSignature);
        }
        let now = now.as_micros().div_euclid(1_000_000);
        if (now - signed_at).abs() > TOLERANCE_S {
            return Err(Refused::Stale);
        }
        Ok(Verified { id: self.id, body: self.body })
    }
}

/// Unix seconds as the reference libraries write them: digits only, no sign.
fn seconds(text: &str) -> Option<i64> {
    let plain = (1..=12).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

/// A delivery that a live key of its source has signed.
pub struct Verified<'a> {
    id: &'a str,
    body: &'a [u8],
}

impl Verified<'_> {
    /// The id of the message. It identifies a delivery, not a person, but is the sender's to choose: keep it out
    /// of logs.
    #[must_use]
    pub fn id(&self) -> &str {
        self.id
    }
}

impl std::fmt::Debug for Unverified<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Unverified({} bytes)", self.body.len())
    }
}

impl std::fmt::Debug for Verified<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Verified({} bytes)", self.body.len())
    }
}
