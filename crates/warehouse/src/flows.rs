//! Counted money by institution and month, as the registry resolves it, and what may have changed in it.

use cashless_domain::BusinessDate;
use cashless_rollup::Version;

use crate::client::{Question, Warehouse};
use crate::error::Error;

const DAYS_OF_MONTH_MAX: u16 = 31;

/// What an institution received in a month: counted money only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonthFlow {
    /// The institution.
    pub institution_id: String,
    /// First day of the month.
    pub month: BusinessDate,
    /// Payments.
    pub n: i64,
    /// Their dong.
    pub gross_dong: i128,
    /// Their dong less refunds; may be negative.
    pub net_dong: i128,
    /// Payments of `n` that carried all four minimum fields.
    pub all_fields_n: i64,
    /// Payments of `n` that carried all but possibly the beneficiary's name.
    pub without_beneficiary_n: i64,
}

/// Counted payments of an institution in a month that have several candidates, so that nobody knows whether they count twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonthLookalikes {
    /// The institution.
    pub institution_id: String,
    /// First day of the month.
    pub month: BusinessDate,
    /// Payments.
    pub n: i64,
    /// Their dong.
    pub dong: i128,
}

/// What tells whether the registry or the declarations changed, without reading them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct InputMarks {
    /// The highest visible registry version, 0 before the first.
    pub registry_version: u32,
    /// Digest of the change that made it.
    pub registry_digest: u64,
    /// Stored declarations. Repeated ones may be counted more than once.
    pub declarations_n: u64,
    /// When the newest declaration had been recorded, in microseconds since 1970; 0 if none.
    pub declarations_until_micros: i64,
}

impl Warehouse {
    /// Whether the registry or the declarations have changed is whether this has.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn input_marks(&self) -> Result<InputMarks, Error> {
        let mut marks = InputMarks::default();
        let question = Question::new("look at registry and declarations", include_str!("queries/inputs.sql"));
        self.select(question, |block| {
            if block.rows > 0 {
                marks = InputMarks {
                    registry_version: block.fixed::<u32>(0, "UInt32")?.get(0),
                    registry_digest: block.fixed::<u64>(1, "UInt64")?.get(0),
                    declarations_n: block.fixed::<u64>(2, "UInt64")?.get(0),
                    declarations_until_micros: block.fixed::<i64>(3, "DateTime64(6)")?.get(0),
                };
            }
            Ok(())
        })
        .await?;
        Ok(marks)
    }

    /// The months of the cells that have changed since these versions, by partition, the first being 0. What a refund of
    /// another month gives back may have changed too, and is not seen here.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn changed_months(&self, since: &[Version]) -> Result<Vec<BusinessDate>, Error> {
        let mut months = Vec::new();
        let versions: Vec<u64> = since.iter().map(|version| version.stored()).collect();
        let question = Question::new("look for changed months", include_str!("queries/changed_months.sql"))
            .with("versions", versions);
        self.select(question, |block| {
            for row in 0..block.rows {
                months.push(BusinessDate::from_days(block.fixed::<u16>(0, "Date")?.get(row)));
            }
            Ok(())
        })
        .await?;
        Ok(months)
    }

    /// Counted money of months, each given by its first day, as a registry version resolves it: a row per institution and
    /// month that has any. Every refund lowers it; what has to be given back is in [`Self::excluded_refunds`].
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn flows(
        &self,
        registry_version: u32,
        months: &[BusinessDate],
    ) -> Result<Vec<MonthFlow>, Error> {
        self.read_flows(registry_version, months, 0).await
    }

    /// What to add to [`Self::flows`] for refunds whose original never counted, which lower nothing. Costs a look through
    /// all facts, whatever the months.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn excluded_refunds(
        &self,
        registry_version: u32,
        months: &[BusinessDate],
    ) -> Result<Vec<MonthFlow>, Error> {
        self.read_flows(registry_version, months, 1).await
    }

    /// What of [`Self::flows`] may be second reports of other payments, as the reviewer found it last.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn lookalikes(&self, months: &[BusinessDate]) -> Result<Vec<MonthLookalikes>, Error> {
        let mut lookalikes = Vec::new();
        let days: Vec<u16> = months.iter().map(|month| month.days()).collect();
        let question =
            Question::new("read lookalikes", include_str!("queries/lookalikes.sql")).with("months", days);
        self.select(question, |block| {
            for row in 0..block.rows {
                lookalikes.push(MonthLookalikes {
                    institution_id: block.strings(0)?.get(row)?.to_owned(),
                    month: BusinessDate::from_days(block.fixed::<u16>(1, "Date")?.get(row)),
                    n: block.fixed::<i64>(2, "Int64")?.get(row),
                    dong: block.fixed::<i128>(3, "Int128")?.get(row),
                });
            }
            Ok(())
        })
        .await?;
        Ok(lookalikes)
    }

    async fn read_flows(
        &self,
        registry_version: u32,
        months: &[BusinessDate],
        refunds_excluded_n: u32,
    ) -> Result<Vec<MonthFlow>, Error> {
        let mut flows = Vec::new();
        let days: Vec<u16> = months.iter().map(|month| month.days()).collect();
        let (Some(from), Some(last)) = (days.iter().min(), days.iter().max()) else { return Ok(flows) };
        let question = Question::new("read the flows", include_str!("queries/flows.sql"))
            .with("registry_version", registry_version)
            .with("from", u32::from(*from))
            .with("to", u32::from(last.saturating_add(DAYS_OF_MONTH_MAX)))
            .with("months", days)
            .with("refunds_excluded_n", refunds_excluded_n);
        self.select(question, |block| {
            if block.rows == 0 {
                return Ok(());
            }
            let (institutions, months) = (block.strings(0)?, block.fixed::<u16>(1, "Date")?);
            let (n, gross, net) =
                (block.fixed::<i64>(2, "Int64")?, block.fixed(3, "Int128")?, block.fixed(4, "Int128")?);
            let (all_fields, without) = (block.fixed::<i64>(5, "Int64")?, block.fixed::<i64>(6, "Int64")?);
            for row in 0..block.rows {
                flows.push(MonthFlow {
                    institution_id: institutions.get(row)?.to_owned(),
                    month: BusinessDate::from_days(months.get(row)),
                    n: n.get(row),
                    gross_dong: gross.get(row),
                    net_dong: net.get(row),
                    all_fields_n: all_fields.get(row),
                    without_beneficiary_n: without.get(row),
                });
            }
            Ok(())
        })
        .await?;
        Ok(flows)
    }
}
