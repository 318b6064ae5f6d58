//! The roles that run until they are told to stop.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use cashless_aggregator::{Aggregator, Topics};
use cashless_broker::{Change, EventLog, KafkaLog, TopicsAdmin};
use cashless_collector::Collector;
use cashless_reviewer::Reviewer;
use cashless_tracker::Tracker;
use cashless_warehouse::Warehouse;
use cashless_wire::Topic;
use prometheus::Registry;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::configuration::Configuration;
use crate::{admin, schema_registry};

const COLLECTOR_ADMIN: ([u8; 4], u16) = ([127, 0, 0, 1], 9101);
const AGGREGATOR_ADMIN: ([u8; 4], u16) = ([127, 0, 0, 1], 9102);
const TRACKER_ADMIN: ([u8; 4], u16) = ([127, 0, 0, 1], 9103);

pub(crate) async fn collector(
    configuration: &Configuration,
    admin_listen: Option<SocketAddr>,
) -> anyhow::Result<ExitCode> {
    let registry = Registry::new();
    let (encoder, _) = codec(configuration).await?;
    let log = Arc::new(KafkaLog::new(&configuration.kafka, &configuration.producer)?);
    let collector = Collector::build(configuration.collector()?, encoder, log, &registry)?;
    tokio::spawn(complain_of_missing_topics(configuration.clone()));
    let (handle, address) = (collector.handle(), collector.handle().listen());
    let listener =
        TcpListener::bind(address).await.with_context(|| format!("webhook listener on {address}"))?;
    let readiness = handle.clone();
    let ready = move || {
        if readiness.is_ready() { Ok(()) } else { Err("the log does not take appends".to_owned()) }
    };
    admin::serve(admin_listen.unwrap_or(COLLECTOR_ADMIN.into()), registry, Arc::new(ready)).await?;
    let mut hangups = signal(SignalKind::hangup())?;
    tokio::spawn(async move {
        while hangups.recv().await.is_some() {
            // Either outcome is logged where it happens; a bad file leaves the sources as they were.
            let _outcome_was_logged = handle.reload();
        }
    });
    tracing::info!(address = %listener.local_addr()?, "collector: POST /v1/webhooks/{{source}}");
    collector.run(listener, stop_signal()?).await;
    Ok(ExitCode::SUCCESS)
}

/// Without its topics a collector can only answer 503. It starts all the same, as it does without Kafka.
async fn complain_of_missing_topics(configuration: Configuration) {
    let Ok(admin) = TopicsAdmin::new(&configuration.kafka) else { return };
    // An unreachable cluster is complained of by the client itself.
    for difference in admin.plan(&configuration.wanted_topics()).await.unwrap_or_default() {
        if matches!(difference.change, Change::Create) {
            tracing::error!(topic = difference.topic, "no such topic; `cashless topics apply` creates it");
        }
    }
}

pub(crate) async fn aggregator(
    configuration: &Configuration,
    admin_listen: Option<SocketAddr>,
) -> anyhow::Result<ExitCode> {
    let registry = Registry::new();
    let aggregator = build_aggregator(configuration, &registry).await?;
    let health = aggregator.health();
    let ready = move || health.ready();
    admin::serve(admin_listen.unwrap_or(AGGREGATOR_ADMIN.into()), registry, Arc::new(ready)).await?;
    aggregator.run(stop_signal()?).await?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) async fn build_aggregator(
    configuration: &Configuration,
    registry: &Registry,
) -> anyhow::Result<Aggregator> {
    let (codec, prefix) = (codec(configuration).await?, &configuration.topics.prefix);
    let dead_letter_log: Arc<dyn EventLog> =
        Arc::new(KafkaLog::new(&configuration.kafka, &configuration.producer)?);
    Ok(Aggregator::build(
        configuration.aggregator.clone(),
        &configuration.kafka,
        Topics {
            payments: Topic::Payments.prefixed(prefix),
            cash_declarations: Topic::CashDeclarations.prefixed(prefix),
            dead_letters: Topic::DeadLetters.prefixed(prefix),
        },
        dead_letter_log,
        codec,
        Warehouse::new(&configuration.clickhouse),
        registry,
    )?)
}

pub(crate) async fn tracker(
    configuration: &Configuration,
    admin_listen: Option<SocketAddr>,
) -> anyhow::Result<ExitCode> {
    let registry = Registry::new();
    let warehouse = Warehouse::new(&configuration.clickhouse);
    let tracker = Tracker::build(configuration.tracker.clone(), warehouse, &registry)?;
    let reviewer = build_reviewer(configuration, &registry).await?;
    let health = tracker.health();
    let ready = move || health.ready();
    admin::serve(admin_listen.unwrap_or(TRACKER_ADMIN.into()), registry, Arc::new(ready)).await?;
    let (stop_tracker, stop_reviewer) = (stop_signal()?, stop_signal()?);
    // Either one's error ends both: a role that does half of its work has to be seen.
    tokio::try_join!(async { tracker.run(stop_tracker).await.map_err(anyhow::Error::from) }, async {
        reviewer.run(stop_reviewer).await.map_err(anyhow::Error::from)
    },)?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) async fn build_reviewer(
    configuration: &Configuration,
    registry: &Registry,
) -> anyhow::Result<Reviewer> {
    let (encoder, _) = codec(configuration).await?;
    let log = Arc::new(KafkaLog::new(&configuration.kafka, &configuration.producer)?);
    let topic = Topic::Payments.prefixed(&configuration.topics.prefix);
    let persons = configuration.person_keys()?;
    if configuration.collector.is_none() {
        tracing::warn!("payers' accounts are not reviewed: there are no [collector] person_keys");
    }
    let warehouse = Warehouse::new(&configuration.clickhouse);
    let config = configuration.reviewer.clone();
    Ok(Reviewer::build(config, warehouse, log, topic, encoder, persons, registry)?)
}

pub(crate) async fn codec(
    configuration: &Configuration,
) -> anyhow::Result<(cashless_wire::Encoder, cashless_wire::Decoder)> {
    let (config, prefix) = (configuration.schema_registry.clone(), configuration.topics.prefix.clone());
    tokio::task::spawn_blocking(move || schema_registry::codec(config.as_ref(), &prefix)).await?
}

/// Resolves at SIGTERM or SIGINT.
pub(crate) fn stop_signal() -> anyhow::Result<impl Future<Output = ()> + Send + 'static> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => tracing::info!("SIGTERM: finishing what is in hand"),
            _ = interrupt.recv() => tracing::info!("SIGINT: finishing what is in hand"),
        }
    })
}
