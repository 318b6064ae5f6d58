use serde::Deserialize;

/// How the reviewer works. The warehouse and the log are configured beside it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Whether records are reviewed at all; default true. Without it lookalikes count twice until a person decides.
    pub enabled: bool,
    /// Milliseconds from the end of a round to the beginning of the next one, at least; default 15000. A round reads the days
    /// on which facts have changed, and everything when the registry has. After a long one the pause is three times as long.
    pub every_ms: u64,
    /// Milliseconds in which a decision that was appended is expected to be stored; default 120000. It is not appended
    /// again before; later it is, which does no harm.
    pub stored_within_ms: u64,
    /// The longest pause between two tries of something that may pass by itself, in milliseconds; default 10000.
    pub retry_longest_ms: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self { enabled: true, every_ms: 15_000, stored_within_ms: 120_000, retry_longest_ms: 10_000 }
    }
}
