use chacha20poly1305::aead::{Aead as _, Generate as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};

const NONCE_BYTES: usize = 24;

/// A key that is not 32 bytes long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a sealing key has 32 bytes")]
pub struct InvalidSealKey;

/// A sealed body that this key did not seal for this dead letter, or that was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not sealed by this key for this dead letter")]
pub struct Unsealable;

/// Seals raw bodies into dead letters, and opens them again for the operator who holds the key.
///
/// XChaCha20-Poly1305 with a random 24-byte nonce in front; the dead letter's id is authenticated along, so that a
/// body cannot be moved to another letter.
#[derive(Clone)]
pub struct Sealer(XChaCha20Poly1305);

impl Sealer {
    /// # Errors
    /// Not 32 bytes.
    pub fn new(key: &[u8]) -> Result<Self, InvalidSealKey> {
        XChaCha20Poly1305::new_from_slice(key).map(Self).map_err(|_| InvalidSealKey)
    }

    /// The nonce and the sealed body; nothing if the system has no randomness to give.
    #[must_use]
    pub fn seal(&self, letter_id: &str, body: &[u8]) -> Option<Vec<u8>> {
        let nonce = XNonce::try_generate().ok()?;
        let sealed = self.0.encrypt(&nonce, Payload { msg: body, aad: letter_id.as_bytes() }).ok()?;
        Some([nonce.as_slice(), &sealed].concat())
    }

    /// The body again.
    ///
    /// # Errors
    /// Another key, another letter, or changed bytes.
    pub fn open(&self, letter_id: &str, sealed: &[u8]) -> Result<Vec<u8>, Unsealable> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE_BYTES).ok_or(Unsealable)?;
        let nonce = XNonce::try_from(nonce).map_err(|_| Unsealable)?;
        self.0.decrypt(&nonce, Payload { msg: sealed, aad: letter_id.as_bytes() }).map_err(|_| Unsealable)
    }
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealer(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_body_opens_with_its_key_and_letter_alone() {
        let sealer = Sealer::new(&[1; 32]).expect("32 bytes");
        let sealed = sealer.seal("a/1", b"body").expect("randomness");
        assert_eq!(sealer.open("a/1", &sealed), Ok(b"body".to_vec()));
        assert_eq!(sealer.open("a/2", &sealed), Err(Unsealable));
        assert_eq!(Sealer::new(&[2; 32]).expect("32 bytes").open("a/1", &sealed), Err(Unsealable));
        assert_eq!(sealer.open("a/1", &sealed[..20]), Err(Unsealable));
        assert_ne!(sealer.seal("a/1", b"body"), Some(sealed), "the nonce is random");
        assert!(Sealer::new(&[1; 31]).is_err());
    }
}
