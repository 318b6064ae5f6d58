use prometheus::{IntCounter, IntCounterVec, Opts, Registry};

use crate::decide::Effect;

/// What the reviewer counts, among the metrics of the role it runs in.
pub(crate) struct Metrics {
    pub(crate) reviews: IntCounter,
    decisions: IntCounterVec,
}

impl Metrics {
    pub(crate) fn register(registry: &Registry) -> Result<Self, prometheus::Error> {
        let help = "Decisions the reviewer appended, by what they do";
        let decisions = IntCounterVec::new(Opts::new("tracker_decisions_total", help), &["kind"])?;
        registry.register(Box::new(decisions.clone()))?;
        Effect::ALL.iter().for_each(|effect| drop(decisions.with_label_values(&[effect.name()])));
        let reviews = IntCounter::new("tracker_reviews_total", "Rounds of the reviewer that ended well")?;
        registry.register(Box::new(reviews.clone()))?;
        Ok(Self { reviews, decisions })
    }

    pub(crate) fn decided(&self, effect: Effect) {
        self.decisions.with_label_values(&[effect.name()]).inc();
    }
}
