//! What became of posted deliveries, as their senders saw it.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::outbox::Delivery;

/// The answer to one delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// [`Delivery::sequence`].
    pub sequence: u64,
    /// The status of the final answer.
    pub status: u16,
    /// How often it was posted.
    pub attempts: u32,
    /// When it was answered, in microseconds since 1970.
    pub answered_at_micros: i64,
    /// From the planned instant (unpaced: from the first attempt) to the answer, retries included.
    pub latency_micros: u64,
}

/// An answer other than the stream expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Surprise {
    /// Which delivery.
    pub sequence: u64,
    /// What was answered.
    pub status: u16,
    /// Whether it was to be refused.
    pub refusal_expected: bool,
}

/// The sum of a run.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PostReport {
    /// Deliveries answered for good.
    pub answered: u64,
    /// The same by status.
    pub by_status: BTreeMap<u16, u64>,
    /// Attempts answered by 408, 429 or 5xx, by status.
    pub postponed_by_status: BTreeMap<u16, u64>,
    /// Attempts that a broken connection ended.
    pub connection_errors: u64,
    /// Deliveries given up because the run was stopped.
    pub unanswered: u64,
    /// Items that the stream expects in the log, of deliveries answered by 2xx.
    pub items_accepted: u64,
    /// Answers other than expected.
    pub surprises_n: u64,
    /// The first few of them.
    pub surprises: Vec<Surprise>,
    /// How long the run took.
    pub elapsed: Duration,
    /// Every outcome in the order of answers, if they were to be kept.
    pub outcomes: Vec<Outcome>,
    latencies_micros: Vec<u32>,
}

const SURPRISES_KEPT: usize = 20;

impl PostReport {
    /// The latency that a share of the answers did not exceed: `percentile(99.0)`.
    #[must_use]
    pub fn percentile(&self, percent: f64) -> Duration {
        let last = self.latencies_micros.len().saturating_sub(1);
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a rank between 0 and the last"
        )]
        let rank = (percent.clamp(0.0, 100.0) / 100.0 * last as f64).ceil() as usize;
        Duration::from_micros(self.latencies_micros.get(rank).copied().unwrap_or(0).into())
    }

    /// Answers a second.
    #[must_use]
    pub fn rate(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
        let answered = self.answered as f64;
        answered / self.elapsed.as_secs_f64().max(1e-9)
    }

    pub(crate) fn answer(&mut self, delivery: &Delivery, outcome: Outcome, keep: bool) {
        let success = (200..300).contains(&outcome.status);
        self.answered += 1;
        *self.by_status.entry(outcome.status).or_default() += 1;
        self.latencies_micros.push(u32::try_from(outcome.latency_micros).unwrap_or(u32::MAX));
        if success {
            self.items_accepted += u64::from(delivery.expected.accepted);
        }
        let refusal_expected = delivery.expected.refused.is_some();
        // What is dead-lettered as a whole may be answered either way.
        // Some providers want to hear of a refusal by a 200.
        let indifferent = (!refusal_expected && delivery.expected.accepted == 0)
            || (refusal_expected && delivery.told.is_some());
        if success == refusal_expected && !indifferent {
            self.surprises_n += 1;
            if self.surprises.len() < SURPRISES_KEPT {
                let Outcome { sequence, status, .. } = outcome;
                self.surprises.push(Surprise { sequence, status, refusal_expected });
            }
        }
        if keep {
            self.outcomes.push(outcome);
        }
    }

    pub(crate) fn postpone(&mut self, status: u16) {
        *self.postponed_by_status.entry(status).or_default() += 1;
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.answered += other.answered;
        self.connection_errors += other.connection_errors;
        self.unanswered += other.unanswered;
        self.items_accepted += other.items_accepted;
        self.surprises_n += other.surprises_n;
        for (status, n) in other.by_status {
            *self.by_status.entry(status).or_default() += n;
        }
        for (status, n) in other.postponed_by_status {
            *self.postponed_by_status.entry(status).or_default() += n;
        }
        self.surprises.extend(other.surprises);
        self.outcomes.extend(other.outcomes);
        self.latencies_micros.extend(other.latencies_micros);
    }

    pub(crate) fn finish(&mut self, elapsed: Duration) {
        self.elapsed = elapsed;
        self.surprises.sort_by_key(|surprise| surprise.sequence);
        self.surprises.truncate(SURPRISES_KEPT);
        self.outcomes.sort_by_key(|outcome| outcome.answered_at_micros);
        self.latencies_micros.sort_unstable();
    }
}
