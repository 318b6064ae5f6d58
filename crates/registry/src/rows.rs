use std::collections::BTreeMap;
use std::fmt;

use cashless_domain::{BusinessDate, IdentifierId};
use serde::{Serialize, Serializer};

use crate::words::{
    CareTier, IdentifierKind, InstitutionStatus, InstitutionType, Ownership, Purpose, Scope, Sector,
};

/// Whole local days, the last one excluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Interval {
    /// The first day.
    pub from: BusinessDate,
    /// The first day on which it is over; [`Interval::OPEN`] while nobody knows one.
    pub to: BusinessDate,
}

impl Interval {
    /// Later than any day a payment can have.
    pub const OPEN: BusinessDate = BusinessDate::from_days(u16::MAX);

    /// Whether the two share a day.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        self.from < other.to && other.from < self.to
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "from {}", self.from)?;
        if self.to == Self::OPEN { Ok(()) } else { write!(f, " to {} (excluded)", self.to) }
    }
}

impl Serialize for Interval {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let to = (self.to != Self::OPEN).then(|| self.to.to_string());
        (self.from.to_string(), to).serialize(serializer)
    }
}

/// What an institution is during an interval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InstitutionRow {
    /// When.
    pub valid: Interval,
    /// Its name.
    pub name: String,
    /// Whose target it belongs to.
    pub sector: Sector,
    /// What it is.
    #[serde(rename = "type")]
    pub institution_type: InstitutionType,
    /// Who owns it.
    pub ownership: Ownership,
    /// Its level of care, in health.
    pub care_tier: Option<CareTier>,
    /// Whether the verdict counts it.
    pub scope: Scope,
    /// Code of its administrative unit.
    pub unit_code: String,
    /// Name of its administrative unit.
    pub unit_name: String,
    /// The institution it belongs to, or empty.
    pub parent_id: String,
    /// Whether it works.
    pub status: InstitutionStatus,
    /// Pupils or students.
    pub learners: u32,
    /// Beds.
    pub beds: u32,
    /// Whether it collects fees.
    pub fee_collecting: bool,
}

/// Whose an identifier is during an interval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IdentifierRow {
    /// When.
    pub valid: Interval,
    /// What it is.
    pub kind: IdentifierKind,
    /// The bank, or who gave the merchant or terminal id out.
    pub provider: String,
    /// Its last characters, `•••` before them.
    pub tail: String,
    /// Whose it is.
    pub institution_id: String,
    /// What for.
    pub purpose: Purpose,
    /// Why we believe it.
    pub evidence: String,
}

/// All intervals, per institution and identifier in the order of their days.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Registry {
    /// By institution id.
    pub institutions: BTreeMap<String, Vec<InstitutionRow>>,
    /// By digest.
    pub identifiers: BTreeMap<IdentifierId, Vec<IdentifierRow>>,
}
