use cashless_domain::{AccountId, BusinessDate, EventKey, PaymentEvent, PaymentId};

use crate::record::Record;
use crate::unit::{Standing, lone_standing, standings};
use crate::{Fact, Version};

/// The key of a payment: what its records share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PaymentKey {
    /// Local date of the providers' transaction time.
    pub anchor: BusinessDate,
    /// The receiving account.
    pub account: AccountId,
    /// The movement of money.
    pub payment: PaymentId,
}

impl From<EventKey> for PaymentKey {
    fn from(key: EventKey) -> Self {
        Self { anchor: key.anchor, account: key.account, payment: key.payment }
    }
}

/// All records of one movement of money, and the last event that changed any of them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Payment {
    /// Position of the last event that changed it.
    pub version: Version,
    /// Ordered by id.
    pub records: Vec<Record>,
}

/// Rows of one payment that carry different versions: they were not stored together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the stored rows of payment {payment} of {anchor} carry different versions")]
pub struct TornPayment {
    /// The payment.
    pub payment: PaymentId,
    /// Its anchor.
    pub anchor: BusinessDate,
}

impl Payment {
    /// Puts a payment together from its stored rows.
    ///
    /// # Errors
    /// The rows carry different versions, which no correct writer leaves behind.
    pub fn restore(
        key: &PaymentKey,
        rows: impl IntoIterator<Item = (Version, Record)>,
    ) -> Result<Self, TornPayment> {
        let mut payment = Self::default();
        for (version, record) in rows {
            if !payment.records.is_empty() && payment.version != version {
                return Err(TornPayment { payment: key.payment, anchor: key.anchor });
            }
            payment.version = version;
            payment.records.push(record);
        }
        payment.records.sort_by_key(|record| record.id);
        Ok(payment)
    }

    /// Takes an event in. Says whether anything changed.
    pub(crate) fn join(&mut self, event: &PaymentEvent) -> bool {
        match self.records.binary_search_by_key(&event.key.record, |record| record.id) {
            Ok(index) => self.records[index].join(event),
            Err(index) => {
                // Nearly every payment has one record, and there are many payments: no room to spare.
                self.records.reserve_exact(1);
                self.records.insert(index, Record::new(event));
                true
            }
        }
    }

    /// Each record with its standing, in the order of the records.
    pub(crate) fn each_standing<'p>(&'p self, key: &PaymentKey, mut take: impl FnMut(&'p Record, Standing)) {
        if let [record] = self.records.as_slice() {
            take(record, lone_standing(key, record));
        } else {
            self.records
                .iter()
                .zip(standings(key, &self.records))
                .for_each(|(record, standing)| take(record, standing));
        }
    }

    /// Adds its rows.
    pub(crate) fn write_facts(&self, key: &PaymentKey, facts: &mut Vec<Fact>) {
        self.each_standing(key, |record, standing| {
            facts.push(Fact { payment: *key, record: record.clone(), standing, version: self.version });
        });
    }

    pub(crate) fn event_would_create(event: &PaymentEvent) -> bool {
        event.status.is_none_or(|change| change.status.moves_money())
    }
}
