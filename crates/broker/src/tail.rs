use std::time::{Duration, Instant};

use rdkafka::Message as _;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::KafkaError;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use crate::Connection;

const PATIENCE: Duration = Duration::from_secs(10);

/// Why a topic cannot be watched.
#[derive(Debug, thiserror::Error)]
pub enum TailError {
    /// The cluster said so, or nothing.
    #[error("the topic cannot be read")]
    Kafka(#[from] KafkaError),
    /// There is no such topic.
    #[error("topic {0} does not exist; `cashless topics apply` creates it")]
    NoTopic(String),
}

/// What is appended to a topic from now on, for a check: no group, nothing committed. Blocks the thread.
pub struct Tail {
    consumer: BaseConsumer,
    topic: String,
}

impl Tail {
    /// Begins at the end of the topic as it is now.
    ///
    /// # Errors
    /// See [`TailError`].
    pub fn of(connection: &Connection, topic: &str) -> Result<Self, TailError> {
        let consumer: BaseConsumer = connection
            .client_config(&[("group.id", "cashless-check"), ("enable.auto.commit", "false")])
            .create()?;
        let metadata = consumer.fetch_metadata(Some(topic), PATIENCE)?;
        let partitions = metadata.topics().first().map_or(&[][..], |topic| topic.partitions());
        if partitions.is_empty() {
            return Err(TailError::NoTopic(topic.to_owned()));
        }
        let mut ends = TopicPartitionList::new();
        for partition in partitions {
            let (_, end) = consumer.fetch_watermarks(topic, partition.id(), PATIENCE)?;
            ends.add_partition_offset(topic, partition.id(), Offset::Offset(end))?;
        }
        consumer.assign(&ends)?;
        Ok(Self { consumer, topic: topic.to_owned() })
    }

    /// Where the first record is that `is_it` knows: `topic/partition/offset`. None within `patience`.
    ///
    /// # Errors
    /// See [`TailError`].
    pub fn find(
        &self,
        mut is_it: impl FnMut(&[u8]) -> bool,
        patience: Duration,
    ) -> Result<Option<String>, TailError> {
        let until = Instant::now() + patience;
        while let Some(rest) = until.checked_duration_since(Instant::now()) {
            if let Some(message) = self.consumer.poll(rest) {
                let message = message?;
                if message.payload().is_some_and(&mut is_it) {
                    return Ok(Some(format!("{}/{}/{}", self.topic, message.partition(), message.offset())));
                }
            }
        }
        Ok(None)
    }
}
