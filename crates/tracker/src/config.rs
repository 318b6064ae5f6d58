use cashless_domain::BusinessDate;
use serde::Deserialize;

/// How the tracker works. The warehouse is configured beside it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Milliseconds from the beginning of a round to that of the next one; default 5000. Less makes targets fresher and
    /// the warehouse busier.
    pub every_ms: u64,
    /// The local day (`YYYY-MM-DD`) for which plans are evaluated; empty, the default, is the day it is. Only to replay a
    /// plan of the past: months after it are not there yet.
    pub today: String,
    /// Milliseconds between two tries of something that may pass by itself, at first; default 100. Doubles each time.
    pub retry_first_ms: u64,
    /// The longest pause between two tries in milliseconds; default 10000.
    pub retry_longest_ms: u64,
    /// Milliseconds without a finished round after which the role is not ready; default 60000.
    pub stall_ms: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            every_ms: 5_000,
            today: String::new(),
            retry_first_ms: 100,
            retry_longest_ms: 10_000,
            stall_ms: 60_000,
        }
    }
}

/// A setting that the tracker cannot work with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidConfig {
    /// The day is none.
    #[error("tracker.today is {0:?}, which is not a day as in 2022-12-31")]
    Today(String),
    /// No time between two rounds.
    #[error("tracker.every_ms has to be above 0")]
    Every,
}

impl Config {
    /// The day to replay, if one is set.
    pub(crate) fn replayed_day(&self) -> Result<Option<BusinessDate>, InvalidConfig> {
        if self.every_ms == 0 {
            return Err(InvalidConfig::Every);
        }
        if self.today.is_empty() {
            return Ok(None);
        }
        let day = BusinessDate::parse(&self.today);
        day.map(Some).map_err(|_| InvalidConfig::Today(self.today.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_to_replay_is_a_day_or_nothing() {
        let replayed = |today: &str| Config { today: today.to_owned(), ..Config::default() }.replayed_day();
        assert_eq!(replayed(""), Ok(None));
        assert_eq!(replayed("2022-12-31"), Ok(Some(BusinessDate::parse("2022-12-31").expect("a day"))));
        assert_eq!(replayed("2022-13-01"), Err(InvalidConfig::Today("2022-13-01".to_owned())));
        assert_eq!(Config { every_ms: 0, ..Config::default() }.replayed_day(), Err(InvalidConfig::Every));
    }
}
