//! Months, and what the truth holds of an institution in each.

use std::collections::HashMap;

use cashless_domain::BusinessDate;

use crate::clock::civil;
use crate::truth::TrueLedger;

/// A calendar month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Month {
    year: i64,
    /// From 0.
    number: i64,
}

impl Month {
    pub(crate) fn of(day: BusinessDate) -> Self {
        let (year, month, _) = civil(day.days().into());
        Self { year, number: month - 1 }
    }

    pub(crate) fn plus(self, months: i32) -> Self {
        let all = self.year * 12 + self.number + i64::from(months);
        Self { year: all.div_euclid(12), number: all.rem_euclid(12) }
    }

    /// # Panics
    /// Outside 1970 … 2149, where no simulated time lies.
    pub(crate) fn first_day(self) -> BusinessDate {
        let text = format!("{:04}-{:02}-01", self.year, self.number + 1);
        BusinessDate::parse(&text).expect("simulated times lie between 1970 and 2149")
    }
}

/// Counted money of an institution in a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Flow {
    pub(crate) n: i64,
    pub(crate) gross_dong: i64,
    pub(crate) refunds_dong: i64,
}

impl Flow {
    pub(crate) fn net_dong(self) -> i64 {
        self.gross_dong - self.refunds_dong
    }
}

/// Counted money by institution and month.
pub(crate) struct Flows {
    by_month: HashMap<(usize, Month), Flow>,
    /// Payments and dong that may be second reports.
    ambiguous: HashMap<(usize, Month), (i64, i64)>,
    /// Payments per learner or visit, by sector and month.
    per_weight: HashMap<(bool, Month), f64>,
}

impl Flows {
    pub(crate) fn of(ledger: &TrueLedger) -> Self {
        let mut by_month: HashMap<_, Flow> = HashMap::new();
        for (key, sums) in &ledger.institutions {
            let (Some(institution), "fee_payment" | "deposit") = (key.institution, key.class) else {
                continue;
            };
            let flow = by_month.entry((institution, Month::of(key.business_date))).or_default();
            flow.n += sums.n;
            flow.gross_dong += sums.gross_dong;
            flow.refunds_dong += sums.refunds_dong;
        }
        let mut ambiguous: HashMap<_, (i64, i64)> = HashMap::new();
        for ((institution, day), (n, dong)) in &ledger.ambiguous {
            let sum = ambiguous.entry((*institution, Month::of(*day))).or_default();
            *sum = (sum.0 + n, sum.1 + dong);
        }
        let institutions = &ledger.province.institutions;
        let mut totals: HashMap<(bool, Month), (i64, i64)> = HashMap::new();
        for ((institution, month), flow) in &by_month {
            let institution = &institutions[*institution];
            let total = totals.entry((institution.is_school(), *month)).or_default();
            *total = (total.0 + flow.n, total.1 + institution.weight());
        }
        #[expect(clippy::cast_precision_loss, reason = "an average for draws")]
        let per_weight =
            totals.into_iter().map(|(key, (n, weight))| (key, n as f64 / weight.max(1) as f64)).collect();
        Self { by_month, ambiguous, per_weight }
    }

    /// What of it may be second reports: payments and dong.
    pub(crate) fn ambiguous(&self, institution: usize, month: Month) -> (i64, i64) {
        self.ambiguous.get(&(institution, month)).copied().unwrap_or_default()
    }

    pub(crate) fn of_month(&self, institution: usize, month: Month) -> Flow {
        self.by_month.get(&(institution, month)).copied().unwrap_or_default()
    }

    /// How many payments a learner or visit brings in a month.
    pub(crate) fn per_weight(&self, is_school: bool, month: Month) -> f64 {
        self.per_weight.get(&(is_school, month)).copied().unwrap_or(0.0)
    }
}
