use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cashless_domain::{IdKey, PersonKeys};
use cashless_providers::DigestKeys;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::{Config, Sealer, SecretError, SecretRef, YearKey};

/// A key of the configuration that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// It cannot be read.
    #[error("{name}: {cause}")]
    Unreadable {
        /// The configuration's name of it.
        name: String,
        /// Why.
        cause: SecretError,
    },
    /// Not base64, or too short.
    #[error("{0}: not the base64 of a key of this length")]
    Invalid(String),
    /// Two keys of one year.
    #[error("person_keys: the year {0} appears twice")]
    RepeatedYear(i16),
}

/// Every key the collector holds.
pub(crate) struct Keys {
    pub(crate) digests: DigestKeys,
    pub(crate) sealer: Option<Sealer>,
    dead_letters: Hmac<Sha256>,
}

impl Keys {
    pub(crate) fn read(config: &Config) -> Result<Self, KeysError> {
        let id_key = read("id_key", &config.id_key)?;
        let invalid = |name: &str| KeysError::Invalid(name.to_owned());
        let ids = IdKey::new(&id_key).map_err(|_| invalid("id_key"))?;
        let dead_letters = Hmac::new_from_slice(&id_key).map_err(|_| invalid("id_key"))?;
        let persons = config.read_person_keys()?;
        let sealer = match &config.seal_key {
            Some(key) => Some(Sealer::new(&read("seal_key", key)?).map_err(|_| invalid("seal_key"))?),
            None => None,
        };
        Ok(Self { digests: DigestKeys { ids, persons }, sealer, dead_letters })
    }

    /// A keyed digest for dead letters: of a raw body, or of a delivery's id. Each part is behind its length, as in
    /// the ids of the domain, and the purpose in front keeps it apart from them.
    pub(crate) fn digest(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = self.dead_letters.clone();
        for part in std::iter::once(purpose.as_bytes()).chain(parts.iter().copied()) {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

impl Config {
    /// The key of all ids, for whoever has to name an account as the collector does.
    ///
    /// # Errors
    /// See [`KeysError`].
    pub fn read_id_key(&self) -> Result<IdKey, KeysError> {
        IdKey::new(&read("id_key", &self.id_key)?).map_err(|_| KeysError::Invalid("id_key".to_owned()))
    }

    /// The yearly keys of persons and invoices, for whoever has to recognise a payer's account.
    ///
    /// # Errors
    /// See [`KeysError`].
    pub fn read_person_keys(&self) -> Result<PersonKeys, KeysError> {
        let mut years: Vec<(i16, Zeroizing<Vec<u8>>)> = Vec::with_capacity(self.person_keys.len());
        for YearKey { year, key } in &self.person_keys {
            if years.iter().any(|(known, _)| known == year) {
                return Err(KeysError::RepeatedYear(*year));
            }
            years.push((*year, read(&format!("person_keys.{year}"), key)?));
        }
        PersonKeys::new(years.iter().map(|(year, key)| (*year, key.as_slice())))
            .map_err(|_| KeysError::Invalid("person_keys".to_owned()))
    }
}

fn read(name: &str, secret: &SecretRef) -> Result<Zeroizing<Vec<u8>>, KeysError> {
    let text = secret
        .read(Path::new("."))
        .map_err(|cause| KeysError::Unreadable { name: name.to_owned(), cause })?;
    STANDARD.decode(text.as_bytes()).map(Zeroizing::new).map_err(|_| KeysError::Invalid(name.to_owned()))
}
