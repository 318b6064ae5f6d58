//! ShopeePay: payments from the e-wallet, announced by a signed JSON body.
//!
//! The signature in a header covers the raw body. What the members mean is known from other countries; in which unit
//! amounts are sent in Viet Nam is not, so each merchant's settings have to say it. No time is sent at all: a delivery
//! can be replayed for ever, and means the same record each time.

mod normalize;

use std::num::NonZeroU32;
use std::sync::Arc;

use cashless_domain::Timestamp;
use hmac::Hmac;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::adapter::{Dialect, Message};
use crate::proof::{Secret, base64, is_base64_of, mac};
use crate::provider::settings;
use crate::reply::{Outcome, Reply};
use crate::source::MergeBy;
use crate::tree::{self, Members};
use crate::{Adapter, Announcement, Composed, Delivery, Happening, Provider, Refused, Verb};

pub(crate) const PROVIDER: Provider = Provider {
    name: "shopeepay",
    title: "ShopeePay",
    merge_by: Some(MergeBy::TransactionId),
    names_accounts: false,
    unconfirmed: Some(
        "the format is known from other countries; compare it with the merchant's own document, above all the unit of amounts",
    ),
    tells_repeats: false,
    secrets: &["secret"],
    paths: &[""],
    example: r#"{"client_id":"1000001","secret":"demo-shopeepay-secret","amount_divisor":100,"merchant_ext_id":"TRUONGVD"}"#,
    configure,
};

const CLIENT_ID: &str = "x-airpay-clientid";
const SIGNATURE: &str = "x-airpay-req-h";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// The number of the merchant's application.
    client_id: String,
    /// The application's secret, used as text.
    secret: Secret,
    /// How many units of `amount` make a dong: 1 or 100, from the merchant's own document.
    amount_divisor: NonZeroU32,
    /// The merchant's code. Without it the source's list of receivers alone says which are ours.
    merchant_ext_id: Option<String>,
}

fn configure(value: Value) -> Result<Arc<dyn Adapter>, String> {
    Ok(Arc::new(ShopeePay(settings(value)?)))
}

struct ShopeePay(Settings);

impl ShopeePay {
    fn signature(&self, body: &[u8]) -> Vec<u8> {
        mac::<Hmac<Sha256>>(self.0.secret.as_bytes(), &[body])
    }
}

/// A body whose signature is right.
pub(crate) struct Verified<'d> {
    body: Members<'d>,
}

impl Dialect for ShopeePay {
    type Verified<'d> = Verified<'d>;

    fn verify<'d>(&self, delivery: &Delivery<'d>, _: Timestamp) -> Result<Verified<'d>, Refused> {
        if delivery.verb != Verb::Post {
            return Err(Refused::Misdirected);
        }
        let header = |name| delivery.header(name).filter(|value| !value.is_empty());
        let claimed = header(SIGNATURE).ok_or(Refused::MissingSignature)?;
        let client_id = header(CLIENT_ID).ok_or(Refused::MissingSignature)?;
        if client_id != self.0.client_id || !is_base64_of(claimed, &self.signature(delivery.body)) {
            return Err(Refused::BadSignature);
        }
        Ok(Verified { body: tree::object(delivery.body)? })
    }

    fn read<'v>(&'v self, verified: &'v Verified<'_>, _: Timestamp) -> Message<'v> {
        let divisor = i64::from(self.0.amount_divisor.get());
        Message::one(normalize::statement(
            &verified.body,
            self.0.merchant_ext_id.as_deref(),
            &self.0.client_id,
            divisor,
        ))
    }

    fn reply(&self, _: &Delivery<'_>, outcome: Outcome<'_>, _: Timestamp) -> Reply {
        match outcome {
            Outcome::Stored | Outcome::Repeated | Outcome::Unusable(_) => {
                Reply::json(200, r#"{"errcode":0,"debug_msg":"success"}"#)
            }
            Outcome::Refused(Refused::Misdirected) => Reply::json(405, INVALID_REQUEST),
            Outcome::Refused(Refused::Unreadable) => Reply::json(200, INVALID_REQUEST),
            Outcome::Refused(_) => Reply::json(200, r#"{"errcode":2,"debug_msg":"permission denied"}"#),
            Outcome::Unavailable => Reply::json(503, r#"{"errcode":-1,"debug_msg":"server error"}"#),
        }
    }

    fn compose(&self, announcement: &Announcement<'_>, _: Timestamp) -> Option<Composed> {
        let status = match announcement.happening {
            Happening::Paid => 3,
            Happening::Pending => 2,
            // No status is known to say that it failed.
            Happening::Failed | Happening::PaidOut | Happening::Test => return None,
        };
        let number = announcement.number.to_string();
        let divisor = i64::from(self.0.amount_divisor.get());
        let body = json!({
            "reference_id": announcement.invoice.unwrap_or(&number),
            "transaction_sn": number,
            "amount": announcement.amount.get().checked_mul(divisor)?,
            "currency": "VND",
            "transaction_type": 13,
            "status": status,
            "merchant_ext_id": self.0.merchant_ext_id.as_deref()?,
            "store_ext_id": "",
        });
        let body = body.to_string();
        let signature = base64(&self.signature(body.as_bytes()));
        let composed = Composed::json(body).with_header(CLIENT_ID, self.0.client_id.as_str());
        Some(composed.with_header(SIGNATURE, signature))
    }
}

const INVALID_REQUEST: &str = r#"{"errcode":1,"debug_msg":"invalid request"}"#;

#[cfg(test)]
mod tests;
