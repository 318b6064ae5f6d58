//! A day in the life of a province: what is posted is what is shown, to the dong.

use std::collections::BTreeMap;

use cashless_simulator::NO_SOURCE;

use crate::harness::{Plan, Role, System};

/// How the collector names whoever it does not know.
const UNKNOWN: &str = "UNKNOWN";

async fn check(seed: u64) {
    let system = System::set_up(Plan::new(seed));
    let (collector, aggregator) = system.start_both().await;
    let (report, truth) = system.post_a_day(3_000).end().await;
    system.assert_true(&truth).await;

    let mut wanted = BTreeMap::new();
    for ((source, fate, reason), n) in truth.item_fates() {
        let source = if source == NO_SOURCE { UNKNOWN.to_owned() } else { source };
        let reason = if fate == "accepted" { "" } else { reason };
        *wanted.entry((source, fate.to_owned(), reason.to_owned())).or_default() += n;
    }
    assert_eq!(item_fates(&collector), wanted, "fates of items at the collector");
    let received = collector.metric("collector_items_received_total", &[]).expect("a metric");
    let settled = collector.metric("collector_items_total", &[]).expect("a metric");
    assert_eq!(whole(received), whole(settled), "received = the sum of fates");
    let accepted: i64 = wanted.iter().filter(|((_, fate, _), _)| fate == "accepted").map(|(_, n)| n).sum();
    assert_eq!(u64::try_from(accepted).ok(), Some(report.items_accepted));
    assert_eq!(system.events().await, report.items_accepted, "events in the ledger");

    collector.terminate().await;
    aggregator.terminate().await;
}

fn item_fates(collector: &Role) -> BTreeMap<(String, String, String), i64> {
    let metrics = collector.ask("/metrics").expect("an answer").body;
    let label = |series: &str, name: &str| {
        let (_, value) = series.split_once(&format!("{name}=\"")).expect("a label");
        value.split('"').next().unwrap_or_default().to_owned()
    };
    let lines =
        metrics.lines().filter_map(|line| line.strip_prefix("collector_items_total")?.rsplit_once(' '));
    lines
        .map(|(series, n)| {
            (
                (label(series, "source"), label(series, "fate"), label(series, "reason")),
                n.parse().expect("a count"),
            )
        })
        .filter(|(_, n)| *n > 0)
        .collect()
}

fn whole(count: f64) -> String {
    format!("{count:.0}")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_figure_of_a_day_equals_the_true_one() {
    check(1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_figure_of_another_day_equals_the_true_one() {
    check(2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_figure_of_a_third_day_equals_the_true_one() {
    check(3).await;
}
