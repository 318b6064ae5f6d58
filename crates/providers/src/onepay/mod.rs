//! OnePay: domestic, international and instalment cards, announced by a `GET` or by a posted form.
//!
//! The hash covers the decoded values of all parameters that begin with `vpc_` or `user_` and are not empty, joined
//! by `&` without escapes. Texts of payers stand among them, so one signed text could be cut into parameters in two
//! ways; whatever could be is not believed. No send time is signed, and no time of payment is sent: a delivery can be
//! replayed for ever, and means the same record each time.

mod normalize;
mod signature;

use std::sync::Arc;

use cashless_domain::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use zeroize::Zeroizing;

use crate::adapter::{Dialect, Message};
use crate::form::{Form, encode};
use crate::proof::{Secret, hex_bytes};
use crate::provider::settings;
use crate::reply::{Outcome, Reply};
use crate::source::MergeBy;
use crate::{Adapter, Announcement, Composed, Delivery, Happening, Provider, Refused};

pub(crate) const PROVIDER: Provider = Provider {
    name: "onepay",
    title: "OnePay",
    merge_by: Some(MergeBy::TransactionId),
    names_accounts: false,
    unconfirmed: Some(
        "the format is known from public client libraries only; try it in OnePay's sandbox first",
    ),
    tells_repeats: false,
    secrets: &["hash_key_hex"],
    paths: &[""],
    // The hexadecimal digits of "demo-onepay-key!".
    example: r#"{"merchant":"TRUONGVD","hash_key_hex":"64656d6f2d6f6e657061792d6b657921"}"#,
    configure,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// The merchant's code.
    merchant: String,
    /// The merchant's hash key: hexadecimal digits that stand for its bytes.
    hash_key_hex: Secret,
}

fn configure(value: Value) -> Result<Arc<dyn Adapter>, String> {
    Ok(Arc::new(OnePay::new(settings(value)?)?))
}

struct OnePay {
    merchant: String,
    hash_key: Zeroizing<Vec<u8>>,
}

impl OnePay {
    fn new(Settings { merchant, hash_key_hex }: Settings) -> Result<Self, String> {
        let hash_key = hex_bytes(hash_key_hex.as_str()).ok_or("hash_key_hex is not hexadecimal")?;
        Ok(Self { merchant, hash_key: Zeroizing::new(hash_key) })
    }
}

/// Parameters whose hash is right.
pub(crate) struct Verified<'d> {
    form: Form<'d>,
}

impl Dialect for OnePay {
    type Verified<'d> = Verified<'d>;

    fn verify<'d>(&self, delivery: &Delivery<'d>, _: Timestamp) -> Result<Verified<'d>, Refused> {
        let form = Form::parse(delivery.raw())?;
        let claimed = form.get(signature::HASH).ok_or(Refused::MissingSignature)?;
        if !signature::is_valid(&self.hash_key, &form, claimed) {
            return Err(Refused::BadSignature);
        }
        Ok(Verified { form })
    }

    fn read<'v>(&'v self, verified: &'v Verified<'_>, _: Timestamp) -> Message<'v> {
        Message::one(normalize::statement(&verified.form, &self.merchant))
    }

    fn reply(&self, _: &Delivery<'_>, outcome: Outcome<'_>, _: Timestamp) -> Reply {
        match outcome {
            Outcome::Stored | Outcome::Repeated | Outcome::Unusable(_) => {
                Reply::text(200, "responsecode=1&desc=confirm-success")
            }
            Outcome::Refused(_) => Reply::text(200, FAIL),
            // Its retries are not documented: neither the status nor the words look like success.
            Outcome::Unavailable => Reply::text(503, FAIL),
        }
    }

    fn compose(&self, announcement: &Announcement<'_>, _: Timestamp) -> Option<Composed> {
        let (response, message) = match announcement.happening {
            Happening::Paid => ("0", "Approved"),
            Happening::Failed => ("99", "Canceled"),
            Happening::Pending => ("300", "Pending"),
            Happening::PaidOut | Happening::Test => return None,
        };
        let number = announcement.number.to_string();
        let hundredths = announcement.amount.get().checked_mul(100)?.to_string();
        let parameters = [
            ("vpc_Amount", hundredths.as_str()),
            ("vpc_Card", "VC"),
            ("vpc_CardNum", "400000xxxxxx0002"),
            ("vpc_Command", "pay"),
            ("vpc_CurrencyCode", "VND"),
            ("vpc_MerchTxnRef", announcement.invoice.unwrap_or(&number)),
            ("vpc_Merchant", &self.merchant),
            ("vpc_Message", message),
            ("vpc_OrderInfo", announcement.reason),
            ("vpc_TransactionNo", &number),
            ("vpc_TxnResponseCode", response),
            ("vpc_Version", "2"),
        ];
        let mut query = String::new();
        for (name, value) in parameters {
            query.push_str(name);
            query.push('=');
            encode(value, b"-_.", &mut query);
            query.push('&');
        }
        let hash = signature::sign(&self.hash_key, &Form::parse(query.as_bytes()).ok()?)?;
        Some(Composed::get(format!("{query}{}={hash}", signature::HASH)))
    }
}

const FAIL: &str = "responsecode=0&desc=confirm-fail";

#[cfg(test)]
mod tests;
