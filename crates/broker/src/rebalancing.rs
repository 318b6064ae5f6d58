//! What this member of the group owns, and how it takes and gives partitions when the group divides them anew.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc as blocking};
use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, Consumer as _, ConsumerContext};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::types::RDKafkaRespErr;
use rdkafka::{ClientContext, Offset, Statistics, TopicPartitionList};
use tokio::sync::mpsc;

use crate::connection::log_client_error;
use crate::consumer::{QUESTION_PATIENCE, ReadError, ReaderConfig};

/// Before a log that does not answer is asked again.
const ASKED_AGAIN_AFTER: Duration = Duration::from_millis(100);

/// A partition this reader now owns. It delivers nothing before [`ReaderHandle::begin`](crate::ReaderHandle::begin).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AssignedPartition {
    /// The partition.
    pub partition: u16,
    /// Tells records of this assignment from records of an earlier one that are still on their way.
    pub generation: u32,
    /// The group's committed offset, if it has one.
    pub committed: Option<u64>,
    /// The first offset in the log.
    pub low: u64,
    /// The offset of the next record to be appended.
    pub high: u64,
    /// How many partitions the topic has.
    pub partition_count: u16,
}

/// Holds revoked partitions until it is dropped.
#[derive(Debug)]
pub struct Release(#[expect(dead_code, reason = "dropping it is the message")] blocking::Sender<()>);

/// A change of what this reader owns.
#[derive(Debug)]
pub enum OwnershipChange {
    /// New partitions.
    Assigned(Vec<AssignedPartition>),
    /// Partitions that go to another member as soon as the release is dropped.
    Revoked(Vec<u16>, Release),
    /// Partitions that are gone already.
    Lost(Vec<u16>),
    /// Reading cannot go on.
    Failed(ReadError),
}

#[derive(Default)]
pub(crate) struct Ownership {
    pub(crate) generations: u32,
    pub(crate) owned: BTreeMap<u16, u32>,
    pub(crate) begun: BTreeSet<u16>,
    pub(crate) high: BTreeMap<u16, u64>,
}

pub(crate) struct Shared {
    pub(crate) topic: String,
    pub(crate) group: String,
    pub(crate) ownership: Mutex<Ownership>,
    pub(crate) held_back: AtomicBool,
    pub(crate) stopped: AtomicBool,
    pub(crate) is_answering: AtomicBool,
    pub(crate) revoke_patience: Duration,
}

impl Shared {
    pub(crate) fn of(topic: &str, config: &ReaderConfig) -> Self {
        Self {
            topic: topic.to_owned(),
            group: config.group.clone(),
            ownership: Mutex::default(),
            held_back: AtomicBool::new(false),
            stopped: AtomicBool::new(false),
            is_answering: AtomicBool::new(true),
            revoke_patience: Duration::from_millis(config.revoke_patience_ms),
        }
    }

    pub(crate) fn ownership(&self) -> MutexGuard<'_, Ownership> {
        self.ownership.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn partitions<'p>(&self, partitions: impl IntoIterator<Item = &'p u16>) -> TopicPartitionList {
        let mut list = TopicPartitionList::new();
        for partition in partitions {
            list.add_partition(&self.topic, i32::from(*partition));
        }
        list
    }

    pub(crate) fn disown(&self, partitions: &[u16]) {
        let mut ownership = self.ownership();
        for partition in partitions {
            ownership.owned.remove(partition);
            ownership.begun.remove(partition);
            ownership.high.remove(partition);
        }
    }
}

pub(crate) struct Rebalancing {
    pub(crate) shared: Arc<Shared>,
    pub(crate) changes: mpsc::UnboundedSender<OwnershipChange>,
}

impl ClientContext for Rebalancing {
    fn stats(&self, statistics: Statistics) {
        let is_answering = statistics.brokers.values().any(|broker| broker.state == "UP");
        self.shared.is_answering.store(is_answering, Ordering::Relaxed);
        let mut ownership = self.shared.ownership();
        let partitions =
            statistics.topics.get(&self.shared.topic).into_iter().flat_map(|topic| &topic.partitions);
        for (partition, figures) in partitions {
            if let (Ok(partition), Ok(high)) = (u16::try_from(*partition), u64::try_from(figures.hi_offset))
                && ownership.owned.contains_key(&partition)
            {
                ownership.high.insert(partition, high);
            }
        }
    }

    fn error(&self, error: KafkaError, reason: &str) {
        log_client_error(&error, reason);
    }
}

impl ConsumerContext for Rebalancing {
    fn rebalance(&self, consumer: &BaseConsumer<Self>, event: RDKafkaRespErr, list: &mut TopicPartitionList) {
        let result = if event == RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS {
            self.assign(consumer, list)
        } else {
            self.revoke(consumer, list);
            consumer.incremental_unassign(list)
        };
        if let Err(error) = result {
            let failed =
                ReadError::Unavailable(format!("the group's assignment could not be taken: {error}"));
            drop(self.changes.send(OwnershipChange::Failed(failed)));
        }
    }
}

/// Whether the same question may have an answer later: partitions are without a leader just after a topic is made, and a
/// broker may go down while the group divides its partitions.
fn may_pass(error: &KafkaError) -> bool {
    use RDKafkaErrorCode::{
        AllBrokersDown, BrokerTransportFailure, CoordinatorLoadInProgress, CoordinatorNotAvailable,
        LeaderNotAvailable, NotCoordinator, NotLeaderForPartition, OperationTimedOut, RequestTimedOut,
    };
    matches!(
        error.rdkafka_error_code(),
        Some(
            AllBrokersDown
                | BrokerTransportFailure
                | CoordinatorLoadInProgress
                | CoordinatorNotAvailable
                | LeaderNotAvailable
                | NotCoordinator
                | NotLeaderForPartition
                | OperationTimedOut
                | RequestTimedOut
        )
    )
}

impl Rebalancing {
    /// Asks until the log answers or reading is stopped. If that takes too long for the group, it gives the partitions away
    /// and says so at the next poll.
    fn patiently<T>(&self, ask: impl Fn() -> Result<T, KafkaError>) -> Result<T, KafkaError> {
        let mut is_told = false;
        loop {
            match ask() {
                Err(error) if may_pass(&error) && !self.shared.stopped.load(Ordering::Relaxed) => {
                    if !std::mem::replace(&mut is_told, true) {
                        log_client_error(&error, "taking up partitions, asking again");
                    }
                    self.shared.is_answering.store(false, Ordering::Relaxed);
                    std::thread::sleep(ASKED_AGAIN_AFTER);
                }
                answered => return answered,
            }
        }
    }

    /// Assigns at the committed offsets, silent until they are begun.
    fn assign(&self, consumer: &BaseConsumer<Self>, list: &TopicPartitionList) -> Result<(), KafkaError> {
        let topic = &self.shared.topic;
        let metadata = self.patiently(|| consumer.fetch_metadata(Some(topic), QUESTION_PATIENCE))?;
        let count = metadata.topics().first().map_or(0, |topic| topic.partitions().len());
        let committed = self.patiently(|| consumer.committed_offsets(list.clone(), QUESTION_PATIENCE))?;
        let (mut starting, mut assigned) = (TopicPartitionList::new(), Vec::new());
        for element in committed.elements() {
            let (low, high) =
                self.patiently(|| consumer.fetch_watermarks(topic, element.partition(), QUESTION_PATIENCE))?;
            let committed = match element.offset() {
                Offset::Offset(offset) => u64::try_from(offset).ok(),
                _ => None,
            };
            let start = committed.and_then(|offset| i64::try_from(offset).ok()).unwrap_or(low);
            starting.add_partition_offset(topic, element.partition(), Offset::Offset(start))?;
            let mut ownership = self.shared.ownership();
            ownership.generations += 1;
            let generation = ownership.generations;
            if let Ok(partition) = u16::try_from(element.partition()) {
                ownership.owned.insert(partition, generation);
                assigned.push(AssignedPartition {
                    partition,
                    generation,
                    committed,
                    low: u64::try_from(low).unwrap_or_default(),
                    high: u64::try_from(high).unwrap_or_default(),
                    partition_count: u16::try_from(count).unwrap_or(u16::MAX),
                });
            }
        }
        consumer.incremental_assign(&starting)?;
        consumer.pause(&starting)?;
        drop(self.changes.send(OwnershipChange::Assigned(assigned)));
        Ok(())
    }

    fn revoke(&self, consumer: &BaseConsumer<Self>, list: &TopicPartitionList) {
        let partitions: Vec<u16> =
            list.elements().iter().filter_map(|element| u16::try_from(element.partition()).ok()).collect();
        if consumer.assignment_lost() {
            self.shared.disown(&partitions);
            drop(self.changes.send(OwnershipChange::Lost(partitions)));
            return;
        }
        let (sender, released) = blocking::channel();
        if self.changes.send(OwnershipChange::Revoked(partitions.clone(), Release(sender))).is_ok() {
            let _released_or_out_of_patience = released.recv_timeout(self.shared.revoke_patience);
        }
        self.shared.disown(&partitions);
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn a_log_that_may_answer_later_is_waited_for_and_everything_else_is_told_at_once() {
        let (changes, _) = mpsc::unbounded_channel();
        let rebalancing =
            Rebalancing { shared: Arc::new(Shared::of("topic", &ReaderConfig::default())), changes };
        let asked = Cell::new(0);
        let answer = rebalancing.patiently(|| {
            asked.set(asked.get() + 1);
            match asked.get() {
                1 => Err(KafkaError::MetadataFetch(RDKafkaErrorCode::NotLeaderForPartition)),
                2 => Err(KafkaError::MetadataFetch(RDKafkaErrorCode::BrokerTransportFailure)),
                _ => Ok("an answer"),
            }
        });
        assert_eq!((answer.ok(), asked.get()), (Some("an answer"), 3));
        assert!(!rebalancing.shared.is_answering.load(Ordering::Relaxed), "until it is looked at again");
        let refused = |code| {
            asked.set(asked.get() + 1);
            Err::<(), _>(KafkaError::MetadataFetch(code))
        };
        assert!(rebalancing.patiently(|| refused(RDKafkaErrorCode::TopicAuthorizationFailed)).is_err());
        rebalancing.shared.stopped.store(true, Ordering::Relaxed);
        assert!(rebalancing.patiently(|| refused(RDKafkaErrorCode::AllBrokersDown)).is_err());
        assert_eq!(asked.get(), 5, "each once");
    }
}
