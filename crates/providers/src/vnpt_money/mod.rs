//! VNPT Money (VNPT Pay): Mobile Money and wallet payments of a telecom operator.
//!
//! The code is a plain SHA-256 over ten values and a secret at the end, joined by `|`: no value may hold that sign,
//! or two messages would have one code. No send time is signed: a delivery can be replayed for ever, and means the
//! same record each time.

mod normalize;
mod signature;

use std::sync::Arc;

use cashless_domain::{DeadLetterReason, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::adapter::{Dialect, Message};
use crate::proof::Secret;
use crate::provider::settings;
use crate::reply::{Outcome, Reply};
use crate::source::MergeBy;
use crate::{Adapter, Announcement, Composed, Delivery, Happening, Provider, Refused, Verb, times};

use signature::Notice;

pub(crate) const PROVIDER: Provider = Provider {
    name: "vnpt-money",
    title: "VNPT Money",
    merge_by: Some(MergeBy::TransactionId),
    names_accounts: false,
    unconfirmed: Some(
        "taken from VNPT's own shop code and a package that quotes specification 1.0.6: the encoding of the body, \
         the name of the Mobile Money method and the retries were not tried in a sandbox",
    ),
    tells_repeats: false,
    secrets: &["secret_key"],
    paths: &[""],
    example: r#"{"merchant_service_id":"4711","secret_key":"demo-vnpt-money-secret-key"}"#,
    configure,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// The merchant's service at VNPT.
    merchant_service_id: String,
    /// The secret, used as text.
    secret_key: Secret,
}

fn configure(value: Value) -> Result<Arc<dyn Adapter>, String> {
    Ok(Arc::new(VnptMoney(settings(value)?)))
}

struct VnptMoney(Settings);

/// A notice whose code is right.
pub(crate) struct Verified(Notice);

impl Dialect for VnptMoney {
    type Verified<'d> = Verified;

    fn verify(&self, delivery: &Delivery<'_>, _: Timestamp) -> Result<Verified, Refused> {
        if delivery.verb != Verb::Post {
            return Err(Refused::Misdirected);
        }
        let notice = Notice::parse(delivery.body)?;
        notice.check(&self.0.secret_key)?;
        Ok(Verified(notice))
    }

    fn read<'v>(&'v self, verified: &'v Verified, _: Timestamp) -> Message<'v> {
        Message::one(normalize::statement(&verified.0, &self.0.merchant_service_id))
    }

    /// Always 200, signed, with the service and order that were named, unless they cannot be part of signed text.
    fn reply(&self, delivery: &Delivery<'_>, outcome: Outcome<'_>, now: Timestamp) -> Reply {
        let (code, description) = match outcome {
            Outcome::Stored | Outcome::Repeated => ("00", "Success"),
            Outcome::Unusable(rejection) => match rejection.reason {
                DeadLetterReason::InvalidAmount => ("04", "Invalid amount"),
                DeadLetterReason::ReceiverNotAllowed => ("01", "Order not found"),
                _ => ("99", "Unusable message"),
            },
            Outcome::Refused(Refused::Misdirected) => return Reply::empty(405),
            Outcome::Refused(_) => ("97", "Invalid signature"),
            Outcome::Unavailable => ("99", "Temporarily unavailable"),
        };
        let notice = Notice::parse(delivery.body).unwrap_or_default();
        let created = times::written_compact(now);
        let signed = [code, description, notice.service(), notice.order(), &created];
        let body = json!({
            "RESPONSE_CODE": code,
            "DESCRIPTION": description,
            "MERCHANT_SERVICE_ID": notice.service(),
            "MERCHANT_ORDER_ID": notice.order(),
            "CREATE_DATE": created,
            "SECURE_CODE": signature::sign(&self.0.secret_key, &signed),
        });
        Reply::json(200, body.to_string())
    }

    fn compose(&self, announcement: &Announcement<'_>, _: Timestamp) -> Option<Composed> {
        let code = match announcement.happening {
            Happening::Paid => "00",
            Happening::Failed => "08",
            Happening::PaidOut | Happening::Pending | Happening::Test => return None,
        };
        let transaction = format!("VNPT{}", announcement.number);
        let amount = announcement.amount.get().to_string();
        let paid_at = times::written_compact(announcement.occurred_at);
        let order = announcement.invoice.unwrap_or(&transaction);
        let service = self.0.merchant_service_id.as_str();
        let values = ["CONFIRM", code, service, order, &amount, "VND", &transaction, "VNPTPAY", &paid_at, ""];
        let members = signature::SIGNED.iter().zip(values).map(|(name, value)| (*name, value.to_owned()));
        let secure_code = signature::sign(&self.0.secret_key, &values);
        let body: serde_json::Map<_, _> = members
            .chain([("SECURE_CODE", secure_code)])
            .map(|(name, value)| (name.to_owned(), value.into()))
            .collect();
        Some(Composed::json(Value::Object(body).to_string()))
    }
}

#[cfg(test)]
mod tests;
