//! `PaymentEvent`, read in all its versions and written in the last; see `schemas/avro/PaymentEvent`.
//!
//! Members stand here in the order of the schema files, which are never edited.

use cashless_domain::{
    AccountId, Added, AmountDong, BusinessDate, Decision, Details, EventKey, Evidence, Flags, IdentifierId,
    InvalidSourceId, InvoiceDigest, MinimumFields, PayerAccountDigest, PaymentEvent, PaymentId, PersonDigest,
    RecordId, ReferenceDigest, SourceId, StatusChange, Timestamp,
};

use crate::DecodeError;
use crate::avro::{Malformed, Reader, Writer};

impl From<Malformed> for DecodeError {
    fn from(malformed: Malformed) -> Self {
        Self::Body(Box::new(malformed))
    }
}

/// Which schema file a body follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum SchemaVersion {
    /// Its invoice digests are of one receiving account, so that they meet only each other.
    V1,
    /// With the payer's account, and the reference whatever the day.
    V2,
    /// With what a decision adds to a record that counts for another one.
    V3,
}

impl SchemaVersion {
    /// The oldest first.
    pub(crate) const ALL: [Self; 3] = [Self::V1, Self::V2, Self::V3];
}

pub(crate) fn write(event: &PaymentEvent, out: &mut Vec<u8>) {
    let mut writer = Writer(out);
    writer.text(event.source.as_str());
    writer.symbol(event.source_class);
    writer.long(event.key.anchor.days());
    writer.fixed(&event.key.account.0);
    writer.fixed(&event.key.payment.0);
    writer.fixed(&event.key.record.0.to_be_bytes());
    writer.long(event.received_at.as_micros());
    writer.optional(event.status, |writer, status| {
        writer.long(int(status.version));
        writer.symbol(status.status);
    });
    writer.optional(event.details.as_ref(), write_details);
    writer.optional(event.decision.as_ref(), write_decision);
    writer.boolean(event.erased);
}

fn write_details(writer: &mut Writer<'_>, details: &Details) {
    writer.long(int(details.version));
    writer.optional(details.provider_time, write_time);
    writer.long(details.amount.get());
    writer.long(details.settled_at.as_micros());
    writer.symbol(details.method);
    writer.symbol(details.kind);
    writer.fixed(&details.identifier.0);
    writer.long(details.evidence.0);
    writer.long(details.fields.0);
    writer.long(details.flags.0);
    writer.symbol(details.reason);
    writer.symbol(details.beneficiary_kind);
    writer.optional(details.payer.map(|digest| digest.0), write_digest);
    writer.optional(details.beneficiary.map(|digest| digest.0), write_digest);
    writer.optional(details.payer_account.map(|digest| digest.0), write_digest);
    writer.optional(details.invoice.map(|digest| digest.0), write_digest);
    writer.optional(details.invoice_other_year.map(|digest| digest.0), write_digest);
    writer.optional(details.original.map(|record| record.0), write_digest);
    writer.optional(details.reference.map(|digest| digest.0), write_digest);
}

fn write_decision(writer: &mut Writer<'_>, decision: &Decision) {
    writer.symbol(decision.by);
    writer.long(int(decision.registry_version));
    writer.long(decision.decided_at.as_micros());
    writer.optional(decision.merged_into.map(|record| record.0), write_digest);
    writer.optional(decision.kind, Writer::symbol);
    writer.optional(decision.settled_at, write_time);
    writer.long(decision.added.evidence.0);
    writer.long(decision.added.fields.0);
}

fn write_time(writer: &mut Writer<'_>, time: Timestamp) {
    writer.long(time.as_micros());
}

fn write_digest(writer: &mut Writer<'_>, digest: u64) {
    writer.fixed(&digest.to_be_bytes());
}

/// Avro's `int` is signed; versions are bounded by the provider's contract to what fits.
fn int(version: u32) -> i32 {
    i32::try_from(version).unwrap_or(i32::MAX)
}

/// Reads a whole body; `intern` finds or makes the source of a name.
pub(crate) fn read(
    body: &[u8],
    version: SchemaVersion,
    intern: impl FnOnce(&str) -> Result<SourceId, InvalidSourceId>,
) -> Result<PaymentEvent, DecodeError> {
    let mut reader = Reader(body);
    let source = intern(reader.text()?).map_err(|_| DecodeError::Value("a source name"))?;
    let source_class = reader.symbol()?;
    let key = EventKey {
        anchor: u16::try_from(reader.int()?)
            .map(BusinessDate::from_days)
            .map_err(|_| DecodeError::Value("an anchor outside 1970 to 2149"))?,
        account: AccountId(reader.fixed()?),
        payment: PaymentId(reader.fixed()?),
        record: RecordId(read_digest(&mut reader)?),
    };
    let received_at = read_time(&mut reader)?;
    let event = PaymentEvent {
        source,
        source_class,
        key,
        received_at,
        status: reader.optional(|reader| {
            Ok::<_, DecodeError>(StatusChange { version: read_version(reader)?, status: reader.symbol()? })
        })?,
        details: reader.optional(|reader| read_details(reader, version, received_at))?,
        decision: reader.optional(|reader| read_decision(reader, version))?,
        erased: reader.boolean()?,
    };
    if reader.0.is_empty() { Ok(event) } else { Err(DecodeError::Trailing) }
}

fn read_details(
    reader: &mut Reader<'_>,
    version: SchemaVersion,
    received_at: Timestamp,
) -> Result<Details, DecodeError> {
    let is_in_v2 = version >= SchemaVersion::V2;
    Ok(Details {
        version: read_version(reader)?,
        provider_time: reader.optional(read_time)?,
        received_at,
        amount: AmountDong::new(reader.long()?).map_err(|_| DecodeError::Value("an amount"))?,
        settled_at: read_time(reader)?,
        method: reader.symbol()?,
        kind: reader.symbol()?,
        identifier: IdentifierId(reader.fixed()?),
        evidence: Evidence(read_bits(reader)?),
        fields: MinimumFields(read_bits(reader)?),
        flags: Flags(read_bits(reader)?),
        reason: reader.symbol()?,
        beneficiary_kind: reader.symbol()?,
        payer: reader.optional(read_digest)?.map(PersonDigest),
        beneficiary: reader.optional(read_digest)?.map(PersonDigest),
        payer_account: if is_in_v2 { reader.optional(read_digest)?.map(PayerAccountDigest) } else { None },
        invoice: reader.optional(read_digest)?.map(InvoiceDigest),
        invoice_other_year: reader.optional(read_digest)?.map(InvoiceDigest),
        original: reader.optional(read_digest)?.map(RecordId),
        reference: if is_in_v2 { reader.optional(read_digest)?.map(ReferenceDigest) } else { None },
    })
}

fn read_decision(reader: &mut Reader<'_>, version: SchemaVersion) -> Result<Decision, DecodeError> {
    Ok(Decision {
        by: reader.symbol()?,
        registry_version: read_version(reader)?,
        decided_at: read_time(reader)?,
        merged_into: reader.optional(read_digest)?.map(RecordId),
        kind: reader.optional(Reader::symbol)?,
        settled_at: reader.optional(read_time)?,
        added: if version < SchemaVersion::V3 {
            Added::default()
        } else {
            Added { evidence: Evidence(read_bits(reader)?), fields: MinimumFields(read_bits(reader)?) }
        },
    })
}

fn read_time(reader: &mut Reader<'_>) -> Result<Timestamp, DecodeError> {
    Timestamp::from_micros(reader.long()?).map_err(|_| DecodeError::Value("a time outside 1970 to 2149"))
}

fn read_bits(reader: &mut Reader<'_>) -> Result<u8, DecodeError> {
    u8::try_from(reader.int()?).map_err(|_| DecodeError::Value("bits outside one byte"))
}

fn read_version(reader: &mut Reader<'_>) -> Result<u32, DecodeError> {
    u32::try_from(reader.int()?).map_err(|_| DecodeError::Value("a negative version"))
}

fn read_digest(reader: &mut Reader<'_>) -> Result<u64, Malformed> {
    reader.fixed().map(u64::from_be_bytes)
}

#[cfg(test)]
#[path = "payment_event_tests.rs"]
mod tests;
