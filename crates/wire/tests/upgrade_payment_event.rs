//! Bytes once written must stay readable, and released schema files must stay as they are.

use cashless_domain::{
    AccountId, Added, AmountDong, Beneficiary, BusinessDate, DecidedBy, Decision, Details, EventKey,
    Evidence, Flags, IdentifierId, InvoiceDigest, Kind, Method, MinimumFields, PayerAccountDigest,
    PaymentEvent, PaymentId, PersonDigest, Reason, RecordId, ReferenceDigest, SourceClass, SourceId, Status,
    StatusChange, Timestamp,
};
use cashless_wire::{DecodeError, Decoder, Encoder, Framing};

/// Written by the releases with each schema. Never edit them: records like them are in logs that are kept for ever.
const GOLDEN_V1: &str = include_str!("golden/payment_event_v1.hex");
const GOLDEN_V2: &str = include_str!("golden/payment_event_v2.hex");
const GOLDEN_V3: &str = include_str!("golden/payment_event_v3.hex");

fn at(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros).expect("in range")
}

fn event() -> PaymentEvent {
    PaymentEvent {
        source: SourceId::new("vi-du-bank").expect("a source name"),
        source_class: SourceClass::Bank,
        key: EventKey {
            anchor: BusinessDate::parse("2022-09-05").expect("a date"),
            account: AccountId([0xa1; 16]),
            payment: PaymentId([0xb2; 16]),
            record: RecordId(0xc3c3_c3c3_c3c3_c3c3),
        },
        received_at: at(1_662_379_201_000_000),
        status: Some(StatusChange { version: 3, status: Status::Settled }),
        details: Some(Details {
            version: 7,
            provider_time: Some(at(1_662_379_200_500_000)),
            received_at: at(1_662_379_201_000_000),
            amount: AmountDong::new(350_000).expect("an amount"),
            settled_at: at(1_662_379_200_000_000),
            method: Method::QrTransfer,
            kind: Kind::Deposit,
            identifier: IdentifierId([0xd4; 16]),
            evidence: Evidence(3),
            fields: MinimumFields::ALL,
            flags: Flags::SETTLED_AT_MISSING,
            reason: Reason::Medicine,
            beneficiary_kind: Beneficiary::Patient,
            payer: Some(PersonDigest(0xe5e5_e5e5_e5e5_e5e5)),
            beneficiary: None,
            payer_account: Some(PayerAccountDigest(0x3939_3939_3939_3939)),
            invoice: Some(InvoiceDigest(0xf6f6_f6f6_f6f6_f6f6)),
            invoice_other_year: None,
            original: Some(RecordId(0x1717_1717_1717_1717)),
            reference: Some(ReferenceDigest(0x4a4a_4a4a_4a4a_4a4a)),
        }),
        decision: Some(Decision {
            by: DecidedBy::Person,
            registry_version: 12,
            decided_at: at(1_662_400_000_000_000),
            merged_into: Some(RecordId(0x2828_2828_2828_2828)),
            kind: Some(Kind::InternalTransfer),
            settled_at: None,
            added: Added { evidence: Evidence::INVOICE, fields: MinimumFields(9) },
        }),
        erased: true,
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn encoded(encoder: &Encoder) -> Vec<u8> {
    let mut bytes = Vec::new();
    encoder.encode_payment(&event(), &mut bytes).expect("a valid event fits its schema");
    bytes
}

/// What the second schema has no room for.
fn without_added(mut event: PaymentEvent) -> PaymentEvent {
    if let Some(decision) = &mut event.decision {
        decision.added = Added::default();
    }
    event
}

/// What the first schema has no room for.
fn without_additions(event: PaymentEvent) -> PaymentEvent {
    let mut event = without_added(event);
    if let Some(details) = &mut event.details {
        (details.payer_account, details.reference) = (None, None);
    }
    event
}

fn bytes_of(golden: &str) -> Vec<u8> {
    let pairs = golden.trim().as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).expect("hex"), 16).expect("hex")).collect()
}

#[test]
fn today_writes_the_bytes_of_the_third_schema() {
    assert_eq!(hex(&encoded(&Encoder::default())), GOLDEN_V3.trim());
}

#[test]
fn bytes_of_every_schema_stay_readable() {
    let mut decoder = Decoder::default();
    assert_eq!(decoder.payment(&bytes_of(GOLDEN_V1)).expect("readable"), without_additions(event()));
    assert_eq!(decoder.payment(&bytes_of(GOLDEN_V2)).expect("readable"), without_added(event()));
    assert_eq!(decoder.payment(&bytes_of(GOLDEN_V3)).expect("readable"), event());
}

#[test]
fn confluent_framing_is_read_only_with_the_ids_of_its_schemas() {
    let framing = Framing::Confluent { schema_id: 42 };
    let new = encoded(&Encoder::new(framing, framing, framing));
    assert_eq!(new[..5], [0, 0, 0, 0, 42]);
    // The header of single-object encoding has ten bytes.
    let old = [&[0, 0, 0, 0, 41], &bytes_of(GOLDEN_V1)[10..]].concat();
    let decoder = Decoder::new([41, 40, 42], [], []);
    for mut decoder in [decoder.clone(), decoder] {
        assert_eq!(decoder.payment(&new).expect("readable"), event());
        assert_eq!(decoder.payment(&old).expect("readable"), without_additions(event()));
    }
    for bytes in [new, old] {
        let unknown = Decoder::new([43, 44, 45], [], []).payment(&bytes);
        assert!(matches!(unknown, Err(DecodeError::UnknownSchema(_))), "{unknown:?}");
    }
}

#[test]
fn damaged_records_are_errors_and_never_guesses() {
    let bytes = encoded(&Encoder::default());
    let mut decoder = Decoder::default();
    for length in 0..bytes.len() {
        assert!(decoder.payment(&bytes[..length]).is_err(), "a record cut to {length} bytes was read");
    }
    let longer = [bytes.as_slice(), &[0]].concat();
    assert!(matches!(decoder.payment(&longer), Err(DecodeError::Trailing)));
}
