//! Reading a topic as a member of a group: a thread polls, decodes and hands over; offsets are committed by hand.
//!
//! A partition that is assigned stays silent until [`ReaderHandle::begin`], so that whoever takes it up can check
//! the log first. A revoked partition is kept until its [`Release`](crate::Release) is dropped, or patience ends.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer as _};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::Message as _;
use rdkafka::{Offset, TopicPartitionList};
use serde::Deserialize;
use tokio::sync::mpsc;

use crate::Connection;
use crate::connection::log_client_error;
use crate::rebalancing::{OwnershipChange, Rebalancing, Shared};

const POLL_IDLE: Duration = Duration::from_millis(100);
const POLL_HELD_BACK: Duration = Duration::from_millis(10);
/// How long a worker may be behind before reading is held back. Holding back throws away what was fetched ahead, so a
/// worker that is storing a batch is waited for; the group hears of a longer wait by the polls that go on.
const WAIT_FOR_WORKER: Duration = Duration::from_secs(2);
const WAIT_GLANCE: Duration = Duration::from_millis(1);
pub(crate) const QUESTION_PATIENCE: Duration = Duration::from_secs(10);
const CHUNK_RECORDS: usize = 1_000;

/// How a topic is read.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ReaderConfig {
    /// The consumer group; default `cashless-aggregator`. Members share the partitions.
    pub group: String,
    /// KiB of fetched records that may wait in memory; default 16384.
    pub fetch_kib_max: u32,
    /// Milliseconds without a heartbeat after which the group gives a member's partitions away; default 10000.
    pub session_timeout_ms: u32,
    /// Milliseconds a revoked partition is held while its batch is finished; default 20000.
    pub revoke_patience_ms: u64,
    /// Chunks of up to 1,000 decoded records that may wait for the worker; default 64.
    pub chunks_max: usize,
}

impl Default for ReaderConfig {
    fn default() -> Self {
        Self {
            group: "cashless-aggregator".to_owned(),
            fetch_kib_max: 16 * 1024,
            session_timeout_ms: 10_000,
            revoke_patience_ms: 20_000,
            chunks_max: 64,
        }
    }
}

/// A record as it is in the log.
#[derive(Debug, Clone, Copy)]
pub struct LogRecord<'m> {
    /// The partition.
    pub partition: u16,
    /// Which assignment of the partition it was read under; see [`AssignedPartition::generation`](crate::AssignedPartition::generation).
    pub generation: u32,
    /// The offset.
    pub offset: u64,
    /// The key, empty if there is none.
    pub key: &'m [u8],
    /// The payload, empty if there is none.
    pub payload: &'m [u8],
}

/// Why reading cannot go on, or a question to the log has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Needs a person: the topic is gone, the offset expired, access is refused.
    #[error("the log cannot be read: {0}")]
    Refused(String),
    /// May pass by itself.
    #[error("the log does not answer: {0}")]
    Unavailable(String),
}

/// Why an offset was not committed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommitError {
    /// The group gave the partitions to somebody else. Stop working on them.
    #[error("the group has given the partitions away")]
    NotOwner,
    /// May pass by itself.
    #[error("the offsets were not committed: {0}")]
    Unavailable(String),
}

/// Reads one topic. Dropping it leaves the group.
pub struct LogReader<T> {
    /// Changes of ownership, in order. Look here before taking records.
    pub ownership: mpsc::UnboundedReceiver<OwnershipChange>,
    /// Decoded records, in offset order within a partition.
    pub records: mpsc::Receiver<Vec<T>>,
    /// For everything else.
    pub handle: ReaderHandle,
    thread: Option<JoinHandle<()>>,
}

/// Commits, and asks about the log. Cheap to clone.
#[derive(Clone)]
pub struct ReaderHandle {
    consumer: Arc<BaseConsumer<Rebalancing>>,
    shared: Arc<Shared>,
    connection: Connection,
}

impl<T: Send + 'static> LogReader<T> {
    /// Joins the group and starts to poll. `decode` runs on the polling thread.
    ///
    /// # Errors
    /// A property librdkafka refuses. Unreachable brokers are no error here.
    pub fn start(
        connection: &Connection,
        config: &ReaderConfig,
        topic: &str,
        mut decode: impl FnMut(LogRecord<'_>) -> T + Send + 'static,
    ) -> Result<Self, ReadError> {
        let shared = Arc::new(Shared::of(topic, config));
        let (ownership_sender, ownership) = mpsc::unbounded_channel();
        let (sender, records) = mpsc::channel(config.chunks_max.max(1));
        let context = Rebalancing { shared: Arc::clone(&shared), changes: ownership_sender };
        let consumer: BaseConsumer<Rebalancing> = connection
            .client_config(&[
                ("group.id", &config.group),
                ("enable.auto.commit", "false"),
                ("enable.auto.offset.store", "false"),
                // An offset that is not in the log is never replaced by a guess.
                ("auto.offset.reset", "error"),
                ("partition.assignment.strategy", "cooperative-sticky"),
                ("session.timeout.ms", &config.session_timeout_ms.to_string()),
                // Three heartbeats a session, as is usual; the client's own default would miss short sessions.
                ("heartbeat.interval.ms", &(config.session_timeout_ms / 3).clamp(1, 3_000).to_string()),
                ("queued.max.messages.kbytes", &config.fetch_kib_max.to_string()),
                // The default of a second leaves a quick reader idle most of the time.
                ("fetch.queue.backoff.ms", "10"),
                ("fetch.wait.max.ms", "50"),
                ("statistics.interval.ms", "1000"),
            ])
            .create_with_context(context)
            .map_err(|error| ReadError::Refused(error.to_string()))?;
        consumer.subscribe(&[topic]).map_err(|error| ReadError::Refused(error.to_string()))?;
        let consumer = Arc::new(consumer);
        let handle = ReaderHandle {
            consumer: Arc::clone(&consumer),
            shared: Arc::clone(&shared),
            connection: connection.clone(),
        };
        let thread = std::thread::Builder::new()
            .name("log-reader".to_owned())
            .spawn(move || poll(&consumer, &shared, &sender, &mut decode))
            .map_err(|error| ReadError::Unavailable(error.to_string()))?;
        Ok(Self { ownership, records, handle, thread: Some(thread) })
    }
}

impl<T> Drop for LogReader<T> {
    fn drop(&mut self) {
        self.handle.shared.stopped.store(true, Ordering::Relaxed);
        // Whoever waits for a release must not wait for us.
        self.ownership.close();
        while self.ownership.try_recv().is_ok() {}
        self.records.close();
        if let Some(thread) = self.thread.take() {
            // The thread ends within one poll; a panic in it was already reported by the panic hook.
            drop(thread.join());
        }
    }
}

fn poll<T>(
    consumer: &BaseConsumer<Rebalancing>,
    shared: &Shared,
    sender: &mpsc::Sender<Vec<T>>,
    decode: &mut dyn FnMut(LogRecord<'_>) -> T,
) {
    let mut chunk = Vec::with_capacity(CHUNK_RECORDS);
    let mut is_chunk_over = false;
    let mut waiting_since = None;
    while !shared.stopped.load(Ordering::Relaxed) {
        if is_chunk_over {
            match sender.try_send(std::mem::take(&mut chunk)) {
                Ok(()) => {
                    (is_chunk_over, waiting_since) = (false, None);
                    chunk.reserve(CHUNK_RECORDS);
                    hold_back(consumer, shared, false);
                }
                Err(mpsc::error::TrySendError::Full(refused)) => {
                    chunk = refused;
                    if waiting_since.get_or_insert_with(Instant::now).elapsed() < WAIT_FOR_WORKER {
                        std::thread::sleep(WAIT_GLANCE);
                        continue;
                    }
                    hold_back(consumer, shared, true);
                }
                Err(mpsc::error::TrySendError::Closed(_)) => return,
            }
        }
        let patience = match (is_chunk_over, chunk.is_empty()) {
            (true, _) => POLL_HELD_BACK,
            (false, true) => POLL_IDLE,
            (false, false) => Duration::ZERO,
        };
        match consumer.poll(patience) {
            None => is_chunk_over |= !chunk.is_empty(),
            Some(Ok(message)) => {
                let Ok(partition) = u16::try_from(message.partition()) else { continue };
                let Some(generation) = shared.ownership().owned.get(&partition).copied() else { continue };
                chunk.push(decode(LogRecord {
                    partition,
                    generation,
                    offset: u64::try_from(message.offset()).unwrap_or_default(),
                    key: message.key().unwrap_or_default(),
                    payload: message.payload().unwrap_or_default(),
                }));
                is_chunk_over |= chunk.len() >= CHUNK_RECORDS;
            }
            Some(Err(error)) => {
                if let Some(refused) = refusal(&error).filter(|_| !is_awaited(&error, shared)) {
                    drop(consumer.context().changes.send(OwnershipChange::Failed(refused)));
                    return;
                }
                log_client_error(&error, "polling");
            }
        }
    }
}

/// Pauses what was begun while the worker is behind, so that polling goes on and the group keeps us.
fn hold_back(consumer: &BaseConsumer<Rebalancing>, shared: &Shared, hold: bool) {
    if shared.held_back.swap(hold, Ordering::Relaxed) == hold {
        return;
    }
    let begun = shared.partitions(&shared.ownership().begun);
    let result = if hold { consumer.pause(&begun) } else { consumer.resume(&begun) };
    if let Err(error) = result {
        tracing::warn!(%error, hold, "the log could not be held back");
    }
}

fn is_not_in_the_log(error: &KafkaError) -> bool {
    let code = error.rdkafka_error_code();
    matches!(code, Some(RDKafkaErrorCode::OffsetOutOfRange | RDKafkaErrorCode::AutoOffsetReset))
}

/// A topic made a moment ago is not known to every broker yet, and one that is not made yet may still come; one that we
/// read from is gone.
fn is_awaited(error: &KafkaError, shared: &Shared) -> bool {
    error.rdkafka_error_code() == Some(RDKafkaErrorCode::UnknownTopicOrPartition)
        && shared.ownership().owned.is_empty()
}

fn refusal(error: &KafkaError) -> Option<ReadError> {
    use RDKafkaErrorCode::{
        AutoOffsetReset, Fatal, GroupAuthorizationFailed, OffsetOutOfRange, TopicAuthorizationFailed,
        UnknownTopicOrPartition,
    };
    let needs_a_person = [
        AutoOffsetReset,
        Fatal,
        GroupAuthorizationFailed,
        OffsetOutOfRange,
        TopicAuthorizationFailed,
        UnknownTopicOrPartition,
    ];
    error
        .rdkafka_error_code()
        .filter(|code| needs_a_person.contains(code))
        .map(|_| ReadError::Refused(error.to_string()))
}

impl ReaderHandle {
    /// Lets an assigned partition deliver.
    ///
    /// # Errors
    /// The partition is no longer ours.
    pub fn begin(&self, partition: u16) -> Result<(), CommitError> {
        let mut ownership = self.shared.ownership();
        if !ownership.owned.contains_key(&partition) {
            return Err(CommitError::NotOwner);
        }
        ownership.begun.insert(partition);
        drop(ownership);
        if self.shared.held_back.load(Ordering::Relaxed) {
            return Ok(());
        }
        self.consumer
            .resume(&self.shared.partitions([&partition]))
            .map_err(|error| CommitError::Unavailable(error.to_string()))
    }

    /// Whether the partition is still ours under this assignment, as far as this member knows.
    #[must_use]
    pub fn owns(&self, partition: u16, generation: u32) -> bool {
        self.shared.ownership().owned.get(&partition) == Some(&generation)
    }

    /// Whether a broker was connected when last looked, about once a second, and no question about the log is left without
    /// an answer.
    #[must_use]
    pub fn is_answering(&self) -> bool {
        self.shared.is_answering.load(Ordering::Relaxed)
    }

    /// The offset of the next record to be appended, as last told by the brokers.
    #[must_use]
    pub fn high(&self, partition: u16) -> Option<u64> {
        self.shared.ownership().high.get(&partition).copied()
    }

    /// Commits the next offset to read of each partition, and waits for the group's answer.
    ///
    /// # Errors
    /// See [`CommitError`].
    pub async fn commit(&self, offsets: Vec<(u16, u64)>) -> Result<(), CommitError> {
        let handle = self.clone();
        let committed = tokio::task::spawn_blocking(move || {
            let mut list = TopicPartitionList::new();
            for (partition, next) in offsets {
                let offset = Offset::Offset(i64::try_from(next).unwrap_or(i64::MAX));
                list.add_partition_offset(&handle.shared.topic, i32::from(partition), offset)?;
            }
            handle.consumer.commit(&list, CommitMode::Sync)
        });
        let result = committed.await.map_err(|error| CommitError::Unavailable(error.to_string()))?;
        result.map_err(|error| match error.rdkafka_error_code() {
            Some(
                RDKafkaErrorCode::IllegalGeneration
                | RDKafkaErrorCode::UnknownMemberId
                | RDKafkaErrorCode::FencedInstanceId
                | RDKafkaErrorCode::AssignmentLost,
            ) => CommitError::NotOwner,
            _ => CommitError::Unavailable(error.to_string()),
        })
    }

    /// Reads the one record at an offset, beside the group; `None` if it is not in the log.
    ///
    /// # Errors
    /// The log does not answer.
    pub async fn record_at<R: Send + 'static>(
        &self,
        partition: u16,
        offset: u64,
        look: impl FnOnce(&[u8], &[u8]) -> R + Send + 'static,
    ) -> Result<Option<R>, ReadError> {
        let handle = self.clone();
        let read = tokio::task::spawn_blocking(move || {
            handle.record_at_blocking(partition, offset, look, QUESTION_PATIENCE)
        });
        read.await.unwrap_or_else(|error| Err(ReadError::Unavailable(error.to_string())))
    }

    fn record_at_blocking<R>(
        &self,
        partition: u16,
        offset: u64,
        look: impl FnOnce(&[u8], &[u8]) -> R,
        patience: Duration,
    ) -> Result<Option<R>, ReadError> {
        let unavailable = |error: KafkaError| ReadError::Unavailable(error.to_string());
        let settings = [
            ("group.id", self.shared.group.as_str()),
            ("enable.auto.commit", "false"),
            ("auto.offset.reset", "error"),
        ];
        let consumer: BaseConsumer =
            self.connection.client_config(&settings).create().map_err(unavailable)?;
        let mut list = TopicPartitionList::new();
        let wanted = Offset::Offset(i64::try_from(offset).unwrap_or(i64::MAX));
        list.add_partition_offset(&self.shared.topic, i32::from(partition), wanted).map_err(unavailable)?;
        consumer.assign(&list).map_err(unavailable)?;
        let deadline = Instant::now() + patience;
        while Instant::now() < deadline {
            match consumer.poll(POLL_IDLE) {
                None => {}
                Some(Ok(message)) => {
                    let is_it = u64::try_from(message.offset()) == Ok(offset);
                    let (key, payload) =
                        (message.key().unwrap_or_default(), message.payload().unwrap_or_default());
                    return Ok(is_it.then(|| look(key, payload)));
                }
                Some(Err(error)) if is_not_in_the_log(&error) => return Ok(None),
                Some(Err(error)) => log_client_error(&error, "reading one record"),
            }
        }
        Err(ReadError::Unavailable("no answer in time".to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whoever takes an error for an absent record takes the log for another one, and halts for good.
    #[test]
    fn a_log_that_does_not_answer_is_not_a_log_without_the_record() {
        let nowhere = Connection::to("127.0.0.1:1");
        let reader = LogReader::start(&nowhere, &ReaderConfig::default(), "topic", |_| ())
            .expect("no broker is no error");
        let found = reader.handle.record_at_blocking(0, 0, |_, _| (), Duration::from_secs(1));
        assert!(matches!(found, Err(ReadError::Unavailable(_))), "{found:?}");
    }

    #[test]
    fn only_an_offset_out_of_range_says_that_the_record_is_not_in_the_log() {
        let is_not_in_the_log = |code| is_not_in_the_log(&KafkaError::MessageConsumption(code));
        for code in [RDKafkaErrorCode::OffsetOutOfRange, RDKafkaErrorCode::AutoOffsetReset] {
            assert!(is_not_in_the_log(code), "{code}");
        }
        for code in [
            RDKafkaErrorCode::AllBrokersDown,
            RDKafkaErrorCode::BrokerTransportFailure,
            RDKafkaErrorCode::LeaderNotAvailable,
            RDKafkaErrorCode::NotLeaderForPartition,
            RDKafkaErrorCode::TopicAuthorizationFailed,
            RDKafkaErrorCode::UnknownTopicOrPartition,
        ] {
            assert!(!is_not_in_the_log(code), "{code}");
        }
    }
}
