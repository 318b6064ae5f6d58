//! `cashless topics` against a real Kafka.

use serde_json::{Value, json};

use crate::harness::{Plan, System, kafka_protocol};

/// Exit code and the JSON object on stdout.
fn topics(system: &System, arguments: &[&str]) -> (Option<i32>, Value) {
    let all: Vec<&str> = ["topics"].into_iter().chain(arguments.iter().copied()).chain(["--json"]).collect();
    let output = system.command(&all);
    let said = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    (output.status.code(), said)
}

#[tokio::test(flavor = "multi_thread")]
async fn topics_are_made_once_and_partitions_never_change() {
    let system = System::without_topics(Plan::new(1));
    let (code, plan) = topics(&system, &["plan"]);
    assert_eq!(code, Some(0));
    assert_eq!(plan["differences"].as_array().map(Vec::len), Some(3), "{plan}");
    assert_eq!(system.ends(), None, "a plan makes nothing");

    let (code, applied) = topics(&system, &["apply"]);
    assert_eq!((code, &applied["applied"]), (Some(0), &json!(true)));
    assert_eq!(system.ends(), Some(vec![0; 4]));
    let (code, plan) = topics(&system, &["plan"]);
    assert_eq!((code, &plan["differences"]), (Some(0), &json!([])), "a second plan is empty");

    let configuration = std::fs::read_to_string(&system.config).expect("the configuration");
    for partitions in [3, 5] {
        let changed =
            configuration.replace("payments_partitions = 4", &format!("payments_partitions = {partitions}"));
        std::fs::write(&system.config, changed).expect("written");
        for command in ["plan", "apply"] {
            let (code, said) = topics(&system, &[command]);
            assert_eq!(
                (code, &said["refused"], &said["applied"]),
                (Some(2), &json!(true), &json!(false)),
                "{said}"
            );
        }
        assert_eq!(system.ends(), Some(vec![0; 4]));
        assert_eq!(
            kafka_protocol::ends(&system.broker, &system.payments_topic(), 5),
            None,
            "a fifth partition"
        );
    }
}
