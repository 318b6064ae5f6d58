//! What ClickHouse does with the same topic by itself: a table of its Kafka engine and a view that sums.

use std::time::Duration;

use anyhow::Context as _;
use cashless_wire::Topic;
use serde_json::{Value, json};
use ureq::Agent;

use crate::configuration::Configuration;

const PATIENCE: Duration = Duration::from_secs(60);

/// Settings of the engine: a consumer and a thread for each of two cores.
pub(crate) const SETTINGS: [(&str, &str); 6] = [
    ("kafka_num_consumers", "2"),
    ("kafka_thread_per_consumer", "1"),
    ("kafka_max_block_size", "65536"),
    ("kafka_poll_max_batch_size", "65536"),
    ("kafka_poll_timeout_ms", "500"),
    ("kafka_flush_interval_ms", "1000"),
];

/// Statements to a ClickHouse server, over its HTTP interface.
#[derive(Clone)]
pub(crate) struct Sql {
    agent: Agent,
    url: String,
    user: String,
    password: String,
}

impl Sql {
    pub(crate) fn new(url: &str, user: &str, password: &str) -> Self {
        let agent =
            Agent::config_builder().timeout_global(Some(PATIENCE)).http_status_as_error(false).build().into();
        Self { agent, url: url.to_owned(), user: user.to_owned(), password: password.to_owned() }
    }

    /// The answer as text, or the server's own words for what is wrong.
    pub(crate) async fn run(&self, statement: String) -> anyhow::Result<String> {
        let sql = self.clone();
        tokio::task::spawn_blocking(move || {
            let mut answer = (sql.agent.post(&sql.url))
                .header("X-ClickHouse-User", &sql.user)
                .header("X-ClickHouse-Key", &sql.password)
                .send(&statement)
                .context("ClickHouse does not answer")?;
            let text = answer.body_mut().read_to_string()?;
            anyhow::ensure!(answer.status().is_success(), "ClickHouse refuses {statement:?}: {text}");
            Ok(text.trim_end().to_owned())
        })
        .await?
    }
}

/// The engine's table, its view and its sums, in a database of their own.
pub(crate) struct Engine {
    sql: Sql,
    database: String,
}

impl Engine {
    /// Creates everything. The view comes last, because with it the engine begins to read.
    pub(crate) async fn start(
        sql: Sql,
        configuration: &Configuration,
        registry_url: &str,
        name: &str,
    ) -> anyhow::Result<Self> {
        let database = format!("bench_{name}");
        let topic = Topic::Payments.prefixed(&configuration.topics.prefix);
        let brokers = &configuration.kafka.bootstrap_servers;
        let settings: Vec<_> = SETTINGS.iter().map(|(name, value)| format!("{name} = {value}")).collect();
        let (columns, settings) = (columns(), settings.join(", "));
        for statement in [
            format!("CREATE DATABASE {database}"),
            format!(
                "CREATE TABLE {database}.log ({columns}) ENGINE = Kafka SETTINGS kafka_broker_list = '{brokers}', \
                 kafka_topic_list = '{topic}', kafka_group_name = 'bench-engine-{name}', kafka_format = 'AvroConfluent', \
                 format_avro_schema_registry_url = '{registry_url}', {settings}"
            ),
            format!(
                "CREATE TABLE {database}.sums (account FixedString(16), business_date Date, \
                 source LowCardinality(String), method LowCardinality(String), kind LowCardinality(String), n UInt64, \
                 amount_dong Int64) ENGINE = SummingMergeTree ORDER BY (business_date, account, source, method, kind)"
            ),
            format!(
                "CREATE MATERIALIZED VIEW {database}.summing TO {database}.sums AS SELECT account, \
                 toDate(`{SETTLED_AT}`, 'Asia/Ho_Chi_Minh') AS business_date, source, `{METHOD}` AS method, \
                 `{KIND}` AS kind, count() AS n, sum(`{AMOUNT}`) AS amount_dong FROM {database}.log \
                 GROUP BY account, business_date, source, method, kind"
            ),
        ] {
            sql.run(statement).await?;
        }
        Ok(Self { sql, database })
    }

    /// Events in the sums.
    pub(crate) async fn counted(&self) -> anyhow::Result<u64> {
        let text = self.sql.run(format!("SELECT sum(n) FROM {}.sums", self.database)).await?;
        text.parse().with_context(|| format!("{text:?} is not a number"))
    }

    /// What the engine last complained about.
    pub(crate) async fn complaint(&self) -> anyhow::Result<String> {
        let question = "SELECT arrayStringConcat(exceptions.text, ' | ') FROM system.kafka_consumers";
        self.sql.run(format!("{question} WHERE database = '{}'", self.database)).await
    }

    /// Ends its reading and its merges, so that the next round has the machine for itself.
    pub(crate) async fn drop(self) -> anyhow::Result<()> {
        for object in ["summing", "log"] {
            self.sql.run(format!("DROP TABLE {}.{object} SYNC", self.database)).await?;
        }
        self.sql.run(format!("DROP DATABASE {} SYNC", self.database)).await.map(drop)
    }
}

// The engine flattens a record inside a union by the name of the branch.
const SETTLED_AT: &str = "details.Details.settled_at";
const METHOD: &str = "details.Details.method";
const KIND: &str = "details.Details.kind";
const AMOUNT: &str = "details.Details.amount_dong";

/// Only what the sums need: every further column would cost the engine time.
fn columns() -> String {
    format!(
        "account FixedString(16), source LowCardinality(String), `{SETTLED_AT}` DateTime64(6), \
         `{METHOD}` LowCardinality(String), `{KIND}` LowCardinality(String), `{AMOUNT}` Int64"
    )
}

/// For the result: what the engine was told.
pub(crate) fn settings() -> Value {
    json!(SETTINGS.into_iter().collect::<std::collections::BTreeMap<_, _>>())
}
