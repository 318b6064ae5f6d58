//! Keys, signing and checking: `v1` is HMAC-SHA-256 under a shared secret, `v1a` is ed25519.
//!
//! A source with public keys alone has no secret to compare a `v1` entry with, so a signature made with its public
//! key as if that were a secret can never pass.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// The ed25519 entries of one signature header that are looked at. Rotation needs a handful; an ed25519 check costs some
/// 40 µs, so an unbounded list would be a cheap way to keep the collector busy.
const ENTRIES_MAX: usize = 16;

/// A key that is none. It never says what was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidKey {
    /// Not `whsec_` and the base64 of 24 to 64 bytes.
    #[error("a shared secret is whsec_ followed by the base64 of 24 to 64 bytes")]
    Secret,
    /// Not `whpk_` and the base64 of a strong ed25519 key.
    #[error("a public key is whpk_ followed by the base64 of a 32-byte ed25519 key")]
    Public,
    /// Not `whsk_` and the base64 of an ed25519 key.
    #[error("a private key is whsk_ followed by the base64 of 32 or 64 bytes")]
    Private,
    /// Neither a shared secret nor a public key.
    #[error("a source needs at least one key")]
    None,
}

/// A secret shared with a source, for `v1`.
#[derive(Clone)]
pub struct SigningSecret(Hmac<Sha256>);

impl SigningSecret {
    /// Reads `whsec_…`.
    ///
    /// # Errors
    /// Another prefix, not base64, or not 24 to 64 bytes.
    pub fn parse(text: &str) -> Result<Self, InvalidKey> {
        let bytes = decode("whsec_", text).filter(|bytes| (24..=64).contains(&bytes.len()));
        let bytes = bytes.ok_or(InvalidKey::Secret)?;
        Hmac::new_from_slice(&bytes).map(Self).map_err(|_| InvalidKey::Secret)
    }

    fn mac(&self, id: &str, timestamp: &str, body: &[u8]) -> [u8; 32] {
        let mut mac = self.0.clone();
        for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", body] {
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

/// A source's own key, for signing `v1a`. Only simulators and connection checks hold one.
#[derive(Clone)]
pub struct PrivateKey(SigningKey);

impl PrivateKey {
    /// Reads `whsk_…`: 32 bytes, or those followed by the 32 of the public key.
    ///
    /// # Errors
    /// Another prefix, not base64, another length, or a public half that belongs to another key.
    pub fn parse(text: &str) -> Result<Self, InvalidKey> {
        let bytes = decode("whsk_", text).ok_or(InvalidKey::Private)?;
        let (seed, public) = bytes.split_at_checked(32).ok_or(InvalidKey::Private)?;
        let key = SigningKey::from_bytes(seed.try_into().map_err(|_| InvalidKey::Private)?);
        if public.is_empty() || public == key.verifying_key().as_bytes() {
            Ok(Self(key))
        } else {
            Err(InvalidKey::Private)
        }
    }

    /// The key that checks what this one signs.
    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }
}

/// The public key of a source, for `v1a`.
#[derive(Clone)]
pub struct PublicKey(VerifyingKey);

impl PublicKey {
    /// Reads `whpk_…`.
    ///
    /// # Errors
    /// Another prefix, not base64, not a point of the curve, or one of the few weak points.
    pub fn parse(text: &str) -> Result<Self, InvalidKey> {
        let bytes = decode("whpk_", text).ok_or(InvalidKey::Public)?;
        let bytes: &[u8; 32] = bytes.as_slice().try_into().map_err(|_| InvalidKey::Public)?;
        let key = VerifyingKey::from_bytes(bytes).map_err(|_| InvalidKey::Public)?;
        if key.is_weak() { Err(InvalidKey::Public) } else { Ok(Self(key)) }
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "whpk_{}", STANDARD.encode(self.0.as_bytes()))
    }
}

/// The live keys of a source; several while it rotates them.
#[derive(Clone)]
pub struct Keys {
    secrets: Vec<SigningSecret>,
    public_keys: Vec<PublicKey>,
}

impl Keys {
    /// # Errors
    /// No key at all.
    pub fn new<'a>(
        secrets: impl IntoIterator<Item = &'a SigningSecret>,
        public_keys: impl IntoIterator<Item = &'a PublicKey>,
    ) -> Result<Self, InvalidKey> {
        let keys = Self {
            secrets: secrets.into_iter().cloned().collect(),
            public_keys: public_keys.into_iter().cloned().collect(),
        };
        if keys.secrets.is_empty() && keys.public_keys.is_empty() { Err(InvalidKey::None) } else { Ok(keys) }
    }

    /// Whether any entry of the header was made by any live key of its version.
    pub(super) fn accept(&self, id: &str, timestamp: &str, body: &[u8], header: &str) -> bool {
        let entries = || header.split_ascii_whitespace().filter_map(|entry| entry.split_once(','));
        let of =
            |wanted| entries().filter(move |(version, _)| *version == wanted).map(|(_, signature)| signature);
        let is_shared = self.secrets.iter().any(|secret| {
            let mac = secret.mac(id, timestamp, body);
            of("v1").filter_map(decode_array::<32>).any(|claimed| bool::from(mac.ct_eq(&claimed)))
        });
        is_shared
            || (!self.public_keys.is_empty()
                && of("v1a")
                    .take(ENTRIES_MAX)
                    .any(|signature| self.accept_v1a(id, timestamp, body, signature)))
    }

    fn accept_v1a(&self, id: &str, timestamp: &str, body: &[u8], signature: &str) -> bool {
        let Some(bytes) = decode_array::<64>(signature) else { return false };
        let (message, signature) = (signed_bytes(id, timestamp, body), Signature::from_bytes(&bytes));
        self.public_keys.iter().any(|key| key.0.verify_strict(&message, &signature).is_ok())
    }
}

/// One `v1` entry of a signature header. `timestamp_s` is the `webhook-timestamp`, in Unix seconds.
#[must_use]
pub fn sign_v1(secret: &SigningSecret, id: &str, timestamp_s: i64, body: &[u8]) -> String {
    format!("v1,{}", STANDARD.encode(secret.mac(id, &timestamp_s.to_string(), body)))
}

/// One `v1a` entry of a signature header.
#[must_use]
pub fn sign_v1a(key: &PrivateKey, id: &str, timestamp_s: i64, body: &[u8]) -> String {
    let signature = key.0.sign(&signed_bytes(id, &timestamp_s.to_string(), body));
    format!("v1a,{}", STANDARD.encode(signature.to_bytes()))
}

fn signed_bytes(id: &str, timestamp: &str, body: &[u8]) -> Vec<u8> {
    [id.as_bytes(), timestamp.as_bytes(), body].join(&b'.')
}

fn decode(prefix: &str, text: &str) -> Option<Zeroizing<Vec<u8>>> {
    STANDARD.decode(text.strip_prefix(prefix)?).ok().map(Zeroizing::new)
}

fn decode_array<const N: usize>(base64: &str) -> Option<[u8; N]> {
    // The decoder wants room for whole groups of three, so the buffer is a little longer than any signature.
    let mut buffer = [0; 72];
    let decoded = STANDARD.decode_slice(base64, &mut buffer).ok()?;
    buffer.get(..decoded)?.try_into().ok()
}

macro_rules! redacted {
    ($($type:ident)+) => {
        $(impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($type), "(…)"))
            }
        })+
    };
}

redacted! { SigningSecret PrivateKey PublicKey Keys }
