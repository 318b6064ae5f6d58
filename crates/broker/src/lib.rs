//! The only room that knows the Kafka client: append with acknowledgement, read with commit, keep topics in shape.
//!
//! Writers see an [`EventLog`]: a record is handed over at once and its [`Acknowledgement`] resolves when the log has
//! it durably (`acks=all`, idempotent producer) or says why not. [`MemoryLog`] is the same without Kafka, for tests.
//!
//! Promises: an acknowledgement that resolves to `Ok` is durable; one that resolves to an error may or may not be in
//! the log, so its record must be repeatable; the queue is bounded, and a full one says so at once. What a record
//! means is not known here.

mod connection;
mod consumer;
mod log;
mod memory;
mod producer;
mod rebalancing;
mod tail;
mod topics_admin;

pub use connection::Connection;
pub use consumer::{CommitError, LogReader, LogRecord, ReadError, ReaderConfig, ReaderHandle};
pub use log::{Acknowledge, Acknowledgement, AppendError, EventLog, acknowledgement};
pub use memory::{MemoryLog, MemoryRecord};
pub use producer::{KafkaLog, ProducerConfig};
pub use rebalancing::{AssignedPartition, OwnershipChange, Release};
pub use tail::{Tail, TailError};
pub use topics_admin::{AdminError, Change, TopicDifference, TopicsAdmin, WantedTopic};
