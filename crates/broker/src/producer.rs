use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rdkafka::ClientContext;
use rdkafka::Statistics;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{BaseRecord, DeliveryResult, Producer as _, ProducerContext, ThreadedProducer};
use serde::Deserialize;

use crate::connection::log_client_error;
use crate::{Acknowledge, Acknowledgement, AppendError, Connection, EventLog, acknowledgement};

/// What an acknowledgement's promise rests on. No configuration may change these.
const DURABILITY: [(&str, &str); 3] = [
    ("acks", "all"),
    ("enable.idempotence", "true"),
    // Java's default, so that every producer in any language puts an account into the same partition.
    ("partitioner", "murmur2_random"),
];

/// How records are appended.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ProducerConfig {
    /// Milliseconds a record waits for company; default 2. Awaited appends had their lowest p99 there; more raises
    /// latency, less raises the broker's work.
    pub linger_ms: u32,
    /// Milliseconds after which an unacknowledged record is given up; default 30000. Longer than the collector
    /// waits: a record given up late is a harmless repetition.
    pub delivery_timeout_ms: u32,
    /// Records that may wait in memory; default 50000. A full queue refuses at once.
    pub queue_records_max: u32,
    /// KiB that may wait in memory; default 32768.
    pub queue_kib_max: u32,
    /// `none`, `lz4`, `zstd`, `snappy` or `gzip`; default `lz4`.
    pub compression: String,
}

impl Default for ProducerConfig {
    fn default() -> Self {
        Self {
            linger_ms: 2,
            delivery_timeout_ms: 30_000,
            queue_records_max: 50_000,
            queue_kib_max: 32 * 1024,
            compression: "lz4".to_owned(),
        }
    }
}

/// Appends to Kafka with `acks=all` from one idempotent producer.
///
/// The first append waits about a second for the broker to give out a producer id, so make one and keep it.
pub struct KafkaLog {
    producer: ThreadedProducer<Callbacks>,
    is_reachable: Arc<AtomicBool>,
}

impl KafkaLog {
    /// Starts a producer. It connects in the background; see [`EventLog::is_reachable`].
    ///
    /// # Errors
    /// A property librdkafka does not know, or a value it refuses. Unreachable brokers are no error here.
    pub fn new(connection: &Connection, config: &ProducerConfig) -> Result<Self, AppendError> {
        let mut client = connection.client_config(&[
            ("linger.ms", &config.linger_ms.to_string()),
            ("delivery.timeout.ms", &config.delivery_timeout_ms.to_string()),
            ("queue.buffering.max.messages", &config.queue_records_max.to_string()),
            ("queue.buffering.max.kbytes", &config.queue_kib_max.to_string()),
            ("compression.type", &config.compression),
            ("statistics.interval.ms", "2000"),
        ]);
        for (name, value) in DURABILITY {
            client.set(name, value);
        }
        let is_reachable = Arc::new(AtomicBool::new(false));
        let producer = client
            .create_with_context(Callbacks { is_reachable: Arc::clone(&is_reachable) })
            .map_err(|error| AppendError::Unavailable(error.to_string()))?;
        Ok(Self { producer, is_reachable })
    }
}

impl EventLog for KafkaLog {
    fn append(&self, topic: &str, key: &[u8], payload: &[u8]) -> Acknowledgement {
        let (acknowledge, acknowledgement) = acknowledgement();
        let record = BaseRecord::with_opaque_to(topic, Box::new(acknowledge)).key(key).payload(payload);
        match self.producer.send(record) {
            Ok(()) => acknowledgement,
            Err((error, _record)) => Acknowledgement::failed(append_error(&error)),
        }
    }

    fn is_reachable(&self) -> bool {
        self.is_reachable.load(Ordering::Relaxed) && self.producer.client().fatal_error().is_none()
    }

    fn flush(&self, patience: Duration) -> bool {
        self.producer.flush(patience).is_ok()
    }
}

fn append_error(error: &KafkaError) -> AppendError {
    match error.rdkafka_error_code() {
        Some(RDKafkaErrorCode::QueueFull) => AppendError::Full,
        Some(RDKafkaErrorCode::MessageTimedOut | RDKafkaErrorCode::RequestTimedOut) => AppendError::Timeout,
        Some(RDKafkaErrorCode::MessageSizeTooLarge) => AppendError::TooLarge,
        Some(code) => AppendError::Unavailable(code.to_string()),
        None => AppendError::Unavailable(error.to_string()),
    }
}

struct Callbacks {
    is_reachable: Arc<AtomicBool>,
}

impl ClientContext for Callbacks {
    fn stats(&self, statistics: Statistics) {
        // An idle broker connection stays up; all of them gone is reported as an error below.
        if statistics.brokers.values().any(|broker| broker.state == "UP") {
            self.is_reachable.store(true, Ordering::Relaxed);
        }
    }

    fn error(&self, error: KafkaError, reason: &str) {
        if matches!(
            error.rdkafka_error_code(),
            Some(RDKafkaErrorCode::AllBrokersDown | RDKafkaErrorCode::Fatal)
        ) {
            self.is_reachable.store(false, Ordering::Relaxed);
        }
        log_client_error(&error, reason);
    }
}

impl ProducerContext for Callbacks {
    type DeliveryOpaque = Box<Acknowledge>;

    fn delivery(&self, result: &DeliveryResult<'_>, acknowledge: Box<Acknowledge>) {
        let result = result.as_ref().map(|_| ()).map_err(|(error, _)| append_error(error));
        self.is_reachable.store(result.is_ok(), Ordering::Relaxed);
        acknowledge.answer(result);
    }
}
