//! The newest results of the active plans, for people and comparisons.

use crate::client::{Question, Warehouse};
use crate::error::{Cause, Error};
use crate::native::Block;

/// The newest row of a target or pair.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TargetNow {
    /// The plan.
    pub plan_id: String,
    /// The target or pair.
    pub target_id: String,
    /// `target` or `pair`.
    pub row_kind: String,
    /// What it is about.
    pub title_vi: String,
    /// What is measured.
    pub metric: String,
    /// `>=` or `>`.
    pub comparator: String,
    /// Numerator and denominator of the threshold.
    pub threshold: (i64, i64),
    /// Numerator and denominator; nothing if there is no figure.
    pub observed: Option<(i128, i128)>,
    /// The lower bound.
    pub low: Option<(i128, i128)>,
    /// The upper bound.
    pub high: Option<(i128, i128)>,
    /// The share in percent, as it is shown; empty = no data.
    pub display: String,
    /// The lower bound in percent.
    pub low_display: String,
    /// The upper bound in percent.
    pub high_display: String,
    /// `achieved`, `missed` or `undetermined`.
    pub verdict: String,
    /// Why.
    pub reason: String,
    /// Whether the upper bound bounds nothing.
    pub high_is_open: bool,
    /// Institutions that are covered.
    pub coverage_n: u32,
    /// Of so many.
    pub coverage_of: u32,
    /// Their weight.
    pub coverage_weight: u64,
    /// Of so much.
    pub coverage_weight_of: u64,
    /// Whether too little weight is covered.
    pub is_preliminary: bool,
    /// Institution-months that were imputed.
    pub imputed_n: u32,
    /// Months of the target year that have not ended.
    pub months_left: u16,
    /// What the months left need, in percent; empty = cannot be said.
    pub required_display: String,
    /// How many more institutions are needed, where institutions are counted and enough of them are there.
    pub required_institutions: Option<u64>,
    /// The whole year if it goes on like this, in percent; empty = cannot be said.
    pub projected_display: String,
    /// What that rests on.
    pub projection_basis: String,
}

impl Warehouse {
    /// Every target and pair of the active plans, by plan and id.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn targets_now(&self) -> Result<Vec<TargetNow>, Error> {
        let mut targets = Vec::new();
        let question = Question::new("read targets", include_str!("queries/targets_now.sql"));
        self.select(question, |block| {
            for row in 0..block.rows {
                targets.push(read(block, row)?);
            }
            Ok(())
        })
        .await?;
        Ok(targets)
    }
}

fn read(block: &Block, row: usize) -> Result<TargetNow, Cause> {
    let text = |column| Ok::<_, Cause>(block.strings(column)?.get(row)?.to_owned());
    let ratio = |column| {
        let parts = [text(column)?, text(column + 1)?].map(|part| part.parse::<i128>());
        Ok::<_, Cause>(match parts {
            [Ok(numerator), Ok(denominator)] => Some((numerator, denominator)),
            _ => None,
        })
    };
    let yes = |column| Ok::<_, Cause>(block.fixed::<u8>(column, "UInt8")?.get(row) != 0);
    Ok(TargetNow {
        plan_id: text(0)?,
        target_id: text(1)?,
        row_kind: text(2)?,
        metric: text(3)?,
        comparator: text(4)?,
        threshold: (block.fixed::<i64>(5, "Int64")?.get(row), block.fixed::<i64>(6, "Int64")?.get(row)),
        observed: ratio(7)?,
        low: ratio(9)?,
        high: ratio(11)?,
        display: text(13)?,
        low_display: text(14)?,
        high_display: text(15)?,
        verdict: text(16)?,
        reason: text(17)?,
        high_is_open: yes(18)?,
        coverage_n: block.fixed::<u32>(19, "UInt32")?.get(row),
        coverage_of: block.fixed::<u32>(20, "UInt32")?.get(row),
        coverage_weight: block.fixed::<u64>(21, "UInt64")?.get(row),
        coverage_weight_of: block.fixed::<u64>(22, "UInt64")?.get(row),
        is_preliminary: yes(23)?,
        imputed_n: block.fixed::<u32>(24, "UInt32")?.get(row),
        months_left: block.fixed::<u16>(25, "UInt16")?.get(row),
        required_display: text(26)?,
        projected_display: text(27)?,
        required_institutions: text(28)?.parse().ok(),
        title_vi: text(29)?,
        projection_basis: text(30)?,
    })
}
