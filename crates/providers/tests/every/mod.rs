//! Every provider of the table, connected by the settings of its example. For tests, benchmarks and fuzz targets.

#![allow(dead_code, reason = "each of them needs another part")]

pub(crate) mod targets;

use std::sync::Arc;

use cashless_domain::{AmountDong, IdKey, PersonKeys, SourceClass, SourceId, Timestamp};
use cashless_providers::{
    Adapter, Announcement, Answered, CodePattern, CodePatterns, Composed, Content, Context, Delivery,
    DigestKeys, Happening, MergeBy, Normalized, Outcome, PROVIDERS, Provider, Receiver, ReceiverRule,
    Receivers, Refused, Rejection, Reply, Source, Statement, Verb,
};
use http::{HeaderMap, HeaderName, HeaderValue};

/// Everything that a provider can say.
pub(crate) const HAPPENINGS: [Happening; 5] =
    [Happening::Paid, Happening::PaidOut, Happening::Failed, Happening::Pending, Happening::Test];

/// The clock.
pub(crate) fn now() -> Timestamp {
    Timestamp::parse_rfc3339("2026-09-10T12:00:00+07:00").expect("a time")
}

/// A source, ready to receive.
pub(crate) struct Connected {
    pub(crate) provider: &'static Provider,
    pub(crate) adapter: Arc<dyn Adapter>,
    source: Source,
    keys: DigestKeys,
}

/// What a delivery came to: its items and the statements behind them.
#[derive(PartialEq)]
pub(crate) struct Read {
    /// None for what is answered and leaves nothing behind.
    pub(crate) items: Option<Normalized>,
    pub(crate) statements: Vec<Result<Statement<'static>, Rejection>>,
}

impl Read {
    /// Whether any of it would become an event.
    pub(crate) fn has_events(&self) -> bool {
        self.items.iter().flat_map(Normalized::items).any(|item| item.outcome.is_ok())
    }
}

/// The settings of its example.
pub(crate) fn example(provider: &Provider) -> serde_json::Value {
    serde_json::from_str(provider.example).unwrap_or_else(|error| panic!("{provider:?}: {error}"))
}

/// All of the table.
pub(crate) fn connected() -> Vec<Connected> {
    PROVIDERS.iter().map(Connected::new).collect()
}

impl Connected {
    pub(crate) fn new(provider: &'static Provider) -> Self {
        Self::with(provider, example(provider)).expect("the settings of the example")
    }

    /// By other settings.
    pub(crate) fn with(provider: &'static Provider, settings: serde_json::Value) -> Result<Self, String> {
        let bank = settings.get("bank").and_then(serde_json::Value::as_str).map(str::to_owned);
        let adapter = (provider.configure)(settings)?;
        let mut connected = Self {
            provider,
            adapter,
            source: Source {
                id: SourceId::new("every-provider").expect("a name"),
                class: SourceClass::Bank,
                merge_by: provider.merge_by.unwrap_or(MergeBy::BankReference),
                id_scope: "every-provider".to_owned(),
                merchant_scope: "every-provider".to_owned(),
                receivers: Receivers::default(),
                invoice_codes: CodePatterns::new(CodePattern::parse("HP[0-9]{2}[A-Z][0-9]{5}")),
            },
            keys: DigestKeys {
                ids: IdKey::new(&[1; 32]).expect("a key"),
                persons: PersonKeys::new([(2026, &[2; 32][..])]).expect("a key"),
            },
        };
        // Whatever bank its messages name.
        let named = connected.compose(Happening::Paid).and_then(|composed| {
            let statement =
                connected.read(&Request::from(&composed)).ok()?.statements.into_iter().next()?.ok()?;
            match statement.receiver {
                Receiver::Account { bank, .. } => Some(bank.into_owned()),
                Receiver::Merchant(_) => None,
            }
        });
        let banks = bank.into_iter().chain(named).map(|bank| ReceiverRule::Bank { bank });
        let others = [ReceiverRule::AnyMerchant, ReceiverRule::AnyTerminal];
        connected.source.receivers = Receivers::new(banks.chain(others));
        Ok(connected)
    }

    /// What a request comes to at a time, and what it is answered.
    pub(crate) fn answer(&self, request: &Request, now: Timestamp) -> (Result<Normalized, Refused>, Reply) {
        let delivery = request.delivery();
        match self.adapter.receive(&delivery, &Context { received_at: now, ..self.context() }) {
            Ok(received) => match received.content {
                Content::Items(normalized) => {
                    let answered = Answered { normalized: &normalized, repeated: false };
                    let reply = self.adapter.reply_to_items(&delivery, answered, now);
                    (Ok(normalized), reply)
                }
                Content::Answer(reply) => panic!("{:?}: not a payment: {}", self.provider, reply.body),
            },
            Err(refused) => (Err(refused), self.adapter.reply(&delivery, Outcome::Refused(refused), now)),
        }
    }

    /// A message of about a kilobyte, where the format has room for it.
    pub(crate) fn compose(&self, happening: Happening) -> Option<Composed> {
        let reason =
            "HP26A00123 nop hoc phi hoc ky mot nam hoc 2026 2027 cho LE THI THI DU lop 10A1 ".repeat(5);
        let announcement = Announcement {
            happening,
            number: 4_211_977,
            bank_reference: "FT26253012345678",
            account: "0011223344",
            virtual_account: Some("V2MS0011223344"),
            amount: AmountDong::new(350_000).expect("an amount"),
            occurred_at: Timestamp::parse_rfc3339("2026-09-10T11:59:58+07:00").expect("a time"),
            payer_name: Some("LE VAN VI DU"),
            payer_account: Some("1029384756"),
            reason: reason.trim(),
            invoice: Some("HP26A00123"),
        };
        self.adapter.compose(&announcement, now())
    }

    pub(crate) fn context(&self) -> Context<'_> {
        Context { source: &self.source, keys: &self.keys, received_at: now() }
    }

    /// Receives and answers it, as a collector would.
    pub(crate) fn read(&self, request: &Request) -> Result<Read, Refused> {
        let delivery = request.delivery();
        let received = self.adapter.receive(&delivery, &self.context());
        let statements = self.adapter.statements(&delivery, now());
        let outcome = match &received {
            Ok(received) => match &received.content {
                Content::Items(normalized) => {
                    let answered = Answered { normalized, repeated: false };
                    let _ = self.adapter.reply_to_items(&delivery, answered, now());
                    Outcome::Unavailable
                }
                Content::Answer(_) => Outcome::Unavailable,
            },
            Err(refused) => Outcome::Refused(*refused),
        };
        let _ = self.adapter.reply(&delivery, outcome, now());
        let items = match received?.content {
            Content::Items(items) => Some(items),
            Content::Answer(_) => None,
        };
        Ok(Read { items, statements: statements? })
    }
}

/// A request that can be spoilt.
#[derive(Clone)]
pub(crate) struct Request {
    pub(crate) verb: Verb,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl From<&Composed> for Request {
    fn from(composed: &Composed) -> Self {
        let header = |(name, value): &(&'static str, String)| {
            (HeaderName::from_static(name), HeaderValue::from_str(value).expect("a value of a header"))
        };
        Self {
            verb: composed.verb,
            path: composed.path.to_owned(),
            query: composed.query.clone(),
            headers: composed.headers.iter().map(header).collect(),
            body: composed.body.clone(),
        }
    }
}

impl Request {
    pub(crate) fn delivery(&self) -> Delivery<'_> {
        Delivery {
            verb: self.verb,
            path: &self.path,
            query: &self.query,
            headers: &self.headers,
            body: &self.body,
            peer: None,
        }
    }

    /// The body, or the query of a `GET`.
    pub(crate) fn message(&self) -> Vec<u8> {
        match self.verb {
            Verb::Get => self.query.clone().into_bytes(),
            Verb::Post => self.body.clone(),
        }
    }

    /// The same with another body, or query; a query is text to every server.
    pub(crate) fn with_message(&self, message: &[u8]) -> Self {
        let mut other = self.clone();
        match self.verb {
            Verb::Get => other.query = String::from_utf8_lossy(message).into_owned(),
            Verb::Post => other.body = message.to_vec(),
        }
        other
    }
}
