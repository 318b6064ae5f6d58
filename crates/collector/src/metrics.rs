//! Every metric of the collector. Labels come from closed sets: configured sources, fates, reasons.

use cashless_domain::{DeadLetterReason, DeliveryFate, RefusalReason};
use prometheus::{
    Histogram, HistogramOpts, IntCounter, IntCounterVec, IntGauge, Opts, Registry, core::Collector,
};

/// From one Kafka round trip on the same machine to the default append timeout. Half of the buckets lie below 25 ms,
/// where the promised p99 is.
const DURABLE_BUCKETS_S: [f64; 14] =
    [0.001, 0.0025, 0.005, 0.0075, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 8.0];

/// The label of deliveries to a source that does not exist; no source can have this name.
pub(crate) const UNKNOWN_SOURCE: &str = "UNKNOWN";

/// Why a request ended before it was a delivery.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Abandoned {
    /// The body did not arrive in time.
    Timeout,
    /// The sender hung up, or broke HTTP, before the body was complete.
    Disconnected,
}

/// What nearly every delivery of a source counts, looked up once.
pub(crate) struct SourceMetrics {
    items_received: IntCounter,
    accepted: IntCounter,
    accepted_dong: IntCounter,
    pub(crate) body_bytes: IntCounter,
}

impl SourceMetrics {
    /// As [`Metrics::receive`].
    pub(crate) fn receive(&self, items: usize) {
        self.items_received.inc_by(items as u64);
    }

    /// As [`Metrics::settle`], of an accepted item.
    pub(crate) fn accept(&self, dong: i64) {
        self.accepted.inc();
        self.accepted_dong.inc_by(u64::try_from(dong).unwrap_or(0));
    }
}

pub(crate) struct Metrics {
    items_received: IntCounterVec,
    items: IntCounterVec,
    dong: IntCounterVec,
    abandoned: IntCounterVec,
    reloads: IntCounterVec,
    body_bytes: IntCounterVec,
    pub(crate) answered: IntCounterVec,
    pub(crate) misdirected: IntCounter,
    pub(crate) connections: IntGauge,
    pub(crate) connections_total: IntCounter,
    pub(crate) requests_in_flight: IntGauge,
    pub(crate) bytes_in_flight: IntGauge,
    pub(crate) time_to_durable: Histogram,
}

impl Metrics {
    /// # Errors
    /// A metric of one of these names is registered already.
    pub(crate) fn register(registry: &Registry) -> Result<Self, prometheus::Error> {
        let counters = |name: &str, help: &str, labels: &[&str]| {
            register(registry, IntCounterVec::new(Opts::new(name, help), labels))
        };
        let counter = |name: &str, help: &str| register(registry, IntCounter::new(name, help));
        let gauge = |name: &str, help: &str| register(registry, IntGauge::new(name, help));
        let durable = HistogramOpts::new(
            "collector_time_to_durable_seconds",
            "From the head of a request to the last acknowledgement of its records.",
        );
        Ok(Self {
            items_received: counters(
                "collector_items_received_total",
                "Statements received; a delivery whose statements are not known counts as one.",
                &["source"],
            )?,
            items: counters(
                "collector_items_total",
                "Statements by fate; over all fates they add up to those received.",
                &["source", "fate", "reason"],
            )?,
            dong: counters(
                "collector_dong_total",
                "Dong of the statements by fate; an unreadable amount counts as 0.",
                &["source", "fate", "reason"],
            )?,
            abandoned: counters(
                "collector_requests_abandoned_total",
                "Requests whose body never arrived completely: no delivery, no item.",
                &["why"],
            )?,
            reloads: counters("collector_reloads_total", "Reloads of the sources file.", &["result"])?,
            body_bytes: counters("collector_body_bytes_total", "Bytes of complete bodies.", &["source"])?,
            answered: counters(
                "collector_requests_answered_total",
                "Requests that leave nothing behind, as for a token: no item.",
                &["source"],
            )?,
            misdirected: counter(
                "collector_requests_misdirected_total",
                "Requests with another path or method: no delivery, no item.",
            )?,
            connections: gauge("collector_connections", "Open connections.")?,
            connections_total: counter("collector_connections_total", "Connections accepted.")?,
            requests_in_flight: gauge("collector_requests_in_flight", "Deliveries being worked on.")?,
            bytes_in_flight: gauge("collector_bytes_in_flight", "Bytes of bodies held.")?,
            time_to_durable: register(
                registry,
                Histogram::with_opts(durable.buckets(DURABLE_BUCKETS_S.to_vec())),
            )?,
        })
    }

    /// The counters of one source.
    pub(crate) fn of(&self, source: &str) -> SourceMetrics {
        SourceMetrics {
            items_received: self.items_received.with_label_values(&[source]),
            accepted: self.items.with_label_values(&[source, "accepted", ""]),
            accepted_dong: self.dong.with_label_values(&[source, "accepted", ""]),
            body_bytes: self.body_bytes.with_label_values(&[source]),
        }
    }

    /// Items have come in. Each must be settled later, exactly once.
    pub(crate) fn receive(&self, source: &str, items: usize) {
        self.items_received.with_label_values(&[source]).inc_by(items as u64);
    }

    /// An item has met its fate.
    pub(crate) fn settle(&self, source: &str, fate: DeliveryFate, dong: i64) {
        let labels = match fate {
            DeliveryFate::Accepted => [source, "accepted", ""],
            DeliveryFate::Refused(reason) => [source, "refused", reason.name()],
            DeliveryFate::DeadLettered(reason) => [source, "dead_lettered", reason.name()],
        };
        self.items.with_label_values(&labels).inc();
        self.dong.with_label_values(&labels).inc_by(u64::try_from(dong).unwrap_or(0));
    }

    pub(crate) fn abandon(&self, why: Abandoned) {
        let why = match why {
            Abandoned::Timeout => "timeout",
            Abandoned::Disconnected => "disconnected",
        };
        self.abandoned.with_label_values(&[why]).inc();
    }

    pub(crate) fn reloaded(&self, is_ok: bool) {
        self.reloads.with_label_values(&[if is_ok { "ok" } else { "refused" }]).inc();
    }

    /// Makes every series of a source exist, so that the first event of a kind is a rise and not an appearance.
    pub(crate) fn introduce(&self, source: &str) {
        self.items_received.with_label_values(&[source]);
        self.items.with_label_values(&[source, "accepted", ""]);
        for reason in RefusalReason::ALL {
            self.items.with_label_values(&[source, "refused", reason.name()]);
        }
        for reason in DeadLetterReason::ALL {
            self.items.with_label_values(&[source, "dead_lettered", reason.name()]);
        }
    }
}

fn register<C: Collector + Clone + 'static>(
    registry: &Registry,
    metric: Result<C, prometheus::Error>,
) -> Result<C, prometheus::Error> {
    let metric = metric?;
    registry.register(Box::new(metric.clone()))?;
    Ok(metric)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_labels_are_a_contract_with_dashboards() {
        let registry = Registry::new();
        let metrics = Metrics::register(&registry).expect("a new registry");
        metrics.introduce("a");
        metrics.settle("a", DeliveryFate::Accepted, 1);
        metrics.abandon(Abandoned::Timeout);
        metrics.reloaded(true);
        metrics.answered.with_label_values(&["a"]).inc();
        metrics.of("a").body_bytes.inc();
        let mut names: Vec<String> = registry
            .gather()
            .iter()
            .map(|family| {
                let labels: Vec<_> =
                    family.get_metric()[0].get_label().iter().map(|l| l.name().to_owned()).collect();
                format!("{}({})", family.name(), labels.join(" "))
            })
            .collect();
        names.sort();
        assert_eq!(
            names,
            [
                "collector_body_bytes_total(source)",
                "collector_bytes_in_flight()",
                "collector_connections()",
                "collector_connections_total()",
                "collector_dong_total(fate reason source)",
                "collector_items_received_total(source)",
                "collector_items_total(fate reason source)",
                "collector_reloads_total(result)",
                "collector_requests_abandoned_total(why)",
                "collector_requests_answered_total(source)",
                "collector_requests_in_flight()",
                "collector_requests_misdirected_total()",
                "collector_time_to_durable_seconds()",
            ]
        );
    }
}
