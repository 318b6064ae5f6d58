//! One system: configuration, province, tables, topics; apart from every other system on the same services.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Output;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use cashless_domain::IdKey;
use cashless_simulator::{Clock, Pace, Parameters, Province, ProvinceFiles, ProvinceSize, Rates, Scenario};
use cashless_warehouse::{Config, Warehouse};
use cashless_wire::Topic;
use tempfile::TempDir;

use super::role::own_address;
use super::{Load, Role, Services, http, kafka_protocol, run_command, until};

const ID_KEY: &str = "0123456789abcdef0123456789abcdef";

/// What a test wants to be different.
pub(crate) struct Plan {
    /// Of the province, and of everything that is drawn.
    pub(crate) seed: u64,
    /// On which Kafka and ClickHouse.
    pub(crate) services: Services,
    /// Another section of the configuration file.
    pub(crate) section: String,
    /// More lines for the aggregator's.
    pub(crate) aggregator: &'static str,
    /// `info`, or more talkative.
    pub(crate) log_filter: &'static str,
    /// Of the payments topic.
    pub(crate) partitions: u16,
}

impl Plan {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            seed,
            services: Services::shared(),
            section: String::new(),
            aggregator: "",
            log_filter: "info",
            partitions: 4,
        }
    }
}

pub(crate) struct System {
    /// Removed with this value.
    _directory: TempDir,
    pub(crate) config: PathBuf,
    pub(crate) services: Services,
    pub(crate) province: Arc<Province>,
    pub(crate) files: ProvinceFiles,
    pub(crate) webhooks: SocketAddr,
    pub(crate) warehouse: Warehouse,
    pub(crate) id_key: IdKey,
    pub(crate) partitions: u16,
    /// Database, consumer group, and the beginning of every topic's name.
    pub(crate) name: String,
    pub(crate) broker: String,
    seed: u64,
    roles: AtomicU32,
}

impl System {
    /// With tables and topics, made by the operator's commands; nothing runs yet.
    pub(crate) fn set_up(plan: Plan) -> Self {
        let system = Self::without_topics(plan);
        for command in [&["migrate"][..], &["topics", "apply"]] {
            let output = system.command(command);
            assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
        }
        system
    }

    /// Only a configuration file and a province.
    pub(crate) fn without_topics(plan: Plan) -> Self {
        static SYSTEMS: AtomicU32 = AtomicU32::new(1);
        let name = format!("t{}", SYSTEMS.fetch_add(1, Ordering::Relaxed));
        let Plan { seed, services, section, aggregator, log_filter, partitions } = plan;
        let directory = tempfile::tempdir().expect("a directory");
        let size = ProvinceSize { schools: 40, health_centres: 3, stations: 9, ..ProvinceSize::default() };
        let province = Arc::new(Province::synthetic(&size, seed));
        let files = province.write_files(directory.path()).expect("the province's files");
        let (broker, url, user, password) = {
            let (kafka, clickhouse) = (services.kafka(), services.clickhouse());
            let password = clickhouse.password().to_owned();
            (kafka.bootstrap_servers(), clickhouse.http_url(), clickhouse.user(), password)
        };
        let webhooks = own_address();
        let write = |name: &str, text: &str| {
            let path = directory.path().join(name);
            std::fs::write(&path, text).expect("a file in our own directory");
            path
        };
        let key = |text: &str| base64::Engine::encode(&base64::engine::general_purpose::STANDARD, text);
        write("id.key", &key(ID_KEY));
        write("person.key", &key("person key of the tests, of 32 bytes and more"));
        let years: Vec<String> = (2021..=2028)
            .map(|year| {
                format!(
                    "{{ year = {year}, key = {{ file = '{}' }} }}",
                    directory.path().join("person.key").display()
                )
            })
            .collect();
        let config = write(
            "cashless.toml",
            &format!(
                "{section}
[log]
format = 'json'
filter = '{log_filter}'
[kafka]
bootstrap_servers = '{broker}'
[topics]
prefix = '{name}.'
replication_factor = 1
payments_partitions = {partitions}
[clickhouse]
url = '{url}'
database = '{name}'
user = '{user}'
password = '{password}'
[collector]
listen = '{webhooks}'
sources_file = '{sources}'
id_key = {{ file = '{id_key}' }}
person_keys = [{years}]
[aggregator]
# Small and frequent batches, so that a short stream meets every step many times.
flush_age_ms = 50
{aggregator}
[aggregator.reader]
group = '{name}'
# How long a killed member keeps its partitions.
session_timeout_ms = 1500
",
                sources = files.sources.display(),
                id_key = directory.path().join("id.key").display(),
                years = years.join(", "),
            ),
        );
        let mut clickhouse = Config::new(&url);
        (clickhouse.database, clickhouse.user) = (name.clone(), user.to_owned());
        clickhouse.password = password.into();
        let warehouse = Warehouse::new(&clickhouse);
        let id_key = IdKey::new(ID_KEY.as_bytes()).expect("32 bytes");
        let roles = AtomicU32::new(1);
        Self {
            _directory: directory,
            config,
            services,
            province,
            files,
            webhooks,
            warehouse,
            id_key,
            partitions,
            name,
            broker,
            seed,
            roles,
        }
    }

    /// Runs an operator's command with this system's configuration.
    pub(crate) fn command(&self, arguments: &[&str]) -> Output {
        run_command(&self.config, arguments)
    }

    /// Applies all of the province's registry files; the version that is visible now.
    pub(crate) fn apply_registry(&self) -> u64 {
        let directory = self.files.institutions.parent().expect("files lie in a directory");
        let output =
            self.command(&["registry", "apply", "--directory", &directory.to_string_lossy(), "--json"]);
        let said = [&output.stdout[..], &output.stderr].concat();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&said));
        let said: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        said["registry_version"].as_u64().expect("a version")
    }

    pub(crate) fn topic(&self, topic: Topic) -> String {
        topic.prefixed(&format!("{}.", self.name))
    }

    pub(crate) fn payments_topic(&self) -> String {
        self.topic(Topic::Payments)
    }

    pub(crate) fn start_collector(&self) -> Role {
        self.start("collector", None)
    }

    pub(crate) fn start_aggregator(&self) -> Role {
        self.start("aggregator", None)
    }

    pub(crate) fn start_tracker(&self) -> Role {
        self.start("tracker", None)
    }

    /// An aggregator that aborts when it has done a step for the n-th time, `store_cells:2`, or whose n-th commit is
    /// refused, `refuse_commit:1`.
    pub(crate) fn start_aggregator_with(&self, failpoint: &str) -> Role {
        self.start("aggregator", Some(failpoint))
    }

    fn start(&self, role: &str, failpoint: Option<&str>) -> Role {
        let number = self.roles.fetch_add(1, Ordering::Relaxed);
        Role::start(role, &format!("{role}-{number}"), &self.config, own_address(), failpoint)
    }

    /// Both roles, ready.
    pub(crate) async fn start_both(&self) -> (Role, Role) {
        let (mut collector, mut aggregator) = (self.start_collector(), self.start_aggregator());
        collector.ready().await;
        aggregator.ready().await;
        (collector, aggregator)
    }

    /// A day with every fault the simulator knows, more often than on a real one.
    pub(crate) fn scenario(&self, payments: u32) -> Scenario {
        self.scenario_of(Clock::one_day(payments))
    }

    /// The same of other days.
    pub(crate) fn scenario_of(&self, clock: Clock) -> Scenario {
        let parameters = Parameters { rates: Rates::default().times(3.0), ..Parameters::default() };
        Scenario::new(Arc::clone(&self.province), parameters, clock, self.seed)
    }

    /// Posts as `bank-1` would, or as somebody else.
    pub(crate) fn post_as_bank(
        &self,
        source: &str,
        id: &str,
        age_s: i64,
        signature: Option<&str>,
        body: &[u8],
    ) -> Option<http::Answer> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
        let at = i64::try_from(now).expect("a time") - age_s;
        let bank =
            self.province.sources().iter().find(|source| source.id.as_str() == "bank-1").expect("a bank");
        let signature =
            signature.map_or_else(|| bank.key().expect("it signs").sign(id, at, body), str::to_owned);
        let at = at.to_string();
        let headers = [("webhook-id", id), ("webhook-timestamp", &at), ("webhook-signature", &signature)];
        http::post(&format!("http://{}/v1/webhooks/{source}", self.webhooks), &headers, body)
    }

    /// A whole day, as fast as it is answered.
    pub(crate) fn post_a_day(&self, payments: u32) -> Load {
        Load::start(self, self.scenario(payments), Pace::Unpaced)
    }

    /// A day far too long for a test: deliveries until it is wound up.
    pub(crate) fn post_for_ever(&self, deliveries_per_second: f64) -> Load {
        Load::start(self, self.scenario(50_000), Pace::PerSecond(deliveries_per_second))
    }

    /// The next offset of each partition of the payments topic.
    pub(crate) fn ends(&self) -> Option<Vec<i64>> {
        kafka_protocol::ends(&self.broker, &self.payments_topic(), self.partitions)
    }

    /// What the aggregator's group has committed.
    pub(crate) fn committed(&self) -> Option<Vec<i64>> {
        kafka_protocol::committed(&self.broker, &self.name, &self.payments_topic(), self.partitions)
    }

    /// Waits until everything in the log is stored and committed.
    pub(crate) async fn settled(&self) {
        until("the log is stored", async || {
            let ends = self.ends()?;
            (self.committed()? == ends).then_some(())
        })
        .await;
    }

    /// How many events the ledger counts.
    pub(crate) async fn events(&self) -> u64 {
        let ledger = self.warehouse.whole_ledger().await.expect("the warehouse answers");
        ledger.iter().flat_map(|stored| stored.row.events).sum()
    }

    /// Asks ClickHouse in SQL.
    pub(crate) fn sql(&self, sql: &str) -> String {
        let (url, user, password) = {
            let clickhouse = self.services.clickhouse();
            (clickhouse.http_url(), clickhouse.user(), clickhouse.password().to_owned())
        };
        let headers = [
            ("X-ClickHouse-User", user),
            ("X-ClickHouse-Key", &password),
            ("X-ClickHouse-Database", &self.name),
        ];
        let answer = http::post(&url, &headers, sql.as_bytes()).expect("ClickHouse answers");
        assert_eq!(answer.status, 200, "{sql}: {}", answer.body);
        answer.body
    }

    /// The rows of an answer.
    pub(crate) fn rows<const N: usize>(&self, sql: &str) -> Vec<[String; N]> {
        let fields = |line: &str| line.split('\t').map(str::to_owned).collect::<Vec<_>>();
        let row =
            |line: &str| fields(line).try_into().unwrap_or_else(|row| panic!("not {N} columns: {row:?}"));
        self.sql(sql).lines().map(row).collect()
    }
}
