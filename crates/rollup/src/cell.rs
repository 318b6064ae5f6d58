use std::ops::{Add, Sub};

use cashless_domain::{
    AccountId, BusinessDate, Evidence, IdentifierId, Kind, Method, MinimumFields, SourceId,
};

use crate::Version;

/// Which payments a cell adds up. No institution and no class: the registry gives those when figures are read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CellKey {
    /// Local day of settlement.
    pub business_date: BusinessDate,
    /// The receiving account.
    pub account: AccountId,
    /// What the registry resolves.
    pub identifier: IdentifierId,
    /// Who reported it.
    pub source: SourceId,
    /// How it was paid.
    pub method: Method,
    /// What it is.
    pub kind: Kind,
    /// What ties it to a service.
    pub evidence: Evidence,
}

/// The whole value of a cell, never an increment. Amounts are in dong and wide enough never to overflow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CellValues {
    /// Payments counted.
    pub n: i64,
    /// Their dong.
    pub gross_dong: i128,
    /// Refunds and lost chargebacks.
    pub refunds_n: i64,
    /// Their dong, positive.
    pub refunds_dong: i128,
    /// Records that another record of the same payment counts for.
    pub merged_n: i64,
    /// Their dong.
    pub merged_dong: i128,
    /// Payments taken back by their provider.
    pub voided_n: i64,
    /// Their dong.
    pub voided_dong: i128,
    /// Counted payments that carried the payer's name.
    pub payer_name_n: i64,
    /// … the beneficiary's name.
    pub beneficiary_name_n: i64,
    /// … a reason.
    pub reason_n: i64,
    /// … an invoice reference.
    pub invoice_ref_n: i64,
    /// … all four.
    pub all_fields_n: i64,
    /// … all but possibly the beneficiary's name.
    pub without_beneficiary_n: i64,
}

impl CellValues {
    pub(crate) fn counted(dong: i64, fields: MinimumFields) -> Self {
        let has = |wanted| i64::from(fields.has(wanted));
        Self {
            n: 1,
            gross_dong: dong.into(),
            payer_name_n: has(MinimumFields::PAYER_NAME),
            beneficiary_name_n: has(MinimumFields::BENEFICIARY_NAME),
            reason_n: has(MinimumFields::REASON),
            invoice_ref_n: has(MinimumFields::INVOICE_REF),
            all_fields_n: has(MinimumFields::ALL),
            without_beneficiary_n: has(MinimumFields::WITHOUT_BENEFICIARY),
            ..Self::default()
        }
    }

    pub(crate) fn refunded(dong: i64) -> Self {
        Self { refunds_n: 1, refunds_dong: dong.into(), ..Self::default() }
    }

    pub(crate) fn merged(dong: i64) -> Self {
        Self { merged_n: 1, merged_dong: dong.into(), ..Self::default() }
    }

    pub(crate) fn voided(dong: i64) -> Self {
        Self { voided_n: 1, voided_dong: dong.into(), ..Self::default() }
    }

    fn zip(self, other: Self, n: impl Fn(i64, i64) -> i64, dong: impl Fn(i128, i128) -> i128) -> Self {
        Self {
            n: n(self.n, other.n),
            gross_dong: dong(self.gross_dong, other.gross_dong),
            refunds_n: n(self.refunds_n, other.refunds_n),
            refunds_dong: dong(self.refunds_dong, other.refunds_dong),
            merged_n: n(self.merged_n, other.merged_n),
            merged_dong: dong(self.merged_dong, other.merged_dong),
            voided_n: n(self.voided_n, other.voided_n),
            voided_dong: dong(self.voided_dong, other.voided_dong),
            payer_name_n: n(self.payer_name_n, other.payer_name_n),
            beneficiary_name_n: n(self.beneficiary_name_n, other.beneficiary_name_n),
            reason_n: n(self.reason_n, other.reason_n),
            invoice_ref_n: n(self.invoice_ref_n, other.invoice_ref_n),
            all_fields_n: n(self.all_fields_n, other.all_fields_n),
            without_beneficiary_n: n(self.without_beneficiary_n, other.without_beneficiary_n),
        }
    }
}

impl Add for CellValues {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        self.zip(other, |a, b| a + b, |a, b| a + b)
    }
}

impl Sub for CellValues {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self.zip(other, |a, b| a - b, |a, b| a - b)
    }
}

/// A stored cell: its value, and the last event that changed it. An emptied cell stays as a row of zeros.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cell {
    /// Position of the last event that changed it.
    pub version: Version,
    /// The whole value.
    pub values: CellValues,
}
