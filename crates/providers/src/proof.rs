//! Comparing what a sender shows with what it should show, in constant time.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::{Deserialize, Deserializer, Visitor};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// A secret of a source's configuration. Never empty; never shown.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// Whether a sender shows exactly this text.
    pub(crate) fn is(&self, claimed: &str) -> bool {
        self.as_bytes().ct_eq(claimed.as_bytes()).into()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl<'de> Deserialize<'de> for Secret {
    /// By hand, because a derived error would quote what it did not expect.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct SecretVisitor;
        impl Visitor<'_> for SecretVisitor {
            type Value = Secret;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a secret that is not empty")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Secret, E> {
                if text.is_empty() {
                    return Err(E::custom("a secret is empty"));
                }
                Ok(Secret(Zeroizing::new(text.to_owned())))
            }
        }
        deserializer.deserialize_str(SecretVisitor)
    }
}

/// Whether hexadecimal text, in either case, stands for these bytes.
pub(crate) fn is_hex_of(claimed: &str, expected: &[u8]) -> bool {
    hex_bytes(claimed).is_some_and(|bytes| bytes.ct_eq(expected).into())
}

/// Whether standard base64 stands for these bytes.
pub(crate) fn is_base64_of(claimed: &str, expected: &[u8]) -> bool {
    STANDARD.decode(claimed).is_ok_and(|bytes| bytes.ct_eq(expected).into())
}

/// The bytes that hexadecimal text in either case stands for.
pub(crate) fn hex_bytes(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect()
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

/// Standard base64.
pub(crate) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// A message authentication code over parts in a row.
pub(crate) fn mac<M: hmac::Mac + hmac::KeyInit>(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let mut mac = <M as hmac::KeyInit>::new_from_slice(key).expect("HMAC takes keys of every length");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_is_read_in_either_case_and_written_in_one() {
        assert!(is_hex_of("00fFAb", &[0, 255, 171]));
        for wrong in ["00ffa", "00ffag", "", "00ffab00", "é0ffab"] {
            assert!(!is_hex_of(wrong, &[0, 255, 171]), "{wrong}");
        }
        assert_eq!(hex(&[0, 255, 171]), "00ffab");
    }

    #[test]
    fn a_secret_is_never_shown() {
        let secret: Secret = serde_json::from_str("\"CANARY\"").expect("a secret");
        assert!(!format!("{secret:?}").contains("CANARY"));
        assert!(secret.is("CANARY") && !secret.is("CANAR") && !secret.is(""));
        for wrong in ["\"\"", "7", "[\"CANARY\"]"] {
            let error = serde_json::from_str::<Secret>(wrong).expect_err("refused").to_string();
            assert!(!error.contains("CANARY"), "{error}");
        }
    }
}
