use std::time::Duration;

use bytes::Bytes;
use clickhouse::insert_formatted::InsertFormatted;
use clickhouse::{Client, Compression};
use hyper_util::client::legacy::Client as HttpClient;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::time::{Instant, timeout, timeout_at};

use crate::error::{Cause, Error};
use crate::native::{Block, BlockReader};
use crate::{Config, Password};

/// ClickHouse closes idle connections after a few seconds; ours have to be gone before.
const IDLE_CONNECTION_MAX: Duration = Duration::from_secs(2);
const IDLE_CONNECTIONS_MAX: usize = 8;

/// (partition, day) pairs a query may name: the server takes no parameter above 128 KiB.
pub(crate) const PAIRS_MAX: usize = 5_000;

/// The tables of one database. Cheap to clone; clones share their connections.
#[derive(Clone)]
pub struct Warehouse {
    client: Client,
    uncompressed: Client,
    database: String,
    read_timeout: Duration,
    insert_timeout: Duration,
}

impl Warehouse {
    /// Prepares connections; none is opened yet.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(config.connect_timeout()));
        let http = HttpClient::builder(TokioExecutor::new())
            .pool_idle_timeout(IDLE_CONNECTION_MAX)
            .pool_max_idle_per_host(IDLE_CONNECTIONS_MAX)
            .build(connector);
        let client = Client::with_http_client(http)
            .with_url(&config.url)
            .with_user(&config.user)
            .with_password(Password::reveal(&config.password))
            .with_database(&config.database);
        Self {
            uncompressed: client.clone().with_compression(Compression::None),
            client,
            database: config.database.clone(),
            read_timeout: config.read_timeout(),
            insert_timeout: config.insert_timeout(),
        }
    }

    /// The name of the database.
    #[must_use]
    pub fn database(&self) -> &str {
        &self.database
    }

    /// Whether the server answers and lets the user in.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn ping(&self) -> Result<(), Error> {
        self.execute("reach ClickHouse", "SELECT 1").await
    }

    /// Creates the database if it is missing.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn create_database(&self) -> Result<(), Error> {
        const WHAT: &str = "create the database";
        let name = self.database.replace('\\', "\\\\").replace('`', "\\`");
        // The database cannot be the connection's own before it exists.
        let client = self.client.clone().with_database("system");
        let statement = format!("CREATE DATABASE IF NOT EXISTS `{name}`");
        within(WHAT, self.read_timeout, client.query_raw(&statement).execute()).await
    }

    /// Runs a statement without an answer.
    pub(crate) async fn execute(&self, what: &'static str, sql: &str) -> Result<(), Error> {
        within(what, self.read_timeout, self.client.query_raw(sql).execute()).await
    }

    /// Runs a named statement that writes by itself.
    pub(crate) async fn run(&self, question: Question<'_>) -> Result<(), Error> {
        let mut query = self.client.query_raw(question.sql);
        for (name, value) in question.parameters {
            query = query.param(name, value);
        }
        within(question.what, self.insert_timeout, query.execute()).await
    }

    /// Asks, and hands over each block of the answer.
    pub(crate) async fn select(
        &self,
        question: Question<'_>,
        mut take: impl FnMut(&Block) -> Result<(), Cause>,
    ) -> Result<(), Error> {
        let Question { what, sql, parameters, incompressible } = question;
        let client = if incompressible { &self.uncompressed } else { &self.client };
        let mut query = client.query_raw(sql);
        for (name, value) in parameters {
            query = query.param(name, value);
        }
        let reading = async {
            let mut answer = query.fetch_bytes("Native")?;
            let mut blocks = BlockReader::default();
            while let Some(piece) = answer.next().await? {
                blocks.push(&piece);
                while let Some(block) = blocks.next()? {
                    take(&block)?;
                }
            }
            blocks.finish()
        };
        let done = timeout(self.read_timeout, reading).await.unwrap_or(Err(Cause::TimedOut));
        done.map_err(|cause| Error::new(what, cause))
    }

    /// Begins an insert of one or more blocks.
    pub(crate) fn insert(&self, what: &'static str, sql: &str) -> Insert {
        let insert = (self.client.insert_formatted_with(sql))
            // Acknowledged means stored: no server-side buffer, whatever the server's default is.
            .with_setting("async_insert", "0")
            .with_setting("max_partitions_per_insert_block", "0")
            // No key comes twice in an insert, so the server need not look for repetitions before it stores.
            .with_setting("optimize_on_insert", "0")
            // A column the table no longer has is drift (code 117), not something to drop silently.
            .with_setting("input_format_skip_unknown_fields", "0");
        Insert { what, insert, deadline: Instant::now() + self.insert_timeout }
    }

    /// Inserts one block; returns when the server says that it is stored.
    pub(crate) async fn insert_block(
        &self,
        what: &'static str,
        sql: &str,
        block: Bytes,
    ) -> Result<(), Error> {
        let mut insert = self.insert(what, sql);
        insert.send(block).await?;
        insert.end().await
    }
}

/// An insert on its way.
pub(crate) struct Insert {
    what: &'static str,
    insert: InsertFormatted,
    deadline: Instant,
}

impl Insert {
    /// Sends a block, while the server already reads the ones before.
    pub(crate) async fn send(&mut self, block: Bytes) -> Result<(), Error> {
        until(self.what, self.deadline, self.insert.send(block)).await
    }

    /// Returns when the server says that all of it is stored.
    pub(crate) async fn end(self) -> Result<(), Error> {
        until(self.what, self.deadline, self.insert.end()).await
    }
}

/// A named query.
pub(crate) struct Question<'q> {
    /// Completes "cannot …".
    pub(crate) what: &'static str,
    pub(crate) sql: &'q str,
    pub(crate) parameters: Vec<(&'static str, Parameter)>,
    /// Digests: compressing them only costs time.
    pub(crate) incompressible: bool,
}

impl<'q> Question<'q> {
    pub(crate) fn new(what: &'static str, sql: &'q str) -> Self {
        Self { what, sql, parameters: Vec::new(), incompressible: false }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<Parameter>) -> Self {
        self.parameters.push((name, value.into()));
        self
    }

    pub(crate) fn incompressible(mut self) -> Self {
        self.incompressible = true;
        self
    }
}

/// What a query can be asked with.
#[derive(serde::Serialize)]
#[serde(untagged)]
pub(crate) enum Parameter {
    Number(u64),
    Text(String),
    Numbers(Vec<u16>),
    Pairs(Vec<(u16, u16)>),
    Versions(Vec<u64>),
}

impl From<u32> for Parameter {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

impl From<u64> for Parameter {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

impl From<String> for Parameter {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Vec<u16>> for Parameter {
    fn from(numbers: Vec<u16>) -> Self {
        Self::Numbers(numbers)
    }
}

impl From<Vec<u64>> for Parameter {
    fn from(versions: Vec<u64>) -> Self {
        Self::Versions(versions)
    }
}

impl From<Vec<(u16, u16)>> for Parameter {
    fn from(pairs: Vec<(u16, u16)>) -> Self {
        Self::Pairs(pairs)
    }
}

async fn within<T>(
    what: &'static str,
    patience: Duration,
    work: impl Future<Output = clickhouse::error::Result<T>>,
) -> Result<T, Error> {
    until(what, Instant::now() + patience, work).await
}

async fn until<T>(
    what: &'static str,
    deadline: Instant,
    work: impl Future<Output = clickhouse::error::Result<T>>,
) -> Result<T, Error> {
    match timeout_at(deadline, work).await {
        Ok(done) => done.map_err(|error| Error::new(what, error.into())),
        Err(_) => Err(Error::new(what, Cause::TimedOut)),
    }
}
