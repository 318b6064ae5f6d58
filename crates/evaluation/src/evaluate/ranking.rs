//! Ranks among peers (xếp hạng), on lower bounds: gaps never help.

use std::collections::BTreeMap;

use crate::plan::Plan;
use crate::ratio::multiply_divide;
use crate::result::{InstitutionStanding, Sum};
use crate::words::UnrankedReason;

/// A point in millionths.
const POINT: u128 = 1_000_000;

/// Scores everybody, and ranks who may be ranked within sector, type and band of size: ties share a rank, and the next
/// rank follows without a gap.
pub(super) fn rank(plan: &Plan, standings: &mut [InstitutionStanding]) {
    let mut peers: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for (number, standing) in standings.iter_mut().enumerate() {
        standing.score_millionths = score(plan, standing);
        standing.unranked_reason = unranked_reason(plan, standing);
        if standing.unranked_reason.is_none() {
            let group = (standing.sector, standing.institution_type, standing.size_band.clone());
            peers.entry(group).or_default().push(number);
        }
    }
    for mut group in peers.into_values() {
        group.sort_by_key(|number| std::cmp::Reverse(standings[*number].score_millionths));
        let (mut rank, mut last) = (0, None);
        for number in group {
            let score = standings[number].score_millionths;
            if last != Some(score) {
                (rank, last) = (rank + 1, Some(score));
            }
            standings[number].rank = rank;
        }
    }
}

fn unranked_reason(plan: &Plan, standing: &InstitutionStanding) -> Option<UnrankedReason> {
    let receipts = standing.receipts.n.saturating_add(standing.cash_n.unwrap_or(0));
    if !standing.is_active {
        Some(UnrankedReason::NotActive)
    } else if standing.cash_dong.is_none() {
        Some(UnrankedReason::NoDeclaration)
    } else if receipts < plan.settings.ranking_receipts_min {
        Some(UnrankedReason::FewReceipts)
    } else {
        None
    }
}

fn score(plan: &Plan, standing: &InstitutionStanding) -> i64 {
    let weights = plan.settings.ranking_weights;
    let families = i128::try_from(plan.method_families().len()).unwrap_or(0);
    let share = |low: Option<Sum>| {
        let low = low.and_then(Sum::share);
        low.map_or((0, 0), |low| (low.numerator(), low.denominator()))
    };
    let fields = (standing.receipts.minimum_fields_n.into(), standing.receipts.n.into());
    let terms = [
        (weights.count_share, share(standing.count.low)),
        (weights.value_share, share(standing.value.low)),
        (weights.methods_ready, (standing.methods_ready.into(), families)),
        (weights.minimum_fields, fields),
    ];
    terms.into_iter().map(|(points, (numerator, denominator))| term(points, numerator, denominator)).sum()
}

/// A share of some points in millionths of a point, rounded down; nothing for an empty one, at most all of them.
fn term(points: u8, numerator: i128, denominator: i128) -> i64 {
    let parts = u128::try_from(numerator).ok().zip(u128::try_from(denominator).ok());
    let full = u128::from(points) * POINT;
    let score = parts
        .and_then(|(numerator, denominator)| multiply_divide(full, numerator.min(denominator), denominator));
    i64::try_from(score.unwrap_or(0)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_term_is_a_part_of_its_points() {
        assert_eq!(term(50, 1, 2), 25_000_000);
        assert_eq!(term(30, 1, 3), 10_000_000);
        assert_eq!(term(10, 2, 3), 6_666_666);
        assert_eq!(term(10, i128::MAX - 1, i128::MAX), 9_999_999);
    }

    #[test]
    fn an_empty_or_negative_term_is_zero_and_none_is_above_its_points() {
        for (numerator, denominator, expected) in [(0, 0, 0), (-5, 10, 0), (5, -10, 0), (7, 5, 10_000_000)] {
            assert_eq!(term(10, numerator, denominator), expected);
        }
    }
}
