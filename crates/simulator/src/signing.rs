//! What a source signs with, and the key of somebody else.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cashless_providers::standard_webhooks::{PrivateKey, SigningSecret, sign_v1, sign_v1a};

/// What a source signs with.
#[derive(Clone)]
pub struct Key {
    seed: [u8; 32],
    signer: Signer,
}

#[derive(Clone)]
enum Signer {
    Shared(SigningSecret),
    Private(PrivateKey),
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

impl Key {
    /// A shared secret, for signature version `v1`.
    pub(crate) fn shared(seed: [u8; 32]) -> Self {
        let secret = SigningSecret::parse(&written("whsec_", seed)).expect("32 bytes make a secret");
        Self { seed, signer: Signer::Shared(secret) }
    }

    /// A private key, for signature version `v1a`.
    pub(crate) fn private(seed: [u8; 32]) -> Self {
        let key = PrivateKey::parse(&written("whsk_", seed)).expect("any 32 bytes make an ed25519 key");
        Self { seed, signer: Signer::Private(key) }
    }

    /// Another key of the same sort, that the source's receiver does not know.
    #[must_use]
    pub fn wrong(&self) -> Self {
        let seed = self.seed.map(|byte| !byte);
        match self.signer {
            Signer::Shared(_) => Self::shared(seed),
            Signer::Private(_) => Self::private(seed),
        }
    }

    /// The value of `webhook-signature` over a body.
    #[must_use]
    pub fn sign(&self, webhook_id: &str, unix_seconds: i64, body: &[u8]) -> String {
        match &self.signer {
            Signer::Shared(secret) => sign_v1(secret, webhook_id, unix_seconds, body),
            Signer::Private(key) => sign_v1a(key, webhook_id, unix_seconds, body),
        }
    }

    /// `whsec_…`, where both sides hold one secret.
    #[must_use]
    pub fn shared_secret(&self) -> Option<String> {
        matches!(self.signer, Signer::Shared(_)).then(|| written("whsec_", self.seed))
    }

    /// `whpk_…`, where the receiver holds the public half.
    #[must_use]
    pub fn public_key(&self) -> Option<String> {
        match &self.signer {
            Signer::Shared(_) => None,
            Signer::Private(key) => Some(key.public_key().to_string()),
        }
    }
}

fn written(prefix: &str, bytes: [u8; 32]) -> String {
    format!("{prefix}{}", STANDARD.encode(bytes))
}
