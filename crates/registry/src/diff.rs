use std::collections::BTreeMap;

use cashless_domain::IdentifierId;
use serde::{Serialize, Serializer};

use crate::rows::{IdentifierRow, InstitutionRow, Registry};

/// How to read what the files do not contain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PlanOptions {
    /// Take what is not in the files out of the registry; by default it is left alone.
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

/// How a wanted registry differs from the stored one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// The registry version it was made from.
    pub base_version: u32,
    /// Institutions whose intervals change.
    pub institutions: Vec<Change<String, InstitutionRow>>,
    /// Identifiers whose intervals change.
    pub identifiers: Vec<Change<IdentifierId, IdentifierRow>>,
}

impl Plan {
    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.institutions.is_empty() && self.identifiers.is_empty()
    }

    /// One line per interval that comes (`+`) or goes (`-`), for a person to agree to.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let institutions = self.institutions.iter().flat_map(|change| {
            lines(change, |row| format!("institution {}: {} ({})", change.key, row.valid, row.name))
        });
        let identifiers = self.identifiers.iter().flat_map(|change| {
            lines(change, |row| {
                let IdentifierRow { valid, kind, provider, tail, institution_id, purpose, .. } = row;
                let (kind, purpose) = (kind.name(), purpose.name());
                format!("identifier {tail} ({kind}, {provider}): {valid} {institution_id} for {purpose}")
            })
        });
        institutions.chain(identifiers).collect()
    }
}

fn lines<K, R: PartialEq>(change: &Change<K, R>, describe: impl Fn(&R) -> String) -> Vec<String> {
    let of = |sign, rows: &[R], others: &[R]| -> Vec<String> {
        rows.iter()
            .filter(|row| !others.contains(row))
            .map(|row| format!("{sign} {}", describe(row)))
            .collect()
    };
    let mut lines = of('-', &change.before, &change.after);
    lines.extend(of('+', &change.after, &change.before));
    lines
}

/// Compares. `current` is what is stored at `base_version`.
#[must_use]
pub fn plan(base_version: u32, current: &Registry, wanted: &Registry, options: PlanOptions) -> Plan {
    Plan {
        base_version,
        institutions: changes(&current.institutions, &wanted.institutions, options),
        identifiers: changes(&current.identifiers, &wanted.identifiers, options),
    }
}

fn changes<K: Ord + Clone, R: PartialEq + Clone>(
    current: &BTreeMap<K, Vec<R>>,
    wanted: &BTreeMap<K, Vec<R>>,
    options: PlanOptions,
) -> Vec<Change<K, R>> {
    let of = |rows: &BTreeMap<K, Vec<R>>, key: &K| rows.get(key).cloned().unwrap_or_default();
    let gone = current.keys().filter(|key| options.prune && !wanted.contains_key(*key));
    (wanted.keys().chain(gone))
        .map(|key| Change { key: key.clone(), before: of(current, key), after: of(wanted, key) })
        .filter(|change| change.before != change.after)
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
