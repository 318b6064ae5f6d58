//! MoMo: payments from the e-wallet, by QR, app or web, announced by the IPN of its payment gateway v2.
//!
//! The signature covers twelve members as raw text in a fixed order; others may stand beside them and decide nothing.
//! Texts of merchants and payers stand among the twelve, so one signed text could be cut into members in two ways;
//! whatever could be is not believed. No send time is signed: a delivery can be replayed for ever, and means the same
//! record each time. `responseTime` is of the message, not of the transaction, so the key is without a date.

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
use crate::{Adapter, Announcement, Composed, Delivery, Happening, Provider, Refused, Verb};

pub(crate) const PROVIDER: Provider = Provider {
    name: "momo",
    title: "MoMo",
    merge_by: Some(MergeBy::TransactionId),
    names_accounts: false,
    unconfirmed: None,
    tells_repeats: false,
    secrets: &["access_key", "secret_key"],
    paths: &[""],
    example: r#"{"partner_code":"TRUONGVD","access_key":"demo-momo-access-key","secret_key":"demo-momo-secret-key"}"#,
    configure,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// The merchant's code.
    partner_code: String,
    /// The merchant's access key: a part of the signed text that no message carries.
    access_key: Secret,
    /// The merchant's secret key, used as text.
    secret_key: Secret,
    /// Whether the merchant takes payments in one step. Then an authorised payment (9000) is paid, else pending
    /// until it is captured. Default: it does not.
    #[serde(default)]
    auto_capture: bool,
}

fn configure(value: Value) -> Result<Arc<dyn Adapter>, String> {
    Ok(Arc::new(MoMo(settings(value)?)))
}

struct MoMo(Settings);

/// A body whose signature is right.
pub(crate) struct Verified<'d> {
    body: Members<'d>,
}

impl Dialect for MoMo {
    type Verified<'d> = Verified<'d>;

    fn verify<'d>(&self, delivery: &Delivery<'d>, _: Timestamp) -> Result<Verified<'d>, Refused> {
        if delivery.verb != Verb::Post {
            return Err(Refused::Misdirected);
        }
        let body = tree::object(delivery.body)?;
        let claimed = body.text("signature").ok_or(Refused::MissingSignature)?;
        if !signature::is_valid(&self.0.access_key, &self.0.secret_key, &body, claimed)? {
            return Err(Refused::BadSignature);
        }
        Ok(Verified { body })
    }

    fn read<'v>(&'v self, verified: &'v Verified<'_>, _: Timestamp) -> Message<'v> {
        Message::one(normalize::statement(&verified.body, &self.0.partner_code, self.0.auto_capture))
    }

    fn reply(&self, _: &Delivery<'_>, outcome: Outcome<'_>, _: Timestamp) -> Reply {
        match outcome {
            Outcome::Stored | Outcome::Repeated | Outcome::Unusable(_) => Reply::empty(204),
            Outcome::Refused(Refused::Misdirected) => Reply::empty(405),
            Outcome::Refused(_) => Reply::empty(400),
            Outcome::Unavailable => Reply::empty(500),
        }
    }

    fn compose(&self, announcement: &Announcement<'_>, _: Timestamp) -> Option<Composed> {
        let (code, message) = match announcement.happening {
            Happening::Paid => (0, "Thành công."),
            Happening::Failed => (1006, "Giao dịch bị từ chối bởi người dùng."),
            Happening::Pending => (7000, "Giao dịch đang được xử lý."),
            Happening::PaidOut | Happening::Test => return None,
        };
        let number = announcement.number.to_string();
        let mut body = json!({
            "partnerCode": self.0.partner_code,
            "orderId": announcement.invoice.unwrap_or(&number),
            "requestId": format!("request-{number}"),
            "amount": announcement.amount.get(),
            "orderInfo": announcement.reason,
            "orderType": "momo_wallet",
            "transId": announcement.number,
            "resultCode": code,
            "message": message,
            "payType": "qr",
            "responseTime": announcement.occurred_at.as_micros() / 1_000,
            "extraData": "",
        });
        let text = body.to_string();
        let members = tree::object(text.as_bytes()).ok()?;
        body["signature"] = signature::sign(&self.0.access_key, &self.0.secret_key, &members).ok()?.into();
        Some(Composed::json(body.to_string()))
    }
}

#[cfg(test)]
mod tests;
