//! `cashless topics plan|apply`.

use std::process::ExitCode;

use cashless_broker::{Change, TopicDifference, TopicsAdmin};
use serde_json::json;

use crate::cli::Topics;
use crate::configuration::Configuration;
use crate::telemetry::print;

/// A plan that holds a difference which is never applied.
const REFUSED: u8 = 2;

pub(crate) async fn run(configuration: &Configuration, command: Topics) -> anyhow::Result<ExitCode> {
    let admin = TopicsAdmin::new(&configuration.kafka)?;
    let wanted = configuration.wanted_topics();
    let plan = admin.plan(&wanted).await?;
    let refused = plan.iter().any(|difference| difference.change.is_refused());
    let (output, applies) = match command {
        Topics::Plan(output) => (output, false),
        Topics::Apply(output) => (output, true),
    };
    if output.json {
        let lines: Vec<_> = plan.iter().map(describe).collect();
        print(
            &json!({ "differences": lines, "refused": refused, "applied": applies && !refused }).to_string(),
        );
    } else if plan.is_empty() {
        print("the topics are as they should be");
    } else {
        plan.iter().for_each(|difference| print(&describe(difference)));
    }
    if refused {
        return Ok(ExitCode::from(REFUSED));
    }
    if applies {
        admin.apply(&wanted).await?;
    }
    Ok(ExitCode::SUCCESS)
}

fn describe(difference: &TopicDifference) -> String {
    let topic = &difference.topic;
    match &difference.change {
        Change::Create => format!("+ {topic}"),
        Change::Set { name, from, to } => {
            format!("~ {topic}: {name} {} -> {to}", from.as_deref().unwrap_or("(unset)"))
        }
        Change::RefusePartitions { from, to } => {
            format!(
                "! {topic}: {from} partitions, wanted {to}; accounts would change partitions, so this is refused"
            )
        }
        Change::RefuseReplication { from, to } => {
            format!("! {topic}: {from} copies, wanted {to}; reassign partitions with Kafka's own tools")
        }
    }
}
