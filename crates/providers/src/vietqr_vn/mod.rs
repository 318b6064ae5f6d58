//! VietQR.vn: the movements of a bank account, told by `transaction-sync`.
//!
//! Nothing in a message is signed. VietQR.vn asks for a token with the user and password it was given, and shows the
//! token with every message: whoever holds one is believed until it ends. Replayed with another token, a message
//! means the same record.

mod normalize;
mod token;

use std::sync::Arc;

use cashless_domain::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::adapter::{Dialect, Message};
use crate::proof::{Secret, hex};
use crate::provider::settings;
use crate::reply::{Outcome, Reply};
use crate::source::MergeBy;
use crate::tokens::AgreedToken;
use crate::tree::{self, Members};
use crate::{Adapter, Announcement, Composed, Delivery, Happening, Provider, Refused, Verb};

const SYNC: &str = "bank/api/transaction-sync";
const TOKEN: &str = "api/token_generate";

pub(crate) const PROVIDER: Provider = Provider {
    name: "vietqr-vn",
    title: "VietQR.vn",
    merge_by: Some(MergeBy::BankReference),
    names_accounts: true,
    unconfirmed: None,
    tells_repeats: false,
    secrets: &["password", "agreed_tokens"],
    paths: &[SYNC, TOKEN],
    example: r#"{"username":"demo-vietqr-vn","password":"demo-vietqr-vn-password","bank":"970436"}"#,
    configure,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// The user that VietQR.vn was given.
    username: String,
    /// Its password.
    password: Secret,
    /// Tokens from somewhere else, as when a running connection moves here.
    #[serde(default)]
    agreed_tokens: Vec<AgreedToken>,
    /// The BIN of the bank that holds the account: no message names it.
    bank: String,
}

fn configure(value: Value) -> Result<Arc<dyn Adapter>, String> {
    Ok(Arc::new(VietQr(settings(value)?)))
}

struct VietQr(Settings);

/// A request of the one who knows the password, or was given a token for it.
pub(crate) enum Verified<'d> {
    TokenRequest,
    /// The members of a message, their names in lower case.
    Sync(Members<'d>),
}

impl Dialect for VietQr {
    type Verified<'d> = Verified<'d>;

    fn verify<'d>(&self, delivery: &Delivery<'d>, now: Timestamp) -> Result<Verified<'d>, Refused> {
        if delivery.verb != Verb::Post {
            return Err(Refused::Misdirected);
        }
        match delivery.path {
            TOKEN if self.0.is_shown_by(shown(delivery, "Basic")?) => Ok(Verified::TokenRequest),
            SYNC if self.0.accepts(shown(delivery, "Bearer")?, now) => {
                members(delivery.body).map(Verified::Sync)
            }
            TOKEN | SYNC => Err(Refused::BadToken),
            _ => Err(Refused::Misdirected),
        }
    }

    fn read<'v>(&'v self, verified: &'v Verified<'_>, now: Timestamp) -> Message<'v> {
        match verified {
            Verified::TokenRequest => Message::Answer(self.0.answer(now)),
            Verified::Sync(members) => Message::one(normalize::statement(members, &self.0.bank)),
        }
    }

    fn reply(&self, delivery: &Delivery<'_>, outcome: Outcome<'_>, _: Timestamp) -> Reply {
        let (status, text) = match outcome {
            // Without an id of ours in it, a 200 counts as a failure.
            Outcome::Stored | Outcome::Repeated => {
                let object = json!({ "reftransactionid": our_id(delivery.body) });
                let body =
                    json!({ "error": false, "errorReason": "000", "toastMessage": "", "object": object });
                return Reply::json(200, body.to_string());
            }
            Outcome::Unusable(_) => (400, "kept, but of no use"),
            Outcome::Refused(Refused::Unreadable) => (400, "unreadable"),
            Outcome::Refused(Refused::Misdirected) if delivery.verb == Verb::Post => (404, "not found"),
            Outcome::Refused(Refused::Misdirected) => (405, "POST only"),
            Outcome::Refused(_) => (401, "not authorized"),
            Outcome::Unavailable => (503, "temporarily unavailable"),
        };
        let body =
            json!({ "error": true, "errorReason": status.to_string(), "toastMessage": text, "object": null });
        Reply::json(status, body.to_string())
    }

    fn compose(&self, announcement: &Announcement<'_>, now: Timestamp) -> Option<Composed> {
        let kind = match announcement.happening {
            Happening::Paid => "C",
            Happening::PaidOut => "D",
            Happening::Failed | Happening::Pending | Happening::Test => return None,
        };
        let body = json!({
            "bankaccount": announcement.account,
            "amount": announcement.amount.get(),
            "transType": kind,
            "content": announcement.reason,
            "transactionid": format!("vietqr-{}", announcement.number),
            "transactiontime": announcement.occurred_at.as_micros() / 1_000,
            "referencenumber": announcement.bank_reference,
            "orderId": announcement.invoice.unwrap_or(""),
            "terminalCode": "",
            "subTerminalCode": "",
            "serviceCode": "",
            "urlLink": "",
            "sign": "",
        });
        let bearer = format!("Bearer {}", self.0.token(now));
        let composed = Composed::json(body.to_string()).with_header("authorization", bearer);
        Some(Composed { path: SYNC, ..composed })
    }
}

/// What stands behind the scheme of the header, which is read in any case.
fn shown<'d>(delivery: &Delivery<'d>, scheme: &str) -> Result<&'d str, Refused> {
    let (named, shown) =
        delivery.header("authorization").and_then(|text| text.split_once(' ')).ok_or(Refused::BadToken)?;
    if named.eq_ignore_ascii_case(scheme) { Ok(shown.trim()) } else { Err(Refused::BadToken) }
}

/// Two generations of the format differ in the case of names.
fn members(body: &[u8]) -> Result<Members<'_>, Refused> {
    let mut members = tree::object(body)?;
    members.fold_names()?;
    Ok(members)
}

/// Our name of a transaction for VietQR.vn: the same for every copy, from every collector.
fn our_id(body: &[u8]) -> String {
    let record = members(body).ok().and_then(|members| normalize::record(&members).ok());
    let hash = Sha256::digest(record.as_ref().map_or(body, |record| record.as_bytes()));
    hex(hash.as_slice().get(..16).unwrap_or_default())
}

#[cfg(test)]
mod tests;
