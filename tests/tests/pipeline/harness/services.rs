//! Kafka and ClickHouse: one of each for all tests, or some of one's own to be killed.
//!
//! Nobody stops the shared ones: when this process ends, however it ends, their keepers do, and remove their data.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use cashless_localservices::{ClickHouse, ClickHouseOptions, Installation, Kafka, KafkaOptions, Launcher};

use super::EXECUTABLE;

/// Where a system appends and where it stores.
#[derive(Clone)]
pub(crate) struct Services {
    kafka: Arc<Mutex<Kafka>>,
    clickhouse: Arc<Mutex<ClickHouse>>,
}

/// How local services are run: by the product's executable, since the tests' own `main` is the test harness's.
pub(crate) fn installation() -> Installation {
    Installation::new(Launcher::program(EXECUTABLE))
}

fn start_kafka() -> Arc<Mutex<Kafka>> {
    let options = KafkaOptions { heap_max_mib: 256, ..KafkaOptions::new(installation()) };
    Arc::new(Mutex::new(Kafka::start(options).expect("Kafka starts")))
}

fn start_clickhouse() -> Arc<Mutex<ClickHouse>> {
    Arc::new(Mutex::new(
        ClickHouse::start(ClickHouseOptions::new(installation())).expect("ClickHouse starts"),
    ))
}

fn shared_kafka() -> Arc<Mutex<Kafka>> {
    static SHARED: OnceLock<Arc<Mutex<Kafka>>> = OnceLock::new();
    Arc::clone(SHARED.get_or_init(start_kafka))
}

fn shared_clickhouse() -> Arc<Mutex<ClickHouse>> {
    static SHARED: OnceLock<Arc<Mutex<ClickHouse>>> = OnceLock::new();
    Arc::clone(SHARED.get_or_init(start_clickhouse))
}

impl Services {
    pub(crate) fn shared() -> Self {
        Self { kafka: shared_kafka(), clickhouse: shared_clickhouse() }
    }

    pub(crate) fn with_own_kafka() -> Self {
        Self { kafka: start_kafka(), clickhouse: shared_clickhouse() }
    }

    pub(crate) fn with_own_clickhouse() -> Self {
        Self { kafka: shared_kafka(), clickhouse: start_clickhouse() }
    }

    pub(crate) fn own() -> Self {
        Self { kafka: start_kafka(), clickhouse: start_clickhouse() }
    }

    pub(crate) fn kafka(&self) -> MutexGuard<'_, Kafka> {
        self.kafka.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn clickhouse(&self) -> MutexGuard<'_, ClickHouse> {
        self.clickhouse.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
