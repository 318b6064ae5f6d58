//! What is in the topics, byte by byte.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use cashless_broker::{
    Connection, EventLog as _, KafkaLog, LogReader, OwnershipChange, ProducerConfig, ReaderConfig,
};

use super::PATIENCE;

/// A record as Kafka has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) partition: u16,
    pub(crate) key: Vec<u8>,
    pub(crate) payload: Vec<u8>,
}

/// Every record of a topic, read beside everybody else.
pub(crate) async fn read_all(broker: &str, topic: &str) -> Vec<Record> {
    static GROUPS: AtomicU32 = AtomicU32::new(0);
    let group = format!("look-{}", GROUPS.fetch_add(1, Ordering::Relaxed));
    let config = ReaderConfig { group, ..ReaderConfig::default() };
    let mut reader = LogReader::start(&Connection::to(broker), &config, topic, |record| Record {
        partition: record.partition,
        key: record.key.to_vec(),
        payload: record.payload.to_vec(),
    })
    .expect("a reader");
    let reading = async {
        let Some(OwnershipChange::Assigned(partitions)) = reader.ownership.recv().await else {
            panic!("the only member of a group is assigned everything");
        };
        let total: u64 = partitions.iter().map(|assigned| assigned.high - assigned.low).sum();
        for assigned in &partitions {
            reader.handle.begin(assigned.partition).expect("an assigned partition");
        }
        let mut records = Vec::new();
        while (records.len() as u64) < total {
            records.extend(reader.records.recv().await.expect("the reader goes on"));
        }
        records
    };
    tokio::time::timeout(PATIENCE, reading).await.unwrap_or_else(|_| panic!("{topic} cannot be read"))
}

/// Appends records that the product would not write.
pub(crate) async fn append(broker: &str, topic: &str, records: &[(Vec<u8>, Vec<u8>)]) {
    let log = KafkaLog::new(&Connection::to(broker), &ProducerConfig::default()).expect("a producer");
    for (key, payload) in records {
        log.append(topic, key, payload).await.expect("appended");
    }
    assert!(log.flush(Duration::from_secs(1)));
}
