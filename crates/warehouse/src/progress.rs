//! What evaluations found: results of targets, appended when they change, and the latest state of institutions.

mod institutions;
mod targets;

pub use institutions::{MonthKey, MonthRow, StandingKey, StandingRow};
pub use targets::{Basis, ProgressKey, ProgressRow};

use std::hash::{Hash, Hasher as _};

use cashless_domain::Timestamp;
use twox_hash::XxHash3_64;

use crate::error::Cause;
use crate::native::Block;

/// Which content of a row is stored, and since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredDigest {
    /// Digest of the content.
    pub digest: u64,
    /// When the evaluation that found it began to read.
    pub evaluated_at: Timestamp,
}

/// The same for equal content in every process of a release.
fn digest(row: &impl Hash) -> u64 {
    let mut hasher = XxHash3_64::new();
    row.hash(&mut hasher);
    hasher.finish()
}

/// Two columns: the digest and when it was found.
fn read_digest(block: &Block, position: usize, row: usize) -> Result<StoredDigest, Cause> {
    let micros = block.fixed::<i64>(position + 1, "DateTime64(6)")?.get(row);
    Ok(StoredDigest {
        digest: block.fixed::<u64>(position, "UInt64")?.get(row),
        evaluated_at: Timestamp::from_micros(micros).map_err(|_| Cause::InvalidRow("time"))?,
    })
}
