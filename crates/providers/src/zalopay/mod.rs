//! ZaloPay: paid orders of the payment gateway, announced by the order callback of version 2.
//!
//! The message stands as a text inside the JSON that carries it, and the code is over that text as it is once
//! decoded: reading and writing it again would change it. What is around it is not signed and decides nothing. No send
//! time is signed: a delivery can be replayed for ever, and means the same record each time.

mod normalize;

use std::borrow::Cow;
use std::sync::Arc;

use cashless_domain::Timestamp;
use hmac::Hmac;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::adapter::{Dialect, Message};
use crate::proof::{Secret, hex, is_hex_of, mac};
use crate::provider::settings;
use crate::reply::{Outcome, Reply};
use crate::source::MergeBy;
use crate::tree::{self, Node};
use crate::{Adapter, Announcement, Composed, Delivery, Happening, Provider, Refused, Verb, times};

pub(crate) const PROVIDER: Provider = Provider {
    name: "zalopay",
    title: "ZaloPay",
    merge_by: Some(MergeBy::TransactionId),
    names_accounts: false,
    unconfirmed: None,
    tells_repeats: true,
    secrets: &["key2"],
    paths: &[""],
    example: r#"{"app_id":7301,"key2":"demo-zalopay-key2"}"#,
    configure,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// The merchant's application.
    app_id: u64,
    /// The key of callbacks, used as text. The other key, `key1`, signs the merchant's own requests.
    key2: Secret,
}

fn configure(value: Value) -> Result<Arc<dyn Adapter>, String> {
    Ok(Arc::new(ZaloPay(settings(value)?)))
}

struct ZaloPay(Settings);

/// The text of `data` whose code is right.
pub(crate) struct Verified<'d> {
    data: Cow<'d, str>,
}

impl ZaloPay {
    fn code(&self, data: &str) -> Vec<u8> {
        mac::<Hmac<Sha256>>(self.0.key2.as_bytes(), &[data.as_bytes()])
    }
}

impl Dialect for ZaloPay {
    type Verified<'d> = Verified<'d>;

    fn verify<'d>(&self, delivery: &Delivery<'d>, _: Timestamp) -> Result<Verified<'d>, Refused> {
        if delivery.verb != Verb::Post {
            return Err(Refused::Misdirected);
        }
        let mut body = tree::object(delivery.body)?;
        let data = body.take("data");
        let claimed = body.text("mac").ok_or(Refused::MissingSignature)?;
        let Some(Node::Text(data)) = data else { return Err(Refused::Unreadable) };
        if is_hex_of(claimed, &self.code(&data)) { Ok(Verified { data }) } else { Err(Refused::BadSignature) }
    }

    fn read<'v>(&'v self, verified: &'v Verified<'_>, _: Timestamp) -> Message<'v> {
        Message::one(normalize::statement(&verified.data, self.0.app_id))
    }

    /// Always 200: the code in the body decides whether ZaloPay repeats.
    fn reply(&self, _: &Delivery<'_>, outcome: Outcome<'_>, _: Timestamp) -> Reply {
        let (code, message) = match outcome {
            // ZaloPay has no word for a message that is kept but of no use; this one ends the matter.
            Outcome::Stored | Outcome::Unusable(_) => (1, "success"),
            Outcome::Repeated => (2, "duplicate"),
            Outcome::Refused(Refused::Misdirected) => return Reply::empty(405),
            Outcome::Refused(_) => (-1, "mac not equal"),
            Outcome::Unavailable => (0, "temporarily unavailable"),
        };
        Reply::json(200, json!({ "return_code": code, "return_message": message }).to_string())
    }

    fn compose(&self, announcement: &Announcement<'_>, _: Timestamp) -> Option<Composed> {
        match announcement.happening {
            Happening::Paid => {}
            Happening::PaidOut | Happening::Failed | Happening::Pending | Happening::Test => return None,
        }
        let millis = announcement.occurred_at.as_micros() / 1_000;
        let day = times::written_compact(announcement.occurred_at);
        let invoice = announcement.invoice.map(|invoice| json!({ "invoice": invoice }));
        let data = json!({
            "app_id": self.0.app_id,
            "app_trans_id": format!("{}_{}", day.get(2..8)?, announcement.number),
            "app_time": millis - 60_000,
            "app_user": "user",
            "amount": announcement.amount.get(),
            "embed_data": invoice.unwrap_or(json!({})).to_string(),
            "item": "[]",
            "zp_trans_id": announcement.number,
            "server_time": millis,
            "channel": 38,
            "merchant_user_id": format!("payer-{}", announcement.number),
            "user_fee_amount": 0,
            "discount_amount": 0,
        });
        let data = data.to_string();
        let body = json!({ "mac": hex(&self.code(&data)), "data": data, "type": 1 });
        Some(Composed::json(body.to_string()))
    }
}

#[cfg(test)]
mod tests;
