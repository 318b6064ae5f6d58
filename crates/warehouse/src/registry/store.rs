//! From a plan to blocks: of each changed key all rows, or one that says that there are none.

use bytes::Bytes;
use cashless_domain::{BusinessDate, IdentifierId, Timestamp};
use cashless_registry::{
    AttributeRow, CareTier, Change, ConnectionRow, IdentifierRow, IndicatorRow, InstitutionRow, Interval,
    PayerAccountRow, Plan, SuccessionRow, UnitRow,
};

use super::Applicant;
use crate::native::BlockWriter;

/// What all rows of a version carry.
pub(super) struct Stamp {
    pub(super) version: u32,
    pub(super) digest: u64,
    pub(super) at: Timestamp,
}

const NO_DAYS: Interval = Interval { from: BusinessDate::from_days(0), to: BusinessDate::from_days(0) };

/// A block of one kind on its way out.
struct Table<'p, K, R> {
    block: BlockWriter,
    rows: Vec<Entry<'p, K, R>>,
}

struct Entry<'p, K, R> {
    key: &'p K,
    /// A key without rows from now on keeps the first one it had, for people.
    row: &'p R,
    is_removed: bool,
}

impl<'p, K, R> Table<'p, K, R> {
    fn new(changes: &'p [Change<K, R>], row_bytes: usize) -> Self {
        let rows: Vec<_> = (changes.iter())
            .flat_map(|Change { key, before, after }| {
                let kept = after.iter().map(move |row| Entry { key, row, is_removed: false });
                let removed = before.first().filter(|_| after.is_empty());
                kept.chain(removed.map(|row| Entry { key, row, is_removed: true }))
            })
            .collect();
        Self { block: BlockWriter::new(rows.len(), row_bytes), rows }
    }

    fn text(&mut self, name: &str, of: impl Fn(&'p R) -> &'p str) {
        self.block.strings(name, self.rows.iter().map(|entry| of(entry.row)));
    }

    fn number(&mut self, name: &str, of: impl Fn(&R) -> u32) {
        self.block.fixed(name, "UInt32", self.rows.iter().map(|entry| of(entry.row)));
    }

    fn large_number(&mut self, name: &str, of: impl Fn(&R) -> u64) {
        self.block.fixed(name, "UInt64", self.rows.iter().map(|entry| of(entry.row)));
    }

    fn truth(&mut self, name: &str, of: impl Fn(&R) -> bool) {
        self.block.fixed(name, "UInt8", self.rows.iter().map(|entry| u8::from(of(entry.row))));
    }

    /// What all tables share.
    fn stamped(mut self, stamp: &Stamp, valid: impl Fn(&R) -> Interval) -> Bytes {
        let Self { block, rows } = &mut self;
        let interval = |entry: &Entry<'_, K, R>| if entry.is_removed { NO_DAYS } else { valid(entry.row) };
        block.fixed("registry_version", "UInt32", rows.iter().map(|_| stamp.version));
        block.fixed("digest", "UInt64", rows.iter().map(|_| stamp.digest));
        block.fixed("valid_from", "Date", rows.iter().map(|entry| interval(entry).from.days()));
        block.fixed("valid_to", "Date", rows.iter().map(|entry| interval(entry).to.days()));
        block.fixed("removed", "UInt8", rows.iter().map(|entry| u8::from(entry.is_removed)));
        block.fixed("recorded_at", "DateTime64(6)", rows.iter().map(|_| stamp.at.as_micros()));
        self.block.finish()
    }
}

impl<R> Table<'_, String, R> {
    fn keyed(mut self, name: &str) -> Self {
        self.block.strings(name, self.rows.iter().map(|entry| entry.key.as_str()));
        self
    }
}

impl<R> Table<'_, IdentifierId, R> {
    fn keyed(mut self, name: &str) -> Self {
        self.block.fixed(name, "FixedString(16)", self.rows.iter().map(|entry| entry.key.0));
        self
    }
}

impl Stamp {
    /// An insert for each kind that changes.
    pub(super) fn blocks(&self, plan: &Plan) -> Vec<(&'static str, Bytes)> {
        let mut blocks = Vec::new();
        if !plan.units.is_empty() {
            blocks.push(("INSERT INTO units FORMAT Native", self.units(&plan.units)));
        }
        if !plan.institutions.is_empty() {
            blocks.push(("INSERT INTO institutions FORMAT Native", self.institutions(&plan.institutions)));
        }
        if !plan.identifiers.is_empty() {
            blocks.push(("INSERT INTO identifiers FORMAT Native", self.identifiers(&plan.identifiers)));
        }
        if !plan.attributes.is_empty() {
            blocks.push((
                "INSERT INTO institution_attributes FORMAT Native",
                self.attributes(&plan.attributes),
            ));
        }
        if !plan.connections.is_empty() {
            blocks.push(("INSERT INTO connections FORMAT Native", self.connections(&plan.connections)));
        }
        if !plan.payer_accounts.is_empty() {
            blocks.push((
                "INSERT INTO payer_accounts FORMAT Native",
                self.payer_accounts(&plan.payer_accounts),
            ));
        }
        if !plan.successions.is_empty() {
            blocks.push(("INSERT INTO successions FORMAT Native", self.successions(&plan.successions)));
        }
        if !plan.indicators.is_empty() {
            blocks.push(("INSERT INTO indicators FORMAT Native", self.indicators(&plan.indicators)));
        }
        blocks
    }

    fn units(&self, changes: &[Change<String, UnitRow>]) -> Bytes {
        let mut table = Table::new(changes, 100).keyed("code");
        table.text("level", |row| row.level.name());
        table.text("name", |row| &row.name);
        table.text("parent_code", |row| &row.parent_code);
        table.stamped(self, |row| row.valid)
    }

    fn institutions(&self, changes: &[Change<String, InstitutionRow>]) -> Bytes {
        let mut table = Table::new(changes, 300).keyed("institution_id");
        table.text("name", |row| &row.name);
        table.text("sector", |row| row.sector.name());
        table.text("institution_type", |row| row.institution_type.name());
        table.text("ownership", |row| row.ownership.name());
        table.text("care_tier", |row| row.care_tier.map_or("", CareTier::name));
        table.text("scope", |row| row.scope.name());
        table.text("unit_code", |row| &row.unit_code);
        table.text("unit_name", |row| &row.unit_name);
        table.text("parent_id", |row| &row.parent_id);
        table.text("status", |row| row.status.name());
        table.text("managed_by", |row| row.managed_by.name());
        table.number("learners", |row| row.learners);
        table.number("beds", |row| row.beds);
        table.number("visits", |row| row.visits);
        table.truth("fee_collecting", |row| row.fee_collecting);
        table.stamped(self, |row| row.valid)
    }

    fn identifiers(&self, changes: &[Change<IdentifierId, IdentifierRow>]) -> Bytes {
        let mut table = Table::new(changes, 200).keyed("identifier");
        table.text("kind", |row| row.kind.name());
        table.text("purpose", |row| row.purpose.name());
        table.text("provider", |row| &row.provider);
        table.text("tail", |row| &row.tail);
        table.text("institution_id", |row| &row.institution_id);
        table.text("evidence", |row| &row.evidence);
        table.stamped(self, |row| row.valid)
    }

    fn attributes(&self, changes: &[Change<String, AttributeRow>]) -> Bytes {
        let mut table = Table::new(changes, 150).keyed("institution_id");
        table.text("attribute", |row| row.attribute.name());
        table.text("value", |row| &row.value);
        table.text("name", |row| &row.name);
        table.truth("ministry_listed", |row| row.ministry_listed);
        table.text("declared_by", |row| &row.declared_by);
        table.text("evidence", |row| &row.evidence);
        table.stamped(self, |row| row.valid)
    }

    fn connections(&self, changes: &[Change<String, ConnectionRow>]) -> Bytes {
        let mut table = Table::new(changes, 100).keyed("provider");
        table.text("state", |row| row.state.name());
        table.text("evidence", |row| &row.evidence);
        table.stamped(self, |row| row.valid)
    }

    fn payer_accounts(&self, changes: &[Change<IdentifierId, PayerAccountRow>]) -> Bytes {
        let mut table = Table::new(changes, 120).keyed("account");
        table.text("kind", |row| row.kind.name());
        table.text("provider", |row| &row.provider);
        table.text("tail", |row| &row.tail);
        table.text("evidence", |row| &row.evidence);
        table.stamped(self, |row| row.valid)
    }

    fn successions(&self, changes: &[Change<String, SuccessionRow>]) -> Bytes {
        let mut table = Table::new(changes, 120).keyed("from_institution_id");
        table.text("event", |row| row.event.name());
        table.text("to_institution_id", |row| &row.to_institution_id);
        table.text("evidence", |row| &row.evidence);
        let day_after = |day: BusinessDate| BusinessDate::from_days(day.days().saturating_add(1));
        table.stamped(self, |row| Interval { from: row.on, to: day_after(row.on) })
    }

    fn indicators(&self, changes: &[Change<String, IndicatorRow>]) -> Bytes {
        let mut table = Table::new(changes, 120).keyed("target_id");
        table.large_number("numerator", |row| row.numerator);
        table.large_number("denominator", |row| row.denominator);
        table.text("declared_by", |row| &row.declared_by);
        table.text("evidence", |row| &row.evidence);
        table.stamped(self, |row| row.valid)
    }

    /// The row that makes all others visible.
    pub(super) fn version(&self, plan: &Plan, applicant: &Applicant) -> Bytes {
        let count = |changes: usize| [u32::try_from(changes).unwrap_or(u32::MAX)].into_iter();
        let mut block = BlockWriter::new(1, 300);
        block.fixed("registry_version", "UInt32", [self.version].into_iter());
        block.fixed("digest", "UInt64", [self.digest].into_iter());
        block.fixed("applied_at", "DateTime64(6)", [self.at.as_micros()].into_iter());
        block.strings("applied_by", [applicant.by.as_str()].into_iter());
        block.strings("note", [applicant.note.as_str()].into_iter());
        block.fixed("institutions_changed", "UInt32", count(plan.institutions.len()));
        block.fixed("identifiers_changed", "UInt32", count(plan.identifiers.len()));
        block.fixed("units_changed", "UInt32", count(plan.units.len()));
        block.fixed("attributes_changed", "UInt32", count(plan.attributes.len()));
        block.fixed("connections_changed", "UInt32", count(plan.connections.len()));
        block.fixed("payer_accounts_changed", "UInt32", count(plan.payer_accounts.len()));
        block.fixed("successions_changed", "UInt32", count(plan.successions.len()));
        block.fixed("indicators_changed", "UInt32", count(plan.indicators.len()));
        block.finish()
    }
}
