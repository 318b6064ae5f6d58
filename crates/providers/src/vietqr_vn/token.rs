use cashless_domain::Timestamp;
use serde_json::json;
use zeroize::Zeroizing;

use super::Settings;
use crate::Reply;
use crate::proof::is_base64_of;
use crate::tokens::Tokens;

/// How long a token lives. VietQR.vn asks for a new one in time.
const LIFE_S: i64 = 300;

impl Settings {
    /// Whether these are the user and password, as HTTP's basic scheme writes them.
    pub(super) fn is_shown_by(&self, basic: &str) -> bool {
        let expected = Zeroizing::new([&self.username, ":", self.password.as_str()].concat());
        is_base64_of(basic, expected.as_bytes())
    }

    pub(super) fn answer(&self, now: Timestamp) -> Reply {
        let answer = json!({ "access_token": self.token(now), "token_type": "Bearer", "expires_in": LIFE_S });
        Reply::json(200, answer.to_string())
    }

    pub(super) fn token(&self, now: Timestamp) -> String {
        self.tokens().issue("access", now)
    }

    pub(super) fn accepts(&self, token: &str, now: Timestamp) -> bool {
        self.tokens().accepts("access", token, now)
    }

    fn tokens(&self) -> Tokens<'_> {
        Tokens::new(&self.username, &self.password, LIFE_S, &self.agreed_tokens)
    }
}
