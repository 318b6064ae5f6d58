use std::collections::BTreeMap;

use cashless_domain::{IdKey, IdentifierId};

use crate::csv_file::{Errors, Row, for_each_row};
use crate::error::{FileError, FileName, Problem};
use crate::rows::{IdentifierRow, InstitutionRow, Interval, Registry};
use crate::words::{
    CareTier, IdentifierKind, InstitutionStatus, InstitutionType, ManagedBy, Ownership, Purpose, Scope,
    Sector,
};

const INSTITUTION_COLUMNS: [&str; 18] = [
    "institution_id",
    "name",
    "sector",
    "type",
    "ownership",
    "care_tier",
    "scope",
    "unit_code",
    "unit_name",
    "parent_id",
    "status",
    "learners",
    "beds",
    "visits",
    "managed_by",
    "fee_collecting",
    "valid_from",
    "valid_to",
];
/// Files from before these columns stay valid.
const INSTITUTION_OPTIONAL: [&str; 2] = ["visits", "managed_by"];
const IDENTIFIER_COLUMNS: [&str; 8] =
    ["kind", "provider", "value", "institution_id", "purpose", "valid_from", "valid_to", "evidence"];

/// The texts of the two files.
#[derive(Clone, Copy)]
pub struct Files<'f> {
    /// `institutions.csv`.
    pub institutions: &'f str,
    /// `identifiers.csv`.
    pub identifiers: &'f str,
}

/// Reads and checks both files.
///
/// # Errors
/// Every error in either file, in the order of their lines.
pub fn read(files: &Files<'_>, key: &IdKey) -> Result<Registry, Vec<FileError>> {
    let mut errors = Errors { found: Vec::new() };
    let mut institutions: BTreeMap<String, Vec<(u64, InstitutionRow)>> = BTreeMap::new();
    let mut parents = Vec::new();
    for_each_row(
        FileName::Institutions,
        files.institutions,
        &INSTITUTION_COLUMNS,
        &INSTITUTION_OPTIONAL,
        &mut errors,
        |row| {
            let id = row.required("institution_id");
            parents.push((row.line, row.text("parent_id").to_owned()));
            let institution = institution(row);
            // An invalid row still makes its institution known: else its identifiers would seem wrong too.
            institutions.entry(id).or_default().extend(institution.map(|read| (row.line, read)));
        },
    );
    for (line, parent) in parents {
        if !parent.is_empty() && !institutions.contains_key(&parent) {
            errors.push(FileName::Institutions, line, Problem::UnknownInstitution(parent));
        }
    }
    let mut identifiers: BTreeMap<IdentifierId, Vec<(u64, IdentifierRow)>> = BTreeMap::new();
    for_each_row(FileName::Identifiers, files.identifiers, &IDENTIFIER_COLUMNS, &[], &mut errors, |row| {
        let owner = row.required("institution_id");
        if !owner.is_empty() && !institutions.contains_key(&owner) {
            row.wrong(Problem::UnknownInstitution(owner.clone()));
        }
        if let Some((identifier, read)) = identifier(row, owner, key) {
            identifiers.entry(identifier).or_default().push((row.line, read));
        }
    });
    let registry = Registry {
        institutions: without_overlaps(
            institutions,
            |row| row.valid,
            |id, _, line, other_line| {
                errors.push(
                    FileName::Institutions,
                    line,
                    Problem::InstitutionOverlap { id: id.clone(), other_line },
                );
            },
        ),
        identifiers: without_overlaps(
            identifiers,
            |row| row.valid,
            |_, row, line, other_line| {
                let tail = row.tail.clone();
                errors.push(FileName::Identifiers, line, Problem::IdentifierOverlap { tail, other_line });
            },
        ),
        ..Registry::default()
    };
    if errors.found.is_empty() {
        return Ok(registry);
    }
    errors.found.sort_by_key(|error| (error.file, error.line));
    Err(errors.found)
}

fn institution(row: &mut Row<'_>) -> Option<InstitutionRow> {
    let name = row.required("name");
    let sector = row.word("sector", Sector::ALL, Sector::name);
    let institution_type = row.word("type", InstitutionType::ALL, InstitutionType::name);
    let ownership = row.word("ownership", Ownership::ALL, Ownership::name);
    let care_tier = if row.text("care_tier").is_empty() {
        Some(None)
    } else {
        row.word("care_tier", CareTier::ALL, CareTier::name).map(Some)
    };
    let scope = row.word("scope", Scope::ALL, Scope::name);
    let status = row.word("status", InstitutionStatus::ALL, InstitutionStatus::name);
    let fee_collecting = row.word("fee_collecting", &[true, false], |yes| if yes { "true" } else { "false" });
    let managed_by = if row.text("managed_by").is_empty() {
        Some(ManagedBy::Province)
    } else {
        row.word("managed_by", ManagedBy::ALL, ManagedBy::name)
    };
    let (learners, beds, visits) = (row.number("learners"), row.number("beds"), row.number("visits"));
    let valid = row.interval();
    Some(InstitutionRow {
        valid: valid?,
        name,
        sector: sector?,
        institution_type: institution_type?,
        ownership: ownership?,
        care_tier: care_tier?,
        scope: scope?,
        unit_code: row.text("unit_code").to_owned(),
        unit_name: row.text("unit_name").to_owned(),
        parent_id: row.text("parent_id").to_owned(),
        status: status?,
        learners,
        beds,
        visits,
        managed_by: managed_by?,
        fee_collecting: fee_collecting?,
    })
}

fn identifier(
    row: &mut Row<'_>,
    institution_id: String,
    key: &IdKey,
) -> Option<(IdentifierId, IdentifierRow)> {
    let kind = row.word("kind", IdentifierKind::ALL, IdentifierKind::name);
    let provider = row.required("provider");
    let value = row.required("value");
    let purpose = row.word("purpose", Purpose::ALL, Purpose::name);
    let valid = row.interval();
    let (kind, evidence) = (kind?, row.text("evidence").to_owned());
    let identifier = match kind {
        IdentifierKind::Account => key.bank_account(&provider, &value).into(),
        IdentifierKind::VirtualAccountPrefix => key.virtual_account_prefix(&provider, &value),
        IdentifierKind::Merchant => key.merchant(&provider, &value).into(),
        IdentifierKind::Terminal => key.terminal(&provider, &value).into(),
    };
    let tail = masked(&value);
    let row =
        IdentifierRow { valid: valid?, kind, provider, tail, institution_id, purpose: purpose?, evidence };
    Some((identifier, row))
}

/// The last three characters, fewer of short values: never more than a third.
fn masked(value: &str) -> String {
    let characters = value.chars().count();
    let hidden = characters - (characters / 3).min(3);
    std::iter::repeat_n('•', 3).chain(value.chars().skip(hidden)).collect()
}

/// Orders each key's rows by their days and reports neighbours that share one.
fn without_overlaps<K: Ord, R>(
    all: BTreeMap<K, Vec<(u64, R)>>,
    valid: fn(&R) -> Interval,
    mut overlap: impl FnMut(&K, &R, u64, u64),
) -> BTreeMap<K, Vec<R>> {
    all.into_iter()
        .map(|(key, mut rows)| {
            rows.sort_by_key(|(line, row)| (valid(row).from, *line));
            // The row that reaches furthest so far: a long one may cover more than its neighbour.
            let mut furthest: Option<&(u64, R)> = None;
            for current in &rows {
                if let Some((line, row)) = furthest
                    && valid(row).overlaps(valid(&current.1))
                {
                    overlap(&key, &current.1, current.0.max(*line), current.0.min(*line));
                }
                if furthest.is_none_or(|(_, row)| valid(row).to < valid(&current.1).to) {
                    furthest = Some(current);
                }
            }
            (key, rows.into_iter().map(|(_, row)| row).collect())
        })
        .collect()
}
