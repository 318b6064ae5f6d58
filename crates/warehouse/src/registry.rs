//! The registry's intervals: bitemporal rows, made visible by the row of their version, which is written last.

use cashless_domain::{BusinessDate, IdentifierId, Timestamp};
use cashless_registry::{
    CareTier, IdentifierKind, IdentifierRow, InstitutionRow, InstitutionStatus, InstitutionType, Interval,
    ManagedBy, Ownership, Plan, Purpose, Registry, Scope, Sector,
};
use twox_hash::XxHash3_64;

use crate::client::{Question, Warehouse};
use crate::error::{Cause, Error};
use crate::native::{Block, BlockWriter};

/// The registry as a version shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRegistry {
    /// The highest visible version, 0 before the first.
    pub version: u32,
    /// Its rows.
    pub registry: Registry,
}

/// Who changes the registry, why and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applicant {
    /// Who.
    pub by: String,
    /// Why.
    pub note: String,
    /// When.
    pub at: Timestamp,
}

impl Warehouse {
    /// The registry as it is now, or as it was at an earlier version.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn registry(&self, as_of: Option<u32>) -> Result<StoredRegistry, Error> {
        const WHAT: &str = "read the registry";
        let as_of = as_of.unwrap_or(u32::MAX);
        let (version, _, _) = self.registry_versions(as_of).await?;
        let mut registry = Registry::default();
        let institutions =
            Question::new(WHAT, include_str!("queries/institutions.sql")).with("registry_version", as_of);
        self.select(institutions, |block| read_institutions(block, &mut registry)).await?;
        let identifiers =
            Question::new(WHAT, include_str!("queries/identifiers.sql")).with("registry_version", as_of);
        self.select(identifiers, |block| read_identifiers(block, &mut registry)).await?;
        Ok(StoredRegistry { version, registry })
    }

    /// Stores a plan under the next version and makes it visible; gives that version. Until the last step nobody sees any
    /// of it, and what a broken attempt leaves behind is never seen. An empty plan changes nothing.
    ///
    /// # Errors
    /// See [`Error`]; a [`Cause::RegistryMoved`] if another change came first.
    pub async fn apply_registry(&self, plan: &Plan, applicant: &Applicant) -> Result<u32, Error> {
        const WHAT: &str = "apply a registry change";
        let (visible, _, used) = self.registry_versions(u32::MAX).await?;
        let moved = |found| Error::new(WHAT, Cause::RegistryMoved { planned: plan.base_version, found });
        if visible != plan.base_version {
            return Err(moved(visible));
        }
        if plan.is_empty() {
            return Ok(visible);
        }
        // Above every version that a broken attempt may have left rows of.
        let version = used + 1;
        let digest = XxHash3_64::oneshot(format!("{plan:?}{applicant:?}").as_bytes());
        let stamp = Stamp { version, digest, at: applicant.at };
        if !plan.institutions.is_empty() {
            self.insert_block(WHAT, "INSERT INTO institutions FORMAT Native", stamp.institutions(plan))
                .await?;
        }
        if !plan.identifiers.is_empty() {
            self.insert_block(WHAT, "INSERT INTO identifiers FORMAT Native", stamp.identifiers(plan)).await?;
        }
        self.insert_block(
            WHAT,
            "INSERT INTO registry_versions FORMAT Native",
            stamp.version(plan, applicant),
        )
        .await?;
        // Of two who came at once, only the one whose digest stands is seen.
        let (found, standing, _) = self.registry_versions(u32::MAX).await?;
        if (found, standing) == (version, digest) { Ok(version) } else { Err(moved(found)) }
    }

    /// The highest visible version up to one, its digest, and the highest version that any row has.
    async fn registry_versions(&self, as_of: u32) -> Result<(u32, u64, u32), Error> {
        let mut found = (0, 0, 0);
        let question = Question::new("read registry versions", include_str!("queries/registry_versions.sql"))
            .with("registry_version", as_of);
        self.select(question, |block| {
            if block.rows > 0 {
                let version = |position| Ok::<_, Cause>(block.fixed::<u32>(position, "UInt32")?.get(0));
                found = (version(0)?, block.fixed::<u64>(1, "UInt64")?.get(0), version(2)?);
            }
            Ok(())
        })
        .await?;
        Ok(found)
    }
}

struct Stamp {
    version: u32,
    digest: u64,
    at: Timestamp,
}

const NO_DAYS: Interval = Interval { from: BusinessDate::from_days(0), to: BusinessDate::from_days(0) };

impl Stamp {
    /// What both tables share. A key without intervals gets one row that says so.
    fn head(&self, block: &mut BlockWriter, valid: &[Option<Interval>]) {
        let days = |of: fn(Interval) -> BusinessDate| {
            valid.iter().map(move |valid| of(valid.unwrap_or(NO_DAYS)).days()).collect::<Vec<_>>()
        };
        block.fixed("registry_version", "UInt32", valid.iter().map(|_| self.version));
        block.fixed("digest", "UInt64", valid.iter().map(|_| self.digest));
        block.fixed("valid_from", "Date", days(|valid| valid.from).into_iter());
        block.fixed("valid_to", "Date", days(|valid| valid.to).into_iter());
        block.fixed("removed", "UInt8", valid.iter().map(|valid| u8::from(valid.is_none())));
        block.fixed("recorded_at", "DateTime64(6)", valid.iter().map(|_| self.at.as_micros()));
    }

    fn institutions(&self, plan: &Plan) -> bytes::Bytes {
        let rows: Vec<(&str, Option<&InstitutionRow>)> = (plan.institutions.iter())
            .flat_map(|change| rows_or_tombstone(&change.after).map(|row| (change.key.as_str(), row)))
            .collect();
        let mut block = BlockWriter::new(rows.len(), 300);
        block.strings("institution_id", rows.iter().map(|(id, _)| *id));
        self.head(&mut block, &rows.iter().map(|(_, row)| row.map(|row| row.valid)).collect::<Vec<_>>());
        let mut text = |name: &str, of: fn(&InstitutionRow) -> &str| {
            block.strings(name, rows.iter().map(|(_, row)| row.map_or("", of)));
        };
        text("name", |row| &row.name);
        text("sector", |row| row.sector.name());
        text("institution_type", |row| row.institution_type.name());
        text("ownership", |row| row.ownership.name());
        text("care_tier", |row| row.care_tier.map_or("", CareTier::name));
        text("scope", |row| row.scope.name());
        text("unit_code", |row| &row.unit_code);
        text("unit_name", |row| &row.unit_name);
        text("parent_id", |row| &row.parent_id);
        text("status", |row| row.status.name());
        text("managed_by", |row| row.managed_by.name());
        block.fixed("learners", "UInt32", rows.iter().map(|(_, row)| row.map_or(0, |row| row.learners)));
        block.fixed("beds", "UInt32", rows.iter().map(|(_, row)| row.map_or(0, |row| row.beds)));
        block.fixed("visits", "UInt32", rows.iter().map(|(_, row)| row.map_or(0, |row| row.visits)));
        let collects = |row: &InstitutionRow| u8::from(row.fee_collecting);
        block.fixed("fee_collecting", "UInt8", rows.iter().map(|(_, row)| row.map_or(0, collects)));
        block.finish()
    }

    fn identifiers(&self, plan: &Plan) -> bytes::Bytes {
        let rows: Vec<(IdentifierId, &IdentifierRow, bool)> = (plan.identifiers.iter())
            .flat_map(|change| {
                // A tombstone keeps kind, provider and tail of what it removes, for people.
                let removed =
                    change.before.first().filter(|_| change.after.is_empty()).map(|row| (row, true));
                let kept = change.after.iter().map(|row| (row, false)).chain(removed);
                kept.map(|(row, removed)| (change.key, row, removed))
            })
            .collect();
        let mut block = BlockWriter::new(rows.len(), 200);
        block.fixed("identifier", "FixedString(16)", rows.iter().map(|(id, ..)| id.0));
        let valid: Vec<_> = rows.iter().map(|(_, row, removed)| (!removed).then_some(row.valid)).collect();
        self.head(&mut block, &valid);
        let mut text = |name: &str, of: fn(&IdentifierRow) -> &str| {
            block.strings(name, rows.iter().map(|(_, row, _)| of(row)));
        };
        text("kind", |row| row.kind.name());
        text("provider", |row| &row.provider);
        text("tail", |row| &row.tail);
        text("institution_id", |row| &row.institution_id);
        text("purpose", |row| row.purpose.name());
        text("evidence", |row| &row.evidence);
        block.finish()
    }

    fn version(&self, plan: &Plan, applicant: &Applicant) -> bytes::Bytes {
        let count = |changes: usize| [u32::try_from(changes).unwrap_or(u32::MAX)].into_iter();
        let mut block = BlockWriter::new(1, 300);
        block.fixed("registry_version", "UInt32", [self.version].into_iter());
        block.fixed("digest", "UInt64", [self.digest].into_iter());
        block.fixed("applied_at", "DateTime64(6)", [self.at.as_micros()].into_iter());
        block.strings("applied_by", [applicant.by.as_str()].into_iter());
        block.strings("note", [applicant.note.as_str()].into_iter());
        block.fixed("institutions_changed", "UInt32", count(plan.institutions.len()));
        block.fixed("identifiers_changed", "UInt32", count(plan.identifiers.len()));
        block.finish()
    }
}

fn rows_or_tombstone<R>(rows: &[R]) -> impl Iterator<Item = Option<&R>> {
    rows.iter().map(Some).chain(rows.is_empty().then_some(None))
}

fn interval(block: &Block, row: usize) -> Result<Interval, Cause> {
    let day =
        |position| Ok::<_, Cause>(BusinessDate::from_days(block.fixed::<u16>(position, "Date")?.get(row)));
    Ok(Interval { from: day(1)?, to: day(2)? })
}

fn word<T>(block: &Block, position: usize, row: usize, from: fn(&str) -> Option<T>) -> Result<T, Cause> {
    from(block.strings(position)?.get(row)?).ok_or(Cause::InvalidRow("word of the registry"))
}

/// The columns in the order of `queries/institutions.sql`.
fn read_institutions(block: &Block, registry: &mut Registry) -> Result<(), Cause> {
    for row in 0..block.rows {
        let text = |position| Ok::<_, Cause>(block.strings(position)?.get(row)?.to_owned());
        let tier = text(7)?;
        let institution = InstitutionRow {
            valid: interval(block, row)?,
            name: text(3)?,
            sector: word(block, 4, row, Sector::from_name)?,
            institution_type: word(block, 5, row, InstitutionType::from_name)?,
            ownership: word(block, 6, row, Ownership::from_name)?,
            care_tier: if tier.is_empty() { None } else { Some(word(block, 7, row, CareTier::from_name)?) },
            scope: word(block, 8, row, Scope::from_name)?,
            unit_code: text(9)?,
            unit_name: text(10)?,
            parent_id: text(11)?,
            status: word(block, 12, row, InstitutionStatus::from_name)?,
            learners: block.fixed::<u32>(13, "UInt32")?.get(row),
            beds: block.fixed::<u32>(14, "UInt32")?.get(row),
            fee_collecting: block.fixed::<u8>(15, "UInt8")?.get(row) != 0,
            visits: block.fixed::<u32>(16, "UInt32")?.get(row),
            managed_by: word(block, 17, row, ManagedBy::from_name)?,
        };
        registry.institutions.entry(text(0)?).or_default().push(institution);
    }
    Ok(())
}

/// The columns in the order of `queries/identifiers.sql`.
fn read_identifiers(block: &Block, registry: &mut Registry) -> Result<(), Cause> {
    for row in 0..block.rows {
        let text = |position| Ok::<_, Cause>(block.strings(position)?.get(row)?.to_owned());
        let identifier = IdentifierId(block.fixed::<[u8; 16]>(0, "FixedString(16)")?.get(row));
        let stored = IdentifierRow {
            valid: interval(block, row)?,
            kind: word(block, 3, row, IdentifierKind::from_name)?,
            provider: text(4)?,
            tail: text(5)?,
            institution_id: text(6)?,
            purpose: word(block, 7, row, Purpose::from_name)?,
            evidence: text(8)?,
        };
        registry.identifiers.entry(identifier).or_default().push(stored);
    }
    Ok(())
}
