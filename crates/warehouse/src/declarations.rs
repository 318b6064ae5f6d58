//! Declared cash: every revision stays, and of each institution, month and source one stands.

use cashless_domain::{
    BusinessDate, CashDeclaration, DeclarationSource, ExportedCashless, Method, SourceId, Timestamp,
};

use crate::client::{Question, Warehouse};
use crate::error::{Cause, Error};
use crate::native::{Block, BlockWriter};

const ROW_BYTES: usize = 250;

/// The revision of a declared month that stands: the highest version, then the one received later, then the larger digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredDeclaration {
    /// What it says.
    pub declaration: CashDeclaration,
    /// When the first revision of the same institution, month and source was received; decides whether it was late.
    pub first_recorded_at: Timestamp,
}

/// One revision that is stored, whether it stands or not.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DeclaredRevision {
    /// The institution.
    pub institution_id: String,
    /// The first day of the month.
    pub month: BusinessDate,
    /// Where it comes from.
    pub source: DeclarationSource,
    /// Which one.
    pub version: u32,
    /// [`CashDeclaration::digest`] of its content.
    pub digest: u64,
}

impl Warehouse {
    /// Every stored revision of the months that begin on `from` or later and before `to`.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn declared_revisions(
        &self,
        from: BusinessDate,
        to: BusinessDate,
    ) -> Result<Vec<DeclaredRevision>, Error> {
        let sql = include_str!("queries/declared_revisions.sql");
        let question = Question::new("read revisions of cash declarations", sql)
            .with("from", u32::from(from.days()))
            .with("to", u32::from(to.days()));
        let mut revisions = Vec::new();
        self.select(question, |block| {
            for row in 0..block.rows {
                revisions.push(DeclaredRevision {
                    institution_id: block.strings(0)?.get(row)?.to_owned(),
                    month: BusinessDate::from_days(block.fixed::<u16>(1, "Date")?.get(row)),
                    source: source(block.fixed::<i8>(2, "Enum8")?.get(row))?,
                    version: block.fixed::<u32>(3, "UInt32")?.get(row),
                    digest: block.fixed::<u64>(4, "UInt64")?.get(row),
                });
            }
            Ok(())
        })
        .await?;
        Ok(revisions)
    }

    /// What stands of the months that begin on `from` or later and before `to`: one per institution, month and source, in
    /// that order.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn declarations(
        &self,
        from: BusinessDate,
        to: BusinessDate,
    ) -> Result<Vec<StoredDeclaration>, Error> {
        let question = Question::new("read cash declarations", include_str!("queries/declarations.sql"))
            .with("from", u32::from(from.days()))
            .with("to", u32::from(to.days()));
        let mut rows = Vec::new();
        self.select(question, |block| read(block, &mut rows)).await?;
        Ok(rows)
    }

    /// Stores declarations, durably. One that is stored already changes nothing, whenever it comes again.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn insert_declarations(&self, declarations: &[CashDeclaration]) -> Result<(), Error> {
        if declarations.is_empty() {
            return Ok(());
        }
        let sql = "INSERT INTO cash_declarations FORMAT Native";
        self.insert_block("store cash declarations", sql, write(declarations)).await
    }
}

fn write(rows: &[CashDeclaration]) -> bytes::Bytes {
    let mut block = BlockWriter::new(rows.len(), ROW_BYTES);
    block.strings("institution_id", rows.iter().map(|row| row.institution_id.as_str()));
    block.fixed("month", "Date", rows.iter().map(|row| row.month.days()));
    block.fixed("source", "Int8", rows.iter().map(|row| row.source.code()));
    block.fixed("version", "UInt32", rows.iter().map(|row| row.version));
    block.fixed("digest", "UInt64", rows.iter().map(CashDeclaration::digest));
    block.optional("cash_n", "Nullable(Int64)", rows.iter().map(|row| row.cash_n));
    block.fixed("cash_dong", "Int64", rows.iter().map(|row| row.cash_dong));
    block.fixed("cash_refunds_dong", "Int64", rows.iter().map(|row| row.cash_refunds_dong));
    let exported = || rows.iter().map(|row| row.exported_cashless.as_slice());
    block.lists_of_strings("exported_methods", exported(), |one| one.method.name());
    block.lists("exported_n", "Array(Int64)", exported(), |one| one.n);
    block.lists("exported_dong", "Array(Int64)", exported(), |one| one.dong);
    block.strings("signer_role", rows.iter().map(|row| row.signer_role.as_str()));
    block.fixed("declared_at", "DateTime64(6)", rows.iter().map(|row| row.declared_at.as_micros()));
    block.fixed("recorded_at", "DateTime64(6)", rows.iter().map(|row| row.recorded_at.as_micros()));
    block.strings("channel", rows.iter().map(|row| row.channel.as_str()));
    block.finish()
}

/// The columns in the order of `queries/declarations.sql`.
fn read(block: &Block, rows: &mut Vec<StoredDeclaration>) -> Result<(), Cause> {
    for row in 0..block.rows {
        let text = |position| block.strings(position)?.get(row);
        let number = |position| Ok::<_, Cause>(block.fixed::<i64>(position, "Int64")?.get(row));
        let time = |position| {
            let micros = block.fixed::<i64>(position, "DateTime64(6)")?.get(row);
            Timestamp::from_micros(micros).map_err(|_| Cause::InvalidRow("time"))
        };
        let is_absent = block.fixed::<u8>(4, "UInt8")?.get(row) != 0;
        let declaration = CashDeclaration {
            institution_id: text(0)?.to_owned(),
            month: BusinessDate::from_days(block.fixed::<u16>(1, "Date")?.get(row)),
            source: source(block.fixed::<i8>(2, "Enum8")?.get(row))?,
            version: block.fixed::<u32>(3, "UInt32")?.get(row),
            cash_n: if is_absent { None } else { Some(number(5)?) },
            cash_dong: number(6)?,
            cash_refunds_dong: number(7)?,
            exported_cashless: exported(text(8)?, text(9)?, text(10)?)?,
            signer_role: text(11)?.to_owned(),
            declared_at: time(12)?,
            recorded_at: time(13)?,
            channel: SourceId::new(text(14)?).map_err(|_| Cause::InvalidRow("channel of a declaration"))?,
        };
        rows.push(StoredDeclaration { declaration, first_recorded_at: time(15)? });
    }
    Ok(())
}

fn source(code: i8) -> Result<DeclarationSource, Cause> {
    DeclarationSource::from_code(code).ok_or(Cause::InvalidRow("source of a declaration"))
}

fn exported(methods: &str, numbers: &str, dong: &str) -> Result<Vec<ExportedCashless>, Cause> {
    const WRONG: &str = "exported figure of a declaration";
    let number = |part: Option<&str>| part.and_then(|part| part.parse().ok()).ok_or(Cause::InvalidRow(WRONG));
    let (mut numbers, mut dong) = (numbers.split(','), dong.split(','));
    (methods.split_terminator(','))
        .map(|name| {
            let method = Method::from_name(name).ok_or(Cause::InvalidRow(WRONG))?;
            Ok(ExportedCashless { method, n: number(numbers.next())?, dong: number(dong.next())? })
        })
        .collect()
}
