use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Whether targets are being evaluated. Finished rounds decide, not a heartbeat.
#[derive(Clone)]
pub struct Health(Arc<Mutex<State>>);

struct State {
    stall: Duration,
    last_round: Option<Instant>,
    trouble: Option<String>,
    /// Plans that could not be evaluated in the last round, and why.
    plans: BTreeMap<String, String>,
}

impl Health {
    pub(crate) fn new(stall: Duration) -> Self {
        let plans = BTreeMap::new();
        Self(Arc::new(Mutex::new(State { stall, last_round: None, trouble: None, plans })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Why the role is not ready, or nothing.
    ///
    /// # Errors
    /// A sentence for people: what is tried again, a plan that cannot be evaluated, or no finished round for too long.
    pub fn ready(&self) -> Result<(), String> {
        let state = self.state();
        if let Some(trouble) = &state.trouble {
            return Err(format!("trying again: {trouble}"));
        }
        if let Some((plan, reason)) = state.plans.iter().next() {
            return Err(format!("plan {plan} is not evaluated: {reason}"));
        }
        match state.last_round {
            None => Err("no round is finished yet".to_owned()),
            Some(last) if last.elapsed() > state.stall => {
                Err(format!("no round was finished for {} s", last.elapsed().as_secs()))
            }
            Some(_) => Ok(()),
        }
    }

    /// A round is over, and these plans were left out of it.
    pub(crate) fn finished(&self, plans: BTreeMap<String, String>) {
        let mut state = self.state();
        state.last_round = Some(Instant::now());
        state.trouble = None;
        state.plans = plans;
    }

    /// A round could not be finished.
    pub(crate) fn troubled(&self, trouble: String) {
        self.state().trouble = Some(trouble);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ready_is_whoever_has_finished_a_round_and_left_nothing_out() {
        let health = Health::new(Duration::from_secs(60));
        assert_eq!(health.ready(), Err("no round is finished yet".to_owned()));
        health.finished(BTreeMap::new());
        assert_eq!(health.ready(), Ok(()));
        health.troubled("cannot read the plans".to_owned());
        assert_eq!(health.ready(), Err("trying again: cannot read the plans".to_owned()));
        health.finished([("P version 1".to_owned(), "no".to_owned())].into());
        assert_eq!(health.ready(), Err("plan P version 1 is not evaluated: no".to_owned()));
        health.finished(BTreeMap::new());
        assert_eq!(health.ready(), Ok(()));
        let impatient = Health::new(Duration::ZERO);
        impatient.finished(BTreeMap::new());
        assert!(impatient.ready().is_err(), "a round that is too long ago");
    }
}
