use std::collections::HashMap;

use cashless_domain::{BusinessDate, Timestamp};

use super::{StoredDigest, digest, read_digest};
use crate::block_rows::spans;
use crate::client::{Question, Warehouse};
use crate::error::Error;
use crate::native::BlockWriter;

/// Plan and institution.
pub type StandingKey = (String, String);

/// Plan, institution and month.
pub type MonthKey = (String, String, BusinessDate);

/// How an institution stands in a plan.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is the column of the same name, which has a comment in the schema")]
pub struct StandingRow {
    pub plan_id: String,
    pub institution_id: String,
    pub plan_version: u32,
    pub sector: String,
    pub institution_type: String,
    pub ownership: String,
    pub managed_by: String,
    pub care_tier: String,
    pub scope: String,
    pub unit_code: String,
    pub district_code: String,
    pub parent_id: String,
    pub is_active: bool,
    pub is_fee_collecting: bool,
    pub weight: u64,
    pub size_band: String,
    pub n: i64,
    pub net_dong: i128,
    pub gross_dong: i128,
    pub cash_n: Option<i64>,
    pub cash_dong: Option<i128>,
    pub count_low: Option<(i128, i128)>,
    pub value_low: Option<(i128, i128)>,
    pub count_display: String,
    pub value_display: String,
    pub methods_ready: u8,
    pub minfields: (i64, i64),
    pub score_millionths: i64,
    /// 0 = not ranked.
    pub rank: u32,
    pub unranked_reason: String,
    pub months_used: u16,
    pub months_active: u16,
    pub months_declared_count: u16,
    pub months_declared_value: u16,
    /// 0 no, 1 yes, 2 unknown.
    pub uses: i8,
    pub accepts: bool,
    pub has_platform: bool,
    pub has_listed_platform: bool,
    pub is_open: bool,
    pub installed: bool,
    pub is_removed: bool,
}

impl StandingRow {
    /// Takes an institution out of a plan.
    #[must_use]
    pub fn removed((plan_id, institution_id): StandingKey) -> Self {
        Self { plan_id, institution_id, is_removed: true, ..Self::default() }
    }

    /// What it is of.
    #[must_use]
    pub fn key(&self) -> StandingKey {
        (self.plan_id.clone(), self.institution_id.clone())
    }

    /// Digest of the row.
    #[must_use]
    pub fn digest(&self) -> u64 {
        digest(self)
    }
}

/// What is known of an institution in a month of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is the column of the same name, which has a comment in the schema")]
pub struct MonthRow {
    pub plan_id: String,
    pub institution_id: String,
    pub month: BusinessDate,
    pub plan_version: u32,
    pub n: i64,
    pub net_dong: i128,
    pub gross_dong: i128,
    pub cash_n: Option<i64>,
    pub cash_dong: Option<i128>,
    pub states: Vec<String>,
    pub source_used: String,
    pub imputed_low_n: Option<i64>,
    pub imputed_low_dong: Option<i128>,
    pub exported_n: Option<i64>,
    pub exported_dong: Option<i128>,
    pub is_removed: bool,
}

impl MonthRow {
    /// Takes a month of an institution out of a plan.
    #[must_use]
    pub fn removed((plan_id, institution_id, month): MonthKey) -> Self {
        Self {
            plan_id,
            institution_id,
            month,
            plan_version: 0,
            n: 0,
            net_dong: 0,
            gross_dong: 0,
            cash_n: None,
            cash_dong: None,
            states: Vec::new(),
            source_used: String::new(),
            imputed_low_n: None,
            imputed_low_dong: None,
            exported_n: None,
            exported_dong: None,
            is_removed: true,
        }
    }

    /// What it is of.
    #[must_use]
    pub fn key(&self) -> MonthKey {
        (self.plan_id.clone(), self.institution_id.clone(), self.month)
    }

    /// Digest of the row.
    #[must_use]
    pub fn digest(&self) -> u64 {
        digest(self)
    }
}

impl Warehouse {
    /// Which state of each institution is stored.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn standing_digests(&self) -> Result<HashMap<StandingKey, StoredDigest>, Error> {
        let mut digests = HashMap::new();
        let question = Question::new("read the standings", include_str!("../queries/standing_digests.sql"));
        self.select(question, |block| {
            for row in 0..block.rows {
                let text = |position| Ok::<_, crate::Cause>(block.strings(position)?.get(row)?.to_owned());
                digests.insert((text(0)?, text(1)?), read_digest(block, 2, row)?);
            }
            Ok(())
        })
        .await?;
        Ok(digests)
    }

    /// Which state of each institution and month is stored.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn month_digests(&self) -> Result<HashMap<MonthKey, StoredDigest>, Error> {
        let mut digests = HashMap::new();
        let question = Question::new("read the months", include_str!("../queries/month_digests.sql"));
        self.select(question, |block| {
            for row in 0..block.rows {
                let text = |position| Ok::<_, crate::Cause>(block.strings(position)?.get(row)?.to_owned());
                let month = BusinessDate::from_days(block.fixed::<u16>(2, "Date")?.get(row));
                digests.insert((text(0)?, text(1)?, month), read_digest(block, 3, row)?);
            }
            Ok(())
        })
        .await?;
        Ok(digests)
    }

    /// Stores how institutions stand, durably. Repeating it changes nothing; an older evaluation never replaces a
    /// newer one.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn insert_standings(&self, evaluated_at: Timestamp, rows: &[StandingRow]) -> Result<(), Error> {
        if rows.is_empty() {
            return Ok(());
        }
        let mut insert = self.insert("store the standings", "INSERT INTO institution_standing FORMAT Native");
        for span in spans(rows, |_, _| true) {
            insert.send(write_standings(evaluated_at, span)).await?;
        }
        insert.end().await
    }

    /// Stores what is known of months, durably. Repeating it changes nothing; an older evaluation never replaces a
    /// newer one.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn insert_months(&self, evaluated_at: Timestamp, rows: &[MonthRow]) -> Result<(), Error> {
        if rows.is_empty() {
            return Ok(());
        }
        let mut insert = self.insert("store the months", "INSERT INTO institution_months FORMAT Native");
        for span in spans(rows, |_, _| true) {
            insert.send(write_months(evaluated_at, span)).await?;
        }
        insert.end().await
    }
}

fn write_standings(evaluated_at: Timestamp, rows: &[StandingRow]) -> bytes::Bytes {
    let mut block = BlockWriter::new(rows.len(), 400);
    let all = || rows.iter();
    block.strings("plan_id", all().map(|row| row.plan_id.as_str()));
    block.strings("institution_id", all().map(|row| row.institution_id.as_str()));
    block.fixed("evaluated_at", "DateTime64(6)", all().map(|_| evaluated_at.as_micros()));
    block.fixed("plan_version", "UInt32", all().map(|row| row.plan_version));
    block.strings("sector", all().map(|row| row.sector.as_str()));
    block.strings("institution_type", all().map(|row| row.institution_type.as_str()));
    block.strings("ownership", all().map(|row| row.ownership.as_str()));
    block.strings("managed_by", all().map(|row| row.managed_by.as_str()));
    block.strings("care_tier", all().map(|row| row.care_tier.as_str()));
    block.strings("scope", all().map(|row| row.scope.as_str()));
    block.strings("unit_code", all().map(|row| row.unit_code.as_str()));
    block.strings("district_code", all().map(|row| row.district_code.as_str()));
    block.strings("parent_id", all().map(|row| row.parent_id.as_str()));
    block.fixed("is_active", "UInt8", all().map(|row| u8::from(row.is_active)));
    block.fixed("is_fee_collecting", "UInt8", all().map(|row| u8::from(row.is_fee_collecting)));
    block.fixed("weight", "UInt64", all().map(|row| row.weight));
    block.strings("size_band", all().map(|row| row.size_band.as_str()));
    block.fixed("n", "Int64", all().map(|row| row.n));
    block.fixed("net_dong", "Int128", all().map(|row| row.net_dong));
    block.fixed("gross_dong", "Int128", all().map(|row| row.gross_dong));
    block.optional("cash_n", "Nullable(Int64)", all().map(|row| row.cash_n));
    block.optional("cash_dong", "Nullable(Int128)", all().map(|row| row.cash_dong));
    let mut ratio = |name: &str, of: fn(&StandingRow) -> Option<(i128, i128)>| {
        let parts = || all().map(of);
        block.optional(
            &format!("{name}_numerator"),
            "Nullable(Int128)",
            parts().map(|ratio| ratio.map(|(n, _)| n)),
        );
        block.optional(
            &format!("{name}_denominator"),
            "Nullable(Int128)",
            parts().map(|ratio| ratio.map(|(_, d)| d)),
        );
    };
    ratio("count_low", |row| row.count_low);
    ratio("value_low", |row| row.value_low);
    block.strings("count_display", all().map(|row| row.count_display.as_str()));
    block.strings("value_display", all().map(|row| row.value_display.as_str()));
    block.fixed("methods_ready", "UInt8", all().map(|row| row.methods_ready));
    block.fixed("minfields_numerator", "Int64", all().map(|row| row.minfields.0));
    block.fixed("minfields_denominator", "Int64", all().map(|row| row.minfields.1));
    block.fixed("score_millionths", "Int64", all().map(|row| row.score_millionths));
    block.fixed("rank", "UInt32", all().map(|row| row.rank));
    block.strings("unranked_reason", all().map(|row| row.unranked_reason.as_str()));
    block.fixed("months_used", "UInt16", all().map(|row| row.months_used));
    block.fixed("months_active", "UInt16", all().map(|row| row.months_active));
    block.fixed("months_declared_count", "UInt16", all().map(|row| row.months_declared_count));
    block.fixed("months_declared_value", "UInt16", all().map(|row| row.months_declared_value));
    block.fixed("uses", "Int8", all().map(|row| row.uses));
    block.fixed("accepts", "UInt8", all().map(|row| u8::from(row.accepts)));
    block.fixed("has_platform", "UInt8", all().map(|row| u8::from(row.has_platform)));
    block.fixed("has_listed_platform", "UInt8", all().map(|row| u8::from(row.has_listed_platform)));
    block.fixed("is_open", "UInt8", all().map(|row| u8::from(row.is_open)));
    block.fixed("installed", "UInt8", all().map(|row| u8::from(row.installed)));
    block.fixed("digest", "UInt64", all().map(StandingRow::digest));
    block.fixed("is_removed", "UInt8", all().map(|row| u8::from(row.is_removed)));
    block.finish()
}

fn write_months(evaluated_at: Timestamp, rows: &[MonthRow]) -> bytes::Bytes {
    let mut block = BlockWriter::new(rows.len(), 300);
    let all = || rows.iter();
    block.strings("plan_id", all().map(|row| row.plan_id.as_str()));
    block.strings("institution_id", all().map(|row| row.institution_id.as_str()));
    block.fixed("month", "Date", all().map(|row| row.month.days()));
    block.fixed("evaluated_at", "DateTime64(6)", all().map(|_| evaluated_at.as_micros()));
    block.fixed("plan_version", "UInt32", all().map(|row| row.plan_version));
    block.fixed("n", "Int64", all().map(|row| row.n));
    block.fixed("net_dong", "Int128", all().map(|row| row.net_dong));
    block.fixed("gross_dong", "Int128", all().map(|row| row.gross_dong));
    block.optional("cash_n", "Nullable(Int64)", all().map(|row| row.cash_n));
    block.optional("cash_dong", "Nullable(Int128)", all().map(|row| row.cash_dong));
    block.lists_of_strings("states", all().map(|row| row.states.as_slice()), String::as_str);
    block.strings("source_used", all().map(|row| row.source_used.as_str()));
    block.optional("imputed_low_n", "Nullable(Int64)", all().map(|row| row.imputed_low_n));
    block.optional("imputed_low_dong", "Nullable(Int128)", all().map(|row| row.imputed_low_dong));
    block.optional("exported_n", "Nullable(Int64)", all().map(|row| row.exported_n));
    block.optional("exported_dong", "Nullable(Int128)", all().map(|row| row.exported_dong));
    block.fixed("digest", "UInt64", all().map(MonthRow::digest));
    block.fixed("is_removed", "UInt8", all().map(|row| u8::from(row.is_removed)));
    block.finish()
}
