use std::collections::{BTreeMap, BTreeSet};

use cashless_domain::IdKey;

use crate::checks;
use crate::csv_file::{Findings, for_each_row};
use crate::diff::PlanOptions;
use crate::error::{FileError, Place, Problem};
use crate::kinds::Kept;
use crate::rows::{
    AttributeRow, ConnectionRow, IdentifierRow, IndicatorRow, InstitutionRow, PayerAccountRow, Registry,
    SuccessionRow, UnitRow,
};

/// The contents of the files. A kind without a file is left as it is.
#[derive(Clone, Copy, Default)]
pub struct Files<'f> {
    /// `units.csv`.
    pub units: Option<&'f [u8]>,
    /// `institutions.csv`.
    pub institutions: Option<&'f [u8]>,
    /// `identifiers.csv`.
    pub identifiers: Option<&'f [u8]>,
    /// `attributes.csv`.
    pub attributes: Option<&'f [u8]>,
    /// `connections.csv`.
    pub connections: Option<&'f [u8]>,
    /// `payer_accounts.csv`.
    pub payer_accounts: Option<&'f [u8]>,
    /// `successions.csv`.
    pub successions: Option<&'f [u8]>,
    /// `indicators.csv`.
    pub indicators: Option<&'f [u8]>,
}

/// Reads and checks the files, and gives the registry as it will be: with what they say, and with what is stored of
/// everything that they do not mention.
///
/// # Errors
/// Every error in any file, in the order of their lines.
pub fn read(
    files: &Files<'_>,
    stored: &Registry,
    options: PlanOptions,
    key: &IdKey,
) -> Result<Registry, Vec<FileError>> {
    let mut findings = Findings::default();
    let found = &mut findings;
    let wanted = Wanted {
        units: Located::read(files.units, &stored.units, options, key, found),
        institutions: Located::read(files.institutions, &stored.institutions, options, key, found),
        identifiers: Located::read(files.identifiers, &stored.identifiers, options, key, found),
        attributes: Located::read(files.attributes, &stored.attributes, options, key, found),
        connections: Located::read(files.connections, &stored.connections, options, key, found),
        payer_accounts: Located::read(files.payer_accounts, &stored.payer_accounts, options, key, found),
        successions: Located::read(files.successions, &stored.successions, options, key, found),
        indicators: Located::read(files.indicators, &stored.indicators, options, key, found),
    };
    checks::check(&wanted, found);
    let mut errors = findings.errors;
    if errors.is_empty() {
        return Ok(wanted.into_registry());
    }
    errors.sort_by_key(|error| (error.file, error.place));
    Err(errors)
}

/// All rows there will be, and where they come from.
pub(crate) struct Wanted {
    pub(crate) units: Located<UnitRow>,
    pub(crate) institutions: Located<InstitutionRow>,
    pub(crate) identifiers: Located<IdentifierRow>,
    pub(crate) attributes: Located<AttributeRow>,
    pub(crate) connections: Located<ConnectionRow>,
    pub(crate) payer_accounts: Located<PayerAccountRow>,
    pub(crate) successions: Located<SuccessionRow>,
    pub(crate) indicators: Located<IndicatorRow>,
}

impl Wanted {
    fn into_registry(self) -> Registry {
        Registry {
            institutions: self.institutions.into_rows(),
            identifiers: self.identifiers.into_rows(),
            units: self.units.into_rows(),
            attributes: self.attributes.into_rows(),
            connections: self.connections.into_rows(),
            payer_accounts: self.payer_accounts.into_rows(),
            successions: self.successions.into_rows(),
            indicators: self.indicators.into_rows(),
        }
    }
}

/// The rows of a kind, of each key in the order of their days.
pub(crate) struct Located<R: Kept> {
    rows: BTreeMap<R::Key, Vec<(Place, R)>>,
    /// Keys with a line that has errors: nobody knows what they will be.
    unsure: BTreeSet<R::Key>,
    /// The file's header is unfit: nobody knows what there will be.
    is_unknown: bool,
}

impl<R: Kept> Located<R> {
    fn read(
        file: Option<&[u8]>,
        stored: &BTreeMap<R::Key, Vec<R>>,
        options: PlanOptions,
        key: &IdKey,
        findings: &mut Findings,
    ) -> Self {
        let mut located = Self { rows: BTreeMap::new(), unsure: BTreeSet::new(), is_unknown: false };
        if let Some(text) = file {
            let is_fit =
                for_each_row(R::FILE, text, R::COLUMNS, R::OPTIONAL, findings, |line| {
                    match R::read(line, key) {
                        (Some(key), Some(row)) => {
                            located.rows.entry(key).or_default().push((line.place, row));
                        }
                        (Some(key), None) => {
                            located.unsure.insert(key);
                        }
                        (None, _) => {}
                    }
                });
            located.is_unknown = !is_fit;
            located.order(findings);
        }
        if file.is_none() || !options.prune {
            for (key, rows) in stored {
                if !located.rows.contains_key(key) && !located.unsure.contains(key) {
                    let rows = rows.iter().map(|row| (Place::Stored, row.clone())).collect();
                    located.rows.insert(key.clone(), rows);
                }
            }
        }
        located
    }

    /// Orders each key's rows by their days and reports those that share one with a row of the same aspect.
    fn order(&mut self, findings: &mut Findings) {
        for (key, rows) in &mut self.rows {
            rows.sort_by(|(place, row), (other_place, other)| {
                (row.aspect(), row.valid().from, place).cmp(&(
                    other.aspect(),
                    other.valid().from,
                    other_place,
                ))
            });
            // The row that reaches furthest so far: a long one may cover more than its neighbour.
            let mut furthest: Option<&(Place, R)> = None;
            for current in rows.iter() {
                let (place, row) = current;
                furthest = furthest.filter(|(_, other)| other.aspect() == row.aspect());
                if let Some((other_place, other)) = furthest
                    && other.valid().overlaps(row.valid())
                {
                    let other = *place.min(other_place);
                    let problem = Problem::Overlap { what: row.head(key), other };
                    findings.push(R::FILE, *place.max(other_place), problem);
                }
                if furthest.is_none_or(|(_, other)| other.valid().to < row.valid().to) {
                    furthest = Some(current);
                }
            }
            rows.sort_by(|(_, row), (_, other)| {
                (row.valid().from, row.aspect()).cmp(&(other.valid().from, other.aspect()))
            });
        }
    }

    pub(crate) fn each(&self) -> impl Iterator<Item = (&R::Key, Place, &R)> {
        self.rows.iter().flat_map(|(key, rows)| rows.iter().map(move |(place, row)| (key, *place, row)))
    }

    /// A key's rows, if all that is known of it is known.
    pub(crate) fn of(&self, key: &R::Key) -> Option<impl Iterator<Item = &R> + Clone> {
        let is_sure = !self.is_unknown && !self.unsure.contains(key);
        is_sure.then(|| self.rows.get(key).into_iter().flatten().map(|(_, row)| row))
    }

    /// Whether there may be such a key.
    pub(crate) fn may_have(&self, key: &R::Key) -> bool {
        self.is_unknown || self.unsure.contains(key) || self.rows.contains_key(key)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    fn into_rows(self) -> BTreeMap<R::Key, Vec<R>> {
        let rows = |(key, rows): (_, Vec<(Place, R)>)| (key, rows.into_iter().map(|(_, row)| row).collect());
        self.rows.into_iter().map(rows).collect()
    }
}
