//! The ledger: what became of everything each source said.

use cashless_domain::{EventFate, RecordFate, SourceId};
use cashless_rollup::{FateTotals, LedgerKey, LedgerRow, Version};

use crate::block_rows::Sources;
use crate::client::{Question, Warehouse};
use crate::error::{Cause, Error};
use crate::native::{Block, BlockWriter};

const ROW_BYTES: usize = 300;

/// A ledger row as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredLedgerRow {
    /// Whose it is.
    pub key: LedgerKey,
    /// What it says.
    pub row: LedgerRow,
    /// How many partitions the log had when it was written.
    pub partition_count: u16,
}

impl Warehouse {
    /// The ledger rows of these partitions.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn ledger(&self, partitions: &[u16]) -> Result<Vec<StoredLedgerRow>, Error> {
        let mut rows = Vec::new();
        let question = Question::new("read the ledger", include_str!("queries/ledger.sql"))
            .with("partitions", partitions.to_vec());
        let mut sources = Sources::default();
        self.select(question, |block| read(block, &mut sources, &mut rows)).await?;
        Ok(rows)
    }

    /// Stores ledger rows, durably. Repeating it changes nothing; an older version never replaces a newer one.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn insert_ledger(
        &self,
        partition_count: u16,
        ledger: &[(u16, &[(SourceId, LedgerRow)])],
    ) -> Result<(), Error> {
        let mut rows: Vec<_> = (ledger.iter())
            .flat_map(|(partition, rows)| rows.iter().map(move |(source, row)| (*partition, source, row)))
            .collect();
        if rows.is_empty() {
            return Ok(());
        }
        rows.sort_unstable_by_key(|(partition, source, _)| (*partition, *source));
        let block = write(partition_count, &rows);
        self.insert_block("store the ledger", "INSERT INTO ledger FORMAT Native", block).await
    }
}

fn write(partition_count: u16, rows: &[(u16, &SourceId, &LedgerRow)]) -> bytes::Bytes {
    let mut block = BlockWriter::new(rows.len(), ROW_BYTES);
    let ledger = || rows.iter().map(|(_, _, row)| *row);
    block.fixed("partition", "UInt16", rows.iter().map(|(partition, ..)| *partition));
    block.strings("source", rows.iter().map(|(_, source, _)| source.as_str()));
    block.fixed("version", "UInt64", ledger().map(|row| row.version.stored()));
    block.fixed("last_digest", "UInt64", ledger().map(|row| row.last_digest));
    block.fixed("latest_received_at", "DateTime64(6)", ledger().map(|row| row.latest_received_at_micros));
    block.fixed("partition_count", "UInt16", rows.iter().map(|_| partition_count));
    for fate in EventFate::ALL {
        block.fixed(&format!("events_{}", fate.name()), "UInt64", ledger().map(|row| row.events(*fate)));
    }
    for fate in RecordFate::ALL {
        block.fixed(&format!("{}_n", fate.name()), "Int64", ledger().map(|row| row.records(*fate).records));
        block.fixed(&format!("{}_dong", fate.name()), "Int128", ledger().map(|row| row.records(*fate).dong));
    }
    block.finish()
}

/// The columns in the order of `queries/ledger.sql`, which is that of the fates' numbers.
pub(crate) fn read(
    block: &Block,
    sources: &mut Sources,
    rows: &mut Vec<StoredLedgerRow>,
) -> Result<(), Cause> {
    if block.rows == 0 {
        return Ok(());
    }
    let partition = block.fixed::<u16>(0, "UInt16")?;
    let source = block.strings(1)?;
    let version = block.fixed::<u64>(2, "UInt64")?;
    let last_digest = block.fixed::<u64>(3, "UInt64")?;
    let latest_received_at = block.fixed::<i64>(4, "DateTime64(6)")?;
    let partition_count = block.fixed::<u16>(5, "UInt16")?;
    for row in 0..block.rows {
        let mut ledger = LedgerRow {
            version: Version::from_stored(version.get(row)),
            last_digest: last_digest.get(row),
            latest_received_at_micros: latest_received_at.get(row),
            ..LedgerRow::default()
        };
        for (index, events) in ledger.events.iter_mut().enumerate() {
            *events = block.fixed::<u64>(6 + index, "UInt64")?.get(row);
        }
        for (index, totals) in ledger.records.iter_mut().enumerate() {
            let position = 6 + EventFate::ALL.len() + 2 * index;
            *totals = FateTotals {
                records: block.fixed::<i64>(position, "Int64")?.get(row),
                dong: block.fixed::<i128>(position + 1, "Int128")?.get(row),
            };
        }
        let key = LedgerKey { partition: partition.get(row), source: sources.intern(source.get(row)?)? };
        rows.push(StoredLedgerRow { key, row: ledger, partition_count: partition_count.get(row) });
    }
    Ok(())
}
