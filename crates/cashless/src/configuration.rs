//! The configuration: embedded defaults, then a file, then environment variables.

use std::path::Path;

use anyhow::Context as _;
use cashless_broker::{Connection, ProducerConfig, WantedTopic};
use cashless_domain::{IdKey, PersonKeys};
use cashless_wire::Topic;
use config::{Config, Environment, File, FileFormat};
use serde::Deserialize;

use crate::{schema_registry, telemetry};

/// The settings of every role; a role reads the parts it needs.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Configuration {
    pub(crate) log: telemetry::Config,
    pub(crate) kafka: Connection,
    pub(crate) producer: ProducerConfig,
    pub(crate) topics: Topics,
    pub(crate) clickhouse: cashless_warehouse::Config,
    pub(crate) schema_registry: Option<schema_registry::Config>,
    pub(crate) collector: Option<cashless_collector::Config>,
    pub(crate) aggregator: cashless_aggregator::Config,
    pub(crate) reviewer: cashless_reviewer::Config,
    pub(crate) tracker: cashless_tracker::Config,
}

/// The topics as they are created.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Topics {
    /// Put in front of every topic's name.
    pub(crate) prefix: String,
    /// Copies of each partition.
    pub(crate) replication_factor: i32,
    /// Partitions of the payments topic.
    pub(crate) payments_partitions: i32,
}

const DEFAULTS: &str = include_str!("config.default.toml");

impl Configuration {
    /// Reads the configuration of this process.
    pub(crate) fn read(file: Option<&Path>) -> anyhow::Result<Self> {
        let environment =
            Environment::with_prefix("CASHLESS").prefix_separator("__").separator("__").try_parsing(true);
        let mut layers = Config::builder().add_source(File::from_str(DEFAULTS, FileFormat::Toml));
        if let Some(file) = file {
            layers = layers.add_source(File::from(file).format(FileFormat::Toml));
        }
        let settings = layers.add_source(environment).build().context("the configuration cannot be read")?;
        settings.try_deserialize().context("the configuration is not valid")
    }

    /// The collector's part, with what it shares with the other roles.
    pub(crate) fn collector(&self) -> anyhow::Result<cashless_collector::Config> {
        let mut collector = self
            .collector
            .clone()
            .context("the configuration has no [collector] section with sources_file and id_key")?;
        collector.topic_prefix.clone_from(&self.topics.prefix);
        Ok(collector)
    }

    /// The key of all ids.
    pub(crate) fn id_key(&self) -> anyhow::Result<IdKey> {
        Ok(self.collector()?.read_id_key()?)
    }

    /// The yearly keys of persons; none where this process has no `[collector]` section.
    pub(crate) fn person_keys(&self) -> anyhow::Result<PersonKeys> {
        self.collector
            .as_ref()
            .map_or_else(|| Ok(PersonKeys::default()), |collector| Ok(collector.read_person_keys()?))
    }

    /// The topics as they should be.
    pub(crate) fn wanted_topics(&self) -> Vec<WantedTopic> {
        let wanted = |topic: Topic| {
            let settings = topic.settings();
            let mut configuration: std::collections::BTreeMap<_, _> = settings
                .configuration
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect();
            // A write is durable when a majority of three has it.
            let in_sync = if self.topics.replication_factor >= 3 { "2" } else { "1" };
            configuration.insert("min.insync.replicas".to_owned(), in_sync.to_owned());
            WantedTopic {
                name: topic.prefixed(&self.topics.prefix),
                partitions: match topic {
                    Topic::Payments => self.topics.payments_partitions,
                    _ => settings.partitions,
                },
                replication: self.topics.replication_factor,
                settings: configuration,
            }
        };
        Topic::ALL.into_iter().map(wanted).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_defaults_are_a_whole_configuration() {
        let configuration = Configuration::read(None).expect("valid");
        assert_eq!(configuration.aggregator.flush_records, 100_000);
        assert!(configuration.collector.is_none());
    }

    #[test]
    fn an_unknown_key_is_refused_by_name() {
        let directory = tempfile::tempdir().expect("a directory");
        let file = directory.path().join("cashless.toml");
        std::fs::write(&file, "[aggregator]\nflush_recods = 1\n").expect("written");
        let error = format!("{:#}", Configuration::read(Some(&file)).expect_err("refused"));
        assert!(error.contains("flush_recods"), "{error}");
    }
}
