use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::{Acknowledge, Acknowledgement, AppendError, EventLog, acknowledgement};

/// A record of a [`MemoryLog`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemoryRecord {
    /// The topic it was appended to.
    pub topic: String,
    /// Its key.
    pub key: Vec<u8>,
    /// Its payload.
    pub payload: Vec<u8>,
}

/// A log in memory, for tests: acknowledges at once, unless told to fail or to keep silent.
#[derive(Default)]
pub struct MemoryLog(Mutex<State>);

#[derive(Default)]
struct State {
    records: Vec<MemoryRecord>,
    failures: VecDeque<Option<AppendError>>,
    is_silent: bool,
    unanswered: Vec<Acknowledge>,
}

impl MemoryLog {
    /// An empty log.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Everything acknowledged or unanswered so far, in the order of appending.
    #[must_use]
    pub fn records(&self) -> Vec<MemoryRecord> {
        self.state().records.clone()
    }

    /// Fates of the next appends, one each: `Some` fails, `None` succeeds. Later ones succeed.
    pub fn fail_next(&self, failures: impl IntoIterator<Item = Option<AppendError>>) {
        self.state().failures.extend(failures);
    }

    /// From now on appends are taken but not answered, as by a broker that hangs.
    pub fn keep_silent(&self) {
        self.state().is_silent = true;
    }

    /// Answers everything that is waiting, and new appends at once again.
    pub fn speak(&self) {
        let mut state = self.state();
        state.is_silent = false;
        state.unanswered.drain(..).for_each(|unanswered| unanswered.answer(Ok(())));
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl EventLog for MemoryLog {
    fn append(&self, topic: &str, key: &[u8], payload: &[u8]) -> Acknowledgement {
        let mut state = self.state();
        if let Some(Some(error)) = state.failures.pop_front() {
            return Acknowledgement::failed(error);
        }
        let record = MemoryRecord { topic: topic.to_owned(), key: key.to_vec(), payload: payload.to_vec() };
        state.records.push(record);
        let (acknowledge, acknowledgement) = acknowledgement();
        if state.is_silent {
            state.unanswered.push(acknowledge);
        } else {
            acknowledge.answer(Ok(()));
        }
        acknowledgement
    }

    fn is_reachable(&self) -> bool {
        !self.state().is_silent
    }

    fn flush(&self, _patience: Duration) -> bool {
        self.state().unanswered.is_empty()
    }
}
