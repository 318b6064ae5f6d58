//! Providers at work: a stream of signed deliveries in the background.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use cashless_simulator::{Delivery, Pace, PostReport, Poster, PosterConfig, Progress, Scenario, TrueLedger};
use tokio::task::JoinHandle;

use super::{System, until};

/// A stream being posted.
pub(crate) struct Load {
    progress: Arc<Progress>,
    winding_up: Arc<AtomicBool>,
    posting: JoinHandle<(PostReport, Windable)>,
}

/// A stream that can be told to begin nothing new.
struct Windable {
    scenario: Scenario,
    winding_up: Arc<AtomicBool>,
}

impl Iterator for Windable {
    type Item = Delivery;

    fn next(&mut self) -> Option<Delivery> {
        if self.winding_up.load(Ordering::Relaxed) {
            self.scenario.wind_up();
        }
        self.scenario.next()
    }
}

impl Load {
    pub(crate) fn start(system: &System, scenario: Scenario, pace: Pace) -> Self {
        let config = PosterConfig { pace, connections: 32, ..PosterConfig::new(system.webhooks) };
        let (progress, poster) = (Arc::new(Progress::default()), Poster::new(config, &system.province));
        let (winding_up, watched) = (Arc::new(AtomicBool::new(false)), Arc::clone(&progress));
        let deliveries = Windable { scenario, winding_up: Arc::clone(&winding_up) };
        Self {
            progress,
            winding_up,
            posting: tokio::spawn(async move { poster.run(deliveries, watched).await }),
        }
    }

    pub(crate) fn answered(&self) -> u64 {
        self.progress.answered.load(Ordering::Relaxed)
    }

    /// Waits until so many more deliveries are answered. There have to be that many.
    pub(crate) async fn go_on(&self, deliveries: u64) {
        let target = self.answered() + deliveries;
        until("deliveries are answered", async || {
            assert!(!self.posting.is_finished(), "the load is over");
            (self.answered() >= target).then_some(())
        })
        .await;
    }

    /// Begins no further payment, and waits for the last answer.
    pub(crate) async fn wind_up(self) -> (PostReport, TrueLedger) {
        self.winding_up.store(true, Ordering::Relaxed);
        self.end().await
    }

    /// Waits for the last answer. Every answer was the expected one.
    pub(crate) async fn end(self) -> (PostReport, TrueLedger) {
        until("the stream ends", async || self.posting.is_finished().then_some(())).await;
        let (report, deliveries) = self.posting.await.expect("posting does not panic");
        assert_eq!(report.unanswered, 0);
        assert_eq!(report.surprises, [], "answers other than expected");
        (report, deliveries.scenario.into_ledger())
    }
}
