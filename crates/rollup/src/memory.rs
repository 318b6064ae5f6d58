//! What a partition keeps in memory between batches. All of it may be forgotten at any moment.

use std::mem;

use cashless_domain::BusinessDate;
use rustc_hash::FxHashMap;

use crate::Version;
use crate::cell::{Cell, CellKey, CellValues};
use crate::partition::CellRows;
use crate::payment::{Payment, PaymentKey};

/// Payments that a batch touches, or touched.
pub(crate) type Payments = FxHashMap<PaymentKey, Touched>;

/// A payment in memory.
#[derive(Default)]
pub(crate) struct Touched {
    pub(crate) payment: Payment,
    /// Whether the batch in hand changed it, so that its facts are to be stored.
    pub(crate) is_changed: bool,
}

impl From<Payment> for Touched {
    fn from(payment: Payment) -> Self {
        Self { payment, is_changed: false }
    }
}

/// Recently touched payments: two generations, the older one dropped whole when both are more than may stay.
#[derive(Default)]
pub(crate) struct RecentPayments {
    young: Payments,
    old: Payments,
}

impl RecentPayments {
    pub(crate) fn take(&mut self, key: &PaymentKey) -> Option<Payment> {
        self.young.remove(key).or_else(|| self.old.remove(key)).map(|touched| touched.payment)
    }

    /// Keeps what a batch touched. If that alone is too much, what was changed behind `oldest` stays: what is said
    /// again is mostly said again soon.
    pub(crate) fn keep(&mut self, mut touched: Payments, limit: usize, oldest: Version) {
        if touched.len() > limit {
            touched.retain(|_, touched| touched.payment.version > oldest);
        }
        if (self.young.len() + touched.len()) * 2 > limit {
            self.old = mem::replace(&mut self.young, touched);
        } else {
            self.young.extend(touched);
        }
        if self.young.len() + self.old.len() > limit {
            self.old.clear();
        }
    }
}

/// Cells by day: a day is either whole in memory or not at all.
#[derive(Default)]
pub(crate) struct CellCache {
    days: FxHashMap<BusinessDate, CachedDay>,
    /// Cells that the batch in hand changed.
    changed: Vec<CellKey>,
    cells: usize,
    clock: u64,
}

#[derive(Default)]
struct CachedDay {
    used_at: u64,
    cells: FxHashMap<CellKey, CachedCell>,
}

#[derive(Default)]
struct CachedCell {
    cell: Cell,
    is_changed: bool,
}

impl CellCache {
    pub(crate) fn wants(&mut self, day: BusinessDate) -> bool {
        self.clock += 1;
        match self.days.get_mut(&day) {
            Some(cached) => {
                cached.used_at = self.clock;
                false
            }
            None => true,
        }
    }

    pub(crate) fn open(&mut self, day: BusinessDate) {
        self.days.insert(day, CachedDay { used_at: self.clock, ..CachedDay::default() });
    }

    pub(crate) fn fill(&mut self, rows: CellRows) {
        for (key, cell) in rows {
            if let Some(day) = self.days.get_mut(&key.business_date) {
                let cached = CachedCell { cell, is_changed: false };
                self.cells += usize::from(day.cells.insert(key, cached).is_none());
            }
        }
    }

    /// Adds to a cell unless it contains the event already.
    pub(crate) fn add(&mut self, key: CellKey, change: CellValues, version: Version) {
        let day =
            self.days.get_mut(&key.business_date).expect("every day that an event can touch was loaded");
        let cached = match day.cells.get_mut(&key) {
            Some(cached) => cached,
            None => {
                self.cells += 1;
                day.cells.entry(key.clone()).or_default()
            }
        };
        if version > cached.cell.version {
            cached.cell = Cell { version, values: cached.cell.values + change };
            if !mem::replace(&mut cached.is_changed, true) {
                self.changed.push(key);
            }
        }
    }

    /// The cells that the batch changed, as they are now.
    pub(crate) fn take_changed(&mut self) -> CellRows {
        let mut rows = Vec::with_capacity(self.changed.len());
        for key in self.changed.drain(..) {
            if let Some(cached) =
                self.days.get_mut(&key.business_date).and_then(|day| day.cells.get_mut(&key))
            {
                cached.is_changed = false;
                rows.push((key, cached.cell));
            }
        }
        rows
    }

    pub(crate) fn forget(&mut self) {
        self.days.clear();
        self.cells = 0;
    }

    pub(crate) fn shrink(&mut self, limit: usize) {
        while self.cells > limit {
            let Some(oldest) = self.days.iter().min_by_key(|(_, day)| day.used_at).map(|(date, _)| *date)
            else {
                return;
            };
            if let Some(dropped) = self.days.remove(&oldest) {
                self.cells -= dropped.cells.len();
            }
        }
    }
}
