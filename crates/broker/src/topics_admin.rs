use std::collections::BTreeMap;
use std::time::Duration;

use rdkafka::admin::{
    AdminClient, AdminOptions, AlterConfig, ConfigSource, NewTopic, ResourceSpecifier, TopicReplication,
};
use rdkafka::client::DefaultClientContext;
use rdkafka::error::KafkaError;

use crate::Connection;

const PATIENCE: Duration = Duration::from_secs(30);

/// A topic as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedTopic {
    /// Its name.
    pub name: String,
    /// Its partitions, fixed for life: an account's events must stay in one partition.
    pub partitions: i32,
    /// Copies of each partition, fixed here too: moving them is the cluster operator's work.
    pub replication: i32,
    /// Settings by Kafka's names (`retention.ms`, `min.insync.replicas`, …). Others are left as they are.
    pub settings: BTreeMap<String, String>,
}

/// One difference between a wanted topic and the cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicDifference {
    /// The topic.
    pub topic: String,
    /// What to do about it.
    pub change: Change,
}

/// What a difference asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The topic is missing.
    Create,
    /// A setting has another value.
    Set {
        /// Kafka's name of the setting.
        name: String,
        /// The value now, if the topic has the setting.
        from: Option<String>,
        /// The wanted value.
        to: String,
    },
    /// The partitions differ. Refused: keys would move, and an account's history would be split.
    RefusePartitions {
        /// Partitions now.
        from: i32,
        /// Partitions wanted.
        to: i32,
    },
    /// The copies differ. Refused: it needs a reassignment by the cluster's own tools.
    RefuseReplication {
        /// Copies now.
        from: i32,
        /// Copies wanted.
        to: i32,
    },
}

impl Change {
    /// Whether only a person can settle it.
    #[must_use]
    pub const fn is_refused(&self) -> bool {
        matches!(self, Self::RefusePartitions { .. } | Self::RefuseReplication { .. })
    }
}

/// Why topics could not be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    /// The cluster cannot be asked.
    #[error("the cluster does not answer")]
    Cluster(#[source] KafkaError),
    /// It refused something about a topic.
    #[error("topic {topic}: {what}")]
    Topic {
        /// The topic.
        topic: String,
        /// Kafka's words.
        what: String,
    },
    /// The plan has differences that are never applied; nothing was done.
    #[error("{0} differences cannot be applied; nothing was changed")]
    Refused(usize),
}

/// A topic as it is.
#[derive(Debug, Clone, Default)]
struct ActualTopic {
    partitions: i32,
    replication: i32,
    /// Effective values.
    settings: BTreeMap<String, String>,
    /// Those set on the topic itself.
    own: BTreeMap<String, String>,
}

/// Compares topics with a Kafka cluster and brings the cluster up to them.
pub struct TopicsAdmin(AdminClient<DefaultClientContext>);

impl TopicsAdmin {
    /// # Errors
    /// A property librdkafka refuses.
    pub fn new(connection: &Connection) -> Result<Self, AdminError> {
        connection.client_config(&[]).create().map(Self).map_err(AdminError::Cluster)
    }

    /// What differs, in the order of `wanted`; empty when the cluster is as it should be. Changes nothing.
    ///
    /// # Errors
    /// The cluster does not answer. Blocks the thread for a moment.
    pub async fn plan(&self, wanted: &[WantedTopic]) -> Result<Vec<TopicDifference>, AdminError> {
        let mut differences = Vec::new();
        for (topic, actual) in self.actual(wanted).await? {
            differences.extend(plan_one(topic, actual.as_ref()));
        }
        Ok(differences)
    }

    /// Applies the plan for `wanted` and returns what was done. All or nothing where a difference is refused.
    ///
    /// # Errors
    /// See [`AdminError`]. Safe to run again.
    pub async fn apply(&self, wanted: &[WantedTopic]) -> Result<Vec<TopicDifference>, AdminError> {
        let actual = self.actual(wanted).await?;
        let plan: Vec<_> =
            actual.iter().flat_map(|(topic, actual)| plan_one(topic, actual.as_ref())).collect();
        let refused = plan.iter().filter(|difference| difference.change.is_refused()).count();
        if refused > 0 {
            return Err(AdminError::Refused(refused));
        }
        for (topic, actual) in actual {
            match actual {
                None => self.create(topic).await?,
                Some(actual) if plan.iter().any(|difference| difference.topic == topic.name) => {
                    self.set(topic, actual).await?;
                }
                Some(_) => {}
            }
        }
        Ok(plan)
    }

    async fn create(&self, wanted: &WantedTopic) -> Result<(), AdminError> {
        let replication = TopicReplication::Fixed(wanted.replication);
        let mut topic = NewTopic::new(&wanted.name, wanted.partitions, replication);
        for (name, value) in &wanted.settings {
            topic = topic.set(name, value);
        }
        let results = self.0.create_topics([&topic], &options()).await.map_err(AdminError::Cluster)?;
        first_error(
            results.into_iter().map(|result| result.map(drop).map_err(|(_, code)| code.to_string())),
            wanted,
        )
    }

    /// The call replaces a topic's own settings as a whole, so those it already has go along.
    async fn set(&self, wanted: &WantedTopic, actual: ActualTopic) -> Result<(), AdminError> {
        let settings: BTreeMap<_, _> = actual.own.into_iter().chain(wanted.settings.clone()).collect();
        let mut alteration = AlterConfig::new(ResourceSpecifier::Topic(&wanted.name));
        for (name, value) in &settings {
            alteration = alteration.set(name, value);
        }
        let results = self.0.alter_configs([&alteration], &options()).await.map_err(AdminError::Cluster)?;
        first_error(
            results.into_iter().map(|result| result.map(drop).map_err(|(_, code)| code.to_string())),
            wanted,
        )
    }

    async fn actual<'w>(
        &self,
        wanted: &'w [WantedTopic],
    ) -> Result<Vec<(&'w WantedTopic, Option<ActualTopic>)>, AdminError> {
        // All topics, because asking for one by name would create it where brokers create topics by themselves.
        let metadata = self.0.inner().fetch_metadata(None, PATIENCE).map_err(AdminError::Cluster)?;
        let mut topics = Vec::with_capacity(wanted.len());
        for topic in wanted {
            let found = metadata.topics().iter().find(|found| found.name() == topic.name);
            let Some(found) = found.filter(|found| !found.partitions().is_empty()) else {
                topics.push((topic, None));
                continue;
            };
            let count = |length: usize| i32::try_from(length).unwrap_or(i32::MAX);
            let mut actual = ActualTopic {
                partitions: count(found.partitions().len()),
                replication: found
                    .partitions()
                    .first()
                    .map_or(0, |partition| count(partition.replicas().len())),
                ..ActualTopic::default()
            };
            self.read_settings(topic, &mut actual).await?;
            topics.push((topic, Some(actual)));
        }
        Ok(topics)
    }

    async fn read_settings(&self, wanted: &WantedTopic, actual: &mut ActualTopic) -> Result<(), AdminError> {
        let specifier = ResourceSpecifier::Topic(&wanted.name);
        let resources =
            self.0.describe_configs([&specifier], &options()).await.map_err(AdminError::Cluster)?;
        for resource in resources {
            let resource = resource
                .map_err(|code| AdminError::Topic { topic: wanted.name.clone(), what: code.to_string() })?;
            for entry in resource.entries {
                let Some(value) = entry.value else { continue };
                if entry.source == ConfigSource::DynamicTopic {
                    actual.own.insert(entry.name.clone(), value.clone());
                }
                actual.settings.insert(entry.name, value);
            }
        }
        Ok(())
    }
}

fn plan_one(wanted: &WantedTopic, actual: Option<&ActualTopic>) -> Vec<TopicDifference> {
    let difference = |change| TopicDifference { topic: wanted.name.clone(), change };
    let Some(actual) = actual else { return vec![difference(Change::Create)] };
    let mut differences = Vec::new();
    if actual.partitions != wanted.partitions {
        let change = Change::RefusePartitions { from: actual.partitions, to: wanted.partitions };
        differences.push(difference(change));
    }
    if actual.replication != wanted.replication {
        let change = Change::RefuseReplication { from: actual.replication, to: wanted.replication };
        differences.push(difference(change));
    }
    for (name, to) in &wanted.settings {
        let from = actual.settings.get(name);
        if from != Some(to) {
            let change = Change::Set { name: name.clone(), from: from.cloned(), to: to.clone() };
            differences.push(difference(change));
        }
    }
    differences
}

fn first_error(
    results: impl Iterator<Item = Result<(), String>>,
    wanted: &WantedTopic,
) -> Result<(), AdminError> {
    results.collect::<Result<(), _>>().map_err(|what| AdminError::Topic { topic: wanted.name.clone(), what })
}

fn options() -> AdminOptions {
    AdminOptions::new().request_timeout(Some(PATIENCE)).operation_timeout(Some(PATIENCE))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(retention: &str) -> BTreeMap<String, String> {
        BTreeMap::from([("retention.ms".to_owned(), retention.to_owned())])
    }

    fn wanted() -> WantedTopic {
        WantedTopic { name: "t".to_owned(), partitions: 12, replication: 3, settings: settings("-1") }
    }

    fn changes(actual: Option<&ActualTopic>) -> Vec<Change> {
        plan_one(&wanted(), actual).into_iter().map(|difference| difference.change).collect()
    }

    fn actual() -> ActualTopic {
        ActualTopic { partitions: 12, replication: 3, settings: settings("-1"), own: BTreeMap::new() }
    }

    #[test]
    fn a_missing_topic_is_created_and_a_right_one_left_alone() {
        assert_eq!(changes(None), [Change::Create]);
        assert_eq!(changes(Some(&actual())), []);
    }

    #[test]
    fn a_setting_is_changed_and_foreign_settings_are_not() {
        let mut actual = actual();
        actual.settings = settings("5");
        actual.settings.insert("segment.bytes".to_owned(), "9".to_owned());
        let set =
            Change::Set { name: "retention.ms".to_owned(), from: Some("5".to_owned()), to: "-1".to_owned() };
        assert_eq!(changes(Some(&actual)), [set]);
    }

    #[test]
    fn partitions_are_never_changed_in_place() {
        for partitions in [1, 24] {
            let actual = ActualTopic { partitions, ..actual() };
            assert_eq!(changes(Some(&actual)), [Change::RefusePartitions { from: partitions, to: 12 }]);
        }
        let actual = ActualTopic { replication: 1, ..actual() };
        assert_eq!(changes(Some(&actual)), [Change::RefuseReplication { from: 1, to: 3 }]);
        assert!(Change::RefuseReplication { from: 1, to: 3 }.is_refused());
    }
}
