//! Bytes once written must stay readable, and released schema files must stay as they are.

use cashless_domain::{
    AccountId, AmountDong, Beneficiary, BusinessDate, DecidedBy, Decision, Details, EventKey, Evidence,
    Flags, IdentifierId, InvoiceDigest, Kind, Method, MinimumFields, PaymentEvent, PaymentId, PersonDigest,
    Reason, RecordId, SourceClass, SourceId, Status, StatusChange, Timestamp,
};
use cashless_wire::{DecodeError, Decoder, Encoder, Framing};

/// Written by the first release. Never edit it: records like it are in logs that are kept for ever.
const GOLDEN_V1: &str = include_str!("golden/payment_event_v1.hex");

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
            invoice: Some(InvoiceDigest(0xf6f6_f6f6_f6f6_f6f6)),
            invoice_other_year: None,
            original: Some(RecordId(0x1717_1717_1717_1717)),
        }),
        decision: Some(Decision {
            by: DecidedBy::Person,
            registry_version: 12,
            decided_at: at(1_662_400_000_000_000),
            merged_into: Some(RecordId(0x2828_2828_2828_2828)),
            kind: Some(Kind::InternalTransfer),
            settled_at: None,
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

#[test]
fn today_writes_the_bytes_of_the_first_release() {
    assert_eq!(hex(&encoded(&Encoder::default())), GOLDEN_V1.trim());
}

#[test]
fn bytes_of_the_first_release_stay_readable() {
    let golden = GOLDEN_V1.trim().as_bytes();
    let bytes: Vec<u8> = golden
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).expect("hex"), 16).expect("hex"))
        .collect();
    assert_eq!(Decoder::default().payment(&bytes).expect("readable"), event());
}

#[test]
fn confluent_framing_is_read_only_with_its_own_id() {
    let framing = Framing::Confluent { schema_id: 41 };
    let bytes = encoded(&Encoder::new(framing, framing, framing));
    assert_eq!(bytes[..5], [0, 0, 0, 0, 41]);
    assert_eq!(Decoder::new([41], [], []).payment(&bytes).expect("readable"), event());
    assert!(matches!(Decoder::new([42], [], []).payment(&bytes), Err(DecodeError::UnknownSchema(_))));
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
