//! What operators and dashboards rely on: paths, names, labels.

use std::collections::{BTreeMap, BTreeSet};

use crate::harness::{Plan, Role, System, until};

/// The tracker's are compared where it has a plan to evaluate.
pub(crate) const COMMITTED: &str = include_str!("metrics.txt");
pub(crate) const OF_TRACKER: &str = " tracker_";

/// A line for each metric: name, type, labels.
pub(crate) fn names(role: &Role) -> BTreeSet<String> {
    let text = role.ask("/metrics").expect("an answer").body;
    let mut labels: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut types: BTreeMap<String, String> = BTreeMap::new();
    for line in text.lines() {
        if let Some(described) = line.strip_prefix("# TYPE ") {
            let (name, kind) = described.split_once(' ').expect("a name and a type");
            types.insert(name.to_owned(), kind.to_owned());
            continue;
        }
        if line.starts_with('#') {
            continue;
        }
        let (series, _value) = line.rsplit_once(' ').expect("a series and its value");
        let (name, rest) = series.split_once('{').unwrap_or((series, ""));
        let family = ["_bucket", "_sum", "_count"].iter().find_map(|ending| {
            name.strip_suffix(ending)
                .filter(|family| types.get(*family).is_some_and(|kind| kind == "histogram"))
        });
        let of_family = labels.entry(family.unwrap_or(name).to_owned()).or_default();
        // Values never hold a quote, so every other piece ends with a label's name.
        for piece in rest.split('"').step_by(2) {
            let label = piece.trim_matches([',', '{', '}', '=']);
            if !label.is_empty() && label != "le" {
                of_family.insert(label.to_owned());
            }
        }
    }
    let line = |(name, kind): (&String, &String)| {
        let labels: Vec<&str> = labels.get(name).into_iter().flatten().map(String::as_str).collect();
        format!("{kind} {name}{{{}}}", labels.join(","))
    };
    types.iter().map(line).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn names_and_labels_are_the_committed_ones() {
    let system = System::set_up(Plan::new(1));
    let (mut collector, mut aggregator) = (system.start_collector(), system.start_aggregator());
    for role in [&mut collector, &mut aggregator] {
        role.ready().await;
        assert_eq!(role.ask("/livez").map(|answer| answer.status), Some(200));
        assert_eq!(role.ask("/elsewhere").map(|answer| answer.status), Some(404));
    }
    let (_report, truth) = system.post_a_day(1_000).end().await;
    system.assert_true(&truth).await;
    // Looked at once a second.
    until("the lag is known", async || aggregator.metric("aggregator_lag_records", &[]).map(drop)).await;
    let found: BTreeSet<String> = names(&collector).into_iter().chain(names(&aggregator)).collect();
    // Counters with labels exist from their first event on, and these events do not happen on a good day.
    let rare = [
        "counter collector_requests_abandoned_total",
        "counter collector_requests_answered_total",
        "counter collector_reloads_total",
        "counter aggregator_retries_total",
    ];
    let is_rare = |line: &&str| rare.iter().any(|rare| line.starts_with(rare));
    let committed: BTreeSet<String> = COMMITTED
        .lines()
        .filter(|line| !is_rare(line) && !line.contains(OF_TRACKER))
        .map(str::to_owned)
        .collect();
    let found: BTreeSet<String> = found.into_iter().filter(|line| !is_rare(&line.as_str())).collect();
    let all: Vec<&str> = found.iter().map(String::as_str).collect();
    assert_eq!(
        found,
        committed,
        "if this is meant, metrics.txt becomes, with the rare ones:\n{}",
        all.join("\n")
    );
    aggregator.terminate().await;
    collector.terminate().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_says_that_it_is_not_ready_until_it_is() {
    // No topics yet: nothing can be appended, and there is no group to join.
    let system = System::without_topics(Plan::new(1));
    assert!(system.command(&["migrate"]).status.success());
    let mut collector = system.start_collector();
    let before = crate::harness::until("the collector answers", async || collector.ask("/readyz")).await;
    assert!([200, 503].contains(&before.status));
    assert!(system.command(&["topics", "apply"]).status.success());
    let mut aggregator = system.start_aggregator();
    let first = crate::harness::until("the aggregator answers", async || aggregator.ask("/readyz")).await;
    assert_eq!(first.status, 503, "{}", first.body);
    aggregator.ready().await;
    collector.ready().await;
    aggregator.terminate().await;
    collector.terminate().await;
}
