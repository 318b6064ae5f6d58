use std::sync::Arc;

use cashless_domain::{CashDeclaration, SourceId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::normalize::FOREIGN;
use super::{
    ID_HEADER, Keys, PublicKey, SIGNATURE_HEADER, SigningSecret, TIMESTAMP_HEADER, Unverified, sign_v1,
};
use crate::adapter::{Answered, Content, Received};
use crate::declaring::{Declared, DeclaredFor, Declarer, Declaring};
use crate::event::Context;
use crate::item::{Item, Normalized, Rejection};
use crate::proof::Secret;
use crate::provider::settings;
use crate::reply::{Outcome, Reply};
use crate::{Adapter, Announcement, Composed, Delivery, Happening, Provider, Refused, Statement, Verb};

pub(crate) const PROVIDER: Provider = Provider {
    name: "standard-webhooks",
    title: "Standard Webhooks",
    merge_by: None,
    names_accounts: true,
    unconfirmed: None,
    tells_repeats: false,
    secrets: &["secrets"],
    paths: &[""],
    example: r#"{"secrets":["whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="],"bank":"970436"}"#,
    configure,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// Shared secrets, `whsec_…`; several while they are exchanged.
    #[serde(default)]
    secrets: Vec<Secret>,
    /// Public keys, `whpk_…`.
    #[serde(default)]
    public_keys: Vec<String>,
    /// The bank that composed statements name; senders name it themselves.
    #[serde(default)]
    bank: String,
}

fn configure(value: Value) -> Result<Arc<dyn Adapter>, String> {
    let Settings { secrets, public_keys, bank } = settings(value)?;
    let problem = |error: super::InvalidKey| error.to_string();
    let secrets: Vec<_> = secrets
        .iter()
        .map(|secret| SigningSecret::parse(secret.as_str()))
        .collect::<Result<_, _>>()
        .map_err(problem)?;
    let public_keys: Vec<_> =
        public_keys.iter().map(|key| PublicKey::parse(key)).collect::<Result<_, _>>().map_err(problem)?;
    let keys = Keys::new(&secrets, &public_keys).map_err(problem)?;
    Ok(Arc::new(StandardWebhooks { keys, signs_with: secrets.into_iter().next(), bank }))
}

struct StandardWebhooks {
    keys: Keys,
    signs_with: Option<SigningSecret>,
    bank: String,
}

impl StandardWebhooks {
    fn verify<'d>(&self, delivery: &Delivery<'d>, now: Timestamp) -> Result<super::Verified<'d>, Refused> {
        if delivery.verb != Verb::Post {
            return Err(Refused::Misdirected);
        }
        let header = |name| delivery.header(name);
        Unverified::new(header(ID_HEADER), header(TIMESTAMP_HEADER), header(SIGNATURE_HEADER), delivery.body)?
            .verify(&self.keys, now)
    }
}

impl Adapter for StandardWebhooks {
    fn receive<'d>(&self, delivery: &Delivery<'d>, context: &Context<'_>) -> Result<Received<'d>, Refused> {
        let verified = self.verify(delivery, context.received_at)?;
        let normalized = verified.normalize(context.source, context.keys, context.received_at);
        Ok(Received { id: verified.id, content: Content::Items(normalized) })
    }

    fn reply(&self, _: &Delivery<'_>, outcome: Outcome<'_>, _: Timestamp) -> Reply {
        match outcome {
            Outcome::Stored | Outcome::Repeated => Reply::empty(204),
            Outcome::Unusable(rejection) if rejection.problem == FOREIGN => Reply::empty(204),
            Outcome::Unusable(rejection) => items(422, [Some(rejection)].into_iter()),
            Outcome::Refused(refused) => {
                let status = match refused {
                    Refused::Misdirected => 405,
                    Refused::Unreadable => 400,
                    Refused::MayNotDeclare => 403,
                    _ => 401,
                };
                // A stranger is not told which part of a signature is wrong; "stale" is said to the owner of a key.
                let reason = cashless_domain::RefusalReason::from(refused).name();
                Reply::json(status, format!("{{\"refused\":\"{reason}\"}}"))
            }
            Outcome::Unavailable => Reply::json(503, r#"{"refused":"unavailable"}"#),
        }
    }

    fn reply_to_items(&self, delivery: &Delivery<'_>, answered: Answered<'_>, now: Timestamp) -> Reply {
        match answered.normalized {
            Normalized::One(item) => match &item.outcome {
                Ok(_) => self.reply(delivery, Outcome::Stored, now),
                Err(rejection) => self.reply(delivery, Outcome::Unusable(rejection), now),
            },
            Normalized::Batch(batch) => each(batch),
        }
    }

    fn declaring(&self) -> Option<&dyn Declaring> {
        Some(self)
    }

    fn statements(
        &self,
        delivery: &Delivery<'_>,
        now: Timestamp,
    ) -> Result<Vec<Result<Statement<'static>, Rejection>>, Refused> {
        self.verify(delivery, now).map(|_| Vec::new())
    }

    fn compose(&self, announcement: &Announcement<'_>, now: Timestamp) -> Option<Composed> {
        let secret = self.signs_with.as_ref()?;
        let kind = match announcement.happening {
            Happening::Paid => "payment.settled",
            Happening::PaidOut => "payment.debited",
            Happening::Failed => "payment.failed",
            Happening::Pending => "payment.pending",
            Happening::Test => "payment.test",
        };
        let mut receiver = json!({ "bank": self.bank, "account": announcement.account });
        if let Some(virtual_account) = announcement.virtual_account {
            receiver["virtual_account"] = virtual_account.into();
        }
        let body = json!({
            "type": kind,
            "timestamp": now.to_string(),
            "data": {
                "transaction_id": announcement.number.to_string(),
                "transaction_time": announcement.occurred_at.to_string(),
                "receiver": receiver,
                "amount_dong": announcement.amount.get(),
                "bank_reference": announcement.bank_reference,
                "payer": { "name": announcement.payer_name },
                "invoice_ref": announcement.invoice,
            },
        });
        let (body, at) = (body.to_string(), now.as_micros() / 1_000_000);
        let id = format!("msg_{}", announcement.number);
        let signature = sign_v1(secret, &id, at, body.as_bytes());
        Some(
            Composed::json(body)
                .with_header(ID_HEADER, id)
                .with_header(TIMESTAMP_HEADER, at.to_string())
                .with_header(SIGNATURE_HEADER, signature),
        )
    }
}

impl Declaring for StandardWebhooks {
    fn receive_declarations<'d>(
        &self,
        delivery: &Delivery<'d>,
        channel: &SourceId,
        institutions: Option<&DeclaredFor>,
        received_at: Timestamp,
    ) -> Result<Declared<'d>, Refused> {
        let verified = self.verify(delivery, received_at)?;
        let institutions = institutions.ok_or(Refused::MayNotDeclare)?;
        let declarations = verified.declarations(&Declarer { channel, institutions, received_at });
        Ok(Declared { id: verified.id, declarations })
    }

    fn reply_to_declarations(&self, declarations: &Normalized<CashDeclaration>) -> Reply {
        match declarations {
            Normalized::One(Item { outcome: Ok(_), .. }) => Reply::empty(204),
            Normalized::One(Item { outcome: Err(rejection), .. }) => {
                items(422, [Some(rejection)].into_iter())
            }
            Normalized::Batch(batch) => each(batch),
        }
    }
}

/// The answer to a batch, of which some may be unusable.
fn each<T>(batch: &[Item<T>]) -> Reply {
    let unusable = batch.iter().filter(|item| item.outcome.is_err()).count();
    let status = match unusable {
        0 => 200,
        all if all == batch.len() => 422,
        _ => 207,
    };
    items(status, batch.iter().map(|item| item.outcome.as_ref().err()))
}

/// The answer that names each item, by what is wrong with it.
fn items<'r>(status: u16, rejections: impl Iterator<Item = Option<&'r Rejection>>) -> Reply {
    let items = rejections.enumerate().map(|(index, rejection)| ItemAnswer::new(index, rejection)).collect();
    Reply::json(status, serde_json::to_string(&ItemsAnswer { items }).unwrap_or_default())
}

#[derive(Serialize)]
struct ItemsAnswer {
    items: Vec<ItemAnswer>,
}

#[derive(Serialize)]
struct ItemAnswer {
    index: usize,
    fate: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

impl ItemAnswer {
    fn new(index: usize, rejection: Option<&Rejection>) -> Self {
        match rejection {
            None => Self { index, fate: "accepted", reason: None, detail: None },
            Some(rejection) => Self {
                index,
                fate: "dead_lettered",
                reason: Some(rejection.reason.name()),
                detail: Some(rejection.to_string()),
            },
        }
    }
}
