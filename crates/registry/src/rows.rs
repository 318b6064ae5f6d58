use std::collections::BTreeMap;
use std::fmt;

use cashless_domain::{BusinessDate, IdentifierId};
use serde::{Serialize, Serializer};

use crate::words::{
    Attribute, CareTier, ConnectionState, IdentifierKind, InstitutionStatus, InstitutionType, ManagedBy,
    Ownership, PayerKind, Purpose, Scope, Sector, SuccessionEvent, UnitLevel,
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

    /// Whether the day is one of it.
    #[must_use]
    pub fn contains(self, day: BusinessDate) -> bool {
        self.from <= day && day < self.to
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
    /// Visits of patients a year.
    pub visits: u32,
    /// Who runs it, if it is public.
    pub managed_by: ManagedBy,
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

/// An administrative unit (đơn vị hành chính) during an interval. Codes are used again for other units later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnitRow {
    /// When.
    pub valid: Interval,
    /// Its level.
    pub level: UnitLevel,
    /// Its name.
    pub name: String,
    /// Code of the unit it is part of; empty for a province.
    pub parent_code: String,
}

/// What is declared of an institution during an interval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AttributeRow {
    /// When.
    pub valid: Interval,
    /// What.
    pub attribute: Attribute,
    /// Which: a category, a family of methods or a provider; empty where there is nothing to choose.
    pub value: String,
    /// Name of the product, the person's role or the like.
    pub name: String,
    /// Whether the ministry lists the product.
    pub ministry_listed: bool,
    /// Who declared it.
    pub declared_by: String,
    /// Why we believe it.
    pub evidence: String,
}

/// Whether a provider's data reaches us during an interval. Without a row it does not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConnectionRow {
    /// When.
    pub valid: Interval,
    /// Whether it does.
    pub state: ConnectionState,
    /// Why we believe it.
    pub evidence: String,
}

/// Whose a paying account is during an interval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PayerAccountRow {
    /// When.
    pub valid: Interval,
    /// Whose it is.
    pub kind: PayerKind,
    /// The bank.
    pub provider: String,
    /// Its last characters, `•••` before them.
    pub tail: String,
    /// Why we believe it.
    pub evidence: String,
}

/// What happened to an institution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SuccessionRow {
    /// The first day on which it is so.
    #[serde(serialize_with = "as_text")]
    pub on: BusinessDate,
    /// What.
    pub event: SuccessionEvent,
    /// The successor, or the new parent; empty for open, rename and close.
    pub to_institution_id: String,
    /// Why we believe it.
    pub evidence: String,
}

/// A figure that a department types, for targets that no payment tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IndicatorRow {
    /// When it is the figure.
    pub valid: Interval,
    /// How many do.
    pub numerator: u64,
    /// Of how many.
    pub denominator: u64,
    /// Who declared it.
    pub declared_by: String,
    /// Why we believe it.
    pub evidence: String,
}

/// All intervals, by key and in the order of their days.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Registry {
    /// By institution id.
    pub institutions: BTreeMap<String, Vec<InstitutionRow>>,
    /// By digest.
    pub identifiers: BTreeMap<IdentifierId, Vec<IdentifierRow>>,
    /// By code.
    pub units: BTreeMap<String, Vec<UnitRow>>,
    /// By institution id; rows of different attributes may share days.
    pub attributes: BTreeMap<String, Vec<AttributeRow>>,
    /// By provider, as it is spelt in identifiers.
    pub connections: BTreeMap<String, Vec<ConnectionRow>>,
    /// By digest of the bank account.
    pub payer_accounts: BTreeMap<IdentifierId, Vec<PayerAccountRow>>,
    /// By the id of the institution to which it happened.
    pub successions: BTreeMap<String, Vec<SuccessionRow>>,
    /// By the target's id.
    pub indicators: BTreeMap<String, Vec<IndicatorRow>>,
}

impl Registry {
    /// The unit that has a code on a day, with that code.
    #[must_use]
    pub fn unit(&self, code: &str, day: BusinessDate) -> Option<(&str, &UnitRow)> {
        let (code, rows) = self.units.get_key_value(code)?;
        rows.iter().find(|row| row.valid.contains(day)).map(|row| (code.as_str(), row))
    }

    /// The code of the province that a unit is part of on a day, if every unit between is known.
    #[must_use]
    pub fn province_of(&self, unit_code: &str, day: BusinessDate) -> Option<&str> {
        let (mut code, mut unit) = self.unit(unit_code, day)?;
        // No chain is longer than there are levels: a circle ends, too.
        for _ in UnitLevel::ALL {
            if unit.level == UnitLevel::Province {
                return Some(code);
            }
            (code, unit) = self.unit(&unit.parent_code, day)?;
        }
        None
    }
}

fn as_text<S: Serializer>(day: &BusinessDate, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> BusinessDate {
        BusinessDate::parse(text).expect("a date")
    }

    #[test]
    fn a_province_is_found_by_the_units_of_the_day() {
        let unit = |from: &str, to: BusinessDate, level, parent: &str| UnitRow {
            valid: Interval { from: day(from), to },
            level,
            name: String::new(),
            parent_code: parent.into(),
        };
        let reform = day("2025-07-01");
        let mut registry = Registry::default();
        registry.units.insert("67".into(), vec![unit("2004-01-01", reform, UnitLevel::Province, "")]);
        registry.units.insert("68".into(), vec![unit("2025-07-01", Interval::OPEN, UnitLevel::Province, "")]);
        registry.units.insert("660".into(), vec![unit("2004-01-01", reform, UnitLevel::District, "67")]);
        let commune = vec![
            unit("2004-01-01", reform, UnitLevel::Commune, "660"),
            unit("2025-07-01", Interval::OPEN, UnitLevel::Commune, "68"),
        ];
        registry.units.insert("24611".into(), commune);
        registry.units.insert("1".into(), vec![unit("2004-01-01", reform, UnitLevel::Commune, "1")]);

        let found = |code, on| registry.province_of(code, day(on));
        assert_eq!(found("24611", "2022-12-31"), Some("67"));
        assert_eq!(found("24611", "2025-06-30"), Some("67"));
        assert_eq!(found("24611", "2025-07-01"), Some("68"));
        assert_eq!(found("67", "2022-12-31"), Some("67"));
        assert_eq!(found("660", "2025-07-01"), None);
        assert_eq!(found("99", "2022-12-31"), None);
        assert_eq!(found("1", "2022-12-31"), None, "a circle");
    }
}
