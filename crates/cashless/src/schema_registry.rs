//! The schema registry, where one is configured: it gives each of our schemas the id that its records carry.

use std::time::Duration;

use anyhow::{Context as _, bail};
use cashless_wire::{Decoder, Encoder, Framing, Topic};
use serde::Deserialize;
use serde_json::{Value, json};
use ureq::Agent;

const CONTENT_TYPE: &str = "application/vnd.schemaregistry.v1+json";
const REGISTER_ATTEMPTS: u32 = 5;
const REGISTER_PAUSE: Duration = Duration::from_millis(300);

/// A Confluent-compatible schema registry.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// Base URL, which may have a path.
    pub(crate) url: String,
    /// Milliseconds a call may take.
    #[serde(default = "timeout_ms")]
    pub(crate) timeout_ms: u64,
}

fn timeout_ms() -> u64 {
    10_000
}

/// The framing of all records: the registry's ids where there is a registry, single-object encoding otherwise.
pub(crate) fn codec(config: Option<&Config>, topic_prefix: &str) -> anyhow::Result<(Encoder, Decoder)> {
    let Some(config) = config else { return Ok((Encoder::default(), Decoder::default())) };
    let ids = |topic: Topic| -> anyhow::Result<Vec<u32>> {
        topic.schemas().iter().map(|schema| register(config, topic, schema, topic_prefix)).collect()
    };
    let payments = ids(Topic::Payments)?;
    let (dead_letters, declarations) = (ids(Topic::DeadLetters)?, ids(Topic::CashDeclarations)?);
    let newest = |ids: &[u32]| Framing::Confluent { schema_id: *ids.last().expect("a topic has a schema") };
    Ok((
        Encoder::new(newest(&payments), newest(&dead_letters), newest(&declarations)),
        Decoder::new(payments, dead_letters, declarations),
    ))
}

/// Registers a schema of a topic's values, which is a look-up once it is known, and reads it back.
fn register(config: &Config, topic: Topic, schema: &str, topic_prefix: &str) -> anyhow::Result<u32> {
    let subject = format!("{}-value", topic.prefixed(topic_prefix));
    let base = config.url.trim_end_matches('/');
    let agent: Agent =
        Agent::config_builder().timeout_global(Some(Duration::from_millis(config.timeout_ms))).build().into();
    let post = || -> anyhow::Result<Value> {
        let answered = agent
            .post(format!("{base}/subjects/{subject}/versions"))
            .content_type(CONTENT_TYPE)
            .send(json!({ "schema": schema }).to_string())
            .and_then(|mut answer| answer.body_mut().read_to_string())
            .with_context(|| format!("the schema registry did not take the schema of {subject}"))?;
        Ok(serde_json::from_str(&answered)?)
    };
    // Roles that start together register together, and a registry may refuse (409) all but one of them.
    let mut registered = post();
    for _ in 1..REGISTER_ATTEMPTS {
        if registered.is_ok() {
            break;
        }
        std::thread::sleep(REGISTER_PAUSE);
        registered = post();
    }
    let registered = registered?;
    let id = (registered["id"].as_u64().and_then(|id| u32::try_from(id).ok()))
        .with_context(|| format!("the schema registry gave no id for {subject}"))?;
    let stored: Value = agent
        .get(format!("{base}/schemas/ids/{id}"))
        .call()
        .and_then(|mut answer| answer.body_mut().read_to_string())
        .with_context(|| format!("the schema registry does not know id {id} of {subject}"))
        .and_then(|text| Ok(serde_json::from_str(&text)?))?;
    let text = stored["schema"].as_str().unwrap_or_default();
    let same = serde_json::from_str::<Value>(text).ok() == serde_json::from_str::<Value>(schema).ok();
    if !same {
        bail!("the schema registry holds another schema under id {id} of {subject}");
    }
    tracing::info!(subject, id, "schema registered");
    Ok(id)
}
