use cashless_domain::{EventFate, RecordFate, SourceId};
use cashless_rollup::LedgerRow;
use prometheus::{
    Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry,
};

/// What the aggregator tells Prometheus. The names are in a test, so that a rename is a reviewed change.
#[derive(Clone)]
pub(crate) struct Metrics {
    pub(crate) records_read: IntCounter,
    pub(crate) dead_letters: IntCounter,
    pub(crate) batch_records: Histogram,
    pub(crate) step_seconds: HistogramVec,
    pub(crate) retries: IntCounterVec,
    pub(crate) time_to_queryable_seconds: Histogram,
    pub(crate) oldest_unprocessed_seconds: IntGauge,
    pub(crate) lag_records: IntGaugeVec,
    pub(crate) halted_partitions: IntGauge,
    pub(crate) declarations_read: IntCounter,
    pub(crate) declarations_lag_records: IntGaugeVec,
    pub(crate) declarations_halted: IntGauge,
    ledger_events: IntGaugeVec,
    ledger_records: IntGaugeVec,
    ledger_dong: IntGaugeVec,
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
        // The promise is one second at p99; the steps around it show how near it is.
        let freshness = vec![0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 2.0, 5.0, 10.0, 60.0, 600.0];
        let step = vec![0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0];
        let batch = vec![1.0, 10.0, 100.0, 1_000.0, 10_000.0, 100_000.0];
        let by_fate = ["partition", "source", "fate"];
        Ok(Self {
            records_read: keep(
                registry,
                IntCounter::new("aggregator_records_read_total", "Records read from the log."),
            )?,
            dead_letters: keep(
                registry,
                IntCounter::new("aggregator_dead_letters_total", "Records that could not be decoded."),
            )?,
            batch_records: keep(
                registry,
                Histogram::with_opts(
                    HistogramOpts::new("aggregator_batch_records", "Records in a batch.").buckets(batch),
                ),
            )?,
            step_seconds: keep(
                registry,
                HistogramVec::new(
                    HistogramOpts::new(
                        "aggregator_step_seconds",
                        "Time of a batch's step, with its retries.",
                    )
                    .buckets(step),
                    &["step"],
                ),
            )?,
            retries: keep(
                registry,
                IntCounterVec::new(
                    Opts::new("aggregator_retries_total", "Steps tried again after trouble that may pass."),
                    &["step"],
                ),
            )?,
            time_to_queryable_seconds: keep(
                registry,
                Histogram::with_opts(
                    HistogramOpts::new(
                        "aggregator_time_to_queryable_seconds",
                        "From the collector's receipt to the stored cell.",
                    )
                    .buckets(freshness),
                ),
            )?,
            oldest_unprocessed_seconds: keep(
                registry,
                IntGauge::new(
                    "aggregator_oldest_unprocessed_seconds",
                    "Age of the oldest record in hand that is not stored.",
                ),
            )?,
            lag_records: keep(
                registry,
                IntGaugeVec::new(
                    Opts::new("aggregator_lag_records", "Records in the log that are not stored."),
                    &["partition"],
                ),
            )?,
            halted_partitions: keep(
                registry,
                IntGauge::new("aggregator_halted_partitions", "Partitions that wait for a person."),
            )?,
            declarations_read: keep(
                registry,
                IntCounter::new(
                    "aggregator_declarations_read_total",
                    "Cash declarations read from their log.",
                ),
            )?,
            declarations_lag_records: keep(
                registry,
                IntGaugeVec::new(
                    Opts::new(
                        "aggregator_declarations_lag_records",
                        "Cash declarations in their log that are not stored.",
                    ),
                    &["partition"],
                ),
            )?,
            declarations_halted: keep(
                registry,
                IntGauge::new(
                    "aggregator_declarations_halted",
                    "1 while cash declarations wait for a person, wholly or in part.",
                ),
            )?,
            ledger_events: keep(
                registry,
                IntGaugeVec::new(
                    Opts::new("aggregator_ledger_events", "Events of the log by fate, as in the ledger."),
                    &by_fate,
                ),
            )?,
            ledger_records: keep(
                registry,
                IntGaugeVec::new(
                    Opts::new("aggregator_ledger_records", "Stored records by fate, as in the ledger."),
                    &by_fate,
                ),
            )?,
            ledger_dong: keep(
                registry,
                IntGaugeVec::new(
                    Opts::new("aggregator_ledger_dong", "Dong of stored records by fate, as in the ledger."),
                    &by_fate,
                ),
            )?,
        })
    }

    /// Shows a stored ledger row.
    pub(crate) fn ledger(&self, partition: u16, source: &SourceId, row: &LedgerRow) {
        let partition = partition.to_string();
        for fate in EventFate::ALL {
            let labels = [partition.as_str(), source.as_str(), fate.name()];
            self.ledger_events
                .with_label_values(&labels)
                .set(i64::try_from(row.events(*fate)).unwrap_or(i64::MAX));
        }
        for fate in RecordFate::ALL {
            let labels = [partition.as_str(), source.as_str(), fate.name()];
            let totals = row.records(*fate);
            self.ledger_records.with_label_values(&labels).set(totals.records);
            self.ledger_dong.with_label_values(&labels).set(i64::try_from(totals.dong).unwrap_or(i64::MAX));
        }
    }
}
