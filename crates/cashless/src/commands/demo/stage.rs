//! Everything a demo or benchmark stands on: services, a synthetic province, tables, topics, both roles.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use cashless_broker::{EventLog as _, KafkaLog, TopicsAdmin};
use cashless_collector::Collector;
use cashless_domain::{CashDeclaration, DeclarationSource, ExportedCashless, IdKey, Method, SourceId};
use cashless_localservices::{ClickHouse, ClickHouseOptions, Installation, Kafka, KafkaOptions, Launcher};
use cashless_reviewer::Reviewer;
use cashless_simulator::{DeclaredBy, DeclaredMonth, Province, SIGNER_ROLE};
use cashless_tracker::Tracker;
use cashless_warehouse::Warehouse;
use cashless_wire::{Encoder, Topic};
use prometheus::Registry;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::admin;
use crate::commands::{registry, roles};
use crate::configuration::Configuration;

const READY_PATIENCE: Duration = Duration::from_secs(60);
const READY_LOOK: Duration = Duration::from_millis(50);

/// Real services of this machine, gone with this value.
pub(crate) struct Services {
    pub(crate) kafka: Kafka,
    pub(crate) clickhouse: ClickHouse,
}

impl Services {
    /// Installs what is missing, with progress on stderr, and starts both. The analyst reads of the database what an
    /// analyst of a deployment does.
    pub(crate) async fn start(database: &str) -> anyhow::Result<Self> {
        let kafka = tokio::task::spawn_blocking(|| {
            Kafka::start(KafkaOptions::new(Installation::from(Launcher::current_exe())))
        });
        let kafka = kafka.await??;
        let published = published(database);
        let clickhouse = tokio::task::spawn_blocking(|| {
            let mut options = ClickHouseOptions::new(Installation::from(Launcher::current_exe()));
            options.analyst_may_read = Some(published);
            ClickHouse::start(options)
        });
        Ok(Self { kafka, clickhouse: clickhouse.await?? })
    }
}

/// The views, and the tables that hold no payments, which the script of a deployment grants to its analysts.
fn published(database: &str) -> Vec<String> {
    const SCRIPT: &str = include_str!("../../../../../deploy/clickhouse/analyst.sh");
    let granted = SCRIPT.lines().filter_map(|line| line.strip_prefix("GRANT SELECT ON cashless."));
    let names = granted.filter_map(|line| line.strip_suffix(" TO cashless_analyst;"));
    names.map(|name| format!("{database}.{name}")).collect()
}

/// A stage that is set: the configuration of a whole system, its tables and topics made, its registry filled.
pub(crate) struct Stage {
    pub(crate) configuration: Configuration,
    pub(crate) warehouse: Warehouse,
    pub(crate) id_key: IdKey,
    /// Holds the province's files and the keys.
    pub(crate) directory: TempDir,
    /// Absent where the configuration names existing servers.
    pub(crate) services: Option<Services>,
}

impl Stage {
    /// Sets the stage on local services, or on the servers of a configuration file.
    pub(crate) async fn set(
        file: Option<&Path>,
        province: &Province,
        say: impl Fn(&str),
    ) -> anyhow::Result<Self> {
        let directory = tempfile::tempdir()?;
        let mut configuration = Configuration::read(file)?;
        let services = if file.is_none() {
            say("starting Kafka and ClickHouse (the first time installs them)");
            Some(Services::start(&configuration.clickhouse.database).await?)
        } else {
            // Someone else's servers: stay apart from what is there.
            let name = format!("demo_{}", std::process::id());
            configuration.topics.prefix = format!("{name}.");
            configuration.clickhouse.database.clone_from(&name);
            configuration.aggregator.reader.group = name;
            None
        };
        if let Some(services) = &services {
            configuration.kafka.bootstrap_servers = services.kafka.bootstrap_servers();
            configuration.topics.replication_factor = 1;
            configuration.clickhouse.url = services.clickhouse.http_url();
            configuration.clickhouse.user = services.clickhouse.user().to_owned();
            configuration.clickhouse.password = services.clickhouse.password().into();
        }
        say("writing a synthetic province, tables, topics and registry");
        let files = province.write_files(directory.path())?;
        configuration.collector = Some(collector_section(directory.path(), &files.sources)?);
        let id_key = configuration.id_key()?;
        let warehouse = Warehouse::new(&configuration.clickhouse);
        warehouse.migrate(|_| ()).await?;
        TopicsAdmin::new(&configuration.kafka)?.apply(&configuration.wanted_topics()).await?;
        registry::apply(&warehouse, &id_key, directory.path(), "synthetic").await?;
        Ok(Self { configuration, warehouse, id_key, directory, services })
    }

    /// Appends what the institutions declared, as it was received then.
    pub(crate) async fn declare(&self, province: &Province, lines: &[DeclaredMonth]) -> anyhow::Result<()> {
        let topic = Topic::CashDeclarations.prefixed(&self.configuration.topics.prefix);
        let log = KafkaLog::new(&self.configuration.kafka, &self.configuration.producer)?;
        let encoder = Encoder::default();
        let mut acknowledgements = Vec::with_capacity(lines.len());
        for line in lines {
            let declaration = declaration(province, line)?;
            let mut record = Vec::new();
            encoder.encode_declaration(&declaration, &mut record)?;
            acknowledgements.push(log.append(&topic, declaration.institution_id.as_bytes(), &record));
        }
        for acknowledgement in acknowledgements {
            acknowledgement.await?;
        }
        Ok(())
    }

    /// Writes a configuration by which other commands reach the local services and this collector. It logs in as the
    /// owner of the database.
    pub(crate) fn write_configuration(&self, roles: &Roles) -> anyhow::Result<Option<PathBuf>> {
        if self.services.is_none() {
            return Ok(None);
        }
        let (configuration, directory) = (&self.configuration, self.directory.path());
        let file = |name: &str| json!({ "file": directory.join(name) });
        let settings = json!({
            "log": { "format": "text", "filter": "error" },
            "kafka": { "bootstrap_servers": configuration.kafka.bootstrap_servers },
            "topics": { "replication_factor": configuration.topics.replication_factor },
            "clickhouse": {
                "url": configuration.clickhouse.url,
                "database": configuration.clickhouse.database,
                "user": configuration.clickhouse.user,
                "password": self.services.as_ref().map(|services| services.clickhouse.password()),
            },
            "collector": {
                "listen": roles.webhooks,
                "sources_file": directory.join("sources.toml"),
                "id_key": file("id.key"),
                "person_keys": person_keys(&directory.join("person.key")),
            },
            // A tracker with another day would have other verdicts.
            "tracker": { "today": configuration.tracker.today },
        });
        write_file(directory, "cashless.toml", &settings).map(Some)
    }

    /// Stops the services; without it they stop with this value, but nobody hears of trouble.
    pub(crate) async fn strike(self) -> anyhow::Result<()> {
        if let Some(Services { kafka, clickhouse }) = self.services {
            tokio::task::spawn_blocking(move || {
                kafka.stop()?;
                clickhouse.stop()
            })
            .await??;
        }
        Ok(())
    }
}

/// A line of the simulator as the product has it.
pub(super) fn declaration(province: &Province, line: &DeclaredMonth) -> anyhow::Result<CashDeclaration> {
    let exported = line.exported.map(|(n, dong)| ExportedCashless { method: Method::Unknown, n, dong });
    Ok(CashDeclaration {
        institution_id: province.institutions()[line.institution].id.clone(),
        month: line.month,
        source: match line.source {
            DeclaredBy::SystemExport => DeclarationSource::SystemExport,
            DeclaredBy::Declaration => DeclarationSource::Declaration,
            DeclaredBy::InvoiceTotal => DeclarationSource::InvoiceTotal,
        },
        version: line.version,
        cash_n: line.cash_n,
        cash_dong: line.cash_dong,
        cash_refunds_dong: line.cash_refunds_dong,
        exported_cashless: exported.into_iter().collect(),
        signer_role: SIGNER_ROLE.to_owned(),
        declared_at: line.declared_at,
        recorded_at: line.declared_at,
        channel: SourceId::new("file")?,
    })
}

fn collector_section(directory: &Path, sources: &Path) -> anyhow::Result<cashless_collector::Config> {
    // Keys of an invented province; a real one keeps its own, and keeps them secret.
    let write = |name: &str, key: &str| {
        let path = directory.join(name);
        std::fs::write(&path, key).with_context(|| path.display().to_string()).map(|()| path)
    };
    let id_key = write("id.key", "ZGVtbyBvbmx5OiBpZCBrZXkgb2YgYW4gaW52ZW50ZWQgcHJvdmluY2U=")?;
    let person_key = write("person.key", "ZGVtbyBvbmx5OiBwZXJzb24ga2V5IG9mIGFuIGludmVudGVkIHllYXI=")?;
    Ok(serde_json::from_value(json!({
        "listen": "127.0.0.1:0",
        "sources_file": sources,
        "id_key": { "file": id_key },
        "person_keys": person_keys(&person_key),
    }))?)
}

fn person_keys(file: &Path) -> Vec<Value> {
    (2020..=2035).map(|year| json!({ "year": year, "key": { "file": file } })).collect()
}

/// All three roles, running inside this process.
pub(crate) struct Roles {
    pub(crate) webhooks: SocketAddr,
    pub(crate) collector_admin: SocketAddr,
    pub(crate) aggregator_admin: SocketAddr,
    pub(crate) tracker_admin: SocketAddr,
    stop: watch::Sender<bool>,
    collector: JoinHandle<()>,
    aggregator: JoinHandle<anyhow::Result<()>>,
    tracker: JoinHandle<anyhow::Result<()>>,
    /// Works when it is told to, so that it is known when it has nothing left to decide.
    pub(super) reviewer: Reviewer,
}

impl Roles {
    pub(crate) async fn start(configuration: &Configuration) -> anyhow::Result<Self> {
        let (stop, stopping) = watch::channel(false);
        let stopped = |mut stopping: watch::Receiver<bool>| async move {
            // An error means that the sender is gone, which is a stop as well.
            let _stop_or_gone = stopping.wait_for(|stop| *stop).await.is_ok();
        };
        let any_port = SocketAddr::from(([127, 0, 0, 1], 0));

        let metrics = Registry::new();
        let log = Arc::new(KafkaLog::new(&configuration.kafka, &configuration.producer)?);
        let collector =
            Collector::build(configuration.collector()?, cashless_wire::Encoder::default(), log, &metrics)?;
        let handle = collector.handle();
        let readiness = move || handle.is_ready().then_some(()).ok_or_else(|| "the log is away".to_owned());
        let collector_admin = admin::serve(any_port, metrics, Arc::new(readiness)).await?;
        let listener = TcpListener::bind(any_port).await?;
        let webhooks = listener.local_addr()?;
        let collector = tokio::spawn(collector.run(listener, stopped(stopping.clone())));

        let metrics = Registry::new();
        let aggregator = roles::build_aggregator(configuration, &metrics).await?;
        let (health, readiness) = (aggregator.health(), aggregator.health());
        let aggregator_admin = admin::serve(any_port, metrics, Arc::new(move || readiness.ready())).await?;
        let stopped_aggregator = stopped(stopping.clone());
        let aggregator = tokio::spawn(async move { Ok(aggregator.run(stopped_aggregator).await?) });

        let metrics = Registry::new();
        let warehouse = Warehouse::new(&configuration.clickhouse);
        let tracker = Tracker::build(configuration.tracker.clone(), warehouse, &metrics)?;
        let reviewer = roles::build_reviewer(configuration, &metrics).await?;
        let readiness = tracker.health();
        let tracker_admin = admin::serve(any_port, metrics, Arc::new(move || readiness.ready())).await?;
        let tracker = tokio::spawn(async move { Ok(tracker.run(stopped(stopping)).await?) });
        let roles = Self {
            webhooks,
            collector_admin,
            aggregator_admin,
            tracker_admin,
            stop,
            collector,
            aggregator,
            tracker,
            reviewer,
        };
        // A consumer group on a new broker takes seconds to form, which is no part of how fresh figures are.
        let deadline = Instant::now() + READY_PATIENCE;
        while let Err(reason) = health.ready() {
            if roles.ended() || Instant::now() > deadline {
                bail!("the aggregator did not become ready: {reason}");
            }
            tokio::time::sleep(READY_LOOK).await;
        }
        Ok(roles)
    }

    /// Whether a role has ended by itself, which only an error makes it do.
    pub(crate) fn ended(&self) -> bool {
        self.aggregator.is_finished() || self.tracker.is_finished()
    }

    pub(crate) async fn stop(self) -> anyhow::Result<()> {
        self.stop.send_replace(true);
        self.collector.await?;
        self.tracker.await??;
        self.aggregator.await?
    }
}

/// A configuration file for a process of ours.
pub(crate) fn write_file(directory: &Path, name: &str, settings: &Value) -> anyhow::Result<PathBuf> {
    let path = directory.join(name);
    std::fs::write(&path, toml::to_string(settings)?).with_context(|| path.display().to_string())?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::published;

    #[test]
    fn the_analyst_of_a_demo_reads_what_is_published_and_no_payments() {
        let published = published("demo");
        assert!(published.contains(&"demo.target_progress_now".to_owned()), "{published:?}");
        assert!(published.iter().all(|name| name.starts_with("demo.")), "{published:?}");
        for table in ["payments", "account_daily", "identifiers", "decision_log"] {
            assert!(!published.contains(&format!("demo.{table}")), "{table}");
        }
    }
}
