//! The reader against brokers that librdkafka plays, which fail when told to.

use std::time::Duration;

use cashless_broker::{AssignedPartition, Connection, LogReader, OwnershipChange, ReaderConfig};
use rdkafka::mocking::MockCluster;
use rdkafka::types::{RDKafkaApiKey, RDKafkaRespErr};
use tokio::time::timeout;

const TOPIC: &str = "payments";
const PATIENCE: Duration = Duration::from_secs(60);

/// More failures than the client itself tries again.
const FAILURES: usize = 8;

async fn assigned(reader: &mut LogReader<()>) -> Vec<AssignedPartition> {
    match timeout(PATIENCE, reader.ownership.recv()).await {
        Ok(Some(OwnershipChange::Assigned(partitions))) => partitions,
        other => panic!("not assigned: {other:?}"),
    }
}

#[tokio::test]
async fn brokers_that_go_down_while_partitions_are_taken_up_are_waited_for() {
    for asked in [RDKafkaApiKey::OffsetFetch, RDKafkaApiKey::ListOffsets] {
        let cluster = MockCluster::new(1).expect("brokers");
        cluster.create_topic(TOPIC, 2, 1).expect("a topic");
        cluster.request_errors(asked, &[RDKafkaRespErr::RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT; FAILURES]);
        let connection = Connection::to(cluster.bootstrap_servers());
        let config = ReaderConfig { group: format!("{asked:?}"), ..ReaderConfig::default() };
        let mut reader = LogReader::start(&connection, &config, TOPIC, |_| ()).expect("a reader");
        let partitions = assigned(&mut reader).await;
        assert_eq!(partitions.iter().map(|of| of.partition).collect::<Vec<_>>(), [0, 1], "{asked:?}");
    }
}
