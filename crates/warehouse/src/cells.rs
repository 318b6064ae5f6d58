//! Cells: the whole value of each (day, account, identifier, source, method, kind, evidence).

use cashless_domain::{AccountId, BusinessDate, Evidence, IdentifierId};
use cashless_rollup::{Cell, CellKey, CellValues, Version};

use crate::block_rows::{Sources, from_code, spans};
use crate::client::{PAIRS_MAX, Question, Warehouse};
use crate::error::{Cause, Error};
use crate::native::{Block, BlockWriter};

const ROW_BYTES: usize = 200;

type Row<'r> = (u16, &'r CellKey, &'r Cell);

impl Warehouse {
    /// All cells of these partitions on these days.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn cells(&self, wanted: &[(u16, BusinessDate)]) -> Result<Vec<(u16, CellKey, Cell)>, Error> {
        let mut cells = Vec::new();
        let mut sources = Sources::default();
        for wanted in wanted.chunks(PAIRS_MAX) {
            let pairs: Vec<_> = wanted.iter().map(|(partition, day)| (*partition, day.days())).collect();
            let question = Question::new("read cells", include_str!("queries/cells.sql")).with("days", pairs);
            self.select(question, |block| read(block, &mut sources, &mut cells)).await?;
        }
        Ok(cells)
    }

    /// Stores cells, durably. Repeating it changes nothing; an older version never replaces a newer one.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn insert_cells(&self, cells: &[(u16, &[(CellKey, Cell)])]) -> Result<(), Error> {
        let mut rows: Vec<Row<'_>> = (cells.iter())
            .flat_map(|(partition, cells)| cells.iter().map(move |(key, cell)| (*partition, key, cell)))
            .collect();
        rows.sort_unstable_by_key(|(_, key, _)| *key);
        if rows.is_empty() {
            return Ok(());
        }
        let mut insert = self.insert("store cells", "INSERT INTO account_daily FORMAT Native");
        for span in spans(&rows, |_, _| true) {
            insert.send(write(span)).await?;
        }
        insert.end().await
    }
}

fn write(rows: &[Row<'_>]) -> bytes::Bytes {
    let mut block = BlockWriter::new(rows.len(), ROW_BYTES);
    let keys = || rows.iter().map(|(_, key, _)| *key);
    block.fixed("partition", "UInt16", rows.iter().map(|(partition, ..)| *partition));
    block.fixed("business_date", "Date", keys().map(|key| key.business_date.days()));
    block.fixed("account", "FixedString(16)", keys().map(|key| key.account.0));
    block.fixed("identifier", "FixedString(16)", keys().map(|key| key.identifier.0));
    block.strings("source", keys().map(|key| key.source.as_str()));
    block.fixed("method", "Int8", keys().map(|key| key.method.code()));
    block.fixed("kind", "Int8", keys().map(|key| key.kind.code()));
    block.fixed("evidence", "UInt8", keys().map(|key| key.evidence.0));
    let mut count = |name: &str, of: fn(&CellValues) -> i64| {
        block.fixed(name, "Int64", rows.iter().map(|(_, _, cell)| of(&cell.values)));
    };
    count("n", |values| values.n);
    count("refunds_n", |values| values.refunds_n);
    count("merged_n", |values| values.merged_n);
    count("voided_n", |values| values.voided_n);
    count("payer_name_n", |values| values.payer_name_n);
    count("beneficiary_name_n", |values| values.beneficiary_name_n);
    count("reason_n", |values| values.reason_n);
    count("invoice_ref_n", |values| values.invoice_ref_n);
    count("all_fields_n", |values| values.all_fields_n);
    count("without_beneficiary_n", |values| values.without_beneficiary_n);
    let mut dong = |name: &str, of: fn(&CellValues) -> i128| {
        block.fixed(name, "Int128", rows.iter().map(|(_, _, cell)| of(&cell.values)));
    };
    dong("gross_dong", |values| values.gross_dong);
    dong("refunds_dong", |values| values.refunds_dong);
    dong("merged_dong", |values| values.merged_dong);
    dong("voided_dong", |values| values.voided_dong);
    block.fixed("version", "UInt64", rows.iter().map(|(_, _, cell)| cell.version.stored()));
    block.finish()
}

/// The columns in the order of `queries/cells.sql`.
pub(crate) fn read(
    block: &Block,
    sources: &mut Sources,
    cells: &mut Vec<(u16, CellKey, Cell)>,
) -> Result<(), Cause> {
    if block.rows == 0 {
        return Ok(());
    }
    let partition = block.fixed::<u16>(0, "UInt16")?;
    let business_date = block.fixed::<u16>(1, "Date")?;
    let account = block.fixed::<[u8; 16]>(2, "FixedString(16)")?;
    let identifier = block.fixed::<[u8; 16]>(3, "FixedString(16)")?;
    let source = block.strings(4)?;
    let method = block.fixed::<i8>(5, "Enum8")?;
    let kind = block.fixed::<i8>(6, "Enum8")?;
    let evidence = block.fixed::<u8>(7, "UInt8")?;
    let count = |position| block.fixed::<i64>(position, "Int64");
    let dong = |position| block.fixed::<i128>(position, "Int128");
    let (n, refunds_n, merged_n, voided_n) = (count(8)?, count(9)?, count(10)?, count(11)?);
    let (payer_name_n, beneficiary_name_n, reason_n) = (count(12)?, count(13)?, count(14)?);
    let (invoice_ref_n, all_fields_n, without_beneficiary_n) = (count(15)?, count(16)?, count(17)?);
    let (gross_dong, refunds_dong, merged_dong, voided_dong) = (dong(18)?, dong(19)?, dong(20)?, dong(21)?);
    let version = block.fixed::<u64>(22, "UInt64")?;
    cells.reserve(block.rows);
    for row in 0..block.rows {
        let key = CellKey {
            business_date: BusinessDate::from_days(business_date.get(row)),
            account: AccountId(account.get(row)),
            identifier: IdentifierId(identifier.get(row)),
            source: sources.intern(source.get(row)?)?,
            method: from_code(method.get(row))?,
            kind: from_code(kind.get(row))?,
            evidence: Evidence(evidence.get(row)),
        };
        let values = CellValues {
            n: n.get(row),
            gross_dong: gross_dong.get(row),
            refunds_n: refunds_n.get(row),
            refunds_dong: refunds_dong.get(row),
            merged_n: merged_n.get(row),
            merged_dong: merged_dong.get(row),
            voided_n: voided_n.get(row),
            voided_dong: voided_dong.get(row),
            payer_name_n: payer_name_n.get(row),
            beneficiary_name_n: beneficiary_name_n.get(row),
            reason_n: reason_n.get(row),
            invoice_ref_n: invoice_ref_n.get(row),
            all_fields_n: all_fields_n.get(row),
            without_beneficiary_n: without_beneficiary_n.get(row),
        };
        cells.push((
            partition.get(row),
            key,
            Cell { version: Version::from_stored(version.get(row)), values },
        ));
    }
    Ok(())
}
