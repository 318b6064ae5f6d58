//! `deploy/prometheus`: every alert says what it means and what to do, and is seen to fire and not to fire.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::harness::installation;
use crate::tidy::root;

const COMMITTED_METRICS: &str = include_str!("metrics.txt");
const SEVERITIES: [&str; 2] = ["critical", "warning"];
const ANNOTATIONS: [&str; 4] = ["description", "summary", "summary_vi", "what_to_do"];

fn prometheus(path: &str) -> PathBuf {
    root().join("deploy/prometheus").join(path)
}

/// A YAML file of ours.
pub(crate) fn yaml(path: &Path) -> Value {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).expect("a directory");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    files
}

pub(crate) fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// Alerts by name.
fn alerts() -> BTreeMap<String, Value> {
    let mut alerts = BTreeMap::new();
    for file in files(&prometheus("rules")) {
        for group in list(&yaml(&file)["groups"]) {
            for rule in list(&group["rules"]) {
                let name = rule["alert"].as_str().expect("a name").to_owned();
                assert!(alerts.insert(name.clone(), rule.clone()).is_none(), "{name} is there twice");
            }
        }
    }
    alerts
}

/// The names of the product's metrics in an expression; a histogram by its own name.
pub(crate) fn metrics_in(expression: &str) -> BTreeSet<String> {
    let words = expression.split(|character: char| !character.is_ascii_alphanumeric() && character != '_');
    let ours = words
        .filter(|word| ["collector_", "aggregator_", "tracker_"].iter().any(|role| word.starts_with(role)));
    let family = |word: &str| {
        let ending = ["_bucket", "_sum", "_count"].iter().find_map(|ending| word.strip_suffix(ending));
        ending.unwrap_or(word).to_owned()
    };
    ours.map(family).collect()
}

/// Every metric that a role has.
pub(crate) fn committed_metrics() -> BTreeSet<String> {
    let name = |line: &str| line.split([' ', '{']).nth(1).map(str::to_owned);
    COMMITTED_METRICS.lines().filter_map(name).collect()
}

fn promtool(arguments: &[&str], files: &[PathBuf]) {
    let promtool = installation().prometheus().expect("Prometheus is there").promtool;
    let output = Command::new(promtool).args(arguments).args(files).output().expect("promtool runs");
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&said));
}

#[test]
fn the_configuration_and_the_rules_are_valid() {
    promtool(&["check", "config"], &[prometheus("prometheus.yml")]);
}

#[test]
fn alerts_fire_when_they_should_and_only_then() {
    promtool(&["test", "rules"], &files(&prometheus("tests")));
}

#[test]
fn every_alert_has_a_firing_and_a_quiet_case() {
    let mut cases: BTreeMap<String, [usize; 2]> = alerts().into_keys().map(|name| (name, [0, 0])).collect();
    for file in files(&prometheus("tests")) {
        for test in list(&yaml(&file)["tests"]) {
            let whole = list(&test["alert_rule_test"]).iter().map(|case| {
                (case["alertname"].as_str().expect("a name").to_owned(), list(&case["exp_alerts"]).len())
            });
            let of_series = list(&test["promql_expr_test"]).iter().map(|case| {
                let expression = case["expr"].as_str().expect("an expression");
                let name =
                    expression.strip_prefix("ALERTS{alertname=\"").and_then(|rest| rest.split('"').next());
                (name.expect("one alert is asked for").to_owned(), list(&case["exp_samples"]).len())
            });
            for (name, expected) in whole.chain(of_series) {
                let [firing, quiet] =
                    cases.get_mut(&name).unwrap_or_else(|| panic!("{name} is tested but is no alert"));
                *(if expected == 0 { quiet } else { firing }) += 1;
            }
        }
    }
    let lacking: Vec<_> = cases.iter().filter(|(_, counts)| counts.contains(&0)).collect();
    assert!(lacking.is_empty(), "alerts and their [firing, quiet] cases: {lacking:?}");
}

#[test]
fn every_alert_says_how_urgent_it_is_what_it_means_and_what_to_do() {
    let readme = fs::read_to_string(root().join("deploy/README.md")).expect("the operator's page");
    let alerts = alerts();
    assert!(alerts.len() >= 10, "where are the alerts?");
    for (name, rule) in &alerts {
        let severity = rule["labels"]["severity"].as_str().unwrap_or_default();
        assert!(SEVERITIES.contains(&severity), "{name}: severity {severity:?}");
        let annotations = rule["annotations"].as_object().expect("annotations");
        assert_eq!(annotations.keys().collect::<Vec<_>>(), ANNOTATIONS, "{name}");
        for (annotation, text) in annotations {
            assert!(text.as_str().is_some_and(|text| text.len() > 20), "{name}: {annotation} says nothing");
        }
        assert!(readme.contains(&format!("`{name}`")), "deploy/README.md does not tell of {name}");
    }
}

#[test]
fn rules_ask_only_for_metrics_that_exist() {
    let committed = committed_metrics();
    for (name, rule) in alerts() {
        let expression = rule["expr"].as_str().expect("an expression");
        for metric in metrics_in(expression) {
            assert!(committed.contains(&metric), "{name} asks for {metric}, which no role has");
        }
    }
}
