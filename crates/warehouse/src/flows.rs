//! Counted money by institution and month, as the registry resolves it now.

use cashless_domain::BusinessDate;

use crate::client::{Question, Warehouse};
use crate::error::Error;

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

impl Warehouse {
    /// Counted money from one day to before another, a row per institution and month that has any.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn flows(&self, from: BusinessDate, to: BusinessDate) -> Result<Vec<MonthFlow>, Error> {
        let mut flows = Vec::new();
        let question = Question::new("read the flows", include_str!("queries/flows.sql"))
            .with("from", u32::from(from.days()))
            .with("to", u32::from(to.days()));
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
