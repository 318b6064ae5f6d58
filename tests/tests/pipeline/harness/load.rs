//! Providers at work: a stream of signed deliveries in the background.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use cashless_simulator::{Pace, PostReport, Poster, PosterConfig, Progress, Scenario, TrueLedger};
use tokio::task::JoinHandle;

use super::{System, until};

/// A stream being posted.
pub(crate) struct Load {
    progress: Arc<Progress>,
    posting: JoinHandle<(PostReport, Scenario)>,
}

impl Load {
    pub(crate) fn start(system: &System, scenario: Scenario, pace: Pace) -> Self {
        let config = PosterConfig { pace, connections: 32, ..PosterConfig::new(system.webhooks) };
        let (progress, poster) = (Arc::new(Progress::default()), Poster::new(config, &system.province));
        let watched = Arc::clone(&progress);
        Self { progress, posting: tokio::spawn(async move { poster.run(scenario, watched).await }) }
    }

    pub(crate) fn answered(&self) -> u64 {
        self.progress.answered.load(Ordering::Relaxed)
    }

    pub(crate) fn is_over(&self) -> bool {
        self.posting.is_finished()
    }

    /// Waits until so many more deliveries are answered, or all.
    pub(crate) async fn go_on(&self, deliveries: u64) {
        let target = self.answered() + deliveries;
        until("deliveries are answered", async || (self.answered() >= target || self.is_over()).then_some(())).await;
    }

    /// Waits for the last answer. Every answer was the expected one.
    pub(crate) async fn end(self) -> (PostReport, TrueLedger) {
        until("the stream ends", async || self.is_over().then_some(())).await;
        let (report, scenario) = self.posting.await.expect("posting does not panic");
        assert_eq!(report.unanswered, 0);
        assert_eq!(report.surprises, [], "answers other than expected");
        (report, scenario.into_ledger())
    }
}
