//! Names, codes, payers' accounts and invoice references: here they become digests and flags, and go no further.

use std::borrow::Cow;

use cashless_domain::{
    AccountId, AmountDong, Beneficiary, Evidence, Flags, InvoiceDigest, MinimumFields, PayerAccountDigest,
    PersonDigest, Reason, Timestamp,
};

use super::normalize::one_of;
use super::payload::{self, Transaction};
use crate::item::Rejection;
use crate::json::{Lexeme, Object};
use crate::source::DigestKeys;
use crate::written::{is_account, is_invoice, is_person_name};

/// What is kept of the persons and the purpose of a payment.
pub(super) struct Persons {
    pub(super) payer: Option<PersonDigest>,
    pub(super) beneficiary: Option<PersonDigest>,
    pub(super) beneficiary_kind: Beneficiary,
    pub(super) payer_account: Option<PayerAccountDigest>,
    pub(super) invoice: Option<InvoiceDigest>,
    pub(super) invoice_other_year: Option<InvoiceDigest>,
    pub(super) reason: Reason,
    pub(super) fields: MinimumFields,
    pub(super) evidence: Evidence,
    pub(super) flags: Flags,
}

impl Persons {
    /// A name, account, reason or invoice reference that is not as documented counts as not given: leaving the payment
    /// out would bias the totals. Members that appear twice, and unknown kinds, still refuse the statement.
    pub(super) fn read(
        transaction: &Transaction<'_>,
        keys: &DigestKeys,
        (bank, account): (&str, AccountId),
        (amount, settled_at): (AmountDong, Timestamp),
    ) -> Result<Self, Rejection> {
        let DigestKeys { ids, persons: keys } = keys;
        let payer = optional(&transaction.payer, "data.payer")?;
        let beneficiary = optional(&transaction.beneficiary, "data.beneficiary")?;
        let payer_name = payer.and_then(|payer| name(payer.name));
        let payer_account = payer.and_then(|payer| {
            let number = valid(payer.account, is_account)?;
            let bank = valid(payer.bank, is_bank).unwrap_or(Cow::Borrowed(bank));
            is_bank(&bank).then(|| ids.bank_account(&bank, &number))
        });
        let beneficiary_name = beneficiary.and_then(|beneficiary| name(beneficiary.name));
        let code = beneficiary.and_then(|beneficiary| code(beneficiary.code));
        let beneficiary_kind = beneficiary_kind(beneficiary)?;
        let invoice_ref = valid(transaction.invoice_ref, is_invoice);
        let reason = valid(transaction.reason, |_| true).and_then(|reason| Reason::from_name(&reason));
        let reason = reason.unwrap_or(Reason::Unknown);

        let served = matches!(beneficiary_kind, Beneficiary::Pupil | Beneficiary::Patient);
        let names_person = code.is_some() || (beneficiary_name.is_some() && served);
        let fields = [
            (payer_name.is_some(), MinimumFields::PAYER_NAME),
            (beneficiary_name.is_some(), MinimumFields::BENEFICIARY_NAME),
            (reason != Reason::Unknown, MinimumFields::REASON),
            (invoice_ref.is_some(), MinimumFields::INVOICE_REF),
        ];
        let evidence = [(invoice_ref.is_some(), Evidence::INVOICE), (names_person, Evidence::PERSON)];

        let beneficiary_text = code.or(beneficiary_name);
        let has_digests = payer_name.is_some()
            || beneficiary_text.is_some()
            || invoice_ref.is_some()
            || payer_account.is_some();
        let key_missing = has_digests && !keys.has_year(settled_at.business_date().year());
        let (invoice, invoice_other_year) =
            invoice_ref.map_or((None, None), |invoice_ref| keys.invoice(amount, settled_at, &invoice_ref));
        Ok(Self {
            payer: payer_name.and_then(|name| keys.payer(account, settled_at, &name)),
            beneficiary: beneficiary_text.and_then(|text| keys.beneficiary(account, settled_at, &text)),
            beneficiary_kind,
            payer_account: payer_account.and_then(|payer| keys.payer_account(account, settled_at, payer)),
            invoice,
            invoice_other_year,
            reason,
            fields: present(fields).fold(MinimumFields::default(), MinimumFields::union),
            evidence: present(evidence).fold(Evidence::default(), Evidence::union),
            flags: if key_missing { Flags::PERSON_KEY_MISSING } else { Flags::default() },
        })
    }
}

fn present<T, const N: usize>(bits: [(bool, T); N]) -> impl Iterator<Item = T> {
    bits.into_iter().filter_map(|(present, bit)| present.then_some(bit))
}

/// The members of an object that may be missing or of another type, but not ambiguous.
fn optional<'a, T>(object: &'a Object<T>, path: &'static str) -> Result<Option<&'a T>, Rejection> {
    match object {
        Object::Members(members) => Ok(Some(members)),
        Object::Missing | Object::Array | Object::Wrong => Ok(None),
        Object::Repeated => Err(Rejection::malformed(path, "a member appears twice")),
        Object::TooDeep => Err(Rejection::malformed(path, "an unknown member is nested too deeply")),
    }
}

fn beneficiary_kind(beneficiary: Option<&payload::Beneficiary<'_>>) -> Result<Beneficiary, Rejection> {
    let Some(beneficiary) = beneficiary else { return Ok(Beneficiary::Unknown) };
    let kind = one_of(beneficiary.kind, "data.beneficiary.kind", Beneficiary::from_name)?;
    Ok(kind.unwrap_or(Beneficiary::Unknown))
}

fn valid<'de>(lexeme: Lexeme<'de>, is_valid: impl Fn(&str) -> bool) -> Option<Cow<'de, str>> {
    lexeme.text().ok().flatten().filter(|text| is_valid(text))
}

/// A BIN or code, as of receivers.
fn is_bank(text: &str) -> bool {
    (2..=11).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
}

fn name(lexeme: Lexeme<'_>) -> Option<Cow<'_, str>> {
    valid(lexeme, is_person_name)
}

fn code(lexeme: Lexeme<'_>) -> Option<Cow<'_, str>> {
    valid(lexeme, |code| !code.trim().is_empty() && code.chars().count() <= 50)
}
