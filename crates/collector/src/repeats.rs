use std::collections::{HashSet, VecDeque};
use std::sync::{Mutex, PoisonError};

use cashless_domain::{RecordId, Status};
use cashless_providers::Normalized;

/// How many statements are remembered: at a province's peak, some minutes.
const RECORDS_MAX: usize = 65_536;

/// What lately became durable, so that a provider that asks hears "already confirmed".
///
/// It is a courtesy of the answer and nothing rests on it: a repetition is appended all the same, and one that comes
/// after a restart, or to another collector, is answered like a first one.
#[derive(Default)]
pub(crate) struct Repeats(Mutex<Recent>);

#[derive(Default)]
struct Recent {
    known: HashSet<(RecordId, Option<Status>)>,
    order: VecDeque<(RecordId, Option<Status>)>,
}

impl Repeats {
    /// Remembers what a durable delivery says; true if all of it was known.
    pub(crate) fn remember(&self, normalized: &Normalized) -> bool {
        let mut recent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut repeated = true;
        for item in normalized.items() {
            let Ok(event) = &item.outcome else { return false };
            let said = (event.key.record, event.status.map(|change| change.status));
            if recent.known.insert(said) {
                repeated = false;
                recent.order.push_back(said);
                if recent.order.len() > RECORDS_MAX
                    && let Some(oldest) = recent.order.pop_front()
                {
                    recent.known.remove(&oldest);
                }
            }
        }
        repeated
    }
}
