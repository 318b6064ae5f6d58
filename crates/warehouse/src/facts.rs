//! Facts: a row per record, which alone restores the record; the rows of a payment always travel together.

mod read;
mod write;

use cashless_domain::BusinessDate;
use cashless_rollup::{Fact, Payment, PaymentKey};

use crate::block_rows::spans;
use crate::client::{PAIRS_MAX, Question, Warehouse};
use crate::error::Error;

/// Keys a query may name: the server takes no parameter above 128 KiB, and a key is 68 characters.
const KEYS_MAX: usize = 1_800;

/// Which optional values of a row are there, as bits of its column `present`. An absent value is stored as zero, and zero
/// is a possible digest, so only the bit tells them apart.
mod present {
    pub(super) const DETAILS: u16 = 1;
    pub(super) const PROVIDER_TIME: u16 = 2;
    pub(super) const PAYER: u16 = 4;
    pub(super) const BENEFICIARY: u16 = 8;
    pub(super) const INVOICE: u16 = 16;
    pub(super) const INVOICE_OTHER_YEAR: u16 = 32;
    pub(super) const ORIGINAL: u16 = 64;
    pub(super) const MERGED_INTO: u16 = 128;
    pub(super) const DECIDED_SETTLED_AT: u16 = 256;
    pub(super) const PAYER_ACCOUNT: u16 = 512;
    pub(super) const REFERENCE: u16 = 1024;
}

/// The payments stored for these (partition, anchor) pairs, by the first 64 bits of their ids; a pair without any has an
/// empty list. An id may come more than once.
pub type KnownIds = Vec<(u16, BusinessDate, Vec<u64>)>;

impl Warehouse {
    /// The ids of all stored payments of these partitions and anchors. Every pair asked for is in the answer, in
    /// the order of the question; an id may come more than once.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn known_ids(&self, wanted: &[(u16, BusinessDate)]) -> Result<KnownIds, Error> {
        let mut known: KnownIds =
            wanted.iter().map(|(partition, anchor)| (*partition, *anchor, Vec::new())).collect();
        let mut days = read::Days::new(wanted);
        for wanted in wanted.chunks(PAIRS_MAX) {
            let question = Question::new("read known ids", include_str!("queries/known_ids.sql"))
                .with("days", pairs(wanted))
                .incompressible();
            self.select(question, |block| days.read(block, &mut known)).await?;
        }
        Ok(known)
    }

    /// Those of the payments that are stored, and all payments of whole days.
    ///
    /// # Errors
    /// See [`Error`]; a payment whose rows carry different versions is a [`Cause::TornPayment`](crate::Cause::TornPayment).
    pub async fn payments(
        &self,
        keys: &[(u16, PaymentKey)],
        days: &[(u16, BusinessDate)],
    ) -> Result<Vec<(u16, PaymentKey, Payment)>, Error> {
        const WHAT: &str = "read payments";
        let mut payments = read::Payments::default();
        for days in days.chunks(PAIRS_MAX) {
            let question =
                Question::new(WHAT, include_str!("queries/payments_of_days.sql")).with("days", pairs(days));
            self.select(question, |block| payments.read(block)).await?;
        }
        let mut keys: Vec<_> = keys.to_vec();
        keys.retain(|(partition, key)| !days.contains(&(*partition, key.anchor)));
        keys.sort_unstable_by_key(|(_, key)| *key);
        keys.dedup();
        for keys in keys.chunks(KEYS_MAX) {
            let question = Question::new(WHAT, include_str!("queries/payments_of_keys.sql"))
                .with("key_count", u32::try_from(keys.len()).unwrap_or(u32::MAX))
                .with("keys", write::hexadecimal_keys(keys));
            self.select(question, |block| payments.read(block)).await?;
        }
        Ok(payments.found)
    }

    /// Stores facts, durably, the rows of one payment in one block. Repeating it changes nothing; an older
    /// version never replaces a newer one.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn insert_facts(&self, facts: &[(u16, &[Fact])]) -> Result<(), Error> {
        let mut rows: Vec<(u16, &Fact)> = (facts.iter())
            .flat_map(|(partition, facts)| facts.iter().map(move |fact| (*partition, fact)))
            .collect();
        rows.sort_by_cached_key(|(_, fact)| (fact.payment, fact.record.id));
        if rows.is_empty() {
            return Ok(());
        }
        let mut insert = self.insert("store facts", "INSERT INTO payments FORMAT Native");
        for span in spans(&rows, |(_, one), (_, next)| one.payment != next.payment) {
            insert.send(write::block(span)).await?;
        }
        insert.end().await
    }
}

fn pairs(days: &[(u16, BusinessDate)]) -> Vec<(u16, u16)> {
    days.iter().map(|(partition, day)| (*partition, day.days())).collect()
}
