//! From a statement to the event that may go further: the receiver checked, persons and ids digested.

use std::borrow::Cow;

use cashless_domain::{
    AccountId, AmountDong, Beneficiary, BusinessDate, DeadLetterReason, Details, EventKey, Evidence, Flags,
    IdentifierId, Kind, Method, MinimumFields, PaymentEvent, PaymentId, Reason, RecordId, ReferenceDigest,
    Status, StatusChange, Timestamp,
};

use crate::banks::bin_of;
use crate::item::{Item, Rejection};
use crate::reason::reason_of;
use crate::source::{DigestKeys, MergeBy, Source};
use crate::statement::{Direction, Receiver, Said, Statement};
use crate::written::{is_account, is_invoice, is_person_name};

/// Clocks of senders run ahead a little; more than this is a wrong clock.
pub(crate) const AHEAD_MICROS_MAX: i64 = 5 * 60 * 1_000_000;

/// What a statement is read against.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// Who posted it.
    pub source: &'a Source,
    /// The keys of every digest.
    pub keys: &'a DigestKeys,
    /// When it came.
    pub received_at: Timestamp,
}

impl Context<'_> {
    pub(crate) fn item(&self, statement: Result<Statement<'_>, Rejection>) -> Item {
        match statement {
            Ok(statement) => {
                let outcome = self.event(&statement);
                let moved = statement.amount.filter(|_| statement.said.moves_money());
                Item { dong: moved.map_or(0, AmountDong::get), outcome }
            }
            Err(rejection) => Item { dong: 0, outcome: Err(rejection) },
        }
    }

    fn event(&self, statement: &Statement<'_>) -> Result<PaymentEvent, Rejection> {
        if statement.occurred_at.is_some_and(|time| self.is_ahead(time)) {
            let reason = DeadLetterReason::TimeInFuture;
            return Err(Rejection::new(reason, "", "more than five minutes in the future"));
        }
        let (bank, account, identifier) = self.receiver(statement)?;
        let of_transaction = statement.occurred_at.filter(|_| !statement.is_time_of_message);
        // A bank may book a payment, its fee and its reversal under one reference.
        let record = match statement.said {
            Said::PaidOut => self.record(&format!("{}:out", statement.record)),
            Said::Reversed { .. } => self.record(&format!("{}:reversal", statement.record)),
            _ => self.record(&statement.record),
        };
        let (payment, reference) = self.payment(statement, bank, account, of_transaction, record);
        let details = if statement.said.moves_money() {
            Some(self.details(statement, (bank, account, identifier), reference)?)
        } else {
            None
        };
        let status = match &statement.said {
            Said::Paid | Said::PaidOut | Said::Reversed { .. } => Status::Settled,
            Said::Voided => Status::Voided,
            Said::Failed => Status::Failed,
            Said::Pending => Status::Pending,
            Said::Test => Status::Test,
        };
        Ok(PaymentEvent {
            source: self.source.id.clone(),
            source_class: self.source.class,
            key: EventKey { anchor: anchor(of_transaction), account, payment, record },
            received_at: self.received_at,
            status: Some(StatusChange { version: 0, status }),
            details,
            decision: None,
            erased: false,
        })
    }

    fn is_ahead(&self, time: Timestamp) -> bool {
        time.as_micros() > self.received_at.as_micros().saturating_add(AHEAD_MICROS_MAX)
    }

    fn record(&self, name: &str) -> RecordId {
        self.keys.ids.record(&self.source.id_scope, name)
    }

    fn receiver<'s>(
        &self,
        statement: &'s Statement<'_>,
    ) -> Result<(&'s str, AccountId, IdentifierId), Rejection> {
        let (ids, source) = (&self.keys.ids, self.source);
        let not_allowed = Rejection::new(
            DeadLetterReason::ReceiverNotAllowed,
            "",
            "the receiver is not among those configured for this source",
        );
        match &statement.receiver {
            Receiver::Account { bank, number } => {
                let virtual_account = statement.virtual_account.as_deref();
                if !source.receivers.allow_account(bank, number, virtual_account) {
                    return Err(not_allowed);
                }
                let account = ids.bank_account(bank, number);
                let prefix = virtual_account.and_then(|number| source.receivers.prefix_of(bank, number));
                let identifier =
                    prefix.map_or(account.into(), |prefix| ids.virtual_account_prefix(bank, prefix));
                Ok((bank, account, identifier))
            }
            Receiver::Merchant(merchant) if source.receivers.allow_merchant(merchant) => {
                let account = ids.merchant(&source.merchant_scope, merchant);
                Ok(("", account, account.into()))
            }
            Receiver::Merchant(_) => Err(not_allowed),
        }
    }

    /// A message without the bank's reference names its payment by its record: it can meet no other source's.
    fn payment(
        &self,
        statement: &Statement<'_>,
        bank: &str,
        account: AccountId,
        of_transaction: Option<Timestamp>,
        record: RecordId,
    ) -> (PaymentId, Option<ReferenceDigest>) {
        let ids = &self.keys.ids;
        match (self.source.merge_by, &statement.bank_reference) {
            (MergeBy::BankReference, Some(reference)) => (
                ids.payment(bank, account, anchor(of_transaction), reference),
                Some(ids.reference(bank, account, reference)),
            ),
            _ => (record.into(), None),
        }
    }

    /// The account that money came from, where it is told so that it can be recognised. A bank that names none speaks
    /// of its own.
    fn payer_account(&self, statement: &Statement<'_>, receiving_bank: &str) -> Option<AccountId> {
        let told = statement.payer_account.as_deref().filter(|_| statement.direction == Direction::In)?;
        let number: String = told.split_whitespace().collect();
        let bank = match statement.payer_bank.as_deref() {
            Some(name) => bin_of(name)?,
            None => receiving_bank,
        };
        (is_account(&number) && !bank.is_empty()).then(|| self.keys.ids.bank_account(bank, &number))
    }

    fn details(
        &self,
        statement: &Statement<'_>,
        (bank, account, identifier): (&str, AccountId, IdentifierId),
        reference: Option<ReferenceDigest>,
    ) -> Result<Details, Rejection> {
        let amount = statement.amount.ok_or(Rejection::new(
            DeadLetterReason::InvalidAmount,
            "",
            "money moved, but the amount is not whole dong from 1 to 1000000000000000",
        ))?;
        let settled_at = statement.occurred_at.unwrap_or(self.received_at);
        let keys = &self.keys.persons;
        let payer_name = statement.payer_name.as_deref().filter(|name| is_person_name(name));
        let holder = statement.beneficiary_name.as_deref().filter(|name| is_person_name(name));
        let payer_account = self.payer_account(statement, bank);
        let invoice = self.invoice(statement);
        let reason = statement.reason.as_deref().map_or(Reason::Unknown, reason_of);
        let has_digests =
            payer_name.is_some() || holder.is_some() || invoice.is_some() || payer_account.is_some();
        let key_missing = has_digests && !keys.has_year(settled_at.business_date().year());
        let flags = [
            (statement.occurred_at.is_none(), Flags::SETTLED_AT_MISSING),
            (key_missing, Flags::PERSON_KEY_MISSING),
        ];
        let fields = [
            (payer_name.is_some(), MinimumFields::PAYER_NAME),
            (holder.is_some(), MinimumFields::BENEFICIARY_NAME),
            (statement.reason.as_deref().is_some_and(is_written_reason), MinimumFields::REASON),
            (invoice.is_some(), MinimumFields::INVOICE_REF),
        ];
        let evidence = if invoice.is_some() { Evidence::INVOICE } else { Evidence::default() };
        let (invoice, invoice_other_year) =
            invoice.map_or((None, None), |invoice| keys.invoice(amount, settled_at, &invoice));
        Ok(Details {
            version: 0,
            provider_time: statement.occurred_at,
            received_at: self.received_at,
            amount,
            settled_at,
            method: statement.method,
            kind: kind(statement, reason),
            identifier,
            evidence,
            fields: chosen(fields).fold(MinimumFields::default(), MinimumFields::union),
            flags: chosen(flags).fold(Flags::default(), Flags::union),
            reason,
            beneficiary_kind: if holder.is_some() { Beneficiary::Institution } else { Beneficiary::Unknown },
            payer: payer_name.and_then(|name| keys.payer(account, settled_at, name)),
            beneficiary: holder.and_then(|name| keys.beneficiary(account, settled_at, name)),
            payer_account: payer_account.and_then(|payer| keys.payer_account(account, settled_at, payer)),
            invoice,
            invoice_other_year,
            original: match &statement.said {
                Said::Reversed { original: Some(original) } => Some(self.record(original)),
                _ => None,
            },
            reference,
        })
    }

    /// From the field that is meant for it, else the one code of the institution's own form in the free text.
    fn invoice<'s>(&self, statement: &'s Statement<'_>) -> Option<Cow<'s, str>> {
        let given = statement.invoice.as_deref().filter(|text| is_invoice(text)).map(Cow::Borrowed);
        given.or_else(|| self.source.invoice_codes.only_code_in(statement.reason.as_deref()?).map(Cow::Owned))
    }
}

fn anchor(of_transaction: Option<Timestamp>) -> BusinessDate {
    of_transaction.map_or(BusinessDate::UNKNOWN, Timestamp::business_date)
}

fn kind(statement: &Statement<'_>, reason: Reason) -> Kind {
    match (&statement.said, statement.direction, statement.kind) {
        (Said::Reversed { original: Some(_) }, Direction::Out, _) => Kind::Refund,
        (_, Direction::Out, _) => Kind::Outflow,
        (_, _, Some(kind)) => kind,
        // Money that comes back from somewhere else is no payer's fee.
        (Said::Reversed { .. }, ..) => Kind::SupplierRefund,
        _ if statement.method == Method::CounterCash => Kind::CounterCash,
        _ if reason == Reason::InpatientDeposit => Kind::Deposit,
        _ => Kind::Payment,
    }
}

fn is_written_reason(text: &str) -> bool {
    let text = text.trim();
    !text.is_empty() && text.chars().count() <= 500
}

fn chosen<T, const N: usize>(bits: [(bool, T); N]) -> impl Iterator<Item = T> {
    bits.into_iter().filter_map(|(is_set, bit)| is_set.then_some(bit))
}

#[cfg(test)]
mod tests {
    use cashless_domain::{IdKey, PersonKeys, SourceClass, SourceId};

    use super::*;
    use crate::{Channel, CodePatterns, ReceiverRule, Receivers};

    fn at(time: &str) -> Timestamp {
        Timestamp::parse_rfc3339(time).expect("a time")
    }

    #[test]
    fn a_payers_account_is_told_by_its_bank_and_only_of_money_that_comes_in() {
        let source = Source {
            id: SourceId::new("example").expect("a name"),
            class: SourceClass::Bank,
            merge_by: MergeBy::BankReference,
            id_scope: "example".to_owned(),
            merchant_scope: "example".to_owned(),
            receivers: Receivers::new([ReceiverRule::Bank { bank: "970436".to_owned() }]),
            invoice_codes: CodePatterns::default(),
        };
        let persons = PersonKeys::new([(2026, [2; 32].as_slice())]).expect("a key");
        let keys = DigestKeys { ids: IdKey::new(&[1; 32]).expect("a key"), persons };
        let time = at("2026-09-10T23:59:58+07:00");
        let context = Context { source: &source, keys: &keys, received_at: time };
        let receiver = Receiver::Account { bank: "970436".into(), number: "0011223344".into() };
        let paid = Statement {
            amount: AmountDong::new(5_000_000).ok(),
            occurred_at: Some(time),
            bank_reference: Some("FT1".into()),
            payer_account: Some("1029 384 756".into()),
            ..Statement::new(Said::Paid, "1", receiver, Channel::BankTransfer, Method::WebTransfer)
        };
        let details = |statement: &Statement<'_>| {
            let event = context.item(Ok(statement.clone())).outcome.expect("an event");
            event.details.expect("money moved")
        };
        let account = keys.ids.bank_account("970436", "0011223344");
        let expected =
            |bank| keys.persons.payer_account(account, time, keys.ids.bank_account(bank, "1029384756"));
        let told_by = |bank: Option<&'static str>| {
            details(&Statement { payer_bank: bank.map(Cow::Borrowed), ..paid.clone() }).payer_account
        };
        assert!(expected("970436").is_some());
        assert_eq!(told_by(None), expected("970436"), "a bank that names none speaks of its own");
        assert_eq!(told_by(Some("ICBVVNVX")), expected("970415"));
        assert_eq!(told_by(Some("BANK OF NOWHERE")), None);
        let out = Statement { said: Said::PaidOut, direction: Direction::Out, ..paid.clone() };
        assert_eq!(details(&out).payer_account, None);

        let next_day = Statement { occurred_at: Some(at("2026-09-10T00:00:02+07:00")), ..paid.clone() };
        assert!(details(&paid).reference.is_some());
        assert_eq!(details(&paid).reference, details(&next_day).reference);
        let noon = Statement { occurred_at: Some(at("2026-09-10T12:00:00+07:00")), ..paid };
        assert_eq!(details(&noon).reference, details(&next_day).reference);
    }
}
