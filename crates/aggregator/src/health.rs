use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Whether figures are being made. Progress decides, not a heartbeat.
#[derive(Clone)]
pub struct Health {
    pub(crate) payments: LogHealth,
    pub(crate) declarations: LogHealth,
}

impl Health {
    pub(crate) fn new(stall: Duration) -> Self {
        Self { payments: LogHealth::new(stall), declarations: LogHealth::new(stall) }
    }

    /// Why the role is not ready, or nothing.
    ///
    /// # Errors
    /// A sentence for people: not in the group yet, a halted partition and why, no broker that answers, or no progress
    /// with records waiting.
    pub fn ready(&self) -> Result<(), String> {
        self.payments.ready()?;
        self.declarations.ready().map_err(|reason| format!("cash declarations: {reason}"))
    }
}

/// The same of one log.
#[derive(Clone)]
pub(crate) struct LogHealth(Arc<Mutex<State>>);

struct State {
    stall: Duration,
    joined: bool,
    last_progress: Instant,
    waiting: bool,
    log_is_answering: bool,
    halted: BTreeMap<u16, String>,
    ended: Option<String>,
}

impl LogHealth {
    pub(crate) fn new(stall: Duration) -> Self {
        Self(Arc::new(Mutex::new(State {
            stall,
            joined: false,
            last_progress: Instant::now(),
            waiting: false,
            log_is_answering: true,
            halted: BTreeMap::new(),
            ended: None,
        })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ready(&self) -> Result<(), String> {
        let state = self.state();
        if let Some(reason) = &state.ended {
            return Err(format!("not read any more: {reason}"));
        }
        if let Some((partition, reason)) = state.halted.iter().next() {
            return Err(format!("partition {partition} is halted: {reason}"));
        }
        if !state.joined {
            return Err("not yet a member of the consumer group".to_owned());
        }
        if !state.log_is_answering {
            return Err("no broker answers".to_owned());
        }
        if state.waiting && state.last_progress.elapsed() > state.stall {
            return Err(format!(
                "no progress for {} s with records waiting",
                state.last_progress.elapsed().as_secs()
            ));
        }
        Ok(())
    }

    pub(crate) fn joined(&self) {
        self.state().joined = true;
    }

    /// Offsets moved, or there is nothing to move.
    pub(crate) fn progressed(&self, waiting: bool) {
        let mut state = self.state();
        state.last_progress = Instant::now();
        state.waiting = waiting;
    }

    /// What a look at the log showed, between batches.
    pub(crate) fn looked(&self, log_is_answering: bool, waiting: bool) {
        let mut state = self.state();
        state.log_is_answering = log_is_answering;
        if !waiting || !state.waiting {
            state.last_progress = Instant::now();
        }
        state.waiting = waiting;
    }

    pub(crate) fn waiting(&self) {
        self.state().waiting = true;
    }

    pub(crate) fn halted(&self, partition: u16, reason: String) -> usize {
        let mut state = self.state();
        state.halted.insert(partition, reason);
        state.halted.len()
    }

    /// Nothing is read any more.
    pub(crate) fn ended(&self, reason: String) {
        self.state().ended = Some(reason);
    }

    pub(crate) fn given_away(&self, partition: u16) -> usize {
        let mut state = self.state();
        state.halted.remove(&partition);
        state.halted.len()
    }
}
