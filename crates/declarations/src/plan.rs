use std::collections::{BTreeMap, BTreeSet};

use cashless_domain::{BusinessDate, CashDeclaration, DeclarationSource};

use crate::error::{FileError, Problem};
use crate::read::Row;

/// A revision that is stored.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Revision {
    /// The institution.
    pub institution_id: String,
    /// The first day of the month.
    pub month: BusinessDate,
    /// Where it comes from.
    pub source: DeclarationSource,
    /// Which one.
    pub version: u32,
    /// Of its content.
    pub digest: u64,
}

/// What files add to what is stored.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    /// Of months that no row is stored of, by the source.
    pub new: Vec<CashDeclaration>,
    /// Of months that are stored, with a higher version.
    pub revised: Vec<CashDeclaration>,
    /// How many are stored already.
    pub unchanged: usize,
}

impl Plan {
    /// Everything to append, lower versions of a month before higher ones.
    pub fn declarations(&self) -> impl Iterator<Item = &CashDeclaration> {
        self.new.iter().chain(&self.revised)
    }

    /// One line a declaration that is added (`+`) or revises another one (`~`), for a person to agree to.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let line = |sign: char, one: &CashDeclaration| {
            let cash_n = one.cash_n.map_or_else(|| "no count".to_owned(), |n| format!("{n} receipts"));
            format!(
                "{sign} {} {} {} version {}: {cash_n}, {} dong, {} dong given back",
                one.institution_id,
                &one.month.to_string()[..7],
                one.source.name(),
                one.version,
                one.cash_dong,
                one.cash_refunds_dong
            )
        };
        let new = self.new.iter().map(|one| line('+', one));
        new.chain(self.revised.iter().map(|one| line('~', one))).collect()
    }
}

/// Compares rows with every revision that is stored of their months.
///
/// # Errors
/// Rows whose version is taken by other content, or lies below a stored one.
pub fn plan(rows: &[Row], stored: &[Revision]) -> Result<Plan, Vec<FileError>> {
    let mut highest: BTreeMap<(&str, BusinessDate, DeclarationSource), u32> = BTreeMap::new();
    for revision in stored {
        let key = (revision.institution_id.as_str(), revision.month, revision.source);
        let version = highest.entry(key).or_default();
        *version = revision.version.max(*version);
    }
    let known: BTreeSet<&Revision> = stored.iter().collect();
    let mut rows: Vec<&Row> = rows.iter().collect();
    rows.sort_by_key(|row| row.declaration.version);
    let (mut plan, mut errors) = (Plan::default(), Vec::new());
    for Row { file, row, declaration } in rows {
        let revision = Revision {
            institution_id: declaration.institution_id.clone(),
            month: declaration.month,
            source: declaration.source,
            version: declaration.version,
            digest: declaration.digest(),
        };
        let key = (revision.institution_id.as_str(), revision.month, revision.source);
        match highest.get(&key) {
            _ if known.contains(&revision) => plan.unchanged += 1,
            None => plan.new.push(declaration.clone()),
            Some(highest) if *highest < revision.version => plan.revised.push(declaration.clone()),
            Some(highest) => {
                let problem =
                    Problem::VersionTaken { found: revision.version, next: highest.saturating_add(1) };
                errors.push(FileError { file: file.clone(), row: *row, problem });
            }
        }
    }
    errors.sort_by(|one, other| (&one.file, one.row).cmp(&(&other.file, other.row)));
    if errors.is_empty() { Ok(plan) } else { Err(errors) }
}
