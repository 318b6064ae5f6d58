//! payOS: payment links with a QR code, announced when money reaches the merchant's bank account.
//!
//! The signature stands in the body and covers the members of `data` after parsing, so white space, order and escapes
//! do not matter; the envelope around them is not signed and decides nothing. No send time is signed: a delivery can
//! be replayed for ever, and means the same record each time.

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
use crate::tree::{self, Members, Node};
use crate::{Adapter, Announcement, Composed, Delivery, Happening, Provider, Refused, Verb, times};

pub(crate) const PROVIDER: Provider = Provider {
    name: "payos",
    title: "payOS",
    merge_by: Some(MergeBy::BankReference),
    names_accounts: true,
    unconfirmed: None,
    tells_repeats: false,
    secrets: &["checksum_key"],
    paths: &[""],
    example: r#"{"checksum_key":"demo-payos-checksum-key","bank":"970436"}"#,
    configure,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// The merchant's checksum key, used as text.
    checksum_key: Secret,
    /// The BIN of the bank that holds the merchant's account: no message names it.
    bank: String,
}

fn configure(value: Value) -> Result<Arc<dyn Adapter>, String> {
    Ok(Arc::new(PayOs(settings(value)?)))
}

struct PayOs(Settings);

/// `data` of a delivery whose signature is right.
pub(crate) struct Verified<'d> {
    data: Members<'d>,
}

impl Dialect for PayOs {
    type Verified<'d> = Verified<'d>;

    fn verify<'d>(&self, delivery: &Delivery<'d>, _: Timestamp) -> Result<Verified<'d>, Refused> {
        if delivery.verb != Verb::Post {
            return Err(Refused::Misdirected);
        }
        let mut body = tree::object(delivery.body)?;
        let claimed = body.text("signature").ok_or(Refused::MissingSignature)?;
        let data = body.object("data").ok_or(Refused::Unreadable)?;
        if !signature::is_valid(&self.0.checksum_key, data, claimed)? {
            return Err(Refused::BadSignature);
        }
        match body.take("data") {
            Some(Node::Object(data)) => Ok(Verified { data }),
            _ => Err(Refused::Unreadable),
        }
    }

    fn read<'v>(&'v self, verified: &'v Verified<'_>, _: Timestamp) -> Message<'v> {
        Message::one(normalize::statement(&verified.data, &self.0.bank))
    }

    fn reply(&self, _: &Delivery<'_>, outcome: Outcome<'_>, _: Timestamp) -> Reply {
        match outcome {
            // A link to try the connection with names accounts nobody has; payOS registers no URL that refuses it.
            Outcome::Stored | Outcome::Repeated | Outcome::Unusable(_) => {
                Reply::json(200, r#"{"success":true}"#)
            }
            Outcome::Refused(Refused::Misdirected) => Reply::json(405, r#"{"success":false}"#),
            Outcome::Refused(Refused::Unreadable) => Reply::json(400, r#"{"success":false}"#),
            Outcome::Refused(_) => Reply::json(401, r#"{"success":false}"#),
            Outcome::Unavailable => Reply::json(503, r#"{"success":false}"#),
        }
    }

    fn compose(&self, announcement: &Announcement<'_>, _: Timestamp) -> Option<Composed> {
        let code = match announcement.happening {
            Happening::Paid => "00",
            Happening::Test | Happening::PaidOut | Happening::Failed | Happening::Pending => return None,
        };
        let data = json!({
            "orderCode": announcement.number,
            "amount": announcement.amount.get(),
            "description": announcement.reason,
            "accountNumber": announcement.account,
            "reference": announcement.bank_reference,
            "transactionDateTime": times::written(announcement.occurred_at),
            "currency": "VND",
            "paymentLinkId": format!("link-{}", announcement.number),
            "code": code,
            "desc": "success",
            "counterAccountName": announcement.payer_name,
            "counterAccountNumber": announcement.payer_account,
            "virtualAccountNumber": announcement.virtual_account,
        });
        let text = data.to_string();
        let signature = signature::sign(&self.0.checksum_key, &tree::object(text.as_bytes()).ok()?).ok()?;
        let envelope =
            json!({ "code": code, "desc": "success", "success": true, "data": data, "signature": signature });
        Some(Composed::json(envelope.to_string()))
    }
}

#[cfg(test)]
mod tests;
