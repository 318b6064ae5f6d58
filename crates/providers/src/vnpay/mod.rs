//! VNPay: payments by QR, domestic and international cards through its gateway, announced by a `GET` (the IPN).
//!
//! The hash covers every `vnp_` parameter but itself. Senders disagree about how to write it: which characters stay
//! unescaped, whether a space is `+` or `%20`, and whether parameters without a value count. So a hash counts if it
//! is right for the query as it was sent, or for the query encoded anew; each needs the secret. No send time is
//! signed: a delivery can be replayed for ever, and means the same record each time.

mod normalize;
mod signature;

use std::sync::Arc;

use cashless_domain::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use crate::adapter::{Dialect, Message};
use crate::form::Form;
use crate::proof::Secret;
use crate::provider::settings;
use crate::reply::{Outcome, Reply};
use crate::source::MergeBy;
use crate::{Adapter, Announcement, Composed, Delivery, Happening, Provider, Refused, Verb, times};

pub(crate) const PROVIDER: Provider = Provider {
    name: "vnpay",
    title: "VNPay",
    merge_by: Some(MergeBy::TransactionId),
    names_accounts: false,
    unconfirmed: None,
    tells_repeats: true,
    secrets: &["hash_secret"],
    paths: &[""],
    example: r#"{"tmn_code":"TRUONGVD","hash_secret":"demo-vnpay-hash-secret"}"#,
    configure,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// The code of the merchant's terminal. Without it the source's list of receivers alone says which are ours.
    tmn_code: Option<String>,
    /// The terminal's hash secret, used as text.
    hash_secret: Secret,
}

fn configure(value: Value) -> Result<Arc<dyn Adapter>, String> {
    Ok(Arc::new(VnPay(settings(value)?)))
}

struct VnPay(Settings);

/// A query whose hash is right.
pub(crate) struct Verified<'d> {
    form: Form<'d>,
}

impl Dialect for VnPay {
    type Verified<'d> = Verified<'d>;

    fn verify<'d>(&self, delivery: &Delivery<'d>, _: Timestamp) -> Result<Verified<'d>, Refused> {
        if delivery.verb != Verb::Get {
            return Err(Refused::Misdirected);
        }
        let form = Form::parse(delivery.query.as_bytes())?;
        let claimed = form.get(signature::HASH).ok_or(Refused::MissingSignature)?;
        if !signature::is_valid(&self.0.hash_secret, &form, claimed) {
            return Err(Refused::BadSignature);
        }
        Ok(Verified { form })
    }

    fn read<'v>(&'v self, verified: &'v Verified<'_>, _: Timestamp) -> Message<'v> {
        Message::one(normalize::statement(&verified.form, self.0.tmn_code.as_deref()))
    }

    fn reply(&self, _: &Delivery<'_>, outcome: Outcome<'_>, _: Timestamp) -> Reply {
        // Every answer but 00 and 02 costs ten repetitions, so what can get no better is confirmed once it is kept.
        // 01 and 04 speak of orders, which the merchant's own system knows and this one does not.
        match outcome {
            Outcome::Stored | Outcome::Unusable(_) => {
                Reply::json(200, r#"{"RspCode":"00","Message":"Confirm Success"}"#)
            }
            Outcome::Repeated => Reply::json(200, r#"{"RspCode":"02","Message":"Order already confirmed"}"#),
            Outcome::Refused(Refused::Misdirected) => Reply::json(405, UNKNOWN_ERROR),
            Outcome::Refused(_) => Reply::json(200, r#"{"RspCode":"97","Message":"Invalid signature"}"#),
            Outcome::Unavailable => Reply::json(200, UNKNOWN_ERROR),
        }
    }

    fn compose(&self, announcement: &Announcement<'_>, _: Timestamp) -> Option<Composed> {
        let (response, status) = match announcement.happening {
            Happening::Paid => ("00", "00"),
            Happening::Failed => ("24", "02"),
            Happening::Pending => ("00", "01"),
            Happening::PaidOut | Happening::Test => return None,
        };
        let number = announcement.number.to_string();
        let hundredths = announcement.amount.get().checked_mul(100)?.to_string();
        let pay_date = times::written_compact(announcement.occurred_at);
        // In the order of their names.
        let parameters = [
            ("vnp_Amount", hundredths.as_str()),
            ("vnp_BankCode", "VNPAYQR"),
            ("vnp_BankTranNo", announcement.bank_reference),
            ("vnp_CardType", "QRCODE"),
            ("vnp_OrderInfo", announcement.reason),
            ("vnp_PayDate", &pay_date),
            ("vnp_ResponseCode", response),
            ("vnp_TmnCode", self.0.tmn_code.as_deref()?),
            ("vnp_TransactionNo", &number),
            ("vnp_TransactionStatus", status),
            ("vnp_TxnRef", announcement.invoice.unwrap_or(&number)),
        ];
        let text = signature::encoded(parameters);
        let hash = signature::sign(&self.0.hash_secret, &text);
        Some(Composed::get(format!("{text}&{}={hash}", signature::HASH)))
    }
}

const UNKNOWN_ERROR: &str = r#"{"RspCode":"99","Message":"Unknown error"}"#;

#[cfg(test)]
mod tests;
