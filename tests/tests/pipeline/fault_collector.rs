//! The collector dies, stops, reads its sources again: what it answered with a success is in the figures.

use nix::sys::signal::Signal;
use rand::RngExt as _;

use crate::harness::{Plan, System, chance, fault_seed, until};

const ROUNDS: usize = 5;

#[tokio::test(flavor = "multi_thread")]
async fn killed_under_load_it_loses_nothing_it_had_accepted() {
    let seed = fault_seed();
    let (system, mut chance) = (System::set_up(Plan::new(seed)), chance(seed));
    let (mut collector, aggregator) = system.start_both().await;
    let load = system.post_for_ever(500.0);
    for _ in 0..ROUNDS {
        load.go_on(chance.random_range(20..200)).await;
        collector.kill9();
        collector = system.start_collector();
    }
    collector.ready().await;
    let (report, truth) = load.wind_up().await;
    assert!(report.connection_errors > 0, "no sender noticed");
    system.assert_true(&truth).await;
    aggregator.terminate().await;
    collector.terminate().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stopped_under_load_it_finishes_what_it_had_begun() {
    let seed = fault_seed();
    let (system, mut chance) = (System::set_up(Plan::new(seed)), chance(seed));
    let (mut collector, aggregator) = system.start_both().await;
    let load = system.post_for_ever(500.0);
    let (mut received, mut settled) = (0.0, 0.0);
    for _ in 0..ROUNDS {
        load.go_on(chance.random_range(20..200)).await;
        received += collector.metric("collector_items_received_total", &[]).expect("a metric");
        settled += collector.metric("collector_items_total", &[]).expect("a metric");
        // Ends with exit code 0, which it does not where something was left undone.
        collector.terminate().await;
        collector = system.start_collector();
    }
    assert!(received > 0.0 && settled > 0.0);
    let (_report, truth) = load.wind_up().await;
    system.assert_true(&truth).await;
    aggregator.terminate().await;
    collector.terminate().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sources_read_again_under_load_cost_no_request() {
    let seed = fault_seed();
    let (system, mut chance) = (System::set_up(Plan::new(seed)), chance(seed));
    let (collector, aggregator) = system.start_both().await;
    let reloads = |result: &str| {
        collector.metric("collector_reloads_total", &[&format!("\"{result}\"")]).unwrap_or(0.0)
    };
    let sources = std::fs::read_to_string(&system.files.sources).expect("the sources file");
    let load = system.post_for_ever(500.0);
    for round in 1..=ROUNDS {
        // Good, broken, good, …: a broken file leaves the sources as they were.
        for (text, result) in
            [(format!("# {round}\n{sources}"), "ok"), ("[[source]]\nid = 7\n".to_owned(), "refused")]
        {
            load.go_on(chance.random_range(10..80)).await;
            let before = reloads(result);
            std::fs::write(&system.files.sources, text).expect("written");
            collector.signal(Signal::SIGHUP);
            until("the sources are read again", async || (reloads(result) > before).then_some(())).await;
        }
    }
    load.go_on(100).await;
    let (report, truth) = load.wind_up().await;
    assert_eq!(report.connection_errors, 0, "broken connections");
    assert!(report.postponed_by_status.is_empty(), "requests put off: {:?}", report.postponed_by_status);
    system.assert_true(&truth).await;
    aggregator.terminate().await;
    collector.terminate().await;
}
