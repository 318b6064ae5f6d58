use std::collections::{BTreeMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

use cashless_domain::BusinessDate;

use crate::PaymentKey;

/// Payment ids are keyed digests, so their first bits are a hash already.
#[derive(Default)]
struct FirstBits(u64);

impl Hasher for FirstBits {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.0 = self.0.rotate_left(8) ^ u64::from(*byte));
    }
    fn write_u64(&mut self, bits: u64) {
        self.0 = bits;
    }
}

type Prefixes = HashSet<u64, BuildHasherDefault<FirstBits>>;

/// Which payments may be stored already. A payment that is not in here is certainly new, and costs no read.
#[derive(Default)]
pub(crate) struct Known {
    days: BTreeMap<BusinessDate, Option<Prefixes>>,
    prefixes: usize,
}

impl Known {
    /// Whether the day's ids still have to be loaded.
    pub(crate) fn wants(&self, anchor: BusinessDate) -> bool {
        !self.days.contains_key(&anchor)
    }

    /// Takes a day's stored ids in. Beyond `limit` ids the oldest days are no longer kept, but looked up.
    pub(crate) fn load(
        &mut self,
        anchor: BusinessDate,
        prefixes: impl IntoIterator<Item = u64>,
        limit: usize,
    ) {
        let day: Prefixes = prefixes.into_iter().collect();
        self.prefixes += day.len();
        self.days.insert(anchor, Some(day));
        self.shrink(limit);
    }

    pub(crate) fn may_be_stored(&self, key: &PaymentKey) -> bool {
        match self.days.get(&key.anchor) {
            Some(Some(day)) => day.contains(&key.payment.prefix()),
            Some(None) | None => true,
        }
    }

    /// How many payments of the day may be stored, where they are kept.
    pub(crate) fn day_len(&self, anchor: BusinessDate) -> Option<usize> {
        self.days.get(&anchor)?.as_ref().map(HashSet::len)
    }

    pub(crate) fn insert(&mut self, key: &PaymentKey, limit: usize) {
        if let Some(Some(day)) = self.days.get_mut(&key.anchor)
            && day.insert(key.payment.prefix())
        {
            self.prefixes += 1;
            if self.prefixes > limit {
                self.shrink(limit);
            }
        }
    }

    fn shrink(&mut self, limit: usize) {
        for day in self.days.values_mut() {
            if self.prefixes <= limit {
                return;
            }
            if let Some(dropped) = day.take() {
                self.prefixes -= dropped.len();
            }
        }
    }
}
