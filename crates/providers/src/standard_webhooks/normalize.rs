//! From the documented body to payment events.

use std::borrow::Cow;

use cashless_domain::{
    AccountId, AmountDong, DeadLetterReason, Details, EventKey, Flags, IdentifierId, Kind, Method,
    PaymentEvent, PaymentId, Reason, RecordId, ReferenceDigest, Status, StatusChange, Timestamp,
};

use super::Verified;
use super::payload::{self, BATCH_ITEMS_MAX, Body, Data, Transaction};
use super::persons::Persons;
use crate::amount::amount_dong;
use crate::event::AHEAD_MICROS_MAX;
use crate::item::{Item, Normalized, Rejection};
use crate::json::{Lexeme, Object};
use crate::source::{DigestKeys, MergeBy, Source};

impl Verified<'_> {
    /// Reads the body: one item per statement, in their order. A body that cannot be read is one item.
    #[must_use]
    pub fn normalize(&self, source: &Source, keys: &DigestKeys, received_at: Timestamp) -> Normalized {
        let context = Context { delivery: self.id, source, keys, received_at };
        let unusable = |path, problem| Normalized::One(rejected(Rejection::malformed(path, problem)));
        let body = match parse(self.body) {
            Ok(body) => body,
            Err(rejection) => return Normalized::One(rejected(rejection)),
        };
        let is_batch = matches!(body.kind.text(), Ok(Some(kind)) if kind == "payment.batch");
        match (is_batch, &body.data) {
            (true, Data::Many(statements)) if !statements.is_empty() => {
                let items = statements.iter().enumerate();
                Normalized::Batch(
                    items.map(|(index, statement)| context.batch_item(index, statement)).collect(),
                )
            }
            (true, Data::TooMany) => unusable("data", "more than 500 statements"),
            (true, _) => unusable("data", "not an array of statements"),
            (false, Data::One(transaction)) => {
                Normalized::One(context.item(0, body.kind, body.timestamp, transaction))
            }
            (false, _) => unusable("data", "an array belongs to payment.batch"),
        }
    }
}

const _: () = assert!(BATCH_ITEMS_MAX == 500, "the message above names the bound");

/// The problem of an event that is not about payments. Its sender did nothing wrong, and should not repeat it.
pub(super) const FOREIGN: &str = "not an event about a payment";

fn parse(body: &[u8]) -> Result<Body<'_>, Rejection> {
    let text = std::str::from_utf8(body).map_err(|_| Rejection::malformed("", "not UTF-8"))?;
    let object = serde_json::from_str(text).map_err(|error| Rejection {
        reason: DeadLetterReason::Malformed,
        path: "",
        // The position alone: the parser's own words may quote the body.
        problem: Cow::Owned(format!("not JSON at line {} column {}", error.line(), error.column())),
    })?;
    members_of(&object, "")?;
    match object {
        Object::Members(body) => Ok(body),
        _ => Err(Rejection::malformed("", "not an object")),
    }
}

fn rejected(rejection: Rejection) -> Item {
    Item { dong: 0, outcome: Err(rejection) }
}

/// The members of an object that must be there and be one.
fn members_of<'a, T>(object: &'a Object<T>, path: &'static str) -> Result<&'a T, Rejection> {
    match object {
        Object::Members(members) => Ok(members),
        Object::Missing => Err(Rejection::malformed(path, "missing")),
        Object::Repeated => Err(Rejection::malformed(path, "a member appears twice")),
        Object::TooDeep => Err(Rejection::malformed(path, "an unknown member is nested too deeply")),
        Object::Array | Object::Wrong => Err(Rejection::malformed(path, "not an object")),
    }
}

/// What a statement says of its transaction.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Said {
    Settled,
    Corrected,
    Voided,
    Refunded,
    ChargedBack,
    Debited,
    NoMoney(Status),
}

impl Said {
    fn from_type(name: &str) -> Option<Self> {
        Some(match name {
            "payment.settled" => Self::Settled,
            "payment.corrected" => Self::Corrected,
            "payment.voided" => Self::Voided,
            "payment.refunded" => Self::Refunded,
            "payment.charged_back" => Self::ChargedBack,
            "payment.debited" => Self::Debited,
            "payment.pending" => Self::NoMoney(Status::Pending),
            "payment.failed" => Self::NoMoney(Status::Failed),
            "payment.expired" => Self::NoMoney(Status::Expired),
            "payment.disputed" => Self::NoMoney(Status::Disputed),
            "payment.test" => Self::NoMoney(Status::Test),
            _ => return None,
        })
    }

    fn status(self) -> Option<Status> {
        match self {
            Self::Settled | Self::Refunded | Self::ChargedBack | Self::Debited => Some(Status::Settled),
            Self::Corrected => None,
            Self::Voided => Some(Status::Voided),
            Self::NoMoney(status) => Some(status),
        }
    }

    fn has_details(self) -> bool {
        !matches!(self, Self::Voided | Self::NoMoney(_))
    }

    /// A missing member of the key: the one fault that has a reason of its own in a void.
    fn unaddressed(self, path: &'static str) -> Rejection {
        match self {
            Self::Voided => Rejection::new(DeadLetterReason::VoidUnaddressed, path, "missing"),
            _ => Rejection::malformed(path, "missing"),
        }
    }
}

/// Who received the money, resolved.
struct Receiver<'a> {
    /// Empty for a merchant or terminal.
    bank: Cow<'a, str>,
    account: AccountId,
    identifier: IdentifierId,
}

struct Context<'a> {
    delivery: &'a str,
    source: &'a Source,
    keys: &'a DigestKeys,
    received_at: Timestamp,
}

impl Context<'_> {
    fn batch_item(&self, index: usize, statement: &Object<payload::Statement<'_>>) -> Item {
        match members_of(statement, "") {
            Ok(statement) => self.item(index, statement.kind, statement.timestamp, &statement.data),
            Err(rejection) => rejected(rejection),
        }
    }

    fn item(
        &self,
        index: usize,
        kind: Lexeme<'_>,
        timestamp: Lexeme<'_>,
        transaction: &Object<Transaction<'_>>,
    ) -> Item {
        let outcome = self.event(index, kind, timestamp, transaction);
        let dong = match (&outcome, transaction) {
            (Ok(event), _) => event.details.map_or(0, |details| details.amount.get()),
            (Err(_), Object::Members(members)) => {
                members.amount_dong.raw().and_then(amount_dong).map_or(0, AmountDong::get)
            }
            (Err(_), _) => 0,
        };
        Item { dong, outcome }
    }

    fn event(
        &self,
        index: usize,
        kind: Lexeme<'_>,
        timestamp: Lexeme<'_>,
        transaction: &Object<Transaction<'_>>,
    ) -> Result<PaymentEvent, Rejection> {
        let kind = text(kind, "type")?.ok_or(Rejection::malformed("type", FOREIGN))?;
        let unknown = if kind.starts_with("payment.") { "not a documented type" } else { FOREIGN };
        let said = Said::from_type(&kind).ok_or(Rejection::malformed("type", unknown))?;
        let stated_at =
            self.time(timestamp, "timestamp")?.ok_or(Rejection::malformed("timestamp", "missing"))?;
        if said == Said::NoMoney(Status::Test) {
            return Ok(self.test(index, stated_at));
        }
        let transaction = members_of(transaction, "data")?;

        let receiver = self.receiver(said, transaction)?;
        let transaction_time = self.time(transaction.transaction_time, "data.transaction_time")?;
        let transaction_time = transaction_time.ok_or(said.unaddressed("data.transaction_time"))?;
        let original = self.original(transaction)?;
        if original.is_none() && matches!(said, Said::Refunded | Said::ChargedBack) {
            return Err(Rejection::malformed("data.original", "missing"));
        }
        let named = id(transaction.transaction_id, "data.transaction_id")?
            .map(|id| self.keys.ids.record(&self.source.id_scope, &id));
        let record = match (named, original) {
            // A flip of the payment's own status, which stands for its one refund.
            (None, Some(original)) if said == Said::Refunded => self.keys.ids.refund_of(original),
            (Some(named), Some(original)) if named == original && said == Said::Refunded => {
                self.keys.ids.refund_of(original)
            }
            (Some(named), Some(original)) if named == original => {
                return Err(Rejection::malformed("data.original", "names the transaction itself"));
            }
            (Some(named), _) => named,
            (None, _) => return Err(said.unaddressed("data.transaction_id")),
        };
        let (payment, reference) = self.payment(said, transaction, &receiver, transaction_time, record)?;
        let status_version = version(transaction.status_version, "data.status_version")?;
        let version = version(transaction.version, "data.version")?;
        if said == Said::Corrected && version == 0 {
            return Err(Rejection::malformed("data.version", "a correction needs a version of 1 or more"));
        }

        let details = if said.has_details() {
            Some(self.details(
                said,
                transaction,
                &receiver,
                (version, stated_at, transaction_time),
                original,
                reference,
            )?)
        } else {
            None
        };
        Ok(PaymentEvent {
            source: self.source.id.clone(),
            source_class: self.source.class,
            key: EventKey {
                anchor: transaction_time.business_date(),
                account: receiver.account,
                payment,
                record,
            },
            received_at: self.received_at,
            status: said.status().map(|status| StatusChange { version: status_version, status }),
            details,
            decision: None,
            erased: false,
        })
    }

    /// A test names nothing, so its key is made of the delivery. Spaces keep it apart from every real id.
    fn test(&self, index: usize, stated_at: Timestamp) -> PaymentEvent {
        let name = format!("test {} {index}", self.delivery);
        let record = self.keys.ids.record(&self.source.id_scope, &name);
        PaymentEvent {
            source: self.source.id.clone(),
            source_class: self.source.class,
            key: EventKey {
                anchor: stated_at.business_date(),
                account: self.keys.ids.merchant(&self.source.merchant_scope, &name),
                payment: record.into(),
                record,
            },
            received_at: self.received_at,
            status: Some(StatusChange { version: 0, status: Status::Test }),
            details: None,
            decision: None,
            erased: false,
        }
    }

    fn receiver<'a>(&self, said: Said, transaction: &Transaction<'a>) -> Result<Receiver<'a>, Rejection> {
        const PATH: &str = "data.receiver";
        if matches!(transaction.receiver, Object::Missing) {
            return Err(said.unaddressed(PATH));
        }
        let receiver = members_of(&transaction.receiver, PATH)?;
        let (ids, source) = (&self.keys.ids, self.source);
        let bank = pattern(receiver.bank, "data.receiver.bank", 2..=11, is_upper_alphanumeric)?;
        let account = pattern(receiver.account, "data.receiver.account", 4..=34, is_upper_alphanumeric)?;
        let virtual_account = pattern(
            receiver.virtual_account,
            "data.receiver.virtual_account",
            4..=34,
            is_upper_alphanumeric,
        )?;
        let merchant = pattern(receiver.merchant, "data.receiver.merchant", 1..=64, is_merchant)?;
        let terminal = pattern(receiver.terminal, "data.receiver.terminal", 1..=64, is_merchant)?;

        let not_allowed = Rejection::new(
            DeadLetterReason::ReceiverNotAllowed,
            PATH,
            "not among the receivers configured for this source",
        );
        match (bank, account, merchant, terminal) {
            (Some(bank), Some(number), None, None) => {
                if !source.receivers.allow_account(&bank, &number, virtual_account.as_deref()) {
                    return Err(not_allowed);
                }
                let account = ids.bank_account(&bank, &number);
                let prefix = virtual_account.and_then(|number| {
                    source
                        .receivers
                        .prefix_of(&bank, &number)
                        .map(|prefix| ids.virtual_account_prefix(&bank, prefix))
                });
                Ok(Receiver { bank, account, identifier: prefix.unwrap_or(account.into()) })
            }
            (None, None, Some(merchant), None) if source.receivers.allow_merchant(&merchant) => {
                let account = ids.merchant(&source.merchant_scope, &merchant);
                Ok(Receiver { bank: Cow::Borrowed(""), account, identifier: account.into() })
            }
            (None, None, None, Some(terminal)) if source.receivers.allow_terminal(&terminal) => {
                let account = ids.terminal(&source.merchant_scope, &terminal);
                Ok(Receiver { bank: Cow::Borrowed(""), account, identifier: account.into() })
            }
            (None, None, Some(_), None) | (None, None, None, Some(_)) => Err(not_allowed),
            (_, _, None, None) => Err(said.unaddressed(PATH)),
            _ => Err(Rejection::malformed(PATH, "names more than one of account, merchant and terminal")),
        }
    }

    fn original(&self, transaction: &Transaction<'_>) -> Result<Option<RecordId>, Rejection> {
        const PATH: &str = "data.original.transaction_id";
        if matches!(transaction.original, Object::Missing) {
            return Ok(None);
        }
        let original = members_of(&transaction.original, "data.original")?;
        let id = id(original.transaction_id, PATH)?.ok_or(Rejection::malformed(PATH, "missing"))?;
        Ok(Some(self.keys.ids.record(&self.source.id_scope, &id)))
    }

    fn payment(
        &self,
        said: Said,
        transaction: &Transaction<'_>,
        receiver: &Receiver<'_>,
        transaction_time: Timestamp,
        record: RecordId,
    ) -> Result<(PaymentId, Option<ReferenceDigest>), Rejection> {
        const PATH: &str = "data.bank_reference";
        let (ids, Receiver { bank, account, .. }) = (&self.keys.ids, receiver);
        match (self.source.merge_by, said) {
            (MergeBy::BankReference, Said::NoMoney(_)) | (MergeBy::TransactionId, _) => {
                Ok((record.into(), None))
            }
            (MergeBy::BankReference, _) => {
                let reference = id(transaction.bank_reference, PATH)?.ok_or(said.unaddressed(PATH))?;
                Ok((
                    ids.payment(bank, *account, transaction_time.business_date(), &reference),
                    Some(ids.reference(bank, *account, &reference)),
                ))
            }
        }
    }

    fn details(
        &self,
        said: Said,
        transaction: &Transaction<'_>,
        receiver: &Receiver<'_>,
        (version, stated_at, transaction_time): (u32, Timestamp, Timestamp),
        original: Option<RecordId>,
        reference: Option<ReferenceDigest>,
    ) -> Result<Details, Rejection> {
        const AMOUNT: &str = "data.amount_dong";
        let currency = text(transaction.currency, "data.currency")?;
        if currency.is_some_and(|currency| currency != "VND") {
            let reason = DeadLetterReason::UnsupportedCurrency;
            return Err(Rejection::new(reason, "data.currency", "not VND"));
        }
        let amount = transaction.amount_dong.raw().ok_or(Rejection::malformed(AMOUNT, "missing"))?;
        let amount = amount_dong(amount).ok_or(Rejection::new(
            DeadLetterReason::InvalidAmount,
            AMOUNT,
            "not whole dong from 1 to 1000000000000000",
        ))?;
        let settled_at = self.time(transaction.settled_at, "data.settled_at")?;
        let (settled_at, late_flag) = match settled_at {
            Some(settled_at) => (settled_at, Flags::default()),
            None => (transaction_time, Flags::SETTLED_AT_MISSING),
        };
        let method = one_of(transaction.method, "data.method", Method::from_name)?.unwrap_or(Method::Unknown);
        let kind = kind(said, transaction.kind, method, original)?;
        let receiving = (&*receiver.bank, receiver.account);
        let persons = Persons::read(transaction, self.keys, receiving, (amount, settled_at))?;
        Ok(Details {
            version,
            provider_time: Some(stated_at),
            received_at: self.received_at,
            amount,
            settled_at,
            method,
            // Tạm ứng: by its own word or by its reason.
            kind: if kind == Kind::Payment && persons.reason == Reason::InpatientDeposit {
                Kind::Deposit
            } else {
                kind
            },
            identifier: receiver.identifier,
            evidence: persons.evidence,
            fields: persons.fields,
            flags: late_flag.union(persons.flags),
            reason: persons.reason,
            beneficiary_kind: persons.beneficiary_kind,
            payer: persons.payer,
            beneficiary: persons.beneficiary,
            payer_account: persons.payer_account.filter(|_| !kind.is_outgoing()),
            invoice: persons.invoice,
            invoice_other_year: persons.invoice_other_year,
            original: original.filter(|_| kind.is_refund()),
            reference,
        })
    }

    fn time(&self, lexeme: Lexeme<'_>, path: &'static str) -> Result<Option<Timestamp>, Rejection> {
        let Some(text) = text(lexeme, path)? else { return Ok(None) };
        let time = Timestamp::parse_rfc3339(&text)
            .map_err(|_| Rejection::malformed(path, "not RFC 3339 with an offset, between 1970 and 2149"))?;
        if time.as_micros() > self.received_at.as_micros().saturating_add(AHEAD_MICROS_MAX) {
            let reason = DeadLetterReason::TimeInFuture;
            return Err(Rejection::new(reason, path, "more than five minutes in the future"));
        }
        Ok(Some(time))
    }
}

/// What the movement of money is. Direction comes from the type of the statement; only a correction, which says
/// nothing of direction by its type, names it by `kind` or by the original it returns.
fn kind(
    said: Said,
    lexeme: Lexeme<'_>,
    method: Method,
    original: Option<RecordId>,
) -> Result<Kind, Rejection> {
    let named = |name: &str| {
        let outgoing_allowed = said == Said::Corrected;
        Kind::from_name(name)
            .filter(|kind| *kind != Kind::InternalTransfer && (outgoing_allowed || !kind.is_outgoing()))
    };
    let incoming = |lexeme| -> Result<Option<Kind>, Rejection> { one_of(lexeme, "data.kind", named) };
    let kind = match said {
        Said::Refunded => Kind::Refund,
        Said::ChargedBack => Kind::Chargeback,
        Said::Debited => original.map_or(Kind::Outflow, |_| Kind::Refund),
        _ => match (incoming(lexeme)?, original, said) {
            (Some(kind), original, _) if kind.is_refund() && original.is_none() => {
                return Err(Rejection::malformed("data.original", "missing"));
            }
            (Some(kind), ..) => kind,
            (None, Some(_), Said::Corrected) => Kind::Refund,
            (None, ..) => Kind::Payment,
        },
    };
    let is_fee = matches!(kind, Kind::Payment | Kind::Deposit);
    Ok(if is_fee && method == Method::CounterCash { Kind::CounterCash } else { kind })
}

fn version(lexeme: Lexeme<'_>, path: &'static str) -> Result<u32, Rejection> {
    let Some(raw) = lexeme.raw() else { return Ok(0) };
    let version = raw.parse::<u32>().ok().filter(|version| i32::try_from(*version).is_ok());
    version.ok_or(Rejection::malformed(path, "not an integer from 0 to 2147483647"))
}

fn text<'de>(lexeme: Lexeme<'de>, path: &'static str) -> Result<Option<Cow<'de, str>>, Rejection> {
    lexeme.text().map_err(|_| Rejection::malformed(path, "not a text"))
}

/// A member of a closed set.
pub(super) fn one_of<T>(
    lexeme: Lexeme<'_>,
    path: &'static str,
    named: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, Rejection> {
    let Some(name) = text(lexeme, path)? else { return Ok(None) };
    named(&name).map(Some).ok_or(Rejection::malformed(path, "not a documented value"))
}

fn pattern<'de>(
    lexeme: Lexeme<'de>,
    path: &'static str,
    length: std::ops::RangeInclusive<usize>,
    allowed: fn(u8) -> bool,
) -> Result<Option<Cow<'de, str>>, Rejection> {
    match text(lexeme, path)? {
        Some(text) if length.contains(&text.len()) && text.bytes().all(allowed) => Ok(Some(text)),
        Some(_) => Err(Rejection::malformed(path, "not in the documented pattern")),
        None => Ok(None),
    }
}

fn id<'de>(lexeme: Lexeme<'de>, path: &'static str) -> Result<Option<Cow<'de, str>>, Rejection> {
    pattern(lexeme, path, 1..=128, |byte| byte.is_ascii_graphic())
}

fn is_upper_alphanumeric(byte: u8) -> bool {
    byte.is_ascii_digit() || byte.is_ascii_uppercase()
}

fn is_merchant(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-')
}
