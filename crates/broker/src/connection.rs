use std::collections::BTreeMap;
use std::fmt;

use rdkafka::ClientConfig;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use serde::Deserialize;

/// How to reach a Kafka cluster.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Connection {
    /// `host:port` of some brokers, comma-separated. Required.
    pub bootstrap_servers: String,
    /// `v4`, `v6` or `any`; default `v4`. Names that resolve to IPv6 first delay every connection to a broker that
    /// listens on IPv4 alone.
    #[serde(default = "address_family")]
    pub address_family: String,
    /// Further librdkafka properties, above all TLS and SASL (`security.protocol`, `sasl.mechanism`, …). They win
    /// over everything set here, except over what the durability of an acknowledgement rests on. Default: none.
    #[serde(default)]
    pub properties: BTreeMap<String, String>,
}

fn address_family() -> String {
    "v4".to_owned()
}

impl Connection {
    /// A plain connection to these brokers.
    #[must_use]
    pub fn to(bootstrap_servers: impl Into<String>) -> Self {
        let bootstrap_servers = bootstrap_servers.into();
        Self { bootstrap_servers, address_family: address_family(), properties: BTreeMap::new() }
    }

    /// The client's configuration: `defaults`, then the properties of this connection.
    pub(crate) fn client_config(&self, defaults: &[(&str, &str)]) -> ClientConfig {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", &self.bootstrap_servers);
        config.set("broker.address.family", &self.address_family);
        config.set("client.id", "cashless");
        for (name, value) in defaults {
            config.set(*name, *value);
        }
        for (name, value) in &self.properties {
            config.set(name, value);
        }
        config
    }
}

impl fmt::Debug for Connection {
    /// Names of properties only: values may be passwords.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("bootstrap_servers", &self.bootstrap_servers)
            .field("address_family", &self.address_family)
            .field("properties", &self.properties.keys())
            .finish()
    }
}

/// Logs what the client reports about brokers. Refused credentials and certificates need a person; lost connections
/// heal by themselves.
pub(crate) fn log_client_error(error: &KafkaError, reason: &str) {
    let needs_a_person = matches!(
        error.rdkafka_error_code(),
        Some(
            RDKafkaErrorCode::Authentication
                | RDKafkaErrorCode::SaslAuthenticationFailed
                | RDKafkaErrorCode::SSL
                | RDKafkaErrorCode::TopicAuthorizationFailed
                | RDKafkaErrorCode::ClusterAuthorizationFailed
                | RDKafkaErrorCode::Fatal
        )
    );
    if needs_a_person {
        tracing::error!(%error, reason, "the Kafka client cannot work");
    } else {
        tracing::warn!(%error, reason, "the Kafka client has trouble with a broker");
    }
}
