use std::collections::BTreeMap;

use cashless_domain::BusinessDate;
use serde::Serialize;

use crate::rows::Registry;
use crate::words::{InstitutionStatus, Ownership, Sector};

/// Institutions of one type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Group {
    /// Their sector.
    pub sector: &'static str,
    /// Their type.
    #[serde(rename = "type")]
    pub institution_type: &'static str,
    /// How many work.
    pub active: usize,
    /// Of those, how many are public.
    pub public: usize,
    /// Their pupils or students.
    pub learners: u64,
    /// Their beds.
    pub beds: u64,
    /// Visits of their patients a year.
    pub visits: u64,
}

/// How much of everything the registry has on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Institutions that work, by type.
    pub institutions: Vec<Group>,
    /// Institutions that are suspended or closed.
    pub not_active: usize,
    /// Institutions that have no row for the day.
    pub not_there: usize,
    /// Institutions that work, in a unit that is not there on that day. None while no units are registered.
    pub outlived_unit: usize,
    /// Identifiers by kind.
    pub identifiers: BTreeMap<&'static str, usize>,
    /// Units by level.
    pub units: BTreeMap<&'static str, usize>,
    /// Institutions that have an attribute.
    pub attributes: BTreeMap<&'static str, usize>,
    /// State of each provider that has one.
    pub connections: BTreeMap<String, &'static str>,
    /// Providers of identifiers that have none, with how many identifiers.
    pub not_connected: BTreeMap<String, usize>,
    /// Payers' accounts by kind.
    pub payer_accounts: BTreeMap<&'static str, usize>,
    /// Successions up to the day, by event.
    pub successions: BTreeMap<&'static str, usize>,
    /// Numerator and denominator of each target that has a typed figure.
    pub indicators: BTreeMap<String, (u64, u64)>,
}

impl Summary {
    /// Counts.
    #[must_use]
    pub fn of(registry: &Registry, on: BusinessDate) -> Self {
        let (institutions, not_active, not_there) = institutions(registry, on);
        let has_no_unit = |code: &str| !registry.units.is_empty() && registry.unit(code, on).is_none();
        let working = registry
            .institutions
            .values()
            .flatten()
            .filter(|row| row.valid.contains(on) && row.status == InstitutionStatus::Active);
        let outlived_unit = working.filter(|row| has_no_unit(&row.unit_code)).count();
        let attributes = registry.attributes.values().flat_map(|rows| {
            let held = rows.iter().filter(|row| row.valid.contains(on)).map(|row| row.attribute);
            let mut held: Vec<_> = held.collect();
            held.sort();
            held.dedup();
            held.into_iter().map(|attribute| attribute.name())
        });
        let connections = registry.connections.iter().filter_map(|(provider, rows)| {
            let row = rows.iter().find(|row| row.valid.contains(on))?;
            Some((provider.clone(), row.state.name()))
        });
        let indicators = registry.indicators.iter().filter_map(|(target, rows)| {
            let row = rows.iter().find(|row| row.valid.contains(on))?;
            Some((target.clone(), (row.numerator, row.denominator)))
        });
        let identifiers = registry.identifiers.values().flatten().filter(|row| row.valid.contains(on));
        let connections: BTreeMap<String, &'static str> = connections.collect();
        let mut not_connected = BTreeMap::new();
        for row in identifiers.clone().filter(|row| !connections.contains_key(&row.provider)) {
            *not_connected.entry(row.provider.clone()).or_default() += 1;
        }
        let units = registry.units.values().flatten().filter(|row| row.valid.contains(on));
        let payers = registry.payer_accounts.values().flatten().filter(|row| row.valid.contains(on));
        let successions = registry.successions.values().flatten().filter(|row| row.on <= on);
        Self {
            institutions,
            not_active,
            not_there,
            outlived_unit,
            identifiers: tally(identifiers.map(|row| row.kind.name())),
            units: tally(units.map(|row| row.level.name())),
            attributes: tally(attributes),
            connections,
            not_connected,
            payer_accounts: tally(payers.map(|row| row.kind.name())),
            successions: tally(successions.map(|row| row.event.name())),
            indicators: indicators.collect(),
        }
    }

    /// For a person.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let active: usize = self.institutions.iter().map(|group| group.active).sum();
        let mut lines = vec![format!(
            "institutions: {active} active, {} suspended or closed, {} not there on that day",
            self.not_active, self.not_there
        )];
        for Group { sector, institution_type, active, public, learners, beds, visits } in &self.institutions {
            let size = if *sector == Sector::Education.name() {
                format!("{learners} learners")
            } else {
                format!("{beds} beds, {visits} visits a year")
            };
            lines.push(format!("  {sector} {institution_type}: {active}, {public} of them public; {size}"));
        }
        let counts = |counts: &BTreeMap<&'static str, usize>| {
            let counts = counts.iter().map(|(word, count)| format!("{count} {word}"));
            said(counts)
        };
        lines.push(format!("identifiers: {}", counts(&self.identifiers)));
        lines.push(format!("units: {}", counts(&self.units)));
        lines.push(format!("institutions with attributes: {}", counts(&self.attributes)));
        let connections = self.connections.iter().map(|(provider, state)| format!("{provider} {state}"));
        lines.push(format!("connections: {}", said(connections)));
        lines.push(format!("payer accounts: {}", counts(&self.payer_accounts)));
        lines.push(format!("successions until then: {}", counts(&self.successions)));
        let indicators = self
            .indicators
            .iter()
            .map(|(target, (numerator, denominator))| format!("{target} {numerator} of {denominator}"));
        lines.push(format!("indicators: {}", said(indicators)));
        lines.extend(self.warnings());
        lines
    }

    /// What is allowed and may be meant, but makes figures say less.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        if self.outlived_unit > 0 {
            warnings.push(format!(
                "{} active institutions are in a unit that is not there on that day: they are in no province's figures",
                self.outlived_unit
            ));
        }
        if !self.not_connected.is_empty() {
            let providers = self
                .not_connected
                .iter()
                .map(|(provider, count)| format!("{provider} ({count} identifiers)"));
            warnings.push(format!(
                "no connection is registered for {}: money there may go unseen, so no target of these institutions can be missed",
                said(providers)
            ));
        }
        warnings
    }
}

fn institutions(registry: &Registry, on: BusinessDate) -> (Vec<Group>, usize, usize) {
    let mut groups: BTreeMap<_, Group> = BTreeMap::new();
    let (mut not_active, mut not_there) = (0, 0);
    for rows in registry.institutions.values() {
        let Some(row) = rows.iter().find(|row| row.valid.contains(on)) else {
            not_there += 1;
            continue;
        };
        if row.status != InstitutionStatus::Active {
            not_active += 1;
            continue;
        }
        let group = groups.entry((row.sector, row.institution_type)).or_insert_with(|| Group {
            sector: row.sector.name(),
            institution_type: row.institution_type.name(),
            active: 0,
            public: 0,
            learners: 0,
            beds: 0,
            visits: 0,
        });
        group.active += 1;
        group.public += usize::from(row.ownership == Ownership::Public);
        group.learners += u64::from(row.learners);
        group.beds += u64::from(row.beds);
        group.visits += u64::from(row.visits);
    }
    (groups.into_values().collect(), not_active, not_there)
}

fn tally(words: impl Iterator<Item = &'static str>) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    words.for_each(|word| *counts.entry(word).or_default() += 1);
    counts
}

fn said(parts: impl Iterator<Item = String>) -> String {
    let parts = parts.collect::<Vec<_>>().join(", ");
    if parts.is_empty() { "none".to_owned() } else { parts }
}
