use std::fmt;
use std::path::{Path, PathBuf};

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use zeroize::Zeroizing;

/// Where a secret is kept: `{ env = "NAME" }` or `{ file = "path" }`, never the secret itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretRef {
    /// An environment variable.
    Env(String),
    /// A file; white space around its content is dropped. A relative path starts at the file that names it.
    File(PathBuf),
}

/// A secret that cannot be read. It names the place, never the content.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The environment variable is missing, empty or not text.
    #[error("environment variable {0} is not set")]
    Env(String),
    /// The file cannot be read, or is empty.
    #[error("secret file {0} cannot be read, or is empty")]
    File(PathBuf),
}

impl SecretRef {
    /// What a secret's place has to hold.
    pub(crate) const EXPECTED: &'static str =
        "a secret is named by { env = \"NAME\" } or { file = \"path\" }, never written here";

    /// The secret. `base` is the directory that relative paths start from.
    ///
    /// # Errors
    /// See [`SecretError`].
    pub fn read(&self, base: &Path) -> Result<Zeroizing<String>, SecretError> {
        let (text, error) = match self {
            Self::Env(name) => (std::env::var(name).ok(), SecretError::Env(name.clone())),
            Self::File(path) => {
                (std::fs::read_to_string(base.join(path)).ok(), SecretError::File(path.clone()))
            }
        };
        let text = Zeroizing::new(text.unwrap_or_default());
        let trimmed = Zeroizing::new(text.trim().to_owned());
        if trimmed.is_empty() { Err(error) } else { Ok(trimmed) }
    }
}

impl<'de> Deserialize<'de> for SecretRef {
    /// By hand, because a derived error would quote a secret written here by mistake.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SecretRefVisitor)
    }
}

struct SecretRefVisitor;

impl<'de> Visitor<'de> for SecretRefVisitor {
    type Value = SecretRef;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(SecretRef::EXPECTED)
    }

    fn visit_str<E: serde::de::Error>(self, _: &str) -> Result<Self::Value, E> {
        Err(E::custom(SecretRef::EXPECTED))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        use serde::de::Error as _;
        let wrong = || A::Error::custom(SecretRef::EXPECTED);
        let (key, value) = map.next_entry::<String, String>().map_err(|_| wrong())?.ok_or_else(wrong)?;
        let secret = match key.as_str() {
            "env" => SecretRef::Env(value),
            "file" => SecretRef::File(value.into()),
            _ => return Err(wrong()),
        };
        match map.next_key::<String>() {
            Ok(None) => Ok(secret),
            _ => Err(wrong()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    struct Holder {
        key: SecretRef,
    }

    #[test]
    fn a_secret_written_in_place_is_refused_without_being_repeated() {
        for text in
            ["key = 'whsec_CANARY'", "key = { env = 'A', file = 'CANARY' }", "key = { value = 'CANARY' }"]
        {
            let error = toml::from_str::<Holder>(text).expect_err("refused");
            assert!(!error.message().contains("CANARY"), "{}", error.message());
        }
        let holder: Holder = toml::from_str("key = { env = 'NAME' }").expect("a reference");
        assert_eq!(holder.key, SecretRef::Env("NAME".to_owned()));
    }
}
