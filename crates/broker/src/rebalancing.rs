//! What this member of the group owns, and how it takes and gives partitions when the group divides them anew.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc as blocking};
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer as _, ConsumerContext};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::types::RDKafkaRespErr;
use rdkafka::{ClientContext, Offset, Statistics, TopicPartitionList};
use tokio::sync::mpsc;

use crate::connection::log_client_error;
use crate::consumer::{QUESTION_PATIENCE, ReadError};

/// How long all elections of an assignment may take together before somebody has to look: well below the time in which the
/// group gives us up.
const ELECTION_PATIENCE: Duration = Duration::from_secs(20);
const ELECTION_PAUSE: Duration = Duration::from_millis(100);

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
    pub(crate) is_reachable: AtomicBool,
    pub(crate) revoke_patience: Duration,
}

impl Shared {
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
        let is_reachable = statistics.brokers.values().any(|broker| broker.state == "UP");
        self.shared.is_reachable.store(is_reachable, Ordering::Relaxed);
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

/// Asks again while the cluster is electing, unless the assignment has begun too long ago: partitions are without a leader
/// just after a topic is made or a broker is gone.
fn patiently<T>(begun: Instant, ask: impl Fn() -> Result<T, KafkaError>) -> Result<T, KafkaError> {
    use RDKafkaErrorCode::{
        CoordinatorLoadInProgress, CoordinatorNotAvailable, LeaderNotAvailable, NotCoordinator,
        NotLeaderForPartition,
    };
    let electing = [
        CoordinatorLoadInProgress,
        CoordinatorNotAvailable,
        LeaderNotAvailable,
        NotCoordinator,
        NotLeaderForPartition,
    ];
    loop {
        match ask() {
            Err(error)
                if error.rdkafka_error_code().is_some_and(|code| electing.contains(&code))
                    && begun.elapsed() < ELECTION_PATIENCE =>
            {
                std::thread::sleep(ELECTION_PAUSE);
            }
            answered => return answered,
        }
    }
}

impl Rebalancing {
    /// Assigns at the committed offsets, silent until they are begun.
    fn assign(&self, consumer: &BaseConsumer<Self>, list: &TopicPartitionList) -> Result<(), KafkaError> {
        let (topic, begun) = (&self.shared.topic, Instant::now());
        let metadata = patiently(begun, || consumer.fetch_metadata(Some(topic), QUESTION_PATIENCE))?;
        let count = metadata.topics().first().map_or(0, |topic| topic.partitions().len());
        let committed = patiently(begun, || consumer.committed_offsets(list.clone(), QUESTION_PATIENCE))?;
        let (mut starting, mut assigned) = (TopicPartitionList::new(), Vec::new());
        for element in committed.elements() {
            let (low, high) = patiently(begun, || {
                consumer.fetch_watermarks(topic, element.partition(), QUESTION_PATIENCE)
            })?;
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
    fn an_election_is_waited_for_and_everything_else_is_told_at_once() {
        let asked = Cell::new(0);
        let answer = patiently(Instant::now(), || {
            asked.set(asked.get() + 1);
            if asked.get() < 3 {
                return Err(KafkaError::MetadataFetch(RDKafkaErrorCode::NotLeaderForPartition));
            }
            Ok("an answer")
        });
        assert_eq!((answer.ok(), asked.get()), (Some("an answer"), 3));
        let refused: Result<(), _> = patiently(Instant::now(), || {
            asked.set(asked.get() + 1);
            Err(KafkaError::MetadataFetch(RDKafkaErrorCode::TopicAuthorizationFailed))
        });
        assert_eq!((refused.is_err(), asked.get()), (true, 4));
    }
}
