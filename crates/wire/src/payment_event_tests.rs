//! The general Avro library is the witness: it reads what is written here by the schema file alone, and the other way.

use std::collections::HashSet;

use apache_avro::Schema;
use apache_avro::reader::datum::GenericDatumReader;
use apache_avro::schema_compatibility::SchemaCompatibility;
use apache_avro::types::Value;
use apache_avro::writer::datum::GenericDatumWriter;
use cashless_domain::{Beneficiary, DecidedBy, Kind, Method, Reason, SourceClass, Status};

use super::*;
use crate::Topic;
use crate::records::Schemas;

fn schema() -> Schema {
    Schemas::parse(Schemas::PAYMENT_EVENT_V3)
}

fn at(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros).expect("in range")
}

/// Every optional member is absent in some events and present in others; every symbol and bit occurs.
fn event(number: u64) -> PaymentEvent {
    let mixed = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let has = |bit: u32| mixed >> bit & 1 == 1;
    let pick = |length: usize| usize::try_from(number).expect("small") % length;
    let digest = |salt: u8| [salt ^ mixed.to_be_bytes()[0]; 16];
    let micros = i64::try_from(mixed >> 12).expect("52 bits");
    let byte = mixed.to_be_bytes()[1];
    let details = Details {
        version: u32::from(byte) << 20,
        provider_time: has(1).then(|| at(micros / 3)),
        received_at: at(micros),
        amount: AmountDong::new(micros % 1_000_000_000_000 + 1).expect("an amount"),
        settled_at: at(micros / 2),
        method: Method::ALL[pick(Method::ALL.len())],
        kind: Kind::ALL[pick(Kind::ALL.len())],
        identifier: IdentifierId(digest(1)),
        evidence: Evidence(byte),
        fields: MinimumFields(byte >> 1),
        flags: Flags(byte >> 2),
        reason: Reason::ALL[pick(Reason::ALL.len())],
        beneficiary_kind: Beneficiary::ALL[pick(Beneficiary::ALL.len())],
        payer: has(2).then_some(PersonDigest(mixed)),
        beneficiary: has(3).then_some(PersonDigest(!mixed)),
        payer_account: has(14).then_some(PayerAccountDigest(mixed >> 4)),
        invoice: has(4).then_some(InvoiceDigest(mixed >> 1)),
        invoice_other_year: has(5).then_some(InvoiceDigest(mixed >> 2)),
        original: has(6).then_some(RecordId(mixed >> 3)),
        reference: has(15).then_some(ReferenceDigest(mixed >> 5)),
    };
    let decision = Decision {
        by: DecidedBy::ALL[pick(DecidedBy::ALL.len())],
        registry_version: u32::from(byte),
        decided_at: at(micros / 5),
        merged_into: has(7).then_some(RecordId(mixed)),
        kind: has(8).then(|| Kind::ALL[pick(Kind::ALL.len())]),
        settled_at: has(9).then(|| at(micros / 7)),
        added: Added { evidence: Evidence(byte), fields: MinimumFields(byte / 3) },
    };
    PaymentEvent {
        source: SourceId::new(&format!("nguon-{number}")).expect("a source name"),
        source_class: SourceClass::ALL[pick(SourceClass::ALL.len())],
        key: EventKey {
            anchor: BusinessDate::from_days(u16::from(byte) << 8),
            account: AccountId(digest(2)),
            payment: PaymentId(digest(3)),
            record: RecordId(mixed),
        },
        received_at: at(micros),
        status: has(10)
            .then(|| StatusChange { version: byte.into(), status: Status::ALL[pick(Status::ALL.len())] }),
        details: has(11).then_some(details),
        decision: has(12).then_some(decision),
        erased: has(13),
    }
}

fn events() -> impl Iterator<Item = (PaymentEvent, Vec<u8>)> {
    (0..2_000).map(|number| {
        let (event, mut bytes) = (event(number), Vec::new());
        write(&event, &mut bytes);
        (event, bytes)
    })
}

#[test]
fn the_general_library_reads_and_writes_the_same_bytes() {
    let schema = schema();
    let reader = GenericDatumReader::builder(&schema).build().expect("it resolves");
    let writer = GenericDatumWriter::builder(&schema).build().expect("it resolves");
    for (event, bytes) in events() {
        let mut rest = bytes.as_slice();
        let value = reader.read_value(&mut rest).expect("it follows its schema");
        assert!(rest.is_empty(), "{event:?}");
        let mut again = Vec::new();
        writer.write_value(&mut again, value).expect("it follows its schema");
        assert_eq!(again, bytes, "{event:?}");
    }
}

#[test]
fn members_stand_where_the_schema_names_them() {
    let schema = schema();
    let reader = GenericDatumReader::builder(&schema).build().expect("it resolves");
    let inner = |value: Value| match value {
        Value::Union(_, inner) => *inner,
        other => other,
    };
    let member = |value: Value, name: &str| match inner(value) {
        Value::Record(members) => {
            members.into_iter().find(|(known, _)| known == name).map(|(_, value)| value)
        }
        _ => None,
    };
    let symbol = |value: Option<Value>| match value.map(inner) {
        Some(Value::Enum(_, name)) => Some(name),
        _ => None,
    };
    for (event, bytes) in events() {
        let record = reader.read_value(&mut bytes.as_slice()).expect("it follows its schema");
        assert_eq!(
            symbol(member(record.clone(), "source_class")).as_deref(),
            Some(event.source_class.name())
        );
        let status = member(record.clone(), "status").and_then(|status| symbol(member(status, "status")));
        assert_eq!(status.as_deref(), event.status.map(|change| change.status.name()));
        let said = |name: &str| member(record.clone(), "details").and_then(|details| member(details, name));
        let (method, kind) = (symbol(said("method")), symbol(said("kind")));
        assert_eq!(method.as_deref(), event.details.map(|details| details.method.name()));
        assert_eq!(kind.as_deref(), event.details.map(|details| details.kind.name()));
        assert_eq!(symbol(said("reason")).as_deref(), event.details.map(|details| details.reason.name()));
        let beneficiary = symbol(said("beneficiary_kind"));
        assert_eq!(beneficiary.as_deref(), event.details.map(|details| details.beneficiary_kind.name()));
        let by = member(record.clone(), "decision").and_then(|decision| symbol(member(decision, "by")));
        assert_eq!(by.as_deref(), event.decision.map(|decision| decision.by.name()));
        let decided =
            |name: &str| member(record.clone(), "decision").and_then(|decision| member(decision, name));
        let added = event.decision.map(|decision| decision.added);
        let bits = |of: Option<u8>| of.map(|of| Value::Int(of.into()));
        assert_eq!(decided("added_evidence"), bits(added.map(|added| added.evidence.0)));
        assert_eq!(decided("added_fields"), bits(added.map(|added| added.fields.0)));
        if let Some(details) = event.details {
            assert_eq!(said("amount_dong"), Some(Value::Long(details.amount.get())));
            assert_eq!(said("settled_at"), Some(Value::TimestampMicros(details.settled_at.as_micros())));
            assert_eq!(said("fields"), Some(Value::Int(details.fields.0.into())));
            for (name, digest) in [
                ("payer_account", details.payer_account.map(|digest| digest.0)),
                ("invoice_and_amount", details.invoice.map(|digest| digest.0)),
                ("reference", details.reference.map(|digest| digest.0)),
            ] {
                let digest = digest.map(|digest| Value::Fixed(8, digest.to_be_bytes().to_vec()));
                assert_eq!(said(name).map(inner), digest.or(Some(Value::Null)), "{name}");
            }
            assert_eq!(said("identifier"), Some(Value::Fixed(16, details.identifier.0.to_vec())));
            let beneficiary =
                details.beneficiary.map(|digest| Value::Fixed(8, digest.0.to_be_bytes().to_vec()));
            assert_eq!(said("beneficiary").map(inner), beneficiary.or(Some(Value::Null)));
        }
    }
}

#[test]
fn what_is_written_is_read() {
    for (event, bytes) in events() {
        assert_eq!(read(&bytes, SchemaVersion::V3, SourceId::new).expect("it was written here"), event);
    }
}

#[test]
fn a_body_cut_short_or_too_long_is_refused_and_never_guessed() {
    let mut refused = HashSet::new();
    for (_, bytes) in events().take(50) {
        for length in 0..bytes.len() {
            refused.insert(
                read(&bytes[..length], SchemaVersion::V3, SourceId::new).expect_err("cut short").to_string(),
            );
        }
        let longer = [bytes, vec![0]].concat();
        assert!(matches!(read(&longer, SchemaVersion::V3, SourceId::new), Err(DecodeError::Trailing)));
    }
    assert!(!refused.is_empty());
}

#[test]
fn every_version_reads_what_every_other_writes() {
    let versions = Topic::Payments.schemas().iter().map(|text| Schemas::parse(text)).collect::<Vec<_>>();
    for (one, other) in versions.iter().flat_map(|one| versions.iter().map(move |other| (one, other))) {
        SchemaCompatibility::mutual_read(one, other).expect("fully and transitively compatible");
    }
}
