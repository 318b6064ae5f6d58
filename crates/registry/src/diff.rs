use std::collections::BTreeMap;

use cashless_domain::IdentifierId;
use serde::{Serialize, Serializer};

use crate::kinds::Kept;
use crate::rows::{
    AttributeRow, ConnectionRow, IdentifierRow, IndicatorRow, InstitutionRow, PayerAccountRow, Registry,
    SuccessionRow, UnitRow,
};

/// How to read what the files do not contain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PlanOptions {
    /// Take what is not in a file out of the registry; by default it is left alone. Kinds without a file always are.
    pub prune: bool,
}

/// What becomes of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// It is new.
    Added,
    /// Its intervals differ.
    Changed,
    /// It has no intervals any more.
    Removed,
}

/// All intervals of a key, before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change<K, R> {
    /// Whose they are.
    pub key: K,
    /// Before; empty if it is new.
    pub before: Vec<R>,
    /// After; empty if it is removed.
    pub after: Vec<R>,
}

impl<K, R> Change<K, R> {
    /// What becomes of it.
    #[must_use]
    pub fn kind(&self) -> ChangeKind {
        match (self.before.is_empty(), self.after.is_empty()) {
            (true, _) => ChangeKind::Added,
            (_, true) => ChangeKind::Removed,
            _ => ChangeKind::Changed,
        }
    }
}

/// How a wanted registry differs from the stored one: the keys of each kind whose rows change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// The registry version it was made from.
    pub base_version: u32,
    /// Units.
    pub units: Vec<Change<String, UnitRow>>,
    /// Institutions.
    pub institutions: Vec<Change<String, InstitutionRow>>,
    /// Identifiers.
    pub identifiers: Vec<Change<IdentifierId, IdentifierRow>>,
    /// Attributes, by institution.
    pub attributes: Vec<Change<String, AttributeRow>>,
    /// Connections, by provider.
    pub connections: Vec<Change<String, ConnectionRow>>,
    /// Payers' accounts.
    pub payer_accounts: Vec<Change<IdentifierId, PayerAccountRow>>,
    /// Successions, by the institution to which it happened.
    pub successions: Vec<Change<String, SuccessionRow>>,
    /// Indicators, by target.
    pub indicators: Vec<Change<String, IndicatorRow>>,
}

impl Plan {
    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.units.is_empty()
            && self.institutions.is_empty()
            && self.identifiers.is_empty()
            && self.attributes.is_empty()
            && self.connections.is_empty()
            && self.payer_accounts.is_empty()
            && self.successions.is_empty()
            && self.indicators.is_empty()
    }

    /// One line per row that comes (`+`), goes (`-`) or says something else than before (`~`), for a person to agree to.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        say(&self.units, &mut lines);
        say(&self.institutions, &mut lines);
        say(&self.identifiers, &mut lines);
        say(&self.attributes, &mut lines);
        say(&self.connections, &mut lines);
        say(&self.payer_accounts, &mut lines);
        say(&self.successions, &mut lines);
        say(&self.indicators, &mut lines);
        lines
    }
}

fn say<R: Kept>(changes: &[Change<R::Key, R>], lines: &mut Vec<String>) {
    for Change { key, before, after } in changes {
        let twin = |row: &R, others: &[R]| {
            others
                .iter()
                .position(|other| (other.valid().from, other.aspect()) == (row.valid().from, row.aspect()))
        };
        let whole = |row: &R| format!("{}: {} {}", row.head(key), row.days(), row.detail());
        for row in before.iter().filter(|row| twin(row, after).is_none()) {
            lines.push(format!("- {}", whole(row)));
        }
        for row in after {
            match twin(row, before).map(|position| &before[position]) {
                None => lines.push(format!("+ {}", whole(row))),
                Some(old) if old == row => {}
                Some(old) => lines.push(format!(
                    "~ {} from {}: {}",
                    row.head(key),
                    row.valid().from,
                    differences(old, row, key)
                )),
            }
        }
    }
}

/// Column by column, what was there and what will be.
fn differences<R: Kept>(old: &R, new: &R, key: &R::Key) -> String {
    let shown = |column: &str, cell: String| match (column, cell.as_str()) {
        ("valid_to", "") => "open".to_owned(),
        (_, "") => "nothing".to_owned(),
        _ => cell,
    };
    let cells = old.cells(key).into_iter().zip(new.cells(key));
    let differing = R::COLUMNS.iter().zip(cells).filter(|(_, (old, new))| old != new);
    let said = differing
        .map(|(column, (old, new))| format!("{column} {} → {}", shown(column, old), shown(column, new)));
    said.collect::<Vec<_>>().join(", ")
}

/// Compares. `current` is what is stored at `base_version`, `wanted` what [`read()`](crate::read()) made of it.
#[must_use]
pub fn plan(base_version: u32, current: &Registry, wanted: &Registry) -> Plan {
    Plan {
        base_version,
        units: changes(&current.units, &wanted.units),
        institutions: changes(&current.institutions, &wanted.institutions),
        identifiers: changes(&current.identifiers, &wanted.identifiers),
        attributes: changes(&current.attributes, &wanted.attributes),
        connections: changes(&current.connections, &wanted.connections),
        payer_accounts: changes(&current.payer_accounts, &wanted.payer_accounts),
        successions: changes(&current.successions, &wanted.successions),
        indicators: changes(&current.indicators, &wanted.indicators),
    }
}

fn changes<K: Ord + Clone, R: PartialEq + Clone>(
    current: &BTreeMap<K, Vec<R>>,
    wanted: &BTreeMap<K, Vec<R>>,
) -> Vec<Change<K, R>> {
    let of = |rows: &BTreeMap<K, Vec<R>>, key: &K| rows.get(key).cloned().unwrap_or_default();
    let gone = current.keys().filter(|key| !wanted.contains_key(*key));
    (wanted.keys().chain(gone))
        .filter(|key| current.get(*key) != wanted.get(*key))
        .map(|key| Change { key: key.clone(), before: of(current, key), after: of(wanted, key) })
        .collect()
}

impl<K: ToString, R: Serialize> Serialize for Change<K, R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Shown<'c, R> {
            key: String,
            change: ChangeKind,
            before: &'c [R],
            after: &'c [R],
        }
        let shown = Shown {
            key: self.key.to_string(),
            change: self.kind(),
            before: &self.before,
            after: &self.after,
        };
        shown.serialize(serializer)
    }
}
