//! SePay: a watcher of bank accounts that posts every movement, in and out, and two sibling products of it.
//!
//! The sender proves itself in one of the ways that SePay offers; only the HMAC covers the body and the time of
//! sending. The secret of the HMAC begins with `whsec_` and is yet no secret of Standard Webhooks: its text is the key.

mod normalize;
mod signature;
mod token;

use std::net::IpAddr;
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
    name: "sepay",
    title: "SePay",
    merge_by: Some(MergeBy::BankReference),
    names_accounts: true,
    unconfirmed: None,
    tells_repeats: false,
    secrets: &["api_key", "secret", "client_secret", "agreed_tokens", "secret_key"],
    paths: &["", TOKEN_PATH],
    example: r#"{"mode":"hmac","secret":"demo-sepay-hmac-secret"}"#,
    configure,
};

/// Where SePay asks for tokens.
const TOKEN_PATH: &str = "token";

/// How SePay proves itself, which for the sibling products also says what they post. `bank` is the BIN of the
/// account's bank; without it the bank is known by the name in the message.
#[derive(Deserialize)]
#[serde(tag = "mode", rename_all = "snake_case", deny_unknown_fields)]
enum Settings {
    /// By its address alone.
    None { allowed_addresses: Vec<IpAddr>, bank: Option<String> },
    /// `Authorization: Apikey …`.
    ApiKey { api_key: Secret, bank: Option<String> },
    /// A signature over the time of sending and the body.
    Hmac {
        secret: Secret,
        #[serde(default = "tolerance_s")]
        tolerance_s: u32,
        bank: Option<String>,
    },
    /// `Authorization: Bearer …`, a token that it was given here.
    Oauth2(token::Client),
    /// BankHub, which has an API key.
    Bankhub { api_key: Secret, bank: Option<String> },
    /// The payment gateway: `X-Secret-Key`. Its messages name neither merchant nor account.
    PaymentGateway {
        secret_key: Secret,
        #[serde(default = "merchant")]
        merchant: String,
        bank: Option<String>,
    },
}

fn tolerance_s() -> u32 {
    300
}

fn merchant() -> String {
    "sepay".to_owned()
}

fn configure(value: Value) -> Result<Arc<dyn Adapter>, String> {
    let settings: Settings = settings(value)?;
    if matches!(&settings, Settings::None { allowed_addresses, .. } if allowed_addresses.is_empty()) {
        return Err("mode none needs allowed_addresses: nothing else would prove the sender".to_owned());
    }
    Ok(Arc::new(SePay(settings)))
}

struct SePay(Settings);

/// What is known to come from SePay.
pub(crate) enum Verified<'d> {
    TokenRequest,
    Message(Members<'d>),
}

impl Dialect for SePay {
    type Verified<'d> = Verified<'d>;

    fn verify<'d>(&self, delivery: &Delivery<'d>, now: Timestamp) -> Result<Verified<'d>, Refused> {
        if delivery.verb != Verb::Post || !self.0.has_path(delivery.path) {
            return Err(Refused::Misdirected);
        }
        if delivery.path.is_empty() {
            self.0.authenticate(delivery, now)?;
        }
        if !is_json(delivery) {
            return Err(Refused::Misdirected);
        }
        let body = tree::object(delivery.body)?;
        match (&self.0, delivery.path) {
            (_, "") => Ok(Verified::Message(body)),
            (Settings::Oauth2(client), _) if client.is_asked_by(&body) => Ok(Verified::TokenRequest),
            _ => Err(Refused::BadToken),
        }
    }

    fn read<'v>(&'v self, verified: &'v Verified<'_>, now: Timestamp) -> Message<'v> {
        let (body, bank) = match (verified, &self.0) {
            (Verified::Message(body), settings) => (body, settings.bank()),
            (Verified::TokenRequest, Settings::Oauth2(client)) => return Message::Answer(client.answer(now)),
            // Only the mode that answers such requests verifies one.
            (Verified::TokenRequest, _) => return Message::several(Vec::new()),
        };
        Message::one(match &self.0 {
            Settings::PaymentGateway { merchant, .. } => normalize::order(body, merchant),
            Settings::Bankhub { .. } => normalize::transfer(body, &normalize::BANKHUB, bank),
            _ => normalize::transfer(body, &normalize::WEBHOOK, bank),
        })
    }

    fn reply(&self, delivery: &Delivery<'_>, outcome: Outcome<'_>, _: Timestamp) -> Reply {
        let status = match outcome {
            // A repetition has to look like the first copy: SePay takes 409 for a failure and repeats again.
            Outcome::Stored | Outcome::Repeated | Outcome::Unusable(_) => 200,
            Outcome::Refused(Refused::Misdirected) if !self.0.has_path(delivery.path) => 404,
            Outcome::Refused(Refused::Misdirected) if delivery.verb != Verb::Post => 405,
            Outcome::Refused(Refused::Misdirected) => 415,
            Outcome::Refused(Refused::Unreadable) => 400,
            Outcome::Refused(_) => 401,
            Outcome::Unavailable => 503,
        };
        Reply::json(status, if status == 200 { r#"{"success":true}"# } else { r#"{"success":false}"# })
    }

    fn compose(&self, announcement: &Announcement<'_>, now: Timestamp) -> Option<Composed> {
        let body = match &self.0 {
            Settings::PaymentGateway { .. } => order(announcement, now)?,
            Settings::Bankhub { bank, .. } => {
                let way = way(announcement, "credit", "debit")?;
                let gateway = bank.as_deref().unwrap_or(GATEWAY);
                json!({
                    "gateway": gateway,
                    "transaction_date": times::written(announcement.occurred_at),
                    "account_number": announcement.account,
                    "bank_account_xid": format!("account-{}", announcement.account),
                    "va": announcement.virtual_account,
                    "payment_code": announcement.invoice,
                    "content": announcement.reason,
                    "transfer_type": way,
                    "amount": announcement.amount.get(),
                    "reference_code": announcement.bank_reference,
                    "accumulated": 0,
                    "transaction_id": announcement.number.to_string(),
                })
            }
            settings => json!({
                "id": announcement.number,
                "gateway": settings.bank().unwrap_or(GATEWAY),
                "transactionDate": times::written(announcement.occurred_at),
                "accountNumber": announcement.account,
                "code": announcement.invoice,
                "content": announcement.reason,
                "transferType": way(announcement, "in", "out")?,
                "transferAmount": announcement.amount.get(),
                "accumulated": 0,
                "subAccount": announcement.virtual_account,
                "referenceCode": announcement.bank_reference,
                "description": announcement.reason,
            }),
        };
        let composed = Composed::json(body.to_string());
        Some(match &self.0 {
            Settings::None { .. } => composed,
            Settings::ApiKey { api_key, .. } | Settings::Bankhub { api_key, .. } => {
                composed.with_header("authorization", format!("Apikey {}", api_key.as_str()))
            }
            Settings::Hmac { secret, .. } => {
                let timestamp = seconds(now).to_string();
                let signature = signature::sign(secret, &timestamp, &composed.body);
                composed
                    .with_header(signature::TIMESTAMP_HEADER, timestamp)
                    .with_header(signature::SIGNATURE_HEADER, signature)
            }
            Settings::Oauth2(client) => {
                composed.with_header("authorization", format!("Bearer {}", client.access_token(now)))
            }
            Settings::PaymentGateway { secret_key, .. } => {
                composed.with_header(KEY_HEADER, secret_key.as_str())
            }
        })
    }
}

/// The header of the payment gateway.
const KEY_HEADER: &str = "x-secret-key";
/// The bank of composed messages, where the settings name none.
const GATEWAY: &str = "Vietcombank";

impl Settings {
    fn has_path(&self, path: &str) -> bool {
        path.is_empty() || path == TOKEN_PATH && matches!(self, Self::Oauth2(_))
    }

    fn bank(&self) -> Option<&str> {
        let bank = match self {
            Self::None { bank, .. }
            | Self::ApiKey { bank, .. }
            | Self::Hmac { bank, .. }
            | Self::Bankhub { bank, .. }
            | Self::PaymentGateway { bank, .. } => bank,
            Self::Oauth2(client) => &client.bank,
        };
        bank.as_deref()
    }

    fn authenticate(&self, delivery: &Delivery<'_>, now: Timestamp) -> Result<(), Refused> {
        let is_known = match self {
            Self::Hmac { secret, tolerance_s, .. } => {
                return signature::check(secret, *tolerance_s, delivery, now);
            }
            Self::None { allowed_addresses, .. } => delivery.peer.is_some_and(|peer| {
                allowed_addresses.iter().any(|address| address.to_canonical() == peer.to_canonical())
            }),
            Self::ApiKey { api_key, .. } | Self::Bankhub { api_key, .. } => {
                authorization(delivery, "Apikey").is_some_and(|key| api_key.is(key))
            }
            Self::Oauth2(client) => {
                authorization(delivery, "Bearer").is_some_and(|token| client.accepts(token, now))
            }
            Self::PaymentGateway { secret_key, .. } => {
                delivery.header(KEY_HEADER).is_some_and(|key| secret_key.is(key))
            }
        };
        if is_known { Ok(()) } else { Err(Refused::BadToken) }
    }
}

/// What follows the scheme, which is a word in either case.
fn authorization<'d>(delivery: &Delivery<'d>, scheme: &str) -> Option<&'d str> {
    let (word, credentials) = delivery.header("authorization")?.split_once(' ')?;
    word.eq_ignore_ascii_case(scheme).then_some(credentials)
}

/// A form would hold the same names without types; it is refused, as SePay can be told to post JSON.
fn is_json(delivery: &Delivery<'_>) -> bool {
    let essence = delivery.header("content-type").and_then(|value| value.split(';').next());
    essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"))
}

fn seconds(time: Timestamp) -> i64 {
    time.as_micros().div_euclid(1_000_000)
}

fn way(
    announcement: &Announcement<'_>,
    incoming: &'static str,
    outgoing: &'static str,
) -> Option<&'static str> {
    match announcement.happening {
        Happening::Paid => Some(incoming),
        Happening::PaidOut => Some(outgoing),
        Happening::Failed | Happening::Pending | Happening::Test => None,
    }
}

fn order(announcement: &Announcement<'_>, now: Timestamp) -> Option<Value> {
    if announcement.happening != Happening::Paid {
        return None;
    }
    let (number, amount) = (announcement.number, announcement.amount.get());
    Some(json!({
        "timestamp": seconds(now),
        "notification_type": "ORDER_PAID",
        "order": {
            "id": format!("order-{number}"),
            "order_id": format!("NQD-{number}"),
            "order_status": "CAPTURED",
            "order_currency": "VND",
            "order_amount": format!("{amount}.00"),
            "order_invoice_number": announcement.invoice,
            "custom_data": [],
            "order_description": announcement.reason,
        },
        "transaction": {
            "id": number.to_string(),
            "payment_method": "CARD",
            "transaction_id": announcement.bank_reference,
            "transaction_type": "PAYMENT",
            "transaction_date": times::written(announcement.occurred_at),
        },
        "customer": null,
    }))
}

#[cfg(test)]
mod tests;
