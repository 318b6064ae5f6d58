use std::fmt;
use std::time::Duration;

use serde::Deserialize;

/// Where the warehouse is and how long it may take to answer.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// `http://host:port` of ClickHouse's HTTP interface.
    pub url: String,
    /// The database that holds the product's tables; `cashless` by default.
    #[serde(default = "Config::default_database")]
    pub database: String,
    /// The user to log in as.
    #[serde(default = "Config::default_user")]
    pub user: String,
    /// Its password.
    #[serde(default)]
    pub password: Password,
    /// How long a connection may take to open, in milliseconds; 2,000 by default.
    #[serde(default = "Config::default_connect_timeout_ms")]
    pub connect_timeout_ms: u64,
    /// How long a read may take from question to last row, in milliseconds; 60,000 by default.
    #[serde(default = "Config::default_timeout_ms")]
    pub read_timeout_ms: u64,
    /// How long an insert may take from the first byte to the acknowledgement, in milliseconds; 60,000 by default.
    /// What an insert cut off by it has stored is unknown; it is repeated, which changes nothing.
    #[serde(default = "Config::default_timeout_ms")]
    pub insert_timeout_ms: u64,
}

impl Config {
    /// A server, with the defaults for everything else.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            database: Self::default_database(),
            user: Self::default_user(),
            password: Password::default(),
            connect_timeout_ms: Self::default_connect_timeout_ms(),
            read_timeout_ms: Self::default_timeout_ms(),
            insert_timeout_ms: Self::default_timeout_ms(),
        }
    }

    pub(crate) fn connect_timeout(&self) -> Duration {
        Duration::from_millis(self.connect_timeout_ms)
    }

    pub(crate) fn read_timeout(&self) -> Duration {
        Duration::from_millis(self.read_timeout_ms)
    }

    pub(crate) fn insert_timeout(&self) -> Duration {
        Duration::from_millis(self.insert_timeout_ms)
    }

    fn default_database() -> String {
        "cashless".into()
    }

    fn default_user() -> String {
        "default".into()
    }

    fn default_connect_timeout_ms() -> u64 {
        2_000
    }

    fn default_timeout_ms() -> u64 {
        60_000
    }
}

/// A password, which debug output does not show.
#[derive(Clone, Default, Deserialize)]
#[serde(transparent)]
pub struct Password(String);

impl Password {
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<String> for Password {
    fn from(password: String) -> Self {
        Self(password)
    }
}

impl From<&str> for Password {
    fn from(password: &str) -> Self {
        Self(password.to_owned())
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}
