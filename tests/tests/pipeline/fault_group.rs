//! Several aggregators share the log, come, go and fall silent: every event counts once.

use nix::sys::signal::Signal;
use rand::RngExt as _;

use crate::harness::{Plan, Role, System, chance, fault_seed, until};

const ROUNDS: usize = 3;

/// Waits until it works on some partition.
async fn takes_part(aggregator: &Role) {
    until("a member takes up a partition", async || {
        aggregator.log().contains("partition taken up").then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn members_that_come_and_go_change_no_figure() {
    let seed = fault_seed();
    let (system, mut chance) = (System::set_up(Plan::new(seed)), chance(seed));
    let (collector, mut first) = system.start_both().await;
    let load = system.post_for_ever(200.0);
    for _ in 0..ROUNDS {
        let second = system.start_aggregator();
        takes_part(&second).await;
        load.go_on(chance.random_range(1..100)).await;
        second.terminate().await;
        load.go_on(chance.random_range(1..100)).await;
    }
    first.assert_alive();
    let (_report, truth) = load.wind_up().await;
    system.assert_true(&truth).await;
    first.terminate().await;
    collector.terminate().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn members_killed_while_partitions_change_hands_change_no_figure() {
    let seed = fault_seed();
    let (system, mut chance) = (System::set_up(Plan::new(seed)), chance(seed));
    let (collector, mut old) = system.start_both().await;
    let load = system.post_for_ever(200.0);
    for round in 0..ROUNDS {
        let new = system.start_aggregator();
        // Somewhere between its first line and its first batch.
        if chance.random_bool(0.5) {
            takes_part(&new).await;
        }
        load.go_on(chance.random_range(1..40)).await;
        if round % 2 == 0 {
            old.kill9();
            old = new;
        } else {
            new.kill9();
        }
    }
    takes_part(&old).await;
    let (_report, truth) = load.wind_up().await;
    system.assert_true(&truth).await;
    old.terminate().await;
    collector.terminate().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_writer_that_wakes_up_after_its_eviction_changes_no_figure() {
    let seed = fault_seed();
    let (system, mut chance) = (System::set_up(Plan::new(seed)), chance(seed));
    let (collector, mut sleeper) = system.start_both().await;
    let mut other = system.start_aggregator();
    takes_part(&other).await;
    let load = system.post_for_ever(300.0);
    for _ in 0..ROUNDS {
        load.go_on(chance.random_range(20..120)).await;
        sleeper.signal(Signal::SIGSTOP);
        let reached = until("Kafka answers", async || system.ends()).await;
        // Only the other member can get there, and only with all partitions.
        until("the other member goes on alone", async || {
            let committed = system.committed()?;
            committed.iter().zip(&reached).all(|(committed, reached)| committed >= reached).then_some(())
        })
        .await;
        sleeper.signal(Signal::SIGCONT);
        load.go_on(chance.random_range(20..120)).await;
        sleeper.assert_alive();
        other.assert_alive();
    }
    let (_report, truth) = load.wind_up().await;
    system.assert_true(&truth).await;
    sleeper.terminate().await;
    other.terminate().await;
    collector.terminate().await;
}
