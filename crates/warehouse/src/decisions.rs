//! Decisions: what the reviewer wants of the facts, beside what is stored.

use cashless_domain::{
    AccountId, Added, BusinessDate, Decision, EventKey, Evidence, IdentifierId, Kind, MinimumFields,
    PayerAccountDigest, PaymentId, RecordId, SourceClass, SourceId, Timestamp,
};
use cashless_rollup::Version;

use crate::block_rows::{Sources, from_code, optional_from_code};
use crate::client::{Question, Warehouse};
use crate::error::{Cause, Error};
use crate::native::Block;

/// A record that something is decided about, or should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewedRecord {
    /// What every event about it carries.
    pub key: EventKey,
    /// Who reports it.
    pub source: SourceId,
    /// What the source is to a payment.
    pub source_class: SourceClass,
    /// When the collector received what is known of it.
    pub received_at: Timestamp,
    /// What is decided.
    pub decided: Option<Decision>,
    /// The record that should count instead of it.
    pub merged_into: Option<RecordId>,
    /// When its money should have arrived.
    pub settled_at: Option<Timestamp>,
    /// Where the money came from, if that may decide what it is.
    pub paid: Option<Paid>,
    /// What its source told that it is.
    pub kind: Option<Kind>,
    /// What the other record of a merge is.
    pub beside_kind: Option<Kind>,
    /// What that record has and it has not.
    pub added: Added,
}

/// Money that arrived as a fee, with the account it came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paid {
    /// What the registry resolves.
    pub identifier: IdentifierId,
    /// When it arrived, by its source: the year of the digest's key.
    pub settled_at: Timestamp,
    /// The account it came from.
    pub payer_account: PayerAccountDigest,
}

impl Warehouse {
    /// The highest version of the facts of each partition, the first being 0.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn fact_versions(&self) -> Result<Vec<Version>, Error> {
        let mut versions = Vec::new();
        let question = Question::new("look how far the facts are", include_str!("queries/fact_versions.sql"));
        self.select(question, |block| {
            for row in 0..block.rows {
                let partition = usize::from(block.fixed::<u16>(0, "UInt16")?.get(row));
                versions.resize(versions.len().max(partition + 1), Version::default());
                versions[partition] = Version::from_stored(block.fixed::<u64>(1, "UInt64")?.get(row));
            }
            Ok(())
        })
        .await?;
        Ok(versions)
    }

    /// The days of settlement and of transaction of the facts that have changed since these versions, by partition, the
    /// first being 0; all days for no versions.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn changed_days(&self, since: &[Version]) -> Result<Vec<BusinessDate>, Error> {
        let mut days = Vec::new();
        let versions: Vec<u64> = since.iter().map(|version| version.stored()).collect();
        let question = Question::new("look for changed days", include_str!("queries/changed_days.sql"))
            .with("versions", versions);
        self.select(question, |block| {
            for row in 0..block.rows {
                days.push(BusinessDate::from_days(block.fixed::<u16>(0, "Date")?.get(row)));
            }
            Ok(())
        })
        .await?;
        Ok(days)
    }

    /// The records settled on these days, the last included, that the rules decide about or have decided about, by the
    /// registry of a version.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn reviewed_records(
        &self,
        registry_version: u32,
        from: BusinessDate,
        to: BusinessDate,
    ) -> Result<Vec<ReviewedRecord>, Error> {
        let (mut records, mut sources) = (Vec::new(), Sources::default());
        let question = Question::new("review records", include_str!("queries/reviewed_records.sql"))
            .with("registry_version", registry_version)
            .with("from_day", from.to_string())
            .with("to_day", to.to_string());
        self.select(question, |block| {
            for row in 0..block.rows {
                records.push(reviewed_record(block, row, &mut sources)?);
            }
            Ok(())
        })
        .await?;
        Ok(records)
    }

    /// Stores which bank records settled on these days have several candidates, where that has changed, so that
    /// `weak_candidates` shows them. Repeating it changes nothing.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn store_weak_candidates(
        &self,
        registry_version: u32,
        from: BusinessDate,
        to: BusinessDate,
    ) -> Result<(), Error> {
        let statement = include_str!("queries/store_weak_candidates.sql");
        let question = Question::new("store weak candidates", statement)
            .with("registry_version", registry_version)
            .with("from_day", from.to_string())
            .with("to_day", to.to_string());
        self.run(question).await
    }
}

/// The columns in the order of `queries/reviewed_records.sql`.
fn reviewed_record(block: &Block, row: usize, sources: &mut Sources) -> Result<ReviewedRecord, Cause> {
    let digest = |position| Ok::<_, Cause>(block.fixed::<[u8; 16]>(position, "FixedString(16)")?.get(row));
    let number = |position| Ok::<_, Cause>(block.fixed::<u64>(position, "UInt64")?.get(row));
    let member = |position| Ok::<_, Cause>(block.fixed::<i8>(position, "Enum8")?.get(row));
    let is = |position| Ok::<_, Cause>(block.fixed::<u8>(position, "UInt8")?.get(row) != 0);
    let micros = |position| Ok::<_, Cause>(block.fixed::<i64>(position, "DateTime64(6)")?.get(row));
    let byte = |position| Ok::<_, Cause>(block.fixed::<u8>(position, "UInt8")?.get(row));
    let added = |position| {
        Ok::<_, Cause>(Added {
            evidence: Evidence(byte(position)?),
            fields: MinimumFields(byte(position + 1)?),
        })
    };
    let time = |micros| Timestamp::from_micros(micros).map_err(|_| Cause::InvalidRow("time"));
    let record = |present: bool, position| {
        Ok::<_, Cause>(if present { Some(RecordId(number(position)?)) } else { None })
    };
    let moment = |present: bool, position| if present { time(micros(position)?).map(Some) } else { Ok(None) };
    let decided = match optional_from_code(member(8)?)? {
        None => None,
        Some(by) => Some(Decision {
            by,
            registry_version: block.fixed::<u32>(9, "UInt32")?.get(row),
            decided_at: time(micros(10)?)?,
            merged_into: record(is(11)?, 12)?,
            kind: optional_from_code(member(13)?)?,
            settled_at: moment(is(14)?, 15)?,
            added: added(25)?,
        }),
    };
    let received_after = block.fixed::<i64>(7, "Int64")?.get(row);
    let paid = if is(20)? {
        Some(Paid {
            identifier: IdentifierId(digest(21)?),
            settled_at: time(micros(6)?)?,
            payer_account: PayerAccountDigest(number(22)?),
        })
    } else {
        None
    };
    Ok(ReviewedRecord {
        key: EventKey {
            anchor: BusinessDate::from_days(block.fixed::<u16>(0, "Date")?.get(row)),
            account: AccountId(digest(1)?),
            payment: PaymentId(digest(2)?),
            record: RecordId(number(3)?),
        },
        source: sources.intern(block.strings(4)?.get(row)?)?,
        source_class: from_code(member(5)?)?,
        received_at: time(micros(6)?.saturating_add(received_after))?,
        decided,
        merged_into: record(is(16)?, 17)?,
        settled_at: moment(is(18)?, 19)?,
        paid,
        added: added(27)?,
        kind: optional_from_code(member(23)?)?,
        beside_kind: optional_from_code(block.fixed::<i8>(24, "Int8")?.get(row))?,
    })
}
