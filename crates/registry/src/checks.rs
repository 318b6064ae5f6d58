//! Checks across rows and files.

use std::collections::BTreeSet;

use cashless_domain::BusinessDate;

use crate::csv_file::Findings;
use crate::error::{Place, Problem};
use crate::kinds::Kept;
use crate::read::{Located, Wanted};
use crate::rows::{InstitutionRow, Interval, SuccessionRow, UnitRow};
use crate::words::{InstitutionStatus, SuccessionEvent, UnitLevel};

pub(crate) fn check(wanted: &Wanted, findings: &mut Findings) {
    let institutions = &wanted.institutions;
    for (file, place, id) in std::mem::take(&mut findings.named) {
        if !institutions.may_have(&id) {
            findings.push(file, place, Problem::UnknownInstitution(id));
        }
    }
    // What is stored can only lose its institution when that is pruned.
    stored_names(institutions, institutions, findings);
    stored_names(&wanted.identifiers, institutions, findings);
    stored_names(&wanted.attributes, institutions, findings);
    stored_names(&wanted.successions, institutions, findings);
    loops_of_parents(institutions, findings);
    units(&wanted.units, findings);
    // A registry without units is one whose units nobody checks.
    if !wanted.units.is_empty() {
        units_of_institutions(wanted, findings);
    }
    successions(wanted, findings);
}

fn stored_names<R: Kept>(rows: &Located<R>, institutions: &Located<InstitutionRow>, findings: &mut Findings) {
    for (key, place, row) in rows.each().filter(|(_, place, _)| *place == Place::Stored) {
        for id in row.institutions(key).into_iter().filter(|id| !id.is_empty()) {
            if !institutions.may_have(&id.to_owned()) {
                findings.push(R::FILE, place, Problem::UnknownInstitution(id.to_owned()));
            }
        }
    }
}

/// A loop is there from the day on which the last of its rows begins, so each row is followed on its first day.
fn loops_of_parents(institutions: &Located<InstitutionRow>, findings: &mut Findings) {
    for (id, place, row) in institutions.each() {
        let day = row.valid.from;
        let mut above = BTreeSet::new();
        let mut next = Some(&row.parent_id);
        // A loop further up is that of other rows.
        while let Some(parent) = next.filter(|parent| !parent.is_empty() && above.insert(*parent)) {
            if parent == id {
                let (id, parent) = (id.clone(), row.parent_id.clone());
                findings.push(InstitutionRow::FILE, place, Problem::LoopOfParents { id, parent, day });
            }
            let mut rows = institutions.of(parent).into_iter().flatten();
            next = rows.find(|row| row.valid.contains(day)).map(|row| &row.parent_id);
        }
    }
}

/// A unit is part of one of a higher level, on all its days.
fn units(units: &Located<UnitRow>, findings: &mut Findings) {
    for (_, place, unit) in units.each().filter(|(_, _, unit)| unit.level != UnitLevel::Province) {
        let Some(parents) = units.of(&unit.parent_code) else { continue };
        let missing = first_day_without(parents.clone(), unit.valid);
        let not_above = parents
            .filter(|parent| parent.valid.overlaps(unit.valid) && parent.level >= unit.level)
            .map(|parent| parent.valid.from.max(unit.valid.from))
            .next();
        let code = || unit.parent_code.clone();
        if let Some(day) = missing {
            findings.push(UnitRow::FILE, place, Problem::MissingUnit { code: code(), day });
        }
        if let Some(day) = not_above {
            findings.push(UnitRow::FILE, place, Problem::NotAbove { code: code(), day });
        }
    }
}

fn units_of_institutions(wanted: &Wanted, findings: &mut Findings) {
    for (_, place, institution) in wanted.institutions.each() {
        let code = &institution.unit_code;
        if code.is_empty() {
            findings.push(InstitutionRow::FILE, place, Problem::Empty("unit_code"));
            continue;
        }
        let Some(units) = wanted.units.of(code) else { continue };
        // An open end says that nobody knows one, not that the unit is there for ever: registries of 2022 name districts
        // that ended in 2025. What has outlived its unit is counted where the registry is shown.
        let Interval { from, to } = institution.valid;
        let claimed = Interval { from, to: if to == Interval::OPEN { next(from) } else { to } };
        if let Some(day) = first_day_without(units, claimed) {
            findings.push(InstitutionRow::FILE, place, Problem::MissingUnit { code: code.clone(), day });
        }
    }
}

fn next(day: BusinessDate) -> BusinessDate {
    BusinessDate::from_days(day.days().saturating_add(1))
}

/// The first day of an interval that none of the rows has; they are in order.
fn first_day_without<'u>(units: impl Iterator<Item = &'u UnitRow>, valid: Interval) -> Option<BusinessDate> {
    let covered =
        units.fold(valid.from, |day, unit| if unit.valid.contains(day) { unit.valid.to } else { day });
    (covered < valid.to).then_some(covered)
}

fn successions(wanted: &Wanted, findings: &mut Findings) {
    for (id, place, succession) in wanted.successions.each() {
        if let Some(problem) = contradiction(id, succession, &wanted.institutions) {
            findings.push(SuccessionRow::FILE, place, problem);
        }
    }
}

/// Whether the institutions' intervals tell something else.
fn contradiction(
    id: &String,
    succession: &SuccessionRow,
    institutions: &Located<InstitutionRow>,
) -> Option<Problem> {
    let day = succession.on;
    let before = day.days().checked_sub(1).map(BusinessDate::from_days);
    let unknown = |id: &String| !institutions.may_have(id);
    let to = &succession.to_institution_id;
    // Said already.
    if unknown(id) || !to.is_empty() && unknown(to) {
        return None;
    }
    let rows = institutions.of(id)?;
    let works_on = |day: BusinessDate| {
        let mut rows = rows.clone();
        rows.find(|row| row.valid.contains(day) && row.status != InstitutionStatus::Closed)
    };
    let (was, is) = (before.and_then(works_on), works_on(day));
    let not_active = |id: &String| Problem::NotActive { id: id.clone(), day };
    match succession.event {
        SuccessionEvent::Open if was.is_some() || is.is_none() => {
            Some(Problem::DoesNotBegin { id: id.clone(), day })
        }
        SuccessionEvent::Merge | SuccessionEvent::Split | SuccessionEvent::Close
            if was.is_none() || is.is_some() =>
        {
            Some(Problem::DoesNotEnd { id: id.clone(), day })
        }
        SuccessionEvent::Merge | SuccessionEvent::Split => {
            let is_active =
                |row: &InstitutionRow| row.valid.contains(day) && row.status == InstitutionStatus::Active;
            (!institutions.of(to)?.any(is_active)).then(|| not_active(to))
        }
        SuccessionEvent::Rename => match (was, is) {
            (Some(was), Some(is)) if was.name == is.name => Some(Problem::SameName { id: id.clone(), day }),
            (Some(_), Some(_)) => None,
            _ => Some(not_active(id)),
        },
        SuccessionEvent::ChangeParent => match is {
            Some(is) if is.parent_id == *to => None,
            Some(_) => Some(Problem::OtherParent { id: id.clone(), parent: to.clone(), day }),
            None => Some(not_active(id)),
        },
        SuccessionEvent::Open | SuccessionEvent::Close => None,
    }
}
