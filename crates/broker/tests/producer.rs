//! The producer against the broker that librdkafka plays by itself.

use std::time::Duration;

use cashless_broker::{AppendError, Connection, EventLog as _, KafkaLog, ProducerConfig};

fn mocked() -> Connection {
    let mut connection = Connection::to("");
    connection.properties.insert("test.mock.num.brokers".to_owned(), "1".to_owned());
    connection
}

#[tokio::test]
async fn appends_are_acknowledged_and_make_the_log_reachable() {
    let log = KafkaLog::new(&mocked(), &ProducerConfig::default()).expect("a producer");
    let acknowledgements: Vec<_> = (0..100_u8).map(|n| log.append("t", &[n], b"payload")).collect();
    for acknowledgement in acknowledgements {
        assert_eq!(acknowledgement.await, Ok(()));
    }
    assert!(log.is_reachable());
    assert!(log.flush(Duration::from_secs(5)));
}

#[tokio::test]
async fn a_full_queue_says_so_at_once() {
    let config = ProducerConfig { queue_records_max: 1, linger_ms: 1000, ..ProducerConfig::default() };
    let log = KafkaLog::new(&mocked(), &config).expect("a producer");
    let first = log.append("t", b"k", b"payload");
    assert_eq!(log.append("t", b"k", b"payload").await, Err(AppendError::Full));
    assert_eq!(first.await, Ok(()));
}

#[tokio::test]
async fn brokers_that_are_not_there_are_a_timeout_and_not_a_success() {
    let config = ProducerConfig { delivery_timeout_ms: 300, linger_ms: 0, ..ProducerConfig::default() };
    let log = KafkaLog::new(&Connection::to("127.0.0.1:1"), &config).expect("a producer");
    assert_eq!(log.append("t", b"k", b"payload").await, Err(AppendError::Timeout));
    assert!(!log.is_reachable());
}

#[test]
fn properties_cannot_weaken_the_promise_and_are_not_shown() {
    let mut connection = mocked();
    connection.properties.insert("acks".to_owned(), "0".to_owned());
    connection.properties.insert("sasl.password".to_owned(), "CANARY".to_owned());
    assert!(KafkaLog::new(&connection, &ProducerConfig::default()).is_ok());
    assert!(!format!("{connection:?}").contains("CANARY"));
    connection.properties.insert("no.such.property".to_owned(), "1".to_owned());
    assert!(KafkaLog::new(&connection, &ProducerConfig::default()).is_err());
}
