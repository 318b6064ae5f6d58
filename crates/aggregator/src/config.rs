use cashless_broker::ReaderConfig;
use cashless_rollup::Limits;
use serde::Deserialize;

/// How the aggregator works. The log and the warehouse are configured beside it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The consumer group and its limits.
    pub reader: ReaderConfig,
    /// Records after which a batch is stored; default 100000. More makes bulk replays faster and memory larger.
    pub flush_records: usize,
    /// Milliseconds after which a batch is stored however small; default 250. Less makes figures fresher and the
    /// warehouse's merges more work.
    pub flush_age_ms: u64,
    /// Known payment ids kept in memory, about 16 bytes each; default 4000000. Older days are looked up instead.
    pub known_ids_max: usize,
    /// Recently touched payments kept in memory, about 400 bytes each; default 100000.
    pub payments_max: usize,
    /// Cells kept in memory, about 400 bytes each; default 100000.
    pub cells_max: usize,
    /// Milliseconds between two tries of something that may pass by itself, at first; default 100. Doubles each time.
    pub retry_first_ms: u64,
    /// The longest pause between two tries in milliseconds; default 10000.
    pub retry_longest_ms: u64,
    /// Milliseconds that a stop waits for the batch in hand; default 10000. What is not stored by then is read again.
    pub drain_ms: u64,
    /// Milliseconds without progress, with records waiting, after which the role is not ready; default 60000.
    pub stall_ms: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            reader: ReaderConfig::default(),
            flush_records: 100_000,
            flush_age_ms: 250,
            known_ids_max: 4_000_000,
            payments_max: 100_000,
            cells_max: 100_000,
            retry_first_ms: 100,
            retry_longest_ms: 10_000,
            drain_ms: 10_000,
            stall_ms: 60_000,
        }
    }
}

impl Config {
    /// One partition's share of the memory.
    pub(crate) fn limits(&self, partition_count: u16) -> Limits {
        let share = |total: usize| total / usize::from(partition_count.max(1));
        Limits {
            known_ids: share(self.known_ids_max),
            payments: share(self.payments_max),
            cells: share(self.cells_max),
        }
    }
}
