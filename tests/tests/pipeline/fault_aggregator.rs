//! The aggregator dies, wherever and however often: the figures are those of a life without accidents.

use cashless_simulator::Pace;
use rand::RngExt as _;

use crate::harness::{Plan, System, chance, fault_seed, until};

const KILLS: usize = 20;

/// Lives that end behind a step for the first time, for the second time, …, then one that lasts.
async fn dies_behind(step: &str, lives: &[u32]) {
    let system = System::set_up(Plan::new(fault_seed()));
    let mut collector = system.start_collector();
    collector.ready().await;
    let load = system.post(2_000, Pace::PerSecond(800.0));
    for nth in lives {
        let mut aggregator = system.start_aggregator_that_dies(&format!("{step}:{nth}"));
        let status = aggregator.ended().await;
        assert!(!status.success(), "it ended as if nothing had happened");
    }
    let (_report, truth) = load.end().await;
    let mut aggregator = system.start_aggregator();
    aggregator.ready().await;
    system.assert_true(&truth).await;
    aggregator.terminate().await;
    collector.terminate().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_after_loading_known_ids_it_counts_right() {
    dies_behind("load_known", &[1, 2, 1]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_after_loading_payments_it_counts_right() {
    dies_behind("load_payments", &[1, 2, 1]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_after_loading_cells_it_counts_right() {
    dies_behind("load_cells", &[1, 2, 1]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_between_cells_and_facts_it_counts_right() {
    dies_behind("store_cells", &[1, 2, 4]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_between_facts_and_commit_it_counts_right() {
    dies_behind("store_facts", &[1, 2, 4]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_after_a_commit_it_counts_right() {
    dies_behind("commit", &[1, 3, 2]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_kills_under_load_change_no_figure() {
    let seed = fault_seed();
    let (system, mut chance) = (System::set_up(Plan::new(seed)), chance(seed));
    let (collector, mut aggregator) = system.start_both().await;
    let load = system.post(6_000, Pace::PerSecond(250.0));
    let (mut lives_with_progress, mut events) = (0, 0);
    for _ in 0..KILLS {
        // A quarter of a second to a second and a half.
        load.go_on(chance.random_range(60..400)).await;
        aggregator.assert_alive();
        aggregator.kill9();
        aggregator = system.start_aggregator();
        let events_now = system.events().await;
        lives_with_progress += usize::from(events_now > events);
        events = events_now;
    }
    assert!(!load.is_over(), "the last kills met no load");
    assert!(lives_with_progress >= KILLS / 4, "only {lives_with_progress} of {KILLS} lives stored anything");
    let (_report, truth) = load.end().await;
    until("the last life works", async || (system.events().await > events).then_some(())).await;
    system.assert_true(&truth).await;
    aggregator.terminate().await;
    collector.terminate().await;
}
