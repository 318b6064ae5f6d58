//! From an entry to statements: one for each of its transactions, or one for the entry itself.

use std::borrow::Cow;
use std::collections::HashMap;

use cashless_domain::{AmountDong, DeadLetterReason, Kind, Method, Timestamp};
use sha2::{Digest as _, Sha256};

use super::message::{Leaf, Part};
use super::parse::Entry;
use crate::amount::amount_dong;
use crate::banks::bin_of;
use crate::event::AHEAD_MICROS_MAX;
use crate::item::Rejection;
use crate::proof::hex;
use crate::statement::{Channel, Direction, Receiver, Said, Statement};
use crate::{CodePatterns, times};

/// What of the source's settings is needed to read its messages.
#[derive(Clone, Copy)]
pub(super) struct Reading<'v> {
    /// The BIN of the bank, where it does not go by the message.
    pub(super) bank: Option<&'v str>,
    /// The forms of the institution's own codes.
    pub(super) invoice_codes: &'v CodePatterns,
    pub(super) now: Timestamp,
}

/// Collects the statements of a message.
pub(super) struct Statements<'v> {
    reading: Reading<'v>,
    found: Vec<Result<Statement<'v>, Rejection>>,
    /// What each record moves, and how often it was met.
    records: HashMap<String, (Option<AmountDong>, u32)>,
}

impl<'v> Statements<'v> {
    pub(super) fn new(reading: Reading<'v>) -> Self {
        Self { reading, found: Vec::new(), records: HashMap::new() }
    }

    pub(super) fn into_found(self) -> Vec<Result<Statement<'v>, Rejection>> {
        self.found
    }

    /// All of an entry, or why all of it is held.
    pub(super) fn add(&mut self, entry: &Entry<'_, 'v>) {
        match statements(self.reading, entry) {
            Ok(statements) => {
                let notification = entry.notification;
                let copy = notification.get(Leaf::Copy).and(notification.get(Leaf::NotificationId));
                for (statement, is_digest) in statements {
                    let statement = self.distinct(statement, is_digest, copy.map_or("", AsRef::as_ref));
                    self.found.push(statement);
                }
            }
            Err(rejection) => self.found.push(Err(rejection)),
        }
    }

    /// A reference repeated is the same movement, but for a payment, its fee and its reversal, which may share one; one
    /// that stands for two amounts names neither. Two movements without any are told apart by their order, unless one stands in a copy of the other's notification.
    fn distinct(
        &mut self,
        mut statement: Statement<'v>,
        is_digest: bool,
        copy: &str,
    ) -> Result<Statement<'v>, Rejection> {
        let is_reversal = matches!(statement.said, Said::Reversed { .. });
        let (direction, amount) = (statement.direction, statement.amount);
        let record = format!("{copy}\n{direction:?} {is_reversal}\n{}", statement.record);
        let (first_amount, times) = self.records.entry(record).or_insert((amount, 0));
        *times += 1;
        if is_digest && *times > 1 {
            statement.record.to_mut().push_str(&format!(":{times}"));
        } else if *first_amount != amount {
            return Err(Rejection::malformed("AcctSvcrRef", "names another movement of this message too"));
        }
        Ok(statement)
    }
}

/// Statements, and whether the record of each is a digest for want of a reference.
type Found<'v> = Vec<(Statement<'v>, bool)>;

fn statements<'v>(reading: Reading<'v>, entry: &Entry<'_, 'v>) -> Result<Found<'v>, Rejection> {
    let parts = [entry.message, entry.notification, entry.entry].into_iter().chain(entry.details);
    if let Some(leaf) = parts.filter_map(|part| part.fault).next() {
        return Err(Rejection::malformed(leaf.path(), "twice, too long, or with elements inside"));
    }
    let shared = Shared::new(reading, entry)?;
    let names = Names::new(entry, &shared.account);
    match entry.details {
        [] => Ok(vec![shared.statement(entry, None, shared.amount, &names)?]),
        details => {
            let amounts = shared.amounts(details)?;
            let each = details.iter().zip(amounts).enumerate();
            each.map(|(index, (detail, amount))| {
                shared.statement(entry, Some((index, detail)), amount, &names)
            })
            .collect()
        }
    }
}

/// What all transactions of an entry have in common.
struct Shared<'v> {
    reading: Reading<'v>,
    bank: Cow<'v, str>,
    account: Cow<'v, str>,
    amount: AmountDong,
    direction: Direction,
    is_booked: bool,
    is_reversal: bool,
    occurred_at: Option<Timestamp>,
    value_date: Option<String>,
}

impl<'v> Shared<'v> {
    fn new(reading: Reading<'v>, entry: &Entry<'_, 'v>) -> Result<Self, Rejection> {
        let account = required(entry.notification, Leaf::Account)?.clone();
        let bank = bank(reading.bank, entry.notification)?;
        if entry.entry.get(Leaf::Currency).is_none_or(|currency| currency != "VND") {
            return Err(not_vnd(entry.entry, Leaf::Currency));
        }
        let amount = amount(required(entry.entry, Leaf::Amount)?, Leaf::Amount)?;
        let direction =
            direction(entry.entry)?.ok_or(Rejection::malformed(Leaf::Direction.path(), "missing"))?;
        let is_booked = required(entry.entry, Leaf::Status)? == "BOOK";
        let is_reversal = match entry.entry.get(Leaf::Reversal).map(AsRef::as_ref) {
            Some("true" | "1") => true,
            None | Some("false" | "0") => false,
            Some(_) => return Err(Rejection::malformed(Leaf::Reversal.path(), "neither true nor false")),
        };
        let booked = entry.entry.get(Leaf::Booked).map(|text| time(text, Leaf::Booked)).transpose()?;
        let valued = entry.entry.get(Leaf::Valued).map(|text| time(text, Leaf::Valued)).transpose()?;
        // What is announced for later has not happened yet.
        let latest = reading.now.as_micros().saturating_add(AHEAD_MICROS_MAX);
        let occurred_at = booked.or(valued).filter(|time| is_booked || time.as_micros() <= latest);
        Ok(Self {
            reading,
            bank,
            account,
            amount,
            direction,
            is_booked,
            is_reversal,
            occurred_at,
            value_date: valued.map(|time| times::written(time).chars().take(10).collect()),
        })
    }

    /// The amounts of the transactions, which make up the entry.
    fn amounts(&self, details: &[Part<'_>]) -> Result<Vec<AmountDong>, Rejection> {
        let held = Rejection::new(DeadLetterReason::InvalidAmount, "NtryDtls/TxDtls", Rejection::SUM_DIFFERS);
        let mut sum = 0_i128;
        let mut amounts = Vec::with_capacity(details.len());
        for detail in details {
            let amount = match own_amount(detail)? {
                Some(amount) => amount,
                None if details.len() == 1 => self.amount,
                None => return Err(held),
            };
            let sign = if direction(detail)?.unwrap_or(self.direction) == self.direction { 1 } else { -1 };
            sum += sign * i128::from(amount.get());
            amounts.push(amount);
        }
        if sum == i128::from(self.amount.get()) { Ok(amounts) } else { Err(held) }
    }

    fn statement(
        &self,
        entry: &Entry<'_, 'v>,
        detail: Option<(usize, &Part<'v>)>,
        amount: AmountDong,
        names: &Names,
    ) -> Result<(Statement<'v>, bool), Rejection> {
        let none = Part::default();
        let (index, part) = detail.unwrap_or((0, &none));
        let is_only = entry.details.len() < 2;
        let of_both = |leaf| part.get(leaf).or(entry.entry.get(leaf).filter(|_| is_only)).cloned();
        let direction = direction(part)?.unwrap_or(self.direction);
        let (record, is_digest) = names.record(entry, part, index, self, direction, amount);
        let end_to_end = end_to_end(part);
        let said = match (self.is_booked, self.is_reversal, direction) {
            (false, ..) => Said::Pending,
            (_, true, _) => Said::Reversed { original: Some(self.original(part, &record)) },
            (_, _, Direction::In) => Said::Paid,
            (_, _, Direction::Out) => Said::PaidOut,
        };
        let own_reference = names.own_reference(part);
        let (channel, method, kind) = way(entry.entry, part, is_only, direction);
        let receiver = Receiver::Account { bank: self.bank.clone(), number: self.account.clone() };
        let payee = part.get(Leaf::PayeeAccount).filter(|number| **number != self.account);
        let named = |name: &'static str, text: Option<Cow<'v, str>>| text.map(|text| (name, text));
        let particulars = [
            named("message_id", entry.message.get(Leaf::MessageId).cloned()),
            named("notification_id", entry.notification.get(Leaf::NotificationId).cloned()),
            named("value_date", self.value_date.clone().map(Cow::Owned)),
            named("end_to_end_id", end_to_end.cloned()),
            named("return_reason", part.get(Leaf::ReturnReason).cloned()),
            named("document_number", part.get(Leaf::DocumentNumber).cloned()),
            named("terminal", of_both(Leaf::Terminal)),
        ];
        let statement = Statement {
            direction,
            transaction_id: own_reference.or(entry.entry.get(Leaf::BankReference)).cloned(),
            // The reference of a batch would make one payment of all that is in it.
            bank_reference: own_reference
                .or(entry.entry.get(Leaf::BankReference).filter(|_| is_only))
                .cloned(),
            virtual_account: payee.filter(|_| direction == Direction::In).cloned(),
            amount: Some(amount),
            occurred_at: self.occurred_at,
            payer_name: part.get(Leaf::UltimatePayer).or(part.get(Leaf::Payer)).cloned(),
            payer_account: part.get(Leaf::PayerAccount).cloned(),
            payer_bank: part.get(Leaf::PayerBank).cloned(),
            beneficiary_name: entry
                .notification
                .get(Leaf::Holder)
                .or(entry.notification.get(Leaf::AccountName))
                .cloned(),
            reason: part
                .get(Leaf::Remittance)
                .or(part.get(Leaf::StructuredText))
                .cloned()
                .or_else(|| of_both(Leaf::FreeText)),
            invoice: self
                .invoice(part, end_to_end)
                .or_else(|| of_both(Leaf::SaleReference))
                .or_else(|| part.get(Leaf::DocumentNumber).filter(|_| !has_several_invoices(part)).cloned()),
            kind,
            particulars: particulars.into_iter().flatten().collect(),
            ..Statement::new(said, record, receiver, channel, method)
        };
        Ok((statement, is_digest))
    }

    /// The institution's own reference, or what the payer's side chose if it has the form of one.
    fn invoice(&self, part: &Part<'v>, end_to_end: Option<&Cow<'v, str>>) -> Option<Cow<'v, str>> {
        if has_several_invoices(part) {
            return None;
        }
        let is_code = |text: &&Cow<'v, str>| {
            if self.reading.invoice_codes.is_empty() {
                looks_like_a_code(text)
            } else {
                self.reading.invoice_codes.only_code_in(text).as_deref() == Some(text.as_ref())
            }
        };
        part.get(Leaf::CreditorReference).or(end_to_end.filter(is_code)).cloned()
    }

    /// What a reversal undoes, by the names that travel with a payment. No record begins with a colon, so these
    /// names meet no other statement; they say only that there is an original.
    fn original(&self, part: &Part<'_>, record: &str) -> Cow<'v, str> {
        let named = [Leaf::TransactionId, Leaf::Uetr, Leaf::InstructionId];
        let name = end_to_end(part).or_else(|| named.iter().find_map(|leaf| part.get(*leaf)));
        let name = name.map_or(Cow::Borrowed(record), |name| escaped(name));
        Cow::Owned(format!(":original:{}:{name}", escaped(&self.account)))
    }
}

/// Which references of an entry's transactions tell them apart.
struct Names {
    account: String,
    has_own: bool,
    has_end_to_end: bool,
}

impl Names {
    fn new(entry: &Entry<'_, '_>, account: &str) -> Self {
        let count = entry.details.len();
        let own: Vec<_> = entry.details.iter().filter_map(|part| part.get(Leaf::BankReference)).collect();
        let has_own = are_distinct(own.iter().map(|text| text.as_ref()));
        let unnamed = entry.details.iter().filter(|part| !has_own || !part.has(Leaf::BankReference));
        let ends: Vec<_> = unnamed.map(|part| end_to_end(part).map_or("", AsRef::as_ref)).collect();
        let has_end_to_end = count == 1 || (!ends.contains(&"") && are_distinct(ends.iter().copied()));
        Self { account: escaped(account).into_owned(), has_own, has_end_to_end }
    }

    /// Some banks print the reference of the entry in each of its transactions.
    fn own_reference<'p, 'v>(&self, part: &'p Part<'v>) -> Option<&'p Cow<'v, str>> {
        part.get(Leaf::BankReference).filter(|_| self.has_own)
    }

    fn record(
        &self,
        entry: &Entry<'_, '_>,
        part: &Part<'_>,
        index: usize,
        shared: &Shared<'_>,
        direction: Direction,
        amount: AmountDong,
    ) -> (String, bool) {
        let account = &self.account;
        if let Some(own) = self.own_reference(part) {
            return (format!("{account}:{}", escaped(own)), false);
        }
        let Some(reference) = entry.entry.get(Leaf::BankReference) else {
            return (format!("{account}:{}", digest(entry, part, shared, direction, amount)), true);
        };
        let reference = escaped(reference);
        let record = match end_to_end(part) {
            Some(name) if self.has_end_to_end => format!("{account}:{reference}:{}", escaped(name)),
            _ if entry.details.len() < 2 => format!("{account}:{reference}"),
            _ => format!("{account}:{reference}:{}", index + 1),
        };
        (record, false)
    }
}

/// What names a transaction that no reference does. Longer than any reference of the standard.
fn digest(
    entry: &Entry<'_, '_>,
    part: &Part<'_>,
    shared: &Shared<'_>,
    direction: Direction,
    amount: AmountDong,
) -> String {
    let mut hasher = Sha256::new();
    let mut add = |text: &str| {
        hasher.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
        hasher.update(text.as_bytes());
    };
    add(if direction == Direction::In { "CRDT" } else { "DBIT" });
    add(&amount.get().to_string());
    add(&shared.occurred_at.map_or(String::new(), |time| time.to_string()));
    add(shared.value_date.as_deref().unwrap_or(""));
    let free_text = part.get(Leaf::FreeText).or(entry.entry.get(Leaf::FreeText));
    let of_part = [
        Leaf::EndToEnd,
        Leaf::TransactionId,
        Leaf::InstructionId,
        Leaf::Uetr,
        Leaf::Payer,
        Leaf::PayerAccount,
        Leaf::Remittance,
        Leaf::CreditorReference,
    ];
    for text in
        of_part.iter().map(|leaf| part.get(*leaf)).chain([entry.entry.get(Leaf::EntryReference), free_text])
    {
        add(text.map_or("", AsRef::as_ref));
    }
    format!("sha256-{}", hex(&hasher.finalize()))
}

/// A part of a record that cannot be taken for two.
fn escaped(text: &str) -> Cow<'_, str> {
    if text.contains([':', '%']) {
        Cow::Owned(text.replace('%', "%25").replace(':', "%3A"))
    } else {
        Cow::Borrowed(text)
    }
}

fn are_distinct<'t>(texts: impl Iterator<Item = &'t str> + Clone) -> bool {
    let mut seen = std::collections::HashSet::new();
    texts.into_iter().all(|text| seen.insert(text))
}

/// The end-to-end id; the standard has a word for none.
fn end_to_end<'p, 'v>(part: &'p Part<'v>) -> Option<&'p Cow<'v, str>> {
    part.get(Leaf::EndToEnd).filter(|text| !text.eq_ignore_ascii_case("NOTPROVIDED"))
}

fn has_several_invoices(part: &Part<'_>) -> bool {
    part.has(Leaf::CreditorReference) && part.get(Leaf::CreditorReference).is_none()
}

/// Two to four capitals, then 5 to 12 digits with at most one capital among them, as `HP26A00123`.
fn looks_like_a_code(text: &str) -> bool {
    let number = text.trim_start_matches(|letter: char| letter.is_ascii_uppercase());
    let letters = number.bytes().filter(u8::is_ascii_uppercase).count();
    (2..=4).contains(&(text.len() - number.len()))
        && (5..=12).contains(&number.len())
        && letters <= 1
        && number.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
}

/// How the money came, and what it was as far as the codes tell.
fn way(
    entry: &Part<'_>,
    part: &Part<'_>,
    is_only: bool,
    direction: Direction,
) -> (Channel, Method, Option<Kind>) {
    // The codes of a transaction are more exact than those of its entry.
    let codes = if part.has(Leaf::Domain) { part } else { entry };
    let code = |leaf| codes.get(leaf).map_or("", AsRef::as_ref);
    let codes = (code(Leaf::Domain), code(Leaf::Family), code(Leaf::SubFamily));
    let is_in = direction == Direction::In;
    let is_card = part.has(Leaf::Card) || entry.has(Leaf::Card);
    let is_batch = part.has(Leaf::CardBatch) || (is_only && entry.has(Leaf::CardBatch));
    let kind = match codes {
        _ if is_in && is_batch => Some(Kind::Settlement),
        (_, _, "INTR") if is_in => Some(Kind::Interest),
        ("LDAS", _, "DDWN") if is_in => Some(Kind::Loan),
        // Money of ours that did not arrive where we sent it.
        _ if is_in && part.has(Leaf::ReturnReason) => Some(Kind::SupplierRefund),
        _ => None,
    };
    match codes {
        _ if is_card => (Channel::Card, Method::CardPos, kind),
        ("PMNT", "MCRD", "POSP" | "POSC" | "POSD") => (Channel::Card, Method::CardPos, kind),
        ("PMNT", "MCRD" | "CCRD", _) => (Channel::Card, Method::Unknown, kind),
        // Cheques handed in are no cash.
        ("PMNT", "CNTR", "CHKD" | "TCDP") => (Channel::BankTransfer, Method::Other, kind),
        ("PMNT", "CNTR", _) if is_in => (Channel::BankTransfer, Method::CounterCash, kind),
        ("PMNT", "RCDT" | "RRCT", _) => (Channel::BankTransfer, Method::WebTransfer, kind),
        _ => (Channel::BankTransfer, Method::Unknown, kind),
    }
}

fn required<'p, 'v>(part: &'p Part<'v>, leaf: Leaf) -> Result<&'p Cow<'v, str>, Rejection> {
    part.get(leaf).ok_or(Rejection::malformed(leaf.path(), "missing"))
}

fn bank<'v>(configured: Option<&'v str>, notification: &Part<'v>) -> Result<Cow<'v, str>, Rejection> {
    let named = || {
        let names = [Leaf::Servicer, Leaf::ServicerName];
        names.iter().filter_map(|leaf| notification.get(*leaf)).find_map(|name| bin_of(name))
    };
    configured.or_else(named).map(Cow::Borrowed).ok_or(Rejection::malformed(
        Leaf::Servicer.path(),
        "a bank that is not known; name it in the source's setting `bank`",
    ))
}

fn not_vnd(part: &Part<'_>, currency: Leaf) -> Rejection {
    match part.get(currency) {
        Some(_) => Rejection::new(DeadLetterReason::UnsupportedCurrency, currency.path(), "not VND"),
        None => Rejection::malformed(currency.path(), "missing"),
    }
}

/// A decimal without a fraction of a dong.
fn amount(text: &str, leaf: Leaf) -> Result<AmountDong, Rejection> {
    let is_decimal = text.starts_with(|first: char| first.is_ascii_digit());
    is_decimal.then(|| amount_dong(text)).flatten().ok_or(Rejection::new(
        DeadLetterReason::InvalidAmount,
        leaf.path(),
        "not whole dong from 1 to 1000000000000000",
    ))
}

/// What a transaction says of its own amount. Up to 001.02 it says so only in `AmtDtls`, where the amount may be what
/// the payer ordered in another currency.
fn own_amount(part: &Part<'_>) -> Result<Option<AmountDong>, Rejection> {
    if let Some(text) = part.get(Leaf::Amount) {
        if part.get(Leaf::Currency).is_none_or(|currency| currency != "VND") {
            return Err(not_vnd(part, Leaf::Currency));
        }
        return amount(text, Leaf::Amount).map(Some);
    }
    for leaf in [Leaf::TransactionAmount, Leaf::InstructedAmount] {
        let currency = leaf.currency().and_then(|currency| part.get(currency));
        if let Some(text) = part.get(leaf).filter(|_| currency.is_some_and(|currency| currency == "VND")) {
            return amount(text, leaf).map(Some);
        }
    }
    Ok(None)
}

fn direction(part: &Part<'_>) -> Result<Option<Direction>, Rejection> {
    match part.get(Leaf::Direction).map(AsRef::as_ref) {
        None => Ok(None),
        Some("CRDT") => Ok(Some(Direction::In)),
        Some("DBIT") => Ok(Some(Direction::Out)),
        Some(_) => Err(Rejection::malformed(Leaf::Direction.path(), "neither CRDT nor DBIT")),
    }
}

/// A date, which stands for its first instant in Viet Nam, or a date and time with or without an offset.
fn time(text: &str, leaf: Leaf) -> Result<Timestamp, Rejection> {
    let wrong = Rejection::malformed(leaf.path(), "not an ISO 8601 date or time between 1970 and 2149");
    let written = match text.split_once('T') {
        Some((_, time)) if time.contains(['Z', '+', '-']) => Cow::Borrowed(text),
        Some(_) => Cow::Owned(format!("{text}+07:00")),
        None => {
            let (date, offset) = text.split_at_checked(10).ok_or(wrong.clone())?;
            if !matches!(offset, "" | "Z") && !offset.starts_with(['+', '-']) {
                return Err(wrong);
            }
            Cow::Owned(format!("{date}T00:00:00+07:00"))
        }
    };
    Timestamp::parse_rfc3339(&written).map_err(|_| wrong)
}
