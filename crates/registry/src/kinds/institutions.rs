use cashless_domain::IdKey;

use super::{Kept, ends, truth};
use crate::csv_file::Row;
use crate::error::{FileName, Problem};
use crate::rows::{InstitutionRow, Interval};
use crate::spelling::INSTITUTION;
use crate::words::{
    CareTier, Class, InstitutionStatus, InstitutionType, ManagedBy, Ownership, Scope, Sector,
};

impl Kept for InstitutionRow {
    type Key = String;
    const FILE: FileName = FileName::Institutions;
    const COLUMNS: &'static [&'static str] = &[
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
    const OPTIONAL: &'static [&'static str] = &["visits", "managed_by"];

    fn read(line: &mut Row<'_>, _key: &IdKey) -> (Option<String>, Option<Self>) {
        let id = line.required("institution_id");
        let is_fit = id.as_deref().is_some_and(|id| is_fit(line, id));
        (id, institution(line).filter(|_| is_fit))
    }

    fn cells(&self, key: &String) -> Vec<String> {
        let [from, to] = ends(self.valid);
        vec![
            key.clone(),
            self.name.clone(),
            self.sector.name().into(),
            self.institution_type.name().into(),
            self.ownership.name().into(),
            self.care_tier.map_or("", CareTier::name).into(),
            self.scope.name().into(),
            self.unit_code.clone(),
            self.unit_name.clone(),
            self.parent_id.clone(),
            self.status.name().into(),
            self.learners.to_string(),
            self.beds.to_string(),
            self.visits.to_string(),
            self.managed_by.name().into(),
            truth(self.fee_collecting),
            from,
            to,
        ]
    }

    fn valid(&self) -> Interval {
        self.valid
    }

    fn institutions<'r>(&'r self, _key: &'r String) -> [&'r str; 2] {
        [&self.parent_id, ""]
    }

    fn head(&self, key: &String) -> String {
        format!("institution {key}")
    }

    fn detail(&self) -> String {
        format!("({})", self.name)
    }
}

/// Whether a row may have this id, which is not the one of what nobody owns.
fn is_fit(line: &mut Row<'_>, id: &str) -> bool {
    const COLUMN: &str = "institution_id";
    let is_reserved = id.eq_ignore_ascii_case(Class::UnknownOwner.name());
    let reserved = is_reserved.then_some(Problem::Reserved(COLUMN));
    let itself = (line.text("parent_id") == id).then_some(Problem::BelongsToItself);
    let problems = [INSTITUTION.problem(COLUMN, id), reserved, itself];
    let is_fit = problems.iter().all(Option::is_none);
    problems.into_iter().flatten().for_each(|problem| line.wrong(problem));
    is_fit
}

/// A type that either sector may have is of the sector that the line says.
fn is_of_sector(line: &mut Row<'_>, institution_type: InstitutionType, sector: Sector) -> bool {
    match institution_type.sector() {
        Some(its) if its != sector => {
            line.wrong(Problem::OtherSector { of: institution_type.name(), sector: its.name() });
            false
        }
        _ => true,
    }
}

fn institution(line: &mut Row<'_>) -> Option<InstitutionRow> {
    let name = line.required_words("name");
    let sector = line.word("sector", Sector::ALL, Sector::name);
    let institution_type = line.word("type", InstitutionType::ALL, InstitutionType::name);
    let is_of_sector = sector
        .zip(institution_type)
        .is_none_or(|(sector, institution_type)| is_of_sector(line, institution_type, sector));
    let ownership = line.word("ownership", Ownership::ALL, Ownership::name);
    let care_tier = if line.text("care_tier").is_empty() {
        Some(None)
    } else {
        line.word("care_tier", CareTier::ALL, CareTier::name).map(Some)
    };
    let unit_name = line.words("unit_name");
    let scope = line.word("scope", Scope::ALL, Scope::name);
    let parent_id = line.optional_institution("parent_id");
    let status = line.word("status", InstitutionStatus::ALL, InstitutionStatus::name);
    let managed_by = if line.text("managed_by").is_empty() {
        Some(ManagedBy::Province)
    } else {
        line.word("managed_by", ManagedBy::ALL, ManagedBy::name)
    };
    let fee_collecting = line.truth("fee_collecting");
    let (learners, beds, visits) = (line.number("learners"), line.number("beds"), line.number("visits"));
    let valid = line.interval();
    is_of_sector.then_some(())?;
    Some(InstitutionRow {
        valid: valid?,
        name: name?,
        sector: sector?,
        institution_type: institution_type?,
        ownership: ownership?,
        care_tier: care_tier?,
        scope: scope?,
        unit_code: line.text("unit_code").to_owned(),
        unit_name: unit_name?,
        parent_id,
        status: status?,
        learners: learners?,
        beds: beds?,
        visits: visits?,
        managed_by: managed_by?,
        fee_collecting: fee_collecting?,
    })
}
