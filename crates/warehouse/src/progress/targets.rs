use std::collections::HashMap;

use cashless_domain::Timestamp;

use super::{StoredDigest, digest, read_digest};
use crate::client::{Question, Warehouse};
use crate::error::Error;
use crate::native::BlockWriter;

/// From which data and when a round of results was found: the columns that are no part of a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Basis {
    /// When the round began to read.
    pub evaluated_at: Timestamp,
    /// Highest version in the ledger before the data was read, by partition; 0 where there is none.
    pub payments_watermark: Vec<u64>,
    /// Receipt of the newest event in the ledger before the data was read, in microseconds since 1970; 0 if none.
    pub received_until_micros: i64,
    /// Registry version.
    pub registry_version: u32,
    /// When the newest declaration that was read had been recorded, in microseconds since 1970; 0 if none.
    pub declarations_until_micros: i64,
    /// Release of the evaluator.
    pub evaluator_version: String,
}

/// Plan, its version, target, kind of row: what a result is of.
pub type ProgressKey = (String, u32, String, i8);

/// What an evaluation found of one target, pair or variant. Ratios are numerator and denominator.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is the column of the same name, which has a comment in the schema")]
pub struct ProgressRow {
    pub plan_id: String,
    pub plan_version: u32,
    pub target_id: String,
    /// 1 target, 2 pair, 3 variant.
    pub row_kind: i8,
    pub sector: String,
    pub metric: String,
    pub title_vi: String,
    /// 1 at least, 2 more than.
    pub comparator: i8,
    pub threshold: (i64, i64),
    pub observed: Option<(i128, i128)>,
    pub low: Option<(i128, i128)>,
    pub high: Option<(i128, i128)>,
    pub display: String,
    pub low_display: String,
    pub high_display: String,
    /// 1 achieved, 2 missed, 3 undetermined.
    pub verdict: i8,
    pub reason: String,
    pub high_is_open: bool,
    pub coverage_n: u32,
    pub coverage_of: u32,
    pub coverage_weight: u64,
    pub coverage_weight_of: u64,
    pub weight_kind: String,
    pub is_preliminary: bool,
    pub imputed_n: u32,
    pub months_left: u16,
    pub required_display: String,
    pub required_institutions: Option<u64>,
    pub projected_display: String,
    pub projection_basis: String,
}

impl ProgressRow {
    /// What it is of.
    #[must_use]
    pub fn key(&self) -> ProgressKey {
        (self.plan_id.clone(), self.plan_version, self.target_id.clone(), self.row_kind)
    }

    /// Digest of the result.
    #[must_use]
    pub fn digest(&self) -> u64 {
        digest(self)
    }
}

impl Warehouse {
    /// What was appended last of each target.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn progress_digests(&self) -> Result<HashMap<ProgressKey, StoredDigest>, Error> {
        let mut digests = HashMap::new();
        let question =
            Question::new("read the latest progress", include_str!("../queries/progress_digests.sql"));
        self.select(question, |block| {
            for row in 0..block.rows {
                let key = (
                    block.strings(0)?.get(row)?.to_owned(),
                    block.fixed::<u32>(1, "UInt32")?.get(row),
                    block.strings(2)?.get(row)?.to_owned(),
                    block.fixed::<i8>(3, "Enum8")?.get(row),
                );
                digests.insert(key, read_digest(block, 4, row)?);
            }
            Ok(())
        })
        .await?;
        Ok(digests)
    }

    /// Appends results, durably. Not to be repeated blindly: ask [`Self::progress_digests`] what is there.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn append_progress(&self, basis: &Basis, rows: &[ProgressRow]) -> Result<(), Error> {
        if rows.is_empty() {
            return Ok(());
        }
        let block = write(basis, rows);
        self.insert_block("append progress", "INSERT INTO target_progress FORMAT Native", block).await
    }
}

fn write(basis: &Basis, rows: &[ProgressRow]) -> bytes::Bytes {
    let mut block = BlockWriter::new(rows.len(), 800);
    let all = || rows.iter();
    block.fixed("evaluated_at", "DateTime64(6)", all().map(|_| basis.evaluated_at.as_micros()));
    block.strings("plan_id", all().map(|row| row.plan_id.as_str()));
    block.fixed("plan_version", "UInt32", all().map(|row| row.plan_version));
    block.strings("target_id", all().map(|row| row.target_id.as_str()));
    block.fixed("row_kind", "Int8", all().map(|row| row.row_kind));
    block.strings("sector", all().map(|row| row.sector.as_str()));
    block.strings("metric", all().map(|row| row.metric.as_str()));
    block.strings("title_vi", all().map(|row| row.title_vi.as_str()));
    block.fixed("comparator", "Int8", all().map(|row| row.comparator));
    block.fixed("threshold_numerator", "Int64", all().map(|row| row.threshold.0));
    block.fixed("threshold_denominator", "Int64", all().map(|row| row.threshold.1));
    let mut ratio = |name: &str, of: fn(&ProgressRow) -> Option<(i128, i128)>| {
        let parts = || all().map(of);
        block.optional(
            &format!("{name}numerator"),
            "Nullable(Int128)",
            parts().map(|ratio| ratio.map(|(n, _)| n)),
        );
        block.optional(
            &format!("{name}denominator"),
            "Nullable(Int128)",
            parts().map(|ratio| ratio.map(|(_, d)| d)),
        );
    };
    ratio("", |row| row.observed);
    ratio("low_", |row| row.low);
    ratio("high_", |row| row.high);
    block.strings("display", all().map(|row| row.display.as_str()));
    block.strings("low_display", all().map(|row| row.low_display.as_str()));
    block.strings("high_display", all().map(|row| row.high_display.as_str()));
    block.fixed("verdict", "Int8", all().map(|row| row.verdict));
    block.strings("reason", all().map(|row| row.reason.as_str()));
    block.fixed("high_is_open", "UInt8", all().map(|row| u8::from(row.high_is_open)));
    block.fixed("coverage_n", "UInt32", all().map(|row| row.coverage_n));
    block.fixed("coverage_of", "UInt32", all().map(|row| row.coverage_of));
    block.fixed("coverage_weight", "UInt64", all().map(|row| row.coverage_weight));
    block.fixed("coverage_weight_of", "UInt64", all().map(|row| row.coverage_weight_of));
    block.strings("weight_kind", all().map(|row| row.weight_kind.as_str()));
    block.fixed("is_preliminary", "UInt8", all().map(|row| u8::from(row.is_preliminary)));
    block.fixed("imputed_n", "UInt32", all().map(|row| row.imputed_n));
    block.fixed("months_left", "UInt16", all().map(|row| row.months_left));
    block.strings("required_display", all().map(|row| row.required_display.as_str()));
    block.optional("required_institutions", "Nullable(UInt64)", all().map(|row| row.required_institutions));
    block.strings("projected_display", all().map(|row| row.projected_display.as_str()));
    block.strings("projection_basis", all().map(|row| row.projection_basis.as_str()));
    block.lists(
        "payments_watermark",
        "Array(UInt64)",
        all().map(|_| basis.payments_watermark.as_slice()),
        |version| *version,
    );
    block.fixed("received_until", "DateTime64(6)", all().map(|_| basis.received_until_micros));
    block.fixed("registry_version", "UInt32", all().map(|_| basis.registry_version));
    block.fixed("declarations_until", "DateTime64(6)", all().map(|_| basis.declarations_until_micros));
    block.strings("evaluator_version", all().map(|_| basis.evaluator_version.as_str()));
    block.fixed("digest", "UInt64", all().map(ProgressRow::digest));
    block.finish()
}
