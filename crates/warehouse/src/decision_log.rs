//! What persons decide: a log that is written before the events are, and never loses a row.

use cashless_domain::{
    AccountId, Added, BusinessDate, DecidedBy, Decision, EventKey, Evidence, MinimumFields, PaymentId,
    RecordFate, RecordId, SourceId, Timestamp,
};

use crate::block_rows::{Sources, from_code, optional_from_code};
use crate::client::{Question, Warehouse};
use crate::error::{Cause, Error};
use crate::native::{Block, BlockWriter};

/// Bits of `before_present` and `after_present`.
const MERGED_INTO: u8 = 1;
const SETTLED_AT: u8 = 2;

/// A person's decision about one record, as it is logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedDecision {
    /// Of the whole decision; never 0.
    pub decision_id: u64,
    /// 0 = the record that was decided about, 1 and more = others that the decision is about.
    pub part: u8,
    /// The decision that this one takes back.
    pub undo_of: Option<u64>,
    /// Whether no person's decision about the record holds any more.
    pub returns_to_rules: bool,
    /// Who decided.
    pub who: String,
    /// Why.
    pub why: String,
    /// The record.
    pub key: EventKey,
    /// Who reports it.
    pub source: SourceId,
    /// Its dong.
    pub amount_dong: i64,
    /// What stood before.
    pub before: Option<Decision>,
    /// What is decided: the value that its event carries.
    pub after: Decision,
    /// What the record was in the figures, and what the decision makes of it.
    pub fates: (RecordFate, RecordFate),
    /// The days on which it was and is counted.
    pub business_dates: (BusinessDate, BusinessDate),
}

impl Warehouse {
    /// Every decision of a person, the oldest first.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn decision_log(&self) -> Result<Vec<LoggedDecision>, Error> {
        let (mut log, mut sources) = (Vec::new(), Sources::default());
        let question = Question::new("read the log of decisions", include_str!("queries/decision_log.sql"));
        self.select(question, |block| {
            for row in 0..block.rows {
                log.push(logged(block, row, &mut sources)?);
            }
            Ok(())
        })
        .await?;
        Ok(log)
    }

    /// Logs decisions, durably. Repeating it changes nothing.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn log_decisions(&self, rows: &[LoggedDecision]) -> Result<(), Error> {
        let mut block = BlockWriter::new(rows.len(), 1_000);
        let before = || rows.iter().map(|row| row.before);
        let after = || rows.iter().map(|row| Some(row.after));
        block.fixed("decision_id", "UInt64", rows.iter().map(|row| row.decision_id));
        block.fixed("part", "UInt8", rows.iter().map(|row| row.part));
        block.fixed("undo_of", "UInt64", rows.iter().map(|row| row.undo_of.unwrap_or_default()));
        block.fixed("returns_to_rules", "UInt8", rows.iter().map(|row| u8::from(row.returns_to_rules)));
        block.strings("who", rows.iter().map(|row| row.who.as_str()));
        block.strings("why", rows.iter().map(|row| row.why.as_str()));
        block.fixed("decided_at", "DateTime64(6)", rows.iter().map(|row| row.after.decided_at.as_micros()));
        block.fixed("registry_version", "UInt32", rows.iter().map(|row| row.after.registry_version));
        block.fixed("anchor", "Date", rows.iter().map(|row| row.key.anchor.days()));
        block.fixed("account", "FixedString(16)", rows.iter().map(|row| row.key.account.0));
        block.fixed("payment", "FixedString(16)", rows.iter().map(|row| row.key.payment.0));
        block.fixed("record", "UInt64", rows.iter().map(|row| row.key.record.0));
        block.strings("source", rows.iter().map(|row| row.source.as_str()));
        block.fixed("amount_dong", "Int64", rows.iter().map(|row| row.amount_dong));
        block.fixed("before_by", "Int8", before().map(|decision| decision.map_or(0, |d| d.by.code())));
        let version = |decision: Option<Decision>| decision.map_or(0, |decision| decision.registry_version);
        block.fixed("before_registry_version", "UInt32", before().map(version));
        let at = |decision: Option<Decision>| decision.map_or(0, |decision| decision.decided_at.as_micros());
        block.fixed("before_decided_at", "DateTime64(6)", before().map(at));
        write_content(&mut block, Side::Before, &before());
        write_content(&mut block, Side::After, &after());
        block.fixed("fate_before", "Int8", rows.iter().map(|row| row.fates.0.code()));
        block.fixed("fate_after", "Int8", rows.iter().map(|row| row.fates.1.code()));
        block.fixed("business_date_before", "Date", rows.iter().map(|row| row.business_dates.0.days()));
        block.fixed("business_date_after", "Date", rows.iter().map(|row| row.business_dates.1.days()));
        self.insert_block("log decisions", "INSERT INTO decision_log FORMAT Native", block.finish()).await
    }
}

#[derive(Clone, Copy)]
enum Side {
    Before,
    After,
}

fn write_content(
    block: &mut BlockWriter,
    side: Side,
    decisions: &(impl Iterator<Item = Option<Decision>> + Clone),
) {
    let name = |column: &str| match side {
        Side::Before => format!("before_{column}"),
        Side::After => format!("after_{column}"),
    };
    let of = || decisions.clone();
    let bits = |decision: Option<Decision>| {
        let is = |present: bool, bit| if present { bit } else { 0 };
        decision.map_or(0, |decision| {
            is(decision.merged_into.is_some(), MERGED_INTO) | is(decision.settled_at.is_some(), SETTLED_AT)
        })
    };
    block.fixed(&name("present"), "UInt8", of().map(bits));
    let record =
        |decision: Option<Decision>| decision.and_then(|d| d.merged_into).map_or(0, |record| record.0);
    block.fixed(&name("merged_into"), "UInt64", of().map(record));
    block.fixed(
        &name("kind"),
        "Int8",
        of().map(|decision| decision.and_then(|d| d.kind).map_or(0, |k| k.code())),
    );
    let at = |decision: Option<Decision>| decision.and_then(|d| d.settled_at).map_or(0, Timestamp::as_micros);
    block.fixed(&name("settled_at"), "DateTime64(6)", of().map(at));
    let added = |decision: Option<Decision>| decision.map(|d| d.added).unwrap_or_default();
    block.fixed(&name("added_evidence"), "UInt8", of().map(|decision| added(decision).evidence.0));
    block.fixed(&name("added_fields"), "UInt8", of().map(|decision| added(decision).fields.0));
}

/// The columns in the order of `queries/decision_log.sql`.
fn logged(block: &Block, row: usize, sources: &mut Sources) -> Result<LoggedDecision, Cause> {
    let digest = |position| Ok::<_, Cause>(block.fixed::<[u8; 16]>(position, "FixedString(16)")?.get(row));
    let number = |position| Ok::<_, Cause>(block.fixed::<u64>(position, "UInt64")?.get(row));
    let member = |position| Ok::<_, Cause>(block.fixed::<i8>(position, "Enum8")?.get(row));
    let version = |position| Ok::<_, Cause>(block.fixed::<u32>(position, "UInt32")?.get(row));
    let time = |position| {
        let micros = block.fixed::<i64>(position, "DateTime64(6)")?.get(row);
        Timestamp::from_micros(micros).map_err(|_| Cause::InvalidRow("time"))
    };
    let day =
        |position| Ok::<_, Cause>(BusinessDate::from_days(block.fixed::<u16>(position, "Date")?.get(row)));
    let text = |position| Ok::<_, Cause>(block.strings(position)?.get(row)?.to_owned());
    // The members of a decision from its column `…_present` on.
    let decision = |by: DecidedBy, registry_version, decided_at, position| {
        let present = block.fixed::<u8>(position, "UInt8")?.get(row);
        let merged_into =
            if present & MERGED_INTO == 0 { None } else { Some(RecordId(number(position + 1)?)) };
        let settled_at = if present & SETTLED_AT == 0 { None } else { Some(time(position + 3)?) };
        let kind = optional_from_code(member(position + 2)?)?;
        let byte = |position| Ok::<_, Cause>(block.fixed::<u8>(position, "UInt8")?.get(row));
        let added =
            Added { evidence: Evidence(byte(position + 4)?), fields: MinimumFields(byte(position + 5)?) };
        Ok::<_, Cause>(Decision { by, registry_version, decided_at, merged_into, kind, settled_at, added })
    };
    let before = match optional_from_code(member(13)?)? {
        None => None,
        Some(by) => Some(decision(by, version(14)?, time(15)?, 16)?),
    };
    let undo_of = number(2)?;
    Ok(LoggedDecision {
        decision_id: number(0)?,
        part: block.fixed::<u8>(1, "UInt8")?.get(row),
        undo_of: (undo_of != 0).then_some(undo_of),
        returns_to_rules: block.fixed::<u8>(32, "UInt8")?.get(row) != 0,
        who: text(3)?,
        why: text(4)?,
        key: EventKey {
            anchor: day(7)?,
            account: AccountId(digest(8)?),
            payment: PaymentId(digest(9)?),
            record: RecordId(number(10)?),
        },
        source: sources.intern(block.strings(11)?.get(row)?)?,
        amount_dong: block.fixed::<i64>(12, "Int64")?.get(row),
        before,
        after: decision(DecidedBy::Person, version(6)?, time(5)?, 22)?,
        fates: (from_code(member(28)?)?, from_code(member(29)?)?),
        business_dates: (day(30)?, day(31)?),
    })
}
