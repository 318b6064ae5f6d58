//! Decisions as people look at them: what is open, what stands, which record is meant, and whose money it is.

use cashless_domain::{
    AccountId, BusinessDate, DecidedBy, EventKey, IdentifierId, PaymentId, RecordId, Timestamp,
};
use cashless_rollup::Standing;

use crate::client::{Question, Warehouse};
use crate::error::{Cause, Error};
use crate::native::Block;

/// A question is no longer than a server takes.
const RECORDS_ASKED_FOR: usize = 10_000;

/// Which decisions are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionFilter {
    /// First and last day.
    pub days: (BusinessDate, BusinessDate),
    /// Of one institution, or of `UNKNOWN`.
    pub institution_id: Option<String>,
    /// By persons or by rules.
    pub by: Option<DecidedBy>,
    /// At most so many.
    pub limit: u32,
}

/// A bank's record with several candidates, so that no rule decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenDecision {
    /// Day on which the bank says that the money arrived.
    pub business_date: BusinessDate,
    /// Whose it is, or `UNKNOWN`.
    pub institution_id: String,
    /// The bank.
    pub source: String,
    /// What they share.
    pub rule: String,
    /// The record.
    pub record: String,
    /// The record with its day and account.
    pub address: String,
    /// Records it may be the same as.
    pub candidates: Vec<String>,
    /// Its dong.
    pub amount_dong: i64,
    /// Whether it is in the figures.
    pub is_counted: bool,
}

/// What a person looks at to see which records are one payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldRecord {
    /// The record.
    pub record: String,
    /// Who reports it.
    pub source: String,
    /// When its money arrived, local time.
    pub settled_at: String,
    /// How it was paid.
    pub method: String,
}

/// What is decided about a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandingDecision {
    /// Its day.
    pub business_date: BusinessDate,
    /// Whose it is, or `UNKNOWN`.
    pub institution_id: String,
    /// The name of that.
    pub institution_name: String,
    /// Who reports it.
    pub source: String,
    /// The record.
    pub record: String,
    /// The record with its day and account.
    pub address: String,
    /// Its dong.
    pub amount_dong: i64,
    /// What it is in the figures.
    pub fate: String,
    /// `rule` or `person`.
    pub decided_by: String,
    /// `merged`, `kind`, `moved`, `completed` or `none`.
    pub effect: String,
    /// The record that counts instead, or empty.
    pub merged_into: String,
    /// What it is decided to be, or `none`.
    pub decided_kind: String,
    /// When its money is decided to have arrived, or empty.
    pub decided_settled_at: String,
    /// When it was decided.
    pub decided_at: Timestamp,
    /// Of a person's, the id; else empty.
    pub decision_id: String,
    /// Who, or empty.
    pub who: String,
    /// Why, or empty.
    pub why: String,
    /// What it has from a record merged into it: `invoice`, `person` and minimum fields.
    pub added: Vec<String>,
}

/// What became of a person's decision about one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionState {
    /// The decision.
    pub decision_id: String,
    /// The record with its day and account.
    pub address: String,
    /// `stands`, `overtaken` or `waiting`.
    pub state: String,
    /// When it was decided.
    pub decided_at: Timestamp,
    /// The decision it takes back, or empty.
    pub undo_of: String,
    /// Who.
    pub who: String,
    /// Why.
    pub why: String,
}

/// Which record a person means.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RecordAddress {
    /// Its day, if told.
    pub anchor: Option<BusinessDate>,
    /// The beginning of its account's digest, in lower-case hexadecimal digits; empty if not told.
    pub account: String,
    /// The first and last record that begin with the digits.
    pub records: (u64, u64),
}

/// Whose money it is on a day, and what it is in the figures.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ownership {
    /// The institution, or `UNKNOWN`.
    pub institution_id: String,
    /// Its name, or empty.
    pub institution_name: String,
    /// The class of the money.
    pub class: String,
    /// Whether that class is in the figures.
    pub is_counted: bool,
}

impl Warehouse {
    /// What no rule decides, the newest day first.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn open_decisions(&self, filter: &DecisionFilter) -> Result<Vec<OpenDecision>, Error> {
        let mut open = Vec::new();
        let question = filtered("list open decisions", include_str!("queries/open_decisions.sql"), filter);
        self.select(question, |block| {
            for row in 0..block.rows {
                let text = |position| text(block, position, row);
                open.push(OpenDecision {
                    business_date: day(block, 0, row)?,
                    institution_id: text(1)?,
                    source: text(2)?,
                    rule: text(3)?,
                    record: text(4)?,
                    address: text(5)?,
                    candidates: text(6)?.split(' ').map(str::to_owned).collect(),
                    amount_dong: block.fixed::<i64>(7, "Int64")?.get(row),
                    is_counted: block.fixed::<u8>(8, "UInt8")?.get(row) != 0,
                });
            }
            Ok(())
        })
        .await?;
        Ok(open)
    }

    /// What was told of records, given by their digits; of an id that was used on several days each.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn told_of_records(&self, records: &[&str]) -> Result<Vec<ToldRecord>, Error> {
        let mut told = Vec::new();
        for some in records.chunks(RECORDS_ASKED_FOR) {
            let question = Question::new("look at records", include_str!("queries/told_of_records.sql"))
                .with("records", some.join(" "));
            self.select(question, |block| {
                for row in 0..block.rows {
                    let text = |position| text(block, position, row);
                    let (record, source, settled_at, method) = (text(0)?, text(1)?, text(2)?, text(3)?);
                    told.push(ToldRecord { record, source, settled_at, method });
                }
                Ok(())
            })
            .await?;
        }
        Ok(told)
    }

    /// What is decided, the newest day first.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn standing_decisions(&self, filter: &DecisionFilter) -> Result<Vec<StandingDecision>, Error> {
        let mut standing = Vec::new();
        let sql = include_str!("queries/standing_decisions.sql");
        let question = filtered("list decisions", sql, filter)
            .with("by", filter.by.map_or("", |by| by.name()).to_owned());
        self.select(question, |block| {
            for row in 0..block.rows {
                let text = |position| text(block, position, row);
                standing.push(StandingDecision {
                    business_date: day(block, 0, row)?,
                    institution_id: text(1)?,
                    institution_name: text(2)?,
                    source: text(3)?,
                    record: text(4)?,
                    address: text(5)?,
                    amount_dong: block.fixed::<i64>(6, "Int64")?.get(row),
                    fate: text(7)?,
                    decided_by: text(8)?,
                    effect: text(9)?,
                    merged_into: text(10)?,
                    decided_kind: text(11)?,
                    decided_settled_at: text(12)?,
                    decided_at: time(block, 13, row)?,
                    decision_id: text(14)?,
                    who: text(15)?,
                    why: text(16)?,
                    added: text(17)?.split_whitespace().map(str::to_owned).collect(),
                });
            }
            Ok(())
        })
        .await?;
        Ok(standing)
    }

    /// What became of every decision of a person, the oldest first: a row for each record it is about.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn decision_states(&self) -> Result<Vec<DecisionState>, Error> {
        let mut states = Vec::new();
        let question =
            Question::new("look what decisions became", include_str!("queries/decision_states.sql"));
        self.select(question, |block| {
            for row in 0..block.rows {
                let text = |position| text(block, position, row);
                states.push(DecisionState {
                    decision_id: text(0)?,
                    address: text(1)?,
                    state: text(2)?,
                    decided_at: time(block, 3, row)?,
                    undo_of: text(4)?,
                    who: text(5)?,
                    why: text(6)?,
                });
            }
            Ok(())
        })
        .await?;
        Ok(states)
    }

    /// The records at an address, with the partition of each, at most `limit` of them.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn records_at(
        &self,
        address: &RecordAddress,
        limit: u32,
    ) -> Result<Vec<(u16, EventKey)>, Error> {
        let (first, last) = address.records;
        let question = Question::new("look for a record", include_str!("queries/records_of_digests.sql"))
            .with("first", first)
            .with("last", last)
            .with("anchor", address.anchor.map(|day| day.to_string()).unwrap_or_default())
            .with("account", address.account.clone())
            .with("limit", limit);
        self.record_keys(question).await
    }

    /// The records that a decision merges into this one, or once merged, with the partition of each.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn records_merged_into(&self, record: RecordId) -> Result<Vec<(u16, EventKey)>, Error> {
        let statement = include_str!("queries/records_merged_into.sql");
        self.record_keys(Question::new("look for merged records", statement).with("record", record.0)).await
    }

    async fn record_keys(&self, question: Question<'_>) -> Result<Vec<(u16, EventKey)>, Error> {
        let mut records = Vec::new();
        self.select(question, |block| {
            for row in 0..block.rows {
                let digest =
                    |position| Ok::<_, Cause>(block.fixed::<[u8; 16]>(position, "FixedString(16)")?.get(row));
                let key = EventKey {
                    anchor: day(block, 1, row)?,
                    account: AccountId(digest(2)?),
                    payment: PaymentId(digest(3)?),
                    record: RecordId(block.fixed::<u64>(4, "UInt64")?.get(row)),
                };
                records.push((block.fixed::<u16>(0, "UInt16")?.get(row), key));
            }
            Ok(())
        })
        .await?;
        Ok(records)
    }

    /// Whose money it is and of which class, by the registry and the rules as they are now.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn ownership(&self, identifier: IdentifierId, standing: &Standing) -> Result<Ownership, Error> {
        let mut ownership = Ownership::default();
        let question = Question::new("look whose money it is", include_str!("queries/ownership.sql"))
            .with("identifier", identifier.to_string())
            .with("day", standing.business_date.to_string())
            .with("kind", standing.kind.name().to_owned())
            .with("method", standing.method.name().to_owned())
            .with("evidence", u32::from(standing.evidence.0));
        self.select(question, |block| {
            for row in 0..block.rows {
                ownership = Ownership {
                    institution_id: text(block, 0, row)?,
                    institution_name: text(block, 1, row)?,
                    class: text(block, 2, row)?,
                    is_counted: block.fixed::<u8>(3, "UInt8")?.get(row) != 0,
                };
            }
            Ok(())
        })
        .await?;
        Ok(ownership)
    }
}

fn filtered(what: &'static str, sql: &'static str, filter: &DecisionFilter) -> Question<'static> {
    Question::new(what, sql)
        .with("from", filter.days.0.to_string())
        .with("to", filter.days.1.to_string())
        .with("institution", filter.institution_id.clone().unwrap_or_default())
        .with("limit", filter.limit)
}

fn text(block: &Block, position: usize, row: usize) -> Result<String, Cause> {
    Ok(block.strings(position)?.get(row)?.to_owned())
}

fn day(block: &Block, position: usize, row: usize) -> Result<BusinessDate, Cause> {
    Ok(BusinessDate::from_days(block.fixed::<u16>(position, "Date")?.get(row)))
}

fn time(block: &Block, position: usize, row: usize) -> Result<Timestamp, Cause> {
    let micros = block.fixed::<i64>(position, "DateTime64(6)")?.get(row);
    Timestamp::from_micros(micros).map_err(|_| Cause::InvalidRow("time"))
}
