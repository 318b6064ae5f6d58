use std::collections::{BTreeMap, BTreeSet};

use cashless_warehouse::ProgressRow;
use prometheus::{
    Gauge, GaugeVec, Histogram, HistogramOpts, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry,
};

/// How a round ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Something was written.
    Changed,
    /// Everything is as it was.
    Unchanged,
    /// It is tried again.
    Failed,
}

impl Outcome {
    const ALL: [Self; 3] = [Self::Changed, Self::Unchanged, Self::Failed];

    const fn name(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Unchanged => "unchanged",
            Self::Failed => "failed",
        }
    }
}

/// What the tracker tells Prometheus. The names are in a test, so that a rename is a reviewed change.
pub(crate) struct Metrics {
    pub(crate) evaluation_seconds: Histogram,
    pub(crate) last_evaluation_timestamp_seconds: Gauge,
    pub(crate) fates_gap: IntGauge,
    data_age_seconds: Gauge,
    source_silence_seconds: GaugeVec,
    evaluations: IntCounterVec,
    ratio: GaugeVec,
    low_ratio: GaugeVec,
    high_ratio: GaugeVec,
    threshold_ratio: GaugeVec,
    verdict: IntGaugeVec,
    coverage_ratio: GaugeVec,
    weighted_coverage_ratio: GaugeVec,
    shown: BTreeSet<(String, String)>,
}

impl Metrics {
    pub(crate) fn register(registry: &Registry) -> Result<Self, prometheus::Error> {
        fn keep<M: prometheus::core::Collector + Clone + 'static>(
            registry: &Registry,
            metric: Result<M, prometheus::Error>,
        ) -> Result<M, prometheus::Error> {
            let metric = metric?;
            registry.register(Box::new(metric.clone()))?;
            Ok(metric)
        }
        let of_target = |name: &str, help: &str| {
            keep(registry, GaugeVec::new(Opts::new(name, help), &["plan", "target"]))
        };
        // A round begins every five seconds; the steps show how near it is to being late.
        let round = vec![0.01, 0.03, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0];
        let metrics = Self {
            ratio: of_target("tracker_target_ratio", "Observed share, where there is one.")?,
            low_ratio: of_target(
                "tracker_target_low_ratio",
                "Lower bound of the share, where there is one.",
            )?,
            high_ratio: of_target(
                "tracker_target_high_ratio",
                "Upper bound of the share, where there is one.",
            )?,
            threshold_ratio: of_target("tracker_target_threshold_ratio", "Share that the target asks for.")?,
            coverage_ratio: of_target(
                "tracker_target_coverage_ratio",
                "Institutions whose denominators are all known, of the population.",
            )?,
            weighted_coverage_ratio: of_target(
                "tracker_target_weighted_coverage_ratio",
                "Weight of the institutions whose denominators are all known, of the population's.",
            )?,
            verdict: keep(
                registry,
                IntGaugeVec::new(
                    Opts::new("tracker_target_verdict", "1 achieved, 0 undetermined, -1 missed."),
                    &["plan", "target"],
                ),
            )?,
            evaluation_seconds: keep(
                registry,
                Histogram::with_opts(
                    HistogramOpts::new(
                        "tracker_evaluation_seconds",
                        "Time of a finished round: reading, evaluating, storing.",
                    )
                    .buckets(round),
                ),
            )?,
            evaluations: keep(
                registry,
                IntCounterVec::new(
                    Opts::new("tracker_evaluations_total", "Rounds by how they ended."),
                    &["outcome"],
                ),
            )?,
            last_evaluation_timestamp_seconds: keep(
                registry,
                Gauge::new(
                    "tracker_last_evaluation_timestamp_seconds",
                    "When the last finished round began to read.",
                ),
            )?,
            data_age_seconds: keep(
                registry,
                Gauge::new(
                    "tracker_data_age_seconds",
                    "Age of the newest event in the figures, of any source.",
                ),
            )?,
            source_silence_seconds: keep(
                registry,
                GaugeVec::new(
                    Opts::new(
                        "tracker_source_silence_seconds",
                        "Age of the newest event of a source in the figures.",
                    ),
                    &["source"],
                ),
            )?,
            fates_gap: keep(
                registry,
                IntGauge::new(
                    "tracker_fates_gap",
                    "Events with a fate in the ledger less events of the log up to there; 0 = they add up.",
                ),
            )?,
            shown: BTreeSet::new(),
        };
        for outcome in Outcome::ALL {
            metrics.evaluations.with_label_values(&[outcome.name()]);
        }
        Ok(metrics)
    }

    pub(crate) fn ended(&self, outcome: Outcome) {
        self.evaluations.with_label_values(&[outcome.name()]).inc();
    }

    /// Shows how long each source has said nothing.
    pub(crate) fn silence(&self, now_micros: i64, received_until: &BTreeMap<String, i64>) {
        let age = |micros: i64| seconds(now_micros.saturating_sub(micros));
        for (source, micros) in received_until {
            self.source_silence_seconds.with_label_values(&[source.as_str()]).set(age(*micros));
        }
        if let Some(newest) = received_until.values().max() {
            self.data_age_seconds.set(age(*newest));
        }
    }

    /// Shows the results; those of plans that are no longer evaluated are gone.
    pub(crate) fn show<'r>(&mut self, rows: impl Iterator<Item = &'r ProgressRow>) {
        let mut shown = BTreeSet::new();
        for row in rows {
            let labels = [row.plan_id.as_str(), row.target_id.as_str()];
            set(&self.ratio, labels, row.observed.and_then(ratio));
            set(&self.low_ratio, labels, row.low.and_then(ratio));
            set(&self.high_ratio, labels, row.high.and_then(ratio));
            let threshold = (row.threshold.0.into(), row.threshold.1.into());
            set(&self.threshold_ratio, labels, ratio(threshold));
            let coverage = (row.coverage_n.into(), row.coverage_of.into());
            set(&self.coverage_ratio, labels, ratio(coverage));
            let weighted = (row.coverage_weight.into(), row.coverage_weight_of.into());
            set(&self.weighted_coverage_ratio, labels, ratio(weighted));
            self.verdict.with_label_values(&labels).set(match row.verdict {
                1 => 1,
                2 => -1,
                _ => 0,
            });
            shown.insert((row.plan_id.clone(), row.target_id.clone()));
        }
        for (plan, target) in self.shown.difference(&shown) {
            let labels = [plan.as_str(), target.as_str()];
            for gauges in [
                &self.ratio,
                &self.low_ratio,
                &self.high_ratio,
                &self.threshold_ratio,
                &self.coverage_ratio,
                &self.weighted_coverage_ratio,
            ] {
                set(gauges, labels, None);
            }
            // Without a series there is nothing to remove.
            drop(self.verdict.remove_label_values(&labels));
        }
        self.shown = shown;
    }
}

fn set(gauges: &GaugeVec, labels: [&str; 2], value: Option<f64>) {
    match value {
        Some(value) => gauges.with_label_values(&labels).set(value),
        // No figure is no series, not zero; without a series there is nothing to remove.
        None => drop(gauges.remove_label_values(&labels)),
    }
}

/// For drawing: what is compared are the integers.
fn ratio((numerator, denominator): (i128, i128)) -> Option<f64> {
    (denominator > 0).then(|| numerator as f64 / denominator as f64)
}

pub(crate) fn seconds(micros: i64) -> f64 {
    micros as f64 / 1e6
}
