//! Bearer tokens that a provider asks for and then shows.
//!
//! A token is its end and a code over it under a key made from the provider's password. Nothing is remembered, so every
//! collector knows every token, also after a restart, and many can live at once; a new password ends them all.

use cashless_domain::Timestamp;
use hmac::Hmac;
use serde::Deserialize;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::proof::{Secret, hex, is_hex_of, mac};

/// A token from somewhere else, as when a running connection moves here.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AgreedToken {
    token: Secret,
    expires_at_s: i64,
}

/// The tokens of one source.
pub(crate) struct Tokens<'s> {
    key: Zeroizing<Vec<u8>>,
    life_s: i64,
    agreed: &'s [AgreedToken],
}

impl<'s> Tokens<'s> {
    /// `owner` is who gets them, by `password`.
    pub(crate) fn new(owner: &str, password: &Secret, life_s: i64, agreed: &'s [AgreedToken]) -> Self {
        let key = mac::<Hmac<Sha256>>(password.as_bytes(), &[b"cashless token ", owner.as_bytes()]);
        Self { key: Zeroizing::new(key), life_s, agreed }
    }

    /// A new token; one for another purpose opens nothing.
    pub(crate) fn issue(&self, purpose: &str, now: Timestamp) -> String {
        let end = seconds(now).saturating_add(self.life_s).to_string();
        let code = hex(&self.code(purpose, &end));
        format!("{end}.{code}")
    }

    /// Whether a token was given out for this purpose, or agreed, and still lives.
    pub(crate) fn accepts(&self, purpose: &str, token: &str, now: Timestamp) -> bool {
        let is_live = |ends_at_s: i64| seconds(now) < ends_at_s;
        let is_issued = |(end, code): (&str, &str)| {
            is_hex_of(code, &self.code(purpose, end)) && end.parse().is_ok_and(is_live)
        };
        let is_agreed = |agreed: &AgreedToken| agreed.token.is(token) && is_live(agreed.expires_at_s);
        token.split_once('.').is_some_and(is_issued) || self.agreed.iter().any(is_agreed)
    }

    fn code(&self, purpose: &str, end: &str) -> Vec<u8> {
        mac::<Hmac<Sha256>>(&self.key, &[purpose.as_bytes(), b" ", end.as_bytes()])
    }
}

fn seconds(time: Timestamp) -> i64 {
    time.as_micros().div_euclid(1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_lives_its_time_for_its_purpose_under_its_password() {
        let secret = |text: &str| serde_json::from_value(text.into()).expect("a secret");
        let tokens = |password| Tokens::new("demo", &secret(password), 300, &[]);
        let now = crate::testing::now();
        let later =
            |seconds: i64| Timestamp::from_micros(now.as_micros() + seconds * 1_000_000).expect("a time");
        let token = tokens("one").issue("access", now);
        assert!(
            tokens("one").accepts("access", &token, now)
                && tokens("one").accepts("access", &token, later(299))
        );
        assert!(!tokens("one").accepts("access", &token, later(300)));
        assert!(!tokens("one").accepts("refresh", &token, now));
        assert!(!tokens("two").accepts("access", &token, now));
        let (end, code) = token.split_once('.').expect("an end and a code");
        let longer = format!("{}.{code}", end.parse::<i64>().expect("seconds") + 1);
        assert!(!tokens("one").accepts("access", &longer, now));
    }
}
