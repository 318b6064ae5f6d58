//! Declarations once written must stay readable: the log is kept for ever, and figures are made from it again.

use cashless_domain::{
    BusinessDate, CashDeclaration, DeclarationSource, ExportedCashless, Method, SourceId, Timestamp,
};
use cashless_wire::{DecodeError, Decoder, Encoder, Framing};

/// Written by the first release, one a line. Never edit them.
const GOLDEN_V1: &str = include_str!("golden/cash_declaration_v1.hex");

fn at(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros).expect("in range")
}

fn export() -> CashDeclaration {
    let exported = |method, n, dong| ExportedCashless { method, n, dong };
    CashDeclaration {
        institution_id: "BV-0001".to_owned(),
        month: BusinessDate::parse("2022-09-01").expect("a date"),
        source: DeclarationSource::SystemExport,
        version: 3,
        cash_n: Some(1_204),
        cash_dong: 451_250_000,
        cash_refunds_dong: 1_500_000,
        exported_cashless: vec![
            exported(Method::Unknown, 5, 900_000),
            exported(Method::QrTransfer, 812, 301_000_000),
            exported(Method::Other, 0, 0),
        ],
        signer_role: "Kế toán trưởng".to_owned(),
        declared_at: at(1_664_762_400_000_000),
        recorded_at: at(1_664_762_405_000_001),
        channel: SourceId::new("example-his").expect("a name"),
    }
}

fn invoices() -> CashDeclaration {
    CashDeclaration {
        source: DeclarationSource::InvoiceTotal,
        version: 1,
        cash_n: None,
        exported_cashless: Vec::new(),
        channel: SourceId::new("file").expect("a name"),
        ..export()
    }
}

fn encoded(encoder: &Encoder, declaration: &CashDeclaration) -> Vec<u8> {
    let mut bytes = Vec::new();
    encoder.encode_declaration(declaration, &mut bytes).expect("a valid declaration fits its schema");
    bytes
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn today_writes_the_bytes_of_the_first_release() {
    let today = [export(), invoices()].map(|declaration| hex(&encoded(&Encoder::default(), &declaration)));
    assert_eq!(today.as_slice(), GOLDEN_V1.lines().collect::<Vec<_>>());
}

#[test]
fn bytes_of_the_first_release_stay_readable() {
    let read = |line: &str| {
        let bytes: Vec<u8> = (line.as_bytes().chunks(2))
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).expect("hex"), 16).expect("hex"))
            .collect();
        Decoder::default().declaration(&bytes).expect("readable")
    };
    assert_eq!(GOLDEN_V1.lines().map(read).collect::<Vec<_>>(), [export(), invoices()]);
}

#[test]
fn confluent_framing_is_read_only_with_its_own_id() {
    let [payment, dead_letter, declaration] = [41, 42, 43].map(|schema_id| Framing::Confluent { schema_id });
    let bytes = encoded(&Encoder::new(payment, dead_letter, declaration), &export());
    assert_eq!(bytes[..5], [0, 0, 0, 0, 43]);
    assert_eq!(Decoder::new([41], [42], [43]).declaration(&bytes).expect("readable"), export());
    let other = Decoder::new([43], [43], [44]).declaration(&bytes);
    assert!(matches!(other, Err(DecodeError::UnknownSchema(_))), "{other:?}");
}

#[test]
fn a_record_of_another_topic_is_an_unknown_schema_and_stops() {
    let mut decoder = Decoder::default();
    let bytes = encoded(&Encoder::default(), &export());
    assert!(matches!(decoder.payment(&bytes), Err(DecodeError::UnknownSchema(_))));
    assert!(matches!(decoder.dead_letter(&bytes), Err(DecodeError::UnknownSchema(_))));
}

#[test]
fn damaged_records_are_errors_and_never_guesses() {
    let bytes = encoded(&Encoder::default(), &export());
    let decoder = Decoder::default();
    for length in 0..bytes.len() {
        assert!(decoder.declaration(&bytes[..length]).is_err(), "a record cut to {length} bytes was read");
    }
    let longer = [bytes.as_slice(), &[0]].concat();
    assert!(matches!(decoder.declaration(&longer), Err(DecodeError::Trailing)));
}

#[test]
fn what_breaks_a_rule_of_declarations_is_not_read() {
    let negative = CashDeclaration { cash_dong: -1, ..export() };
    let read = Decoder::default().declaration(&encoded(&Encoder::default(), &negative));
    assert!(matches!(read, Err(DecodeError::Body(_))), "{read:?}");
}
