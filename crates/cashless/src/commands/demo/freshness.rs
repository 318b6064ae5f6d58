//! How long an answered statement takes to be visible, seen from outside.
//!
//! Statements are told apart by their number alone: the i-th one answered is taken to be visible when the ledger
//! first counts i events, and every event enters ledger and cells in one step.

use std::time::Duration;

/// Answered statements and what was visible when.
#[derive(Default)]
pub(crate) struct Freshness {
    /// When statements were answered, in microseconds since 1970, and how many.
    answered: Vec<(i64, u64)>,
    /// When the ledger was asked, in microseconds since 1970, and how many events it counted.
    seen: Vec<(i64, u64)>,
}

impl Freshness {
    pub(crate) fn answered(&mut self, at_micros: i64, statements: u64) {
        self.answered.push((at_micros, statements));
    }

    pub(crate) fn seen(&mut self, at_micros: i64, events: u64) {
        self.seen.push((at_micros, events));
    }

    /// The times to visibility, in ascending order.
    pub(crate) fn ages(mut self) -> Vec<Duration> {
        self.answered.sort_unstable();
        let (mut ages, mut number, mut looks) = (Vec::new(), 0, self.seen.iter().peekable());
        for (answered_at, statements) in self.answered {
            for _ in 0..statements {
                number += 1;
                while looks.next_if(|(_, events)| *events < number).is_some() {}
                if let Some((seen_at, _)) = looks.peek() {
                    ages.push(Duration::from_micros(
                        seen_at.saturating_sub(answered_at).max(0).unsigned_abs(),
                    ));
                }
            }
        }
        ages.sort_unstable();
        ages
    }
}

/// The value that `percent` of the ascending values do not exceed.
pub(crate) fn percentile(ascending: &[Duration], percent: usize) -> Duration {
    let rank = (ascending.len() * percent).div_ceil(100).max(1) - 1;
    ascending.get(rank).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nth_answer_is_visible_when_n_events_are_counted() {
        let mut freshness = Freshness::default();
        freshness.answered(2_000, 1);
        freshness.answered(1_000, 2);
        for (at, events) in [(1_500, 1), (3_000, 2), (4_000, 3)] {
            freshness.seen(at, events);
        }
        let ages: Vec<_> = freshness.ages().iter().map(Duration::as_micros).collect();
        assert_eq!(ages, [500, 2_000, 2_000]);
    }

    #[test]
    fn percentiles_are_values_that_occurred() {
        let ages: Vec<_> = (1..=100).map(Duration::from_millis).collect();
        assert_eq!(percentile(&ages, 99), Duration::from_millis(99));
        assert_eq!(percentile(&ages[..1], 50), Duration::from_millis(1));
        assert_eq!(percentile(&[], 50), Duration::ZERO);
    }
}
