//! What has to be true before a partition is worked on: the log is the one its ledger was made from.

use cashless_broker::{AssignedPartition, ReadError, ReaderHandle};
use cashless_domain::SourceId;
use cashless_rollup::{LedgerRow, Start, Version};

use crate::decode::digest;

/// What the warehouse knows of a partition.
pub(crate) struct Stored {
    pub(crate) ledger: Vec<(SourceId, LedgerRow)>,
    pub(crate) partition_count: Option<u16>,
}

/// Why a partition is not worked on. A person has to look.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Mismatch {
    #[error(
        "the topic has {now} partitions where the ledger knows {known}; partitions are never added in place"
    )]
    Repartitioned { known: u16, now: u16 },
    #[error(
        "the ledger reaches offset {ledger} but the group has no committed offset: was the group deleted?"
    )]
    GroupOffsetGone { ledger: u64 },
    #[error("the group has committed offset {committed} but there is no ledger: was the warehouse emptied?")]
    LedgerGone { committed: u64 },
    #[error(
        "the group has committed offset {committed} but the ledger ends at {ledger}: was an older backup restored?"
    )]
    LedgerBehind { committed: u64, ledger: u64 },
    #[error("offset {next} is next but the log begins at {low}: records have expired unread")]
    Expired { next: u64, low: u64 },
    #[error("the ledger reaches offset {ledger} but the log ends at {high}: it was truncated or made anew")]
    Truncated { ledger: u64, high: u64 },
    #[error("the record at offset {offset} is not the one the ledger was made from: the log was made anew")]
    AnotherLog { offset: u64 },
}

/// The last event of the log that the ledger contains.
fn last_event(ledger: &[(SourceId, LedgerRow)]) -> Option<(Version, u64)> {
    ledger.iter().map(|(_, row)| (row.version, row.last_digest)).max()
}

/// Everything that can be told without reading the log.
pub(crate) fn compare(assigned: &AssignedPartition, stored: &Stored) -> Result<Start, Mismatch> {
    let last = last_event(&stored.ledger).map(|(version, _)| version);
    if let Some(known) = stored.partition_count.filter(|known| *known != assigned.partition_count) {
        return Err(Mismatch::Repartitioned { known, now: assigned.partition_count });
    }
    let next_offset = match (assigned.committed, last.map(Version::next_offset)) {
        (None, Some(ledger)) => return Err(Mismatch::GroupOffsetGone { ledger }),
        (Some(committed), None) if committed > 0 => return Err(Mismatch::LedgerGone { committed }),
        (Some(committed), Some(ledger)) if committed > ledger => {
            return Err(Mismatch::LedgerBehind { committed, ledger });
        }
        (committed, _) => committed.unwrap_or(0),
    };
    if next_offset < assigned.low {
        return Err(Mismatch::Expired { next: next_offset, low: assigned.low });
    }
    if let Some(ledger) = last.map(Version::next_offset).filter(|ledger| *ledger > assigned.high) {
        return Err(Mismatch::Truncated { ledger, high: assigned.high });
    }
    Ok(Start {
        partition: assigned.partition,
        epoch: last.map_or(0, Version::epoch),
        next_offset,
        ledger: stored.ledger.clone(),
    })
}

/// Whether the log still holds the event that the ledger ends with.
pub(crate) async fn is_the_same_log(
    log: &ReaderHandle,
    start: &Start,
) -> Result<Result<(), Mismatch>, ReadError> {
    let Some((version, known)) = last_event(&start.ledger) else { return Ok(Ok(())) };
    let offset = version.next_offset() - 1;
    let found = log.record_at(start.partition, offset, digest).await?;
    Ok(if found == Some(known) { Ok(()) } else { Err(Mismatch::AnotherLog { offset }) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assigned(committed: Option<u64>, low: u64, high: u64) -> AssignedPartition {
        AssignedPartition { partition: 1, generation: 1, committed, low, high, partition_count: 12 }
    }

    fn stored(ledger_next: Option<u64>) -> Stored {
        let row = |next| LedgerRow { version: Version::before(0, next), ..LedgerRow::default() };
        let source = SourceId::new("bank").expect("a name");
        Stored {
            ledger: ledger_next.map(|next| (source, row(next))).into_iter().collect(),
            partition_count: ledger_next.map(|_| 12),
        }
    }

    #[test]
    fn a_partition_is_taken_up_only_where_log_group_and_ledger_agree() {
        let start = |committed, low, high, ledger| {
            compare(&assigned(committed, low, high), &stored(ledger)).map(|start| start.next_offset)
        };
        assert_eq!(start(None, 0, 9, None), Ok(0), "a new log");
        assert_eq!(start(Some(0), 0, 9, Some(4)), Ok(0), "killed before the first commit");
        assert_eq!(start(Some(4), 0, 9, Some(4)), Ok(4));
        assert_eq!(start(Some(4), 0, 9, Some(9)), Ok(4), "killed before a commit");
        assert_eq!(start(None, 0, 9, Some(4)), Err(Mismatch::GroupOffsetGone { ledger: 4 }));
        assert_eq!(start(Some(4), 0, 9, None), Err(Mismatch::LedgerGone { committed: 4 }));
        assert_eq!(start(Some(5), 0, 9, Some(4)), Err(Mismatch::LedgerBehind { committed: 5, ledger: 4 }));
        assert_eq!(start(Some(4), 5, 9, Some(4)), Err(Mismatch::Expired { next: 4, low: 5 }));
        assert_eq!(start(None, 5, 9, None), Err(Mismatch::Expired { next: 0, low: 5 }));
        assert_eq!(start(Some(4), 0, 3, Some(4)), Err(Mismatch::Truncated { ledger: 4, high: 3 }));
    }

    #[test]
    fn partitions_added_in_place_are_noticed() {
        let more = AssignedPartition { partition_count: 24, ..assigned(Some(4), 0, 9) };
        let mismatch = compare(&more, &stored(Some(4))).err();
        assert_eq!(mismatch, Some(Mismatch::Repartitioned { known: 12, now: 24 }));
    }
}
