//! The aggregator dies, wherever and however often: the figures are those of a life without accidents.

use rand::RngExt as _;

use crate::harness::{Plan, System, chance, fault_seed, until};

const KILLS: usize = 20;

/// Lives that each end behind a step, `step:nth`, then one that lasts.
async fn dies_behind(lives: &[&str]) {
    // Next to nothing is kept in memory, so that every life has something to load; and large is what has 20 records, so
    // that batches go in two lanes.
    let aggregator = "payments_max = 40\ncells_max = 40\nknown_ids_max = 400\nflush_records = 40";
    let system = System::set_up(Plan { aggregator, ..Plan::new(fault_seed()) });
    let mut collector = system.start_collector();
    collector.ready().await;
    let load = system.post_for_ever(300.0);
    for failpoint in lives {
        let mut aggregator = system.start_aggregator_with(failpoint);
        let status = aggregator.ended().await;
        assert!(!status.success(), "it ended as if nothing had happened");
    }
    let mut aggregator = system.start_aggregator();
    aggregator.ready().await;
    let (_report, truth) = load.wind_up().await;
    system.assert_true(&truth).await;
    aggregator.terminate().await;
    collector.terminate().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_after_loading_known_ids_it_counts_right() {
    dies_behind(&["load_known:1", "load_known:3", "load_known:2"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_after_loading_payments_it_counts_right() {
    dies_behind(&["load_payments:1", "load_payments:4", "load_payments:2"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_after_loading_cells_it_counts_right() {
    dies_behind(&["load_cells:1", "load_cells:4", "load_cells:2"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_between_cells_and_facts_it_counts_right() {
    dies_behind(&["store_cells:1", "store_cells:6", "store_cells:1", "store_cells:3"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_between_facts_and_commit_it_counts_right() {
    dies_behind(&["store_facts:1", "store_facts:6", "store_facts:1", "store_facts:3"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_after_a_commit_it_counts_right() {
    dies_behind(&["commit:1", "commit:9", "commit:6"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_first_commit_leaves_no_partition_unread() {
    let system = System::set_up(Plan::new(fault_seed()));
    let mut collector = system.start_collector();
    collector.ready().await;
    let mut aggregator = system.start_aggregator_with("refuse_commit:1");
    aggregator.ready().await;
    let (_report, truth) = system.post_a_day(300).end().await;
    system.assert_true(&truth).await;
    assert_eq!(aggregator.metric("aggregator_retries_total", &["step=\"commit\""]), Some(1.0));
    aggregator.terminate().await;
    collector.terminate().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_kills_under_load_change_no_figure() {
    let seed = fault_seed();
    let (system, mut chance) = (System::set_up(Plan::new(seed)), chance(seed));
    let (collector, mut aggregator) = system.start_both().await;
    let load = system.post_for_ever(250.0);
    let mut events = system.events().await;
    for _ in 0..KILLS {
        // Half of the lives come to work; the others mostly die while the group still waits for their predecessor.
        if chance.random_bool(0.5) {
            until("a life that works", async || (system.events().await > events).then_some(())).await;
        }
        load.go_on(chance.random_range(1..150)).await;
        aggregator.assert_alive();
        aggregator.kill9();
        aggregator = system.start_aggregator();
        events = system.events().await;
    }
    until("the last life works", async || (system.events().await > events).then_some(())).await;
    let (_report, truth) = load.wind_up().await;
    system.assert_true(&truth).await;
    aggregator.terminate().await;
    collector.terminate().await;
}
