//! OAuth2: SePay shows a client id and secret, and is given a token that it then shows with every message.

use cashless_domain::Timestamp;
use serde::Deserialize;
use serde_json::json;

use crate::Reply;
use crate::proof::Secret;
use crate::tokens::{AgreedToken, Tokens};
use crate::tree::Members;

/// How long a token lives. SePay asks for another one in time.
const LIFE_S: i64 = 3_600;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Client {
    client_id: String,
    client_secret: Secret,
    #[serde(default)]
    agreed_tokens: Vec<AgreedToken>,
    pub(super) bank: Option<String>,
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
            "refreshToken": self.tokens().issue("refresh", now),
            "expiredIn": LIFE_S,
        });
        Reply::json(200, json!({ "data": tokens }).to_string())
    }

    pub(super) fn access_token(&self, now: Timestamp) -> String {
        self.tokens().issue("access", now)
    }

    pub(super) fn accepts(&self, token: &str, now: Timestamp) -> bool {
        self.tokens().accepts("access", token, now)
    }

    fn tokens(&self) -> Tokens<'_> {
        Tokens::new(&self.client_id, &self.client_secret, LIFE_S, &self.agreed_tokens)
    }
}
