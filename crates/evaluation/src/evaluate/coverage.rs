//! How much of a population is covered, by heads and by weight.

use std::collections::BTreeMap;

use cashless_registry::{Scope, Sector};

use super::bounds::{Measure, Sums};
use super::window::SEASON;
use crate::result::Coverage;
use crate::words::WeightKind;

/// One kind of weight per sector, and each member's.
pub(super) struct Weights {
    kinds: BTreeMap<Sector, WeightKind>,
    weights: Vec<u64>,
}

impl Weights {
    /// Last year's receipts if every core institution of the sector has them whole: each month in which it was active has
    /// its number of cash receipts. Else learners or visits; if nobody has these, each institution alike.
    pub(super) fn new(sums: &Sums<'_>) -> Self {
        let receipts: Vec<Option<u64>> =
            (0..sums.members.len()).map(|number| last_year(sums, number)).collect();
        let mut kinds = BTreeMap::new();
        for sector in Sector::ALL {
            let core = || {
                let members = sums.members.iter().enumerate();
                members.filter(|(_, member)| {
                    member.row.sector == *sector
                        && member.row.scope == Scope::Core
                        && sums.window.target_months().any(|month| member.active_months[month])
                })
            };
            let kind = if core().next().is_some() && core().all(|(number, _)| receipts[number].is_some()) {
                WeightKind::Receipts
            } else if core().all(|(_, member)| member.size() == 0) {
                WeightKind::Institutions
            } else if *sector == Sector::Education {
                WeightKind::Learners
            } else {
                WeightKind::Visits
            };
            kinds.insert(*sector, kind);
        }
        let weights =
            sums.members.iter().zip(receipts).map(|(member, receipts)| match kinds[&member.row.sector] {
                WeightKind::Receipts => receipts.unwrap_or(0),
                WeightKind::Learners | WeightKind::Visits => member.size().into(),
                WeightKind::Institutions => 1,
            });
        let weights = weights.collect();
        Self { kinds, weights }
    }

    pub(super) fn of(&self, number: usize) -> u64 {
        self.weights[number]
    }
}

fn last_year(sums: &Sums<'_>, number: usize) -> Option<u64> {
    let mut total = None;
    for month in 0..SEASON {
        let cell = sums.cells.get(number, month);
        match Measure::Count.cash(cell) {
            Some(cash) => {
                let receipts = Measure::Count.cashless(cell).saturating_add(cash);
                let receipts = u64::try_from(receipts.max(0)).unwrap_or(u64::MAX);
                total = Some(receipts.saturating_add(total.unwrap_or(0)));
            }
            None if cell.is_active => return None,
            None => {}
        }
    }
    total
}

/// The coverage of institutions, each with whether it is covered.
pub(super) fn coverage_of(
    institutions: impl Iterator<Item = (usize, bool)>,
    weights: &Weights,
    sector: Sector,
) -> Coverage {
    let mut coverage = Coverage { n: 0, of: 0, weight: 0, weight_of: 0, weight_kind: weights.kinds[&sector] };
    for (number, is_covered) in institutions {
        let weight = weights.of(number);
        coverage.of += 1;
        coverage.weight_of = coverage.weight_of.saturating_add(weight);
        if is_covered {
            coverage.n += 1;
            coverage.weight = coverage.weight.saturating_add(weight);
        }
    }
    coverage
}

/// Several coverages as one; by heads, if they are not weighed alike.
pub(super) fn together(coverages: impl Iterator<Item = Coverage>) -> Coverage {
    let by_heads = |one: Coverage| Coverage {
        weight: one.n.into(),
        weight_of: one.of.into(),
        weight_kind: WeightKind::Institutions,
        ..one
    };
    let all = coverages.reduce(|one, other| {
        let is_alike = one.weight_kind == other.weight_kind;
        let (one, other) = if is_alike { (one, other) } else { (by_heads(one), by_heads(other)) };
        Coverage {
            n: one.n + other.n,
            of: one.of + other.of,
            weight: one.weight.saturating_add(other.weight),
            weight_of: one.weight_of.saturating_add(other.weight_of),
            weight_kind: one.weight_kind,
        }
    });
    all.unwrap_or(Coverage { n: 0, of: 0, weight: 0, weight_of: 0, weight_kind: WeightKind::Institutions })
}
