//! `cashless bench aggregator`: the real aggregator and ClickHouse's own engine take turns with the same topic.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use cashless_broker::{Acknowledgement, AppendError, EventLog as _, KafkaLog, ProducerConfig, TopicsAdmin};
use cashless_localservices::{Installation, Launcher, SchemaRegistry};
use cashless_warehouse::Warehouse;
use cashless_wire::{Encoder, Topic};
use serde_json::json;
use tempfile::TempDir;

use super::engine::{self, Engine, Sql};
use super::events::Events;
use super::process::{Process, cpu_seconds, peak_rss_mib};
use super::{float, median_of, rounded, say};
use crate::cli::BenchOptions;
use crate::commands::demo::stage::Services;
use crate::commands::demo::stage::write_file;
use crate::configuration::Configuration;
use crate::schema_registry;
use crate::telemetry::print;

const TARGET_RATIO: f64 = 3.0;
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// Longest time without a further event.
const STALL_PATIENCE: Duration = Duration::from_secs(60);
const IN_FLIGHT_MAX: usize = 100_000;

/// What all rounds stand on.
struct Ground {
    configuration: Configuration,
    registry_url: String,
    directory: TempDir,
    services: Services,
    /// Stops when it is dropped.
    _registry: SchemaRegistry,
    sql: Sql,
    events: u64,
}

/// One side's turn.
struct Round {
    events_per_second: f64,
    /// Of the aggregator's process; absent for the engine, which has none.
    own_cpu: Option<f64>,
    clickhouse_cpu: f64,
    peak_rss_mib: Option<f64>,
}

pub(crate) async fn run(options: &BenchOptions) -> anyhow::Result<ExitCode> {
    let (events, pairs) = if options.quick { (500_000, 2) } else { (2_000_000, 5) };
    let ground = Ground::prepare(events).await?;
    let mut rounds = Vec::new();
    for pair in 1..=pairs {
        let aggregator = ground.aggregator_round(pair).await?;
        let engine = ground.engine_round(pair).await?;
        say(&format!(
            "pair {pair}: aggregator {:.0}/s (CPU s per million: own {:.2}, ClickHouse {:.2}), engine {:.0}/s \
             (ClickHouse {:.2}), ratio {:.2}",
            aggregator.events_per_second,
            aggregator.own_cpu.unwrap_or_default(),
            aggregator.clickhouse_cpu,
            engine.events_per_second,
            engine.clickhouse_cpu,
            aggregator.events_per_second / engine.events_per_second,
        ));
        rounds.push((aggregator, engine));
    }
    let ratio =
        median_of(&rounds, |(aggregator, engine)| aggregator.events_per_second / engine.events_per_second);
    let cpu_ratio = median_of(&rounds, |(aggregator, engine)| aggregator.cpu() / engine.cpu());
    let (aggregators, engines): (Vec<_>, Vec<_>) = rounds.into_iter().unzip();
    let aggregator = json!({
        "events_per_second": median_of(&aggregators, |round| round.events_per_second).round(),
        "cpu_seconds_per_million": rounded(median_of(&aggregators, |round| round.own_cpu.unwrap_or_default())),
        "clickhouse_cpu_seconds_per_million": rounded(median_of(&aggregators, |round| round.clickhouse_cpu)),
        "peak_rss_mib": rounded(median_of(&aggregators, |round| round.peak_rss_mib.unwrap_or_default())),
    });
    let engine = json!({
        "events_per_second": median_of(&engines, |round| round.events_per_second).round(),
        "clickhouse_cpu_seconds_per_million": rounded(median_of(&engines, |round| round.clickhouse_cpu)),
        "format": "AvroConfluent",
        "settings": engine::settings(),
    });
    say(&format!("\naggregator    {aggregator}\nKafka engine  {engine}"));
    say(&format!(
        "\nratio to Kafka engine {ratio:.2} (target {TARGET_RATIO}), in CPU with ClickHouse's share {cpu_ratio:.2}"
    ));
    ground.leave().await?;
    if options.output.json {
        let line = json!({
            "bench": "aggregator", "quick": options.quick, "pairs": pairs, "events": events,
            "aggregator": aggregator, "kafka_engine": engine, "ratio_to_kafka_engine": rounded(ratio),
            "cpu_ratio_to_kafka_engine": rounded(cpu_ratio), "target_ratio_to_kafka_engine": TARGET_RATIO,
        });
        print(&line.to_string());
    }
    Ok(ExitCode::SUCCESS)
}

impl Round {
    fn cpu(&self) -> f64 {
        self.own_cpu.unwrap_or_default() + self.clickhouse_cpu
    }
}

impl Ground {
    /// Services, topics, and the log that every round reads.
    async fn prepare(events: u64) -> anyhow::Result<Self> {
        say("starting Kafka, ClickHouse and a schema registry (the first time installs them)");
        let mut configuration = Configuration::read(None)?;
        let services = Services::start(&configuration.clickhouse.database).await?;
        let installation = Installation::from(Launcher::current_exe());
        let registry = tokio::task::spawn_blocking(|| SchemaRegistry::start(installation)).await??;
        configuration.kafka.bootstrap_servers = services.kafka.bootstrap_servers();
        configuration.topics.replication_factor = 1;
        configuration.clickhouse.url = services.clickhouse.http_url();
        configuration.clickhouse.user = services.clickhouse.user().to_owned();
        configuration.clickhouse.password = services.clickhouse.password().into();
        TopicsAdmin::new(&configuration.kafka)?.apply(&configuration.wanted_topics()).await?;
        let sql = Sql::new(
            &services.clickhouse.http_url(),
            services.clickhouse.user(),
            services.clickhouse.password(),
        );
        let ground = Self {
            registry_url: registry.base_url(),
            directory: tempfile::tempdir()?,
            services,
            _registry: registry,
            sql,
            configuration,
            events,
        };
        say(&format!("writing {events} events"));
        ground.fill_log().await?;
        Ok(ground)
    }

    /// Framed as Confluent does, so that both sides can read the same bytes.
    async fn encoder(&self) -> anyhow::Result<Encoder> {
        let config = schema_registry::Config { url: self.registry_url.clone(), timeout_ms: 10_000 };
        let prefix = self.configuration.topics.prefix.clone();
        let codec =
            tokio::task::spawn_blocking(move || schema_registry::codec(Some(&config), &prefix)).await?;
        codec.map(|(encoder, _)| encoder)
    }

    async fn fill_log(&self) -> anyhow::Result<()> {
        let queue = u32::try_from(2 * IN_FLIGHT_MAX)?;
        let config = ProducerConfig {
            linger_ms: 20,
            queue_records_max: queue,
            queue_kib_max: 512 * 1024,
            ..ProducerConfig::default()
        };
        let log = KafkaLog::new(&self.configuration.kafka, &config)?;
        let (encoder, topic) =
            (self.encoder().await?, Topic::Payments.prefixed(&self.configuration.topics.prefix));
        let (mut in_flight, mut record) = (VecDeque::<Acknowledgement>::new(), Vec::new());
        for event in Events::new(self.events)? {
            if in_flight.len() >= IN_FLIGHT_MAX
                && let Some(oldest) = in_flight.pop_front()
            {
                oldest.await?;
            }
            record.clear();
            encoder.encode_payment(&event, &mut record)?;
            in_flight.push_back(log.append(&topic, &event.key.account.0, &record));
        }
        for acknowledgement in in_flight {
            acknowledgement.await.map_err(|error: AppendError| anyhow::anyhow!(error))?;
        }
        Ok(())
    }

    /// The real role in a process of its own, into a fresh database, under a fresh group.
    async fn aggregator_round(&self, number: usize) -> anyhow::Result<Round> {
        let database = format!("bench_aggregator_{number}");
        let mut config = self.configuration.clickhouse.clone();
        config.database.clone_from(&database);
        let warehouse = Warehouse::new(&config);
        warehouse.migrate(|_| ()).await?;
        let file = self.aggregator_file(&database)?;
        let server = self.services.clickhouse.pid();
        let server_before = cpu_seconds(server)?;
        let mut process = Process::start(&file, &["aggregator", "--admin-listen", "127.0.0.1:0"])?;
        let mut watch = Watch::new(self.events);
        while !watch.is_over() {
            tokio::time::sleep(LOOK_EVERY).await;
            process.still_running()?;
            let ledger = warehouse.whole_ledger().await?;
            watch.see(ledger.iter().flat_map(|stored| stored.row.events).sum());
            if watch.is_stalled() {
                bail!("the aggregator stands at {} of {} events", watch.seen, self.events);
            }
        }
        let million = float(self.events) / 1e6;
        let round = Round {
            events_per_second: watch.events_per_second(),
            own_cpu: Some(cpu_seconds(process.id())? / million),
            clickhouse_cpu: (cpu_seconds(server)? - server_before) / million,
            peak_rss_mib: Some(peak_rss_mib(process.id())?),
        };
        drop(process);
        self.sql.run(format!("DROP DATABASE {database} SYNC")).await?;
        Ok(round)
    }

    fn aggregator_file(&self, database: &str) -> anyhow::Result<PathBuf> {
        let clickhouse = &self.services.clickhouse;
        let settings = json!({
            "log": { "filter": "error" },
            "kafka": { "bootstrap_servers": self.configuration.kafka.bootstrap_servers },
            "topics": { "replication_factor": self.configuration.topics.replication_factor },
            "clickhouse": {
                "url": clickhouse.http_url(), "user": clickhouse.user(), "password": clickhouse.password(),
                "database": database,
            },
            "schema_registry": { "url": self.registry_url },
            "aggregator": { "reader": { "group": database } },
        });
        write_file(self.directory.path(), &format!("{database}.toml"), &settings)
    }

    async fn engine_round(&self, number: usize) -> anyhow::Result<Round> {
        let server = self.services.clickhouse.pid();
        let before = cpu_seconds(server)?;
        let engine = Engine::start(
            self.sql.clone(),
            &self.configuration,
            &self.registry_url,
            &format!("engine_{number}"),
        )
        .await?;
        let mut watch = Watch::new(self.events);
        while !watch.is_over() {
            tokio::time::sleep(LOOK_EVERY).await;
            watch.see(engine.counted().await?);
            if watch.is_stalled() {
                let complaint = engine.complaint().await?;
                bail!("ClickHouse's engine stands at {} of {} events: {complaint}", watch.seen, self.events);
            }
        }
        let clickhouse_cpu = (cpu_seconds(server)? - before) / (float(self.events) / 1e6);
        engine.drop().await?;
        Ok(Round {
            events_per_second: watch.events_per_second(),
            own_cpu: None,
            clickhouse_cpu,
            peak_rss_mib: None,
        })
    }

    async fn leave(self) -> anyhow::Result<()> {
        let Services { kafka, clickhouse } = self.services;
        tokio::task::spawn_blocking(move || {
            kafka.stop()?;
            clickhouse.stop()
        })
        .await?
        .context("a service did not stop in order")
    }
}

/// Counts of visible events over time.
struct Watch {
    wanted: u64,
    seen: u64,
    first: Option<(Instant, u64)>,
    last: Instant,
}

impl Watch {
    fn new(wanted: u64) -> Self {
        Self { wanted, seen: 0, first: None, last: Instant::now() }
    }

    fn see(&mut self, events: u64) {
        if events > self.seen {
            (self.seen, self.last) = (events, Instant::now());
            self.first.get_or_insert((self.last, events));
        }
    }

    fn is_over(&self) -> bool {
        self.seen >= self.wanted
    }

    fn is_stalled(&self) -> bool {
        self.last.elapsed() > STALL_PATIENCE
    }

    /// From the first events seen to the last ones; how long a side takes to begin is not compared.
    fn events_per_second(&self) -> f64 {
        let Some((first, events)) = self.first else { return 0.0 };
        float(self.seen - events) / (self.last - first).as_secs_f64()
    }
}
