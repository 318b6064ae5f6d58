//! OAuth2: SePay shows a client id and secret, and is given a token that it then shows with every message.
//!
//! A token is its end and a code over it under a key made from the client secret. Nothing is remembered, so every
//! collector knows every token, also after a restart; a new client secret ends them all.

use cashless_domain::Timestamp;
use hmac::Hmac;
use serde::Deserialize;
use serde_json::json;
use sha2::Sha256;

use super::seconds;
use crate::Reply;
use crate::proof::{Secret, hex, is_hex_of, mac};
use crate::tree::Members;

/// How long a token lives. SePay asks for another one in time.
const LIFE_S: i64 = 3_600;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Client {
    client_id: String,
    client_secret: Secret,
    /// Tokens from somewhere else, as when a running connection moves here.
    #[serde(default)]
    agreed_tokens: Vec<AgreedToken>,
    pub(super) bank: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AgreedToken {
    token: Secret,
    expires_at_s: i64,
}

impl Client {
    pub(super) fn is_asked_by(&self, body: &Members<'_>) -> bool {
        let is_client = body.text("clientId") == Some(&self.client_id);
        body.text("clientSecret").is_some_and(|secret| self.client_secret.is(secret)) && is_client
    }

    pub(super) fn answer(&self, now: Timestamp) -> Reply {
        let tokens = json!({
            "accessToken": self.access_token(now),
            // SePay wants one; it opens nothing, since the client secret gets a token at any time.
            "refreshToken": self.token("refresh", now),
            "expiredIn": LIFE_S,
        });
        Reply::json(200, json!({ "data": tokens }).to_string())
    }

    pub(super) fn access_token(&self, now: Timestamp) -> String {
        self.token("access", now)
    }

    pub(super) fn accepts(&self, token: &str, now: Timestamp) -> bool {
        let is_live = |ends_at_s: i64| seconds(now) < ends_at_s;
        let is_agreed = |agreed: &AgreedToken| agreed.token.is(token) && is_live(agreed.expires_at_s);
        let is_issued = |(end, code): (&str, &str)| {
            is_hex_of(code, &self.code("access", end)) && end.parse().is_ok_and(is_live)
        };
        token.split_once('.').is_some_and(is_issued) || self.agreed_tokens.iter().any(is_agreed)
    }

    fn token(&self, purpose: &str, now: Timestamp) -> String {
        let end = seconds(now).saturating_add(LIFE_S).to_string();
        let code = hex(&self.code(purpose, &end));
        format!("{end}.{code}")
    }

    fn code(&self, purpose: &str, end: &str) -> Vec<u8> {
        let secret = self.client_secret.as_bytes();
        let key = mac::<Hmac<Sha256>>(secret, &[b"cashless sepay token ", self.client_id.as_bytes()]);
        mac::<Hmac<Sha256>>(&key, &[purpose.as_bytes(), b" ", end.as_bytes()])
    }
}
