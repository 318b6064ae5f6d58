//! What an evaluation reads.

use cashless_domain::{BusinessDate, CashDeclaration, Timestamp};
use cashless_registry::Registry;

use crate::plan::Plan;

/// Counted money of an institution in a month: one row of each, in any order. Rows of one month are added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flow {
    /// The institution, as the registry calls it. Others than the plan's are summed as unknown.
    pub institution_id: String,
    /// A day of the month.
    pub month: BusinessDate,
    /// Counted payments.
    pub n: i64,
    /// Their dong.
    pub gross_dong: i128,
    /// Their dong less the refunds of the month; may be negative.
    pub net_dong: i128,
    /// Payments of `n` with all four minimum fields.
    pub all_fields_n: i64,
    /// Payments of `n` with all minimum fields but possibly the beneficiary's name.
    pub without_beneficiary_n: i64,
}

/// Counted payments of an institution in a month that may be second reports of others, so that only bounds can tell: bank
/// records with several candidates. They are in [`Flow`] as well. Rows of one month are added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lookalikes {
    /// The institution, as the registry calls it.
    pub institution_id: String,
    /// A day of the month.
    pub month: BusinessDate,
    /// Payments.
    pub n: i64,
    /// Their dong.
    pub dong: i128,
}

/// A declaration of cash, and when its month's first revision came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declared {
    /// The declaration. Of several of one institution, month and source the standing one is taken.
    pub declaration: CashDeclaration,
    /// When the first revision of its institution, month and source was received.
    pub first_recorded_at: Timestamp,
}

/// Everything that an evaluation depends on; nothing else does.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// The registry as it is known.
    pub registry: &'a Registry,
    /// Counted money, from one year before the target year.
    pub flows: &'a [Flow],
    /// What of it may be counted twice.
    pub lookalikes: &'a [Lookalikes],
    /// Declared cash, from one year before the target year.
    pub declarations: &'a [Declared],
    /// The local day of the evaluation. Months after it are not there yet.
    pub today: BusinessDate,
}
