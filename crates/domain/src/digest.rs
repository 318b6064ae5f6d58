use std::collections::BTreeMap;
use std::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::{
    AccountId, AmountDong, BusinessDate, IdentifierId, InvoiceDigest, PayerAccountDigest, PaymentId,
    PersonDigest, RecordId, ReferenceDigest, Timestamp, normalized_name,
};

/// How close to New Year an invoice digest is carried under both years: a settlement time may still move.
const NEW_YEAR_MARGIN_MICROS: i64 = 48 * 3_600 * 1_000_000;

/// A key of fewer than 32 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a digest key has at least 32 bytes")]
pub struct InvalidKey;

#[derive(Clone)]
struct DigestKey(Hmac<Sha256>);

impl DigestKey {
    fn new(bytes: &[u8]) -> Result<Self, InvalidKey> {
        if bytes.len() < 32 {
            return Err(InvalidKey);
        }
        Hmac::new_from_slice(bytes).map(Self).map_err(|_| InvalidKey)
    }

    /// HMAC-SHA-256 over the parts, each behind its length, so that no two lists of parts read alike.
    fn digest<const N: usize>(&self, parts: &[&[u8]]) -> [u8; N] {
        let mut mac = self.0.clone();
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        let mut digest = [0; N];
        digest.copy_from_slice(&mac.finalize().into_bytes()[..N]);
        digest
    }
}

/// The long-lived key of all ids. Account numbers are guessable, so a bare hash of one would be no secret.
#[derive(Clone)]
pub struct IdKey(DigestKey);

impl IdKey {
    /// # Errors
    /// Fewer than 32 bytes.
    pub fn new(bytes: &[u8]) -> Result<Self, InvalidKey> {
        DigestKey::new(bytes).map(Self)
    }

    /// A bank account: `bank` is the bank's BIN or code, the same for every source that names the account.
    #[must_use]
    pub fn bank_account(&self, bank: &str, account_number: &str) -> AccountId {
        AccountId(self.0.digest(&[b"bank-account", bank.as_bytes(), account_number.as_bytes()]))
    }

    /// A merchant of an intermediary; `provider` is who gave the merchant id out.
    #[must_use]
    pub fn merchant(&self, provider: &str, merchant: &str) -> AccountId {
        AccountId(self.0.digest(&[b"merchant", provider.as_bytes(), merchant.as_bytes()]))
    }

    /// A card terminal; `provider` is who gave the terminal id out.
    #[must_use]
    pub fn terminal(&self, provider: &str, terminal: &str) -> AccountId {
        AccountId(self.0.digest(&[b"terminal", provider.as_bytes(), terminal.as_bytes()]))
    }

    /// A prefix of virtual-account numbers at a bank, given by the bank to one institution.
    #[must_use]
    pub fn virtual_account_prefix(&self, bank: &str, prefix: &str) -> IdentifierId {
        IdentifierId(self.0.digest(&[b"virtual-account-prefix", bank.as_bytes(), prefix.as_bytes()]))
    }

    /// A transaction of one source; `scope` is who gave the transaction id out.
    #[must_use]
    pub fn record(&self, scope: &str, transaction_id: &str) -> RecordId {
        RecordId(u64::from_be_bytes(self.0.digest(&[b"record", scope.as_bytes(), transaction_id.as_bytes()])))
    }

    /// The refund that a status flip of `original` stands for, when the provider gives it no id of its own.
    #[must_use]
    pub fn refund_of(&self, original: RecordId) -> RecordId {
        RecordId(u64::from_be_bytes(self.0.digest(&[b"refund", &original.0.to_be_bytes()])))
    }

    /// The movement of money that a bank names by `bank_reference`, wherever it is reported.
    #[must_use]
    pub fn payment(
        &self,
        bank: &str,
        account: AccountId,
        anchor: BusinessDate,
        bank_reference: &str,
    ) -> PaymentId {
        PaymentId(self.0.digest(&[
            b"payment",
            bank.as_bytes(),
            &account.0,
            &anchor.days().to_be_bytes(),
            bank_reference.as_bytes(),
        ]))
    }

    /// What `bank_reference` names at the account whatever the day: two sources may date one payment differently, and then do
    /// not meet in [`Self::payment`].
    #[must_use]
    pub fn reference(&self, bank: &str, account: AccountId, bank_reference: &str) -> ReferenceDigest {
        let parts: [&[u8]; 4] = [b"reference", bank.as_bytes(), &account.0, bank_reference.as_bytes()];
        ReferenceDigest(u64::from_be_bytes(self.0.digest(&parts)))
    }
}

impl From<AccountId> for IdentifierId {
    /// An account, merchant or terminal is an identifier by itself.
    fn from(account: AccountId) -> Self {
        Self(account.0)
    }
}

/// The keys of persons' digests, one a year. Destroying a year's key makes that year's digests anonymous.
#[derive(Clone, Default)]
pub struct PersonKeys(BTreeMap<i16, DigestKey>);

impl PersonKeys {
    /// # Errors
    /// A key of fewer than 32 bytes.
    pub fn new<'a>(keys: impl IntoIterator<Item = (i16, &'a [u8])>) -> Result<Self, InvalidKey> {
        keys.into_iter()
            .map(|(year, bytes)| Ok((year, DigestKey::new(bytes)?)))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Whether digests of this year can (still) be made.
    #[must_use]
    pub fn has_year(&self, year: i16) -> bool {
        self.0.contains_key(&year)
    }

    /// The digest of a payer's name.
    #[must_use]
    pub fn payer(&self, account: AccountId, settled_at: Timestamp, name: &str) -> Option<PersonDigest> {
        self.person(b"payer", account, settled_at, name)
    }

    /// The digest of a pupil's or patient's code or name.
    #[must_use]
    pub fn beneficiary(&self, account: AccountId, settled_at: Timestamp, name: &str) -> Option<PersonDigest> {
        self.person(b"beneficiary", account, settled_at, name)
    }

    fn person(
        &self,
        purpose: &[u8],
        account: AccountId,
        settled_at: Timestamp,
        name: &str,
    ) -> Option<PersonDigest> {
        let key = self.0.get(&settled_at.business_date().year())?;
        let digest = key.digest(&[purpose, &account.0, normalized_name(name).as_bytes()]);
        Some(PersonDigest(u64::from_be_bytes(digest)))
    }

    /// The digest of the bank account that money came from to `account`. Knowing the digests of one receiving account
    /// says nothing of another's.
    #[must_use]
    pub fn payer_account(
        &self,
        account: AccountId,
        settled_at: Timestamp,
        payer_account: AccountId,
    ) -> Option<PayerAccountDigest> {
        let key = self.0.get(&settled_at.business_date().year())?;
        let digest = key.digest(&[b"payer-account", &account.0, &payer_account.0]);
        Some(PayerAccountDigest(u64::from_be_bytes(digest)))
    }

    /// The digest of an invoice reference and an amount, and within 48 hours of New Year also the one under the other
    /// year. A reference may be a pupil's code: with the amount in it, the digest links only what may be one payment.
    #[must_use]
    pub fn invoice(
        &self,
        amount: AmountDong,
        settled_at: Timestamp,
        invoice_ref: &str,
    ) -> (Option<InvoiceDigest>, Option<InvoiceDigest>) {
        let year = settled_at.business_date().year();
        let under = |year: i16| {
            let key = self.0.get(&year)?;
            let digest = key.digest(&[b"invoice", &amount.get().to_be_bytes(), invoice_ref.as_bytes()]);
            Some(InvoiceDigest(u64::from_be_bytes(digest)))
        };
        let shifted = |micros: i64| {
            Timestamp::from_micros(settled_at.as_micros().saturating_add(micros))
                .map_or(year, |time| time.business_date().year())
        };
        let other = [shifted(NEW_YEAR_MARGIN_MICROS), shifted(-NEW_YEAR_MARGIN_MICROS)];
        (under(year), other.into_iter().find(|other| *other != year).and_then(under))
    }
}

impl fmt::Debug for IdKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdKey(…)")
    }
}

impl fmt::Debug for PersonKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PersonKeys({:?})", self.0.keys())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse_rfc3339(text).expect("a time")
    }

    #[test]
    fn parts_cannot_slide_into_each_other() {
        let key = IdKey::new(&[7; 32]).expect("long enough");
        assert_ne!(key.bank_account("97", "0405"), key.bank_account("970", "405"));
        assert_ne!(key.merchant("p", "1").0, key.terminal("p", "1").0);
    }

    #[test]
    fn a_short_key_is_refused() {
        assert_eq!(IdKey::new(&[7; 31]).err(), Some(InvalidKey));
    }

    #[test]
    fn a_destroyed_key_gives_nothing_instead_of_failing() {
        let keys = PersonKeys::new([(2022, [1; 32].as_slice())]).expect("long enough");
        let account = AccountId([0; 16]);
        assert!(keys.payer(account, at("2022-05-01T00:00:00Z"), "Ví Dụ").is_some());
        assert!(keys.payer(account, at("2023-05-01T00:00:00Z"), "Ví Dụ").is_none());
    }

    #[test]
    fn an_invoice_near_new_year_carries_both_years() {
        let keys =
            PersonKeys::new([(2022, [1; 32].as_slice()), (2023, [2; 32].as_slice())]).expect("long enough");
        let amount = AmountDong::new(350_000).expect("an amount");
        let (december, also_january) = keys.invoice(amount, at("2022-12-31T10:00:00+07:00"), "HD1");
        let (january, also_december) = keys.invoice(amount, at("2023-01-01T10:00:00+07:00"), "HD1");
        assert!(december.is_some() && january.is_some());
        assert_eq!((december, also_january), (also_december, january));
        assert_eq!(keys.invoice(amount, at("2022-12-29T10:00:00+07:00"), "HD1").1, None);
        let dearer = AmountDong::new(350_001).expect("an amount");
        assert_ne!(keys.invoice(dearer, at("2022-12-31T10:00:00+07:00"), "HD1").0, december);
    }

    #[test]
    fn a_payers_account_is_known_only_with_its_receiver_and_year() {
        let keys =
            PersonKeys::new([(2022, [1; 32].as_slice()), (2023, [2; 32].as_slice())]).expect("long enough");
        let (school, other, payer) = (AccountId([1; 16]), AccountId([2; 16]), AccountId([3; 16]));
        let (in_2022, in_2023) = (at("2022-05-01T00:00:00Z"), at("2023-05-01T00:00:00Z"));
        let digest = keys.payer_account(school, in_2022, payer);
        assert!(digest.is_some());
        assert_ne!(digest, keys.payer_account(other, in_2022, payer));
        assert_ne!(digest, keys.payer_account(school, in_2023, payer));
        assert_eq!(keys.payer_account(school, at("2024-05-01T00:00:00Z"), payer), None);
    }
}
