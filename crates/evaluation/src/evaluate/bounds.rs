//! Sums with a known denominator, and their bounds where it is missing.

use std::collections::BTreeMap;

use cashless_registry::InstitutionType;

use super::cells::{Cell, Cells};
use super::members::Member;
use super::window::{SEASON, Window};
use crate::plan::Settings;
use crate::ratio::Ratio;
use crate::result::{BoundSums, Sum};

/// What is summed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Measure {
    /// Payments and receipts.
    Count,
    /// Dong.
    Value,
}

impl Measure {
    pub(super) fn cashless(self, cell: &Cell<'_>) -> i128 {
        match self {
            Self::Count => cell.receipts.n.into(),
            Self::Value => cell.receipts.net_dong,
        }
    }

    /// The denominator's other half, if it is declared.
    pub(super) fn cash(self, cell: &Cell<'_>) -> Option<i128> {
        match self {
            Self::Count => cell.cash_n().map(i128::from),
            Self::Value => cell.cash_dong(),
        }
    }

    /// What the upper bound counts as cashless.
    fn cashless_at_most(self, cell: &Cell<'_>, settings: &Settings) -> i128 {
        match (self, cell.unseen(settings)) {
            (Self::Count, Some((n, _))) => n.into(),
            (Self::Value, Some((_, dong))) => dong,
            (_, None) => self.cashless(cell),
        }
    }
}

/// Everything that sums need.
pub(super) struct Sums<'a> {
    pub(super) members: &'a [Member<'a>],
    pub(super) cells: &'a Cells<'a>,
    pub(super) window: &'a Window,
    settings: &'a Settings,
    /// Cash per learner or visit and month at the percentile.
    typical: BTreeMap<(Measure, InstitutionType), Ratio>,
}

impl<'a> Sums<'a> {
    pub(super) fn new(
        members: &'a [Member<'a>],
        cells: &'a Cells<'a>,
        window: &'a Window,
        settings: &'a Settings,
    ) -> Self {
        let mut declared: BTreeMap<(Measure, InstitutionType), Vec<Ratio>> = BTreeMap::new();
        for (number, member) in members.iter().enumerate() {
            for month in window.target_months() {
                let cell = cells.get(number, month);
                for measure in [Measure::Count, Measure::Value] {
                    let per_size = measure.cash(cell).and_then(|cash| Ratio::new(cash, member.size().into()));
                    if cell.is_due() {
                        let key = (measure, member.row.institution_type);
                        declared.entry(key).or_default().extend(per_size);
                    }
                }
            }
        }
        let percentile = usize::from(settings.imputation_percentile);
        let typical = declared
            .into_iter()
            .filter_map(|(key, mut all)| {
                all.sort_by(|one, other| one.compare(*other));
                // Nearest rank, from 1.
                let rank = (percentile * all.len()).div_ceil(100).max(1);
                Some((key, *all.get(rank - 1)?))
            })
            .collect();
        Self { members, cells, window, settings, typical }
    }

    /// Cash of a month that is not declared, as the lower bound takes it: same month of last year, else what is typical
    /// of the type for its size. Never below 0: a missing declaration may not read better than a zero.
    pub(super) fn imputed(&self, measure: Measure, number: usize, month: usize) -> Option<i128> {
        let last_year =
            month.checked_sub(SEASON).and_then(|month| measure.cash(self.cells.get(number, month)));
        let member = &self.members[number];
        last_year.map(|cash| cash.max(0)).or_else(|| {
            let typical = self.typical.get(&(measure, member.row.institution_type))?;
            let size = i128::from(member.size());
            let cash = typical.numerator().max(0).saturating_mul(size);
            (size > 0).then(|| {
                let rest = cash % typical.denominator();
                cash / typical.denominator() + i128::from(rest > 0)
            })
        })
    }

    /// Whether the lower bound has to impute a month: somebody should have declared it by now.
    pub(super) fn is_imputed(&self, measure: Measure, number: usize, month: usize) -> bool {
        let cell = self.cells.get(number, month);
        measure.cash(cell).is_none() && cell.is_due()
    }

    /// One institution over some months.
    pub(super) fn of(
        &self,
        measure: Measure,
        number: usize,
        months: impl Iterator<Item = usize>,
    ) -> BoundSums {
        let mut sums = BoundSums::ZERO;
        for month in months {
            let cell = self.cells.get(number, month);
            let (cashless, least) = (measure.cashless(cell), cell.without_lookalikes());
            let at_least = measure.cashless(&least);
            let at_most = measure.cashless_at_most(cell, self.settings);
            if let Some(cash) = measure.cash(cell) {
                sums.observed = sums.observed.plus(Sum { cashless, cash });
                // Of a total of invoices, what is not cashless is cash.
                let cash_at_most = measure.cash(&least).unwrap_or(cash);
                let sum = Sum { cashless: at_least, cash: cash_at_most };
                sums.low = sums.low.map(|low| low.plus(sum));
                sums.high = sums.high.plus(Sum { cashless: at_most, cash });
                continue;
            }
            sums.high = sums.high.plus(Sum { cashless: at_most, cash: 0 });
            if self.is_imputed(measure, number, month) {
                let imputed = self.imputed(measure, number, month);
                sums.imputed_n += u32::from(imputed.is_some());
                sums.low =
                    sums.low.zip(imputed).map(|(low, cash)| low.plus(Sum { cashless: at_least, cash }));
            } else if cell.has_ended {
                sums.low = sums.low.map(|low| low.plus(Sum { cashless: at_least, cash: 0 }));
            }
        }
        sums
    }
}
