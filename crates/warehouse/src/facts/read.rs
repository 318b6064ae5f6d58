use std::collections::HashMap;

use cashless_domain::{
    AccountId, Added, AmountDong, BusinessDate, Decision, Details, Evidence, Flags, IdentifierId,
    InvoiceDigest, MinimumFields, PayerAccountDigest, PaymentId, PersonDigest, RecordId, ReferenceDigest,
    StatusChange, Timestamp,
};
use cashless_rollup::{Payment, PaymentKey, Record, TornPayment, Version};

use super::{KnownIds, present};
use crate::block_rows::{Sources, from_code, optional_from_code};
use crate::error::Cause;
use crate::native::{Block, Strings, Values};

/// Where each day's ids go.
pub(super) struct Days(HashMap<(u16, u16), usize>);

impl Days {
    pub(super) fn new(wanted: &[(u16, BusinessDate)]) -> Self {
        Self(
            wanted
                .iter()
                .enumerate()
                .map(|(index, (partition, day))| ((*partition, day.days()), index))
                .collect(),
        )
    }

    /// The columns in the order of `queries/known_ids.sql`.
    pub(super) fn read(&mut self, block: &Block, known: &mut KnownIds) -> Result<(), Cause> {
        if block.rows == 0 {
            return Ok(());
        }
        let partition = block.fixed::<u16>(0, "UInt16")?;
        let anchor = block.fixed::<u16>(1, "Date")?;
        let payment = block.fixed::<[u8; 16]>(2, "FixedString(16)")?;
        let mut row = 0;
        while row < block.rows {
            // Rows of one day lie together, mostly.
            let day = (partition.get(row), anchor.get(row));
            let index = *self.0.get(&day).ok_or(Cause::InvalidRow("day that was asked for"))?;
            let ids = &mut known[index].2;
            while row < block.rows && (partition.get(row), anchor.get(row)) == day {
                ids.push(PaymentId(payment.get(row)).prefix());
                row += 1;
            }
        }
        Ok(())
    }
}

/// Payments as their rows come in, in the order of the primary key.
#[derive(Default)]
pub(super) struct Payments {
    sources: Sources,
    pub(super) found: Vec<(u16, PaymentKey, Payment)>,
}

impl Payments {
    /// The rows of one payment have to carry one version.
    pub(super) fn read(&mut self, block: &Block) -> Result<(), Cause> {
        if block.rows == 0 {
            return Ok(());
        }
        let columns = Columns::of(block)?;
        for row in 0..block.rows {
            let key = PaymentKey {
                anchor: BusinessDate::from_days(columns.anchor.get(row)),
                account: AccountId(columns.account.get(row)),
                payment: PaymentId(columns.payment.get(row)),
            };
            let version = Version::from_stored(columns.version.get(row));
            let record = columns.record(row, &mut self.sources)?;
            match self.found.last_mut().filter(|(_, last, _)| *last == key) {
                None => {
                    let payment = Payment { version, records: vec![record] };
                    self.found.push((columns.partition.get(row), key, payment));
                }
                Some((_, _, payment)) if payment.version == version => payment.records.push(record),
                Some(_) => return Err(TornPayment { payment: key.payment, anchor: key.anchor }.into()),
            }
        }
        Ok(())
    }
}

/// The columns in the order of `queries/payments_of_….sql`, without the standing, which follows from the records.
struct Columns<'b> {
    partition: Values<'b, u16>,
    anchor: Values<'b, u16>,
    account: Values<'b, [u8; 16]>,
    payment: Values<'b, [u8; 16]>,
    record: Values<'b, u64>,
    source: Strings<'b>,
    source_class: Values<'b, i8>,
    status: Values<'b, i8>,
    status_version: Values<'b, u32>,
    present: Values<'b, u16>,
    details_version: Values<'b, u32>,
    amount_dong: Values<'b, i64>,
    settled_at: Values<'b, i64>,
    provider_after: Values<'b, i64>,
    received_after: Values<'b, i64>,
    method: Values<'b, i8>,
    kind: Values<'b, i8>,
    identifier: Values<'b, [u8; 16]>,
    evidence: Values<'b, u8>,
    fields: Values<'b, u8>,
    flags: Values<'b, u8>,
    reason: Values<'b, i8>,
    beneficiary_kind: Values<'b, i8>,
    payer: Values<'b, u64>,
    beneficiary: Values<'b, u64>,
    payer_account: Values<'b, u64>,
    invoice: Values<'b, u64>,
    invoice_other_year: Values<'b, u64>,
    original: Values<'b, u64>,
    reference: Values<'b, u64>,
    decided_by: Values<'b, i8>,
    decided_registry_version: Values<'b, u32>,
    decided_at: Values<'b, i64>,
    merged_into: Values<'b, u64>,
    decided_kind: Values<'b, i8>,
    decided_settled_at: Values<'b, i64>,
    added_evidence: Values<'b, u8>,
    added_fields: Values<'b, u8>,
    erased: Values<'b, u8>,
    version: Values<'b, u64>,
}

impl<'b> Columns<'b> {
    fn of(block: &'b Block) -> Result<Self, Cause> {
        let number = |position| block.fixed::<u64>(position, "UInt64");
        let byte = |position| block.fixed::<u8>(position, "UInt8");
        let member = |position| block.fixed::<i8>(position, "Enum8");
        let time = |position| block.fixed::<i64>(position, "DateTime64(6)");
        let digest = |position| block.fixed::<[u8; 16]>(position, "FixedString(16)");
        Ok(Self {
            partition: block.fixed(0, "UInt16")?,
            anchor: block.fixed(1, "Date")?,
            account: digest(2)?,
            payment: digest(3)?,
            record: number(4)?,
            source: block.strings(5)?,
            source_class: member(6)?,
            status: member(7)?,
            status_version: block.fixed(8, "UInt32")?,
            present: block.fixed(9, "UInt16")?,
            details_version: block.fixed(10, "UInt32")?,
            amount_dong: block.fixed(11, "Int64")?,
            settled_at: time(12)?,
            provider_after: block.fixed(13, "Int64")?,
            received_after: block.fixed(14, "Int64")?,
            method: member(15)?,
            kind: member(16)?,
            identifier: digest(17)?,
            evidence: byte(18)?,
            fields: byte(19)?,
            flags: byte(20)?,
            reason: member(21)?,
            beneficiary_kind: member(22)?,
            payer: number(23)?,
            beneficiary: number(24)?,
            payer_account: number(25)?,
            invoice: number(26)?,
            invoice_other_year: number(27)?,
            original: number(28)?,
            reference: number(29)?,
            decided_by: member(30)?,
            decided_registry_version: block.fixed(31, "UInt32")?,
            decided_at: time(32)?,
            merged_into: number(33)?,
            decided_kind: member(34)?,
            decided_settled_at: time(35)?,
            added_evidence: byte(36)?,
            added_fields: byte(37)?,
            erased: byte(38)?,
            version: number(39)?,
        })
    }

    fn record(&self, row: usize, sources: &mut Sources) -> Result<Record, Cause> {
        let present = self.present.get(row);
        let status = optional_from_code(self.status.get(row))?
            .map(|status| StatusChange { version: self.status_version.get(row), status });
        Ok(Record {
            id: RecordId(self.record.get(row)),
            source_class: from_code(self.source_class.get(row))?,
            source: sources.intern(self.source.get(row)?)?,
            status,
            details: if present & present::DETAILS == 0 { None } else { Some(self.details(row, present)?) },
            decision: self.decision(row, present)?,
            erased: self.erased.get(row) != 0,
        })
    }

    fn details(&self, row: usize, present: u16) -> Result<Details, Cause> {
        let settled_at = self.settled_at.get(row);
        let after = |micros: i64| timestamp(settled_at.saturating_add(micros));
        let digest = |digests: Values<'_, u64>, bit| (present & bit != 0).then(|| digests.get(row));
        let provider_time = (present & present::PROVIDER_TIME != 0)
            .then(|| after(self.provider_after.get(row)))
            .transpose()?;
        Ok(Details {
            version: self.details_version.get(row),
            provider_time,
            received_at: after(self.received_after.get(row))?,
            amount: AmountDong::new(self.amount_dong.get(row)).map_err(|_| Cause::InvalidRow("amount"))?,
            settled_at: timestamp(settled_at)?,
            method: from_code(self.method.get(row))?,
            kind: from_code(self.kind.get(row))?,
            identifier: IdentifierId(self.identifier.get(row)),
            evidence: Evidence(self.evidence.get(row)),
            fields: MinimumFields(self.fields.get(row)),
            flags: Flags(self.flags.get(row)),
            reason: from_code(self.reason.get(row))?,
            beneficiary_kind: from_code(self.beneficiary_kind.get(row))?,
            payer: digest(self.payer, present::PAYER).map(PersonDigest),
            beneficiary: digest(self.beneficiary, present::BENEFICIARY).map(PersonDigest),
            payer_account: digest(self.payer_account, present::PAYER_ACCOUNT).map(PayerAccountDigest),
            invoice: digest(self.invoice, present::INVOICE).map(InvoiceDigest),
            invoice_other_year: digest(self.invoice_other_year, present::INVOICE_OTHER_YEAR)
                .map(InvoiceDigest),
            original: digest(self.original, present::ORIGINAL).map(RecordId),
            reference: digest(self.reference, present::REFERENCE).map(ReferenceDigest),
        })
    }

    fn decision(&self, row: usize, present: u16) -> Result<Option<Decision>, Cause> {
        let Some(by) = optional_from_code(self.decided_by.get(row))? else { return Ok(None) };
        let settled_at = (present & present::DECIDED_SETTLED_AT != 0)
            .then(|| timestamp(self.decided_settled_at.get(row)))
            .transpose()?;
        Ok(Some(Decision {
            by,
            registry_version: self.decided_registry_version.get(row),
            decided_at: timestamp(self.decided_at.get(row))?,
            merged_into: (present & present::MERGED_INTO != 0).then(|| RecordId(self.merged_into.get(row))),
            kind: optional_from_code(self.decided_kind.get(row))?,
            settled_at,
            added: Added {
                evidence: Evidence(self.added_evidence.get(row)),
                fields: MinimumFields(self.added_fields.get(row)),
            },
        }))
    }
}

fn timestamp(micros: i64) -> Result<Timestamp, Cause> {
    Timestamp::from_micros(micros).map_err(|_| Cause::InvalidRow("time"))
}
