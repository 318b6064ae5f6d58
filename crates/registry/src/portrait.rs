use cashless_domain::BusinessDate;
use serde::{Serialize, Serializer};

use crate::kinds::Kept;
use crate::rows::{AttributeRow, IdentifierRow, InstitutionRow, Registry, SuccessionRow};

/// All that the registry says of one institution.
#[derive(Debug, Clone, Serialize)]
pub struct Portrait<'r> {
    /// Its id.
    pub institution_id: &'r str,
    /// What it is, or was.
    pub institution: Vec<&'r InstitutionRow>,
    /// Where its money is received; accounts by their masked tails.
    pub identifiers: Vec<&'r IdentifierRow>,
    /// What is declared of it.
    pub attributes: Vec<&'r AttributeRow>,
    /// What happened to it.
    pub successions: Vec<&'r SuccessionRow>,
    /// What made it a successor, by the other institution.
    #[serde(serialize_with = "by_institution")]
    pub predecessors: Vec<(&'r str, &'r SuccessionRow)>,
}

impl<'r> Portrait<'r> {
    /// Of an institution, if there is one: on all days, or on one. What happened to it is never left out.
    #[must_use]
    pub fn of(registry: &'r Registry, institution_id: &str, on: Option<BusinessDate>) -> Option<Self> {
        let (id, institution) = registry.institutions.get_key_value(institution_id)?;
        let holds = |row: &dyn Fn(BusinessDate) -> bool| on.is_none_or(row);
        let identifiers = registry.identifiers.values().flatten().filter(|row| row.institution_id == *id);
        let becomes_it = |row: &SuccessionRow| row.to_institution_id == *id;
        Some(Self {
            institution_id: id,
            institution: institution.iter().filter(|row| holds(&|day| row.valid.contains(day))).collect(),
            identifiers: identifiers.filter(|row| holds(&|day| row.valid.contains(day))).collect(),
            attributes: (registry.attributes.get(id).into_iter().flatten())
                .filter(|row| holds(&|day| row.valid.contains(day)))
                .collect(),
            successions: registry.successions.get(id).into_iter().flatten().collect(),
            predecessors: (registry.successions.iter())
                .flat_map(|(from, rows)| rows.iter().map(|row| (from.as_str(), row)))
                .filter(|(_, row)| becomes_it(row))
                .collect(),
        })
    }

    /// For a person, a line a row.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let id = self.institution_id.to_owned();
        let mut lines = vec![format!("institution {id}")];
        let filled = |row: &InstitutionRow| {
            let cells = InstitutionRow::COLUMNS.iter().zip(row.cells(&id));
            let cells = cells.filter(|(column, cell)| !cell.is_empty() && !KNOWN.contains(column));
            cells.map(|(column, cell)| format!("{column} {cell}")).collect::<Vec<_>>().join(", ")
        };
        lines.extend(self.institution.iter().map(|row| format!("  {}: {}", row.days(), filled(row))));
        lines.extend(self.identifiers.iter().map(|row| {
            let IdentifierRow { valid, kind, provider, tail, purpose, evidence, .. } = row;
            format!("  {valid}: {} {tail} at {provider} for {} ({evidence})", kind.name(), purpose.name())
        }));
        lines.extend(self.attributes.iter().map(|row| {
            let what = row.aspect().join(" ");
            format!("  {}: {} {}", row.valid, what.trim_end(), row.detail())
        }));
        lines.extend(self.successions.iter().map(|row| format!("  on {}: {}", row.on, row.detail())));
        let from =
            |(from, row): &(&str, &SuccessionRow)| format!("  on {}: {} of {from}", row.on, row.event.name());
        lines.extend(self.predecessors.iter().map(from));
        lines
    }
}

/// Columns that the line begins with, or the first line.
const KNOWN: [&str; 3] = ["institution_id", "valid_from", "valid_to"];

fn by_institution<S: Serializer>(rows: &[(&str, &SuccessionRow)], serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Shown<'r> {
        from_institution_id: &'r str,
        #[serde(flatten)]
        succession: &'r SuccessionRow,
    }
    serializer
        .collect_seq(rows.iter().map(|(from, row)| Shown { from_institution_id: from, succession: row }))
}
