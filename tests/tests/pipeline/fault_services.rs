//! Kafka or ClickHouse crashes under load and comes back: nothing is lost, nothing counts twice.

use crate::harness::{Plan, Services, System, fault_seed};

const ROUNDS: usize = 2;

async fn check(services: Services, mut crash: impl FnMut(&Services)) {
    let system = System::set_up(Plan { services, ..Plan::new(fault_seed()) });
    let (mut collector, mut aggregator) = system.start_both().await;
    let load = system.post_for_ever(400.0);
    for _ in 0..ROUNDS {
        load.go_on(300).await;
        crash(&system.services);
        collector.assert_alive();
        aggregator.assert_alive();
    }
    load.go_on(300).await;
    let (_report, truth) = load.wind_up().await;
    system.assert_true(&truth).await;
    aggregator.ready().await;
    aggregator.terminate().await;
    collector.terminate().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_of_kafka_loses_and_doubles_nothing() {
    check(Services::with_own_kafka(), |services| {
        let mut kafka = services.kafka();
        kafka.kill9().expect("it can be killed");
        kafka.restart().expect("it starts again");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_of_clickhouse_loses_and_doubles_nothing() {
    check(Services::with_own_clickhouse(), |services| {
        let mut clickhouse = services.clickhouse();
        clickhouse.kill9().expect("it can be killed");
        clickhouse.restart().expect("it starts again");
    })
    .await;
}
