//! Viettel Money: Mobile Money payments through the ViettelPay gateway 2.0.
//!
//! Viettel asks for the amount of an order before it is paid (`verify`), and tells the result afterwards. Its checksum
//! is over values without anything between them, so a digit can move from one value to the next: the amount of a
//! result has to be the one on file. No time is sent at all: a delivery can be replayed for ever, and means the same
//! record each time.

mod answer;
mod normalize;
mod signature;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use cashless_domain::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use crate::adapter::{Dialect, Message};
use crate::amount;
use crate::form::{self, Form};
use crate::proof::Secret;
use crate::provider::settings;
use crate::reply::{Outcome, Reply};
use crate::source::MergeBy;
use crate::{Adapter, Announcement, Composed, Delivery, Happening, Provider, Refused, Verb};

use signature::Encoding;

const VERIFY: &str = "verify";

pub(crate) const PROVIDER: Provider = Provider {
    name: "viettel-money",
    title: "Viettel Money",
    merge_by: Some(MergeBy::TransactionId),
    names_accounts: false,
    unconfirmed: Some(
        "taken from several public implementations of the ViettelPay gateway 2.0, since Viettel publishes nothing: \
         base64 or hexadecimal, retries and addresses were not tried in a sandbox",
    ),
    tells_repeats: false,
    secrets: &["access_code", "hash_key"],
    paths: &["", VERIFY],
    example: r#"{"merchant_code":"DEMOSCHOOL","access_code":"demo-viettel-money-access-code",
        "hash_key":"demo-viettel-money-hash-key"}"#,
    configure,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// The merchant's code at Viettel.
    merchant_code: String,
    /// A secret that begins every signed text and is never sent.
    access_code: Secret,
    /// The key of the checksum, used as text.
    hash_key: Secret,
    /// The orders that can be paid, with their amounts in dong.
    #[serde(default)]
    orders: BTreeMap<String, u64>,
    /// The amount of every other order, to try a connection with. Not for a live source: orders that anybody can
    /// make up leave the checksum's values without a boundary again.
    trans_amount_on_file: Option<String>,
}

fn configure(value: Value) -> Result<Arc<dyn Adapter>, String> {
    let settings: Settings = settings(value)?;
    if settings.merchant_code.is_empty() {
        return Err("merchant_code is empty".to_owned());
    }
    let amounts = settings.orders.values().map(|amount| Cow::Owned(amount.to_string()));
    let mut amounts = amounts.chain(settings.trans_amount_on_file.as_deref().map(Cow::Borrowed));
    if amounts.any(|amount| amount::written(&amount).is_none()) {
        return Err("an amount on file is not whole dong".to_owned());
    }
    Ok(Arc::new(ViettelMoney(settings)))
}

struct ViettelMoney(Settings);

impl Settings {
    /// The amount that an order was offered for.
    fn amount_on_file(&self, order: &str) -> Option<Cow<'_, str>> {
        let listed = self.orders.get(order).map(|amount| Cow::Owned(amount.to_string()));
        listed.or(self.trans_amount_on_file.as_deref().map(Cow::Borrowed))
    }

    /// Whether there is anything to hold an amount against.
    fn has_file(&self) -> bool {
        !self.orders.is_empty() || self.trans_amount_on_file.is_some()
    }
}

/// A form whose checksum is right.
pub(crate) struct Verified<'d> {
    form: Form<'d>,
    encoding: Encoding,
    is_question: bool,
}

impl Dialect for ViettelMoney {
    type Verified<'d> = Verified<'d>;

    fn verify<'d>(&self, delivery: &Delivery<'d>, _: Timestamp) -> Result<Verified<'d>, Refused> {
        if delivery.verb != Verb::Post || !PROVIDER.paths.contains(&delivery.path) {
            return Err(Refused::Misdirected);
        }
        let form = Form::parse(delivery.body)?;
        let claimed = form.get("check_sum").ok_or(Refused::MissingSignature)?;
        let is_question = delivery.path == VERIFY;
        let expected = if is_question {
            let order = form.get("order_id").unwrap_or("");
            // Without the amount there is no text that could have been signed.
            let amount = self.0.amount_on_file(order).ok_or(Refused::BadSignature)?;
            self.0.question_code(&form, &amount)
        } else {
            self.0.result_code(&form)
        };
        let encoding = Encoding::of(Some(claimed));
        if !encoding.is_of(claimed, &expected) {
            return Err(Refused::BadSignature);
        }
        Ok(Verified { form, encoding, is_question })
    }

    fn read<'v>(&'v self, verified: &'v Verified<'_>, _: Timestamp) -> Message<'v> {
        if verified.is_question {
            return Message::Answer(self.0.amount_answer(verified));
        }
        Message::one(normalize::statement(&verified.form, &self.0))
    }

    fn reply(&self, delivery: &Delivery<'_>, outcome: Outcome<'_>, _: Timestamp) -> Reply {
        self.0.answer(delivery, outcome)
    }

    fn compose(&self, announcement: &Announcement<'_>, _: Timestamp) -> Option<Composed> {
        let (status, error) = match announcement.happening {
            Happening::Paid => ("1", "00"),
            Happening::Failed => ("2", "16"),
            Happening::Pending => ("0", "W04"),
            Happening::PaidOut | Happening::Test => return None,
        };
        let number = announcement.number.to_string();
        let amount = announcement.amount.get().to_string();
        let order = announcement.invoice.map_or(number.clone(), |invoice| format!("{invoice}-{number}"));
        let mut pairs = vec![
            ("billcode", announcement.invoice.unwrap_or(&number)),
            ("cust_msisdn", announcement.payer_account.unwrap_or("")),
            ("error_code", error),
            ("merchant_code", &self.0.merchant_code),
            ("order_id", &order),
            ("payment_status", status),
            ("trans_amount", &amount),
            ("vt_transaction_id", &number),
        ];
        let body = encoded(&pairs);
        let code = self.0.result_code(&Form::parse(body.as_bytes()).ok()?);
        let check_sum = Encoding::Base64.write(&code);
        pairs.push(("check_sum", &check_sum));
        Some(Composed::post("application/x-www-form-urlencoded", encoded(&pairs)))
    }
}

fn encoded(pairs: &[(&str, &str)]) -> String {
    let mut text = String::new();
    for (name, value) in pairs {
        let joint = if text.is_empty() { "" } else { "&" };
        text.extend([joint, name, "="]);
        form::encode(value, b"*-._", &mut text);
    }
    text
}

#[cfg(test)]
mod tests;
