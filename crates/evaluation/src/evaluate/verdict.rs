//! From bounds to a verdict, and to what is shown.

use super::reading::Shares;
use crate::ratio::{Ratio, Threshold};
use crate::result::{Coverage, Figures};
use crate::words::{Comparator, Reason, Verdict};

/// Achieved if the lower bound meets the threshold, missed if a closed upper bound fails it, else undetermined.
pub(super) fn verdict(shares: &Shares, comparator: Comparator, threshold: Threshold) -> (Verdict, Reason) {
    let meets = |share: Ratio| threshold.is_met_by(share, comparator);
    if shares.observed.is_none() {
        return (Verdict::Undetermined, shares.absent);
    }
    if shares.low.is_some_and(meets) {
        return (Verdict::Achieved, Reason::LowMeets);
    }
    match shares.high {
        Some(high) if !meets(high) && shares.high_is_open => (Verdict::Undetermined, Reason::HighIsOpen),
        Some(high) if !meets(high) => (Verdict::Missed, Reason::HighFails),
        _ if shares.low.is_none() => (Verdict::Undetermined, Reason::NoLowBound),
        _ => (Verdict::Undetermined, Reason::BetweenBounds),
    }
}

pub(super) fn figures(
    shares: &Shares,
    threshold: Threshold,
    (verdict, reason): (Verdict, Reason),
    preliminary_coverage_percent: u8,
) -> Figures {
    let show = |share: Option<Ratio>| share.map_or(String::new(), |share| share.display(Some(threshold)));
    Figures {
        observed: shares.observed,
        low: shares.low,
        high: shares.high,
        high_is_open: shares.high_is_open,
        display: show(shares.observed),
        low_display: show(shares.low),
        high_display: show(shares.high),
        verdict,
        reason,
        coverage: shares.coverage,
        is_preliminary: is_preliminary(shares.coverage, preliminary_coverage_percent),
        imputed_n: shares.imputed_n,
    }
}

fn is_preliminary(coverage: Coverage, percent: u8) -> bool {
    // A population whose weights are all 0 is covered by heads.
    let (part, whole) = if coverage.weight_of > 0 {
        (u128::from(coverage.weight), u128::from(coverage.weight_of))
    } else {
        (coverage.n.into(), coverage.of.into())
    };
    part * 100 < whole * u128::from(percent)
}

/// A pair is achieved if all its members are, missed if one is, else undetermined.
pub(super) fn pair_verdict(members: impl Iterator<Item = Verdict>) -> (Verdict, Reason) {
    let mut of_pair = (Verdict::Achieved, Reason::AllAchieved);
    for member in members {
        match member {
            Verdict::Achieved => {}
            Verdict::Missed => return (Verdict::Missed, Reason::MemberMissed),
            Verdict::Undetermined => of_pair = (Verdict::Undetermined, Reason::MemberUndetermined),
        }
    }
    of_pair
}
