use super::*;

/// A text with its right checksum.
fn sealed(fields: &[(&str, &str)]) -> String {
    let mut text = written(fields);
    text.push_str("6304");
    let crc = checksum(text.as_bytes());
    format!("{text}{crc:04X}")
}

fn written(fields: &[(&str, &str)]) -> String {
    fields.iter().map(|(tag, value)| format!("{tag}{:02}{value}", value.chars().count())).collect()
}

fn napas() -> String {
    let account = written(&[("00", "970436"), ("01", "0011223344")]);
    written(&[("00", NAPAS), ("01", &account), ("02", "QRIBFTTA")])
}

fn with(change: &[(&str, &str)]) -> String {
    let napas = napas();
    let mut fields = vec![("00", "01"), ("01", "12"), ("38", napas.as_str()), ("53", "704"), ("58", "VN")];
    for (tag, value) in change {
        match fields.iter_mut().find(|(present, _)| present == tag) {
            Some(field) => field.1 = value,
            None => fields.push((tag, value)),
        }
    }
    sealed(&fields)
}

#[test]
fn the_checksum_is_the_published_one() {
    assert_eq!(checksum(b"123456789"), 0x29B1);
}

#[test]
fn lengths_count_characters() {
    let more = written(&[("01", "HP26A00123"), ("08", "Nộp học phí")]);
    let text = with(&[("59", "TRƯỜNG MẪU"), ("62", &more)]);
    let qr = decode(&text).expect("a code");
    assert_eq!(qr.merchant_name, Some("TRƯỜNG MẪU"));
    assert_eq!((qr.bill_number, qr.purpose), (Some("HP26A00123"), Some("Nộp học phí")));
    assert_eq!((qr.scheme, qr.account), (Some(Scheme::Napas), Some("0011223344")));
}

#[test]
fn amounts_are_whole_dong() {
    for (text, dong) in [("350000", 350_000), ("350000.00", 350_000), ("350000.", 350_000)] {
        let qr = with(&[("54", text)]);
        assert_eq!(decode(&qr).map(|qr| qr.amount.map(AmountDong::get)), Ok(Some(dong)), "{text}");
    }
    for text in ["350000.50", "-1", "0", "1e5", "1000000000000001", "\"5\"", "3 0"] {
        assert_eq!(decode(&with(&[("54", text)])), Err(Invalid::Malformed), "{text}");
    }
}

#[test]
fn another_template_beside_that_of_napas_changes_nothing() {
    let vnpay = written(&[("00", VNPAY), ("01", "0100000001")]);
    let text = with(&[("26", &vnpay)]);
    let qr = decode(&text).expect("a code");
    assert_eq!((qr.scheme, qr.account), (Some(Scheme::Napas), Some("0011223344")));
    let foreign = written(&[("00", "A000000999"), ("01", "x")]);
    let text = with(&[("38", &foreign)]);
    let qr = decode(&text).expect("a code");
    assert_eq!((qr.scheme, qr.account), (None, None));
}

#[test]
fn what_is_no_code_is_refused_by_name() {
    let broken = |text: &str| decode(text).err();
    let good = with(&[]);
    assert_eq!(broken(&good), None);
    assert_eq!(broken(&good.replace("0011223344", "0011223345")), Some(Invalid::Checksum));
    assert_eq!(broken(&with(&[("53", "840")])), Some(Invalid::Currency));
    let short_bin = written(&[("00", NAPAS), ("01", &written(&[("00", "97043"), ("01", "1")]))]);
    let wrong = [
        with(&[("00", "02")]),
        with(&[("01", "13")]),
        with(&[("58", "US")]),
        with(&[("62", "0199x")]),
        with(&[("38", &short_bin)]),
        with(&[("38", &written(&[("00", NAPAS)]))]),
        sealed(&[("00", "01"), ("58", "VN")]),
        sealed(&[("00", "01"), ("53", "704"), ("53", "704")]),
        sealed(&[("53", "704"), ("00", "01")]),
        sealed(&[("00", "01"), ("53", "704"), ("5", "x")]),
        good[..good.len() - 9].to_owned(),
        format!("{good} "),
        "6304".to_owned(),
        "é304".to_owned(),
        "đđ".to_owned(),
        String::new(),
        "0".repeat(5_000),
    ];
    for text in wrong {
        assert_eq!(broken(&text), Some(Invalid::Malformed), "{text}");
    }
}
