//! Casso: a watcher of bank accounts that posts every movement, in and out; V2 signs one, V1 posts a list under a token.
//!
//! V2 signs the whole body after parsing, its members sorted, and the time of sending in milliseconds. V1 signs
//! nothing: a delivery of it can be replayed for ever, and means the same record each time.

mod normalize;
mod signature;

use std::sync::Arc;

use cashless_domain::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::adapter::{Dialect, Message};
use crate::proof::Secret;
use crate::provider::settings;
use crate::reply::{Outcome, Reply};
use crate::source::MergeBy;
use crate::tree::{self, Members};
use crate::{Adapter, Announcement, Composed, Delivery, Happening, Provider, Refused, Verb, times};

pub(crate) const PROVIDER: Provider = Provider {
    name: "casso",
    title: "Casso",
    merge_by: Some(MergeBy::BankReference),
    names_accounts: true,
    unconfirmed: None,
    tells_repeats: false,
    secrets: &["security_key", "secure_token"],
    paths: &[""],
    example: r#"{"version":"v2","security_key":"demo-casso-security-key"}"#,
    configure,
};

/// `bank` is the BIN of the account's bank; without it the bank is known by the name in the message.
#[derive(Deserialize)]
#[serde(tag = "version", rename_all = "snake_case", deny_unknown_fields)]
enum Settings {
    V2 {
        security_key: Secret,
        /// Casso names no limit, and does not say whether it signs a repetition anew.
        #[serde(default = "tolerance_s")]
        tolerance_s: u32,
        bank: Option<String>,
    },
    V1 {
        secure_token: Secret,
        bank: Option<String>,
    },
}

fn tolerance_s() -> u32 {
    300
}

fn configure(value: Value) -> Result<Arc<dyn Adapter>, String> {
    Ok(Arc::new(Casso(settings(value)?)))
}

struct Casso(Settings);

/// The body of a delivery that Casso is known to have sent.
pub(crate) struct Verified<'d> {
    body: Members<'d>,
}

impl Dialect for Casso {
    type Verified<'d> = Verified<'d>;

    fn verify<'d>(&self, delivery: &Delivery<'d>, now: Timestamp) -> Result<Verified<'d>, Refused> {
        if delivery.verb != Verb::Post {
            return Err(Refused::Misdirected);
        }
        match &self.0 {
            Settings::V2 { security_key, tolerance_s, .. } => {
                let header = delivery.header(signature::HEADER).ok_or(Refused::MissingSignature)?;
                let body = tree::object(delivery.body)?;
                signature::check(security_key, *tolerance_s, header, &body, now)?;
                Ok(Verified { body })
            }
            Settings::V1 { secure_token, .. } => {
                let is_known = delivery.header(TOKEN_HEADER).is_some_and(|token| secure_token.is(token));
                if !is_known {
                    return Err(Refused::BadToken);
                }
                Ok(Verified { body: tree::object(delivery.body)? })
            }
        }
    }

    fn read<'v>(&'v self, verified: &'v Verified<'_>, _: Timestamp) -> Message<'v> {
        match &self.0 {
            Settings::V2 { bank, .. } => {
                Message::one(normalize::transaction(&verified.body, bank.as_deref()))
            }
            Settings::V1 { bank, .. } => {
                Message::several(normalize::transactions(&verified.body, bank.as_deref()))
            }
        }
    }

    fn reply(&self, delivery: &Delivery<'_>, outcome: Outcome<'_>, _: Timestamp) -> Reply {
        let status = match outcome {
            Outcome::Stored | Outcome::Repeated | Outcome::Unusable(_) => 200,
            Outcome::Refused(Refused::Misdirected) if delivery.verb != Verb::Post => 405,
            Outcome::Refused(Refused::Misdirected) => 404,
            Outcome::Refused(Refused::Unreadable) => 400,
            Outcome::Refused(_) => 401,
            Outcome::Unavailable => 503,
        };
        Reply::json(status, if status == 200 { r#"{"success":true}"# } else { r#"{"success":false}"# })
    }

    fn compose(&self, announcement: &Announcement<'_>, now: Timestamp) -> Option<Composed> {
        let amount = announcement.amount.get();
        let (id, amount) = match announcement.happening {
            Happening::Paid => (announcement.number, amount),
            Happening::PaidOut => (announcement.number, -amount),
            Happening::Test => (0, amount),
            Happening::Failed | Happening::Pending => return None,
        };
        let when = times::written(announcement.occurred_at);
        match &self.0 {
            Settings::V2 { security_key, bank, .. } => {
                let data = json!({
                    "id": id,
                    "reference": announcement.bank_reference,
                    "description": announcement.reason,
                    "amount": amount,
                    "runningBalance": 0,
                    "transactionDateTime": when,
                    "accountNumber": announcement.account,
                    "bankName": bank.as_deref().unwrap_or(BANK),
                    "bankAbbreviation": bank.as_deref().unwrap_or(BANK),
                    "virtualAccountNumber": announcement.virtual_account,
                    "virtualAccountName": null,
                    "counterAccountName": announcement.payer_name,
                    "counterAccountNumber": announcement.payer_account,
                    "counterAccountBankId": null,
                    "counterAccountBankName": null,
                });
                let body = json!({ "error": 0, "data": data }).to_string();
                let header = signature::sign(security_key, &tree::object(body.as_bytes()).ok()?, now);
                Some(Composed::json(body).with_header(signature::HEADER, header))
            }
            Settings::V1 { secure_token, bank } => {
                let row = json!({
                    "id": id,
                    "tid": announcement.bank_reference,
                    "description": announcement.reason,
                    "amount": amount,
                    "cusum_balance": 0,
                    "when": when,
                    "bank_sub_acc_id": announcement.account,
                    "subAccId": announcement.account,
                    "bankName": bank.as_deref().unwrap_or(BANK),
                    "bankAbbreviation": bank.as_deref().unwrap_or(BANK),
                    "virtualAccount": announcement.virtual_account,
                    "virtualAccountName": null,
                    "corresponsiveName": announcement.payer_name,
                    "corresponsiveAccount": announcement.payer_account,
                    "corresponsiveBankId": null,
                    "corresponsiveBankName": null,
                });
                let body = json!({ "error": 0, "data": [row] }).to_string();
                Some(Composed::json(body).with_header(TOKEN_HEADER, secure_token.as_str()))
            }
        }
    }
}

/// The header of V1.
const TOKEN_HEADER: &str = "secure-token";
/// The bank of composed messages, where the settings name none.
const BANK: &str = "VCB";

#[cfg(test)]
mod tests;
