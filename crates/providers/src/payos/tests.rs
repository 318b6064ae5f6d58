use super::*;

const KEY: &str = "payos-test-checksum-key";

fn adapter() -> PayOs {
    let settings = json!({ "checksum_key": KEY, "bank": "970436" });
    PayOs(serde_json::from_value(settings).expect("settings"))
}

#[test]
fn numbers_nulls_and_arrays_are_signed_as_javascript_prints_them() {
    let data =
        br#"{"y":1.50,"x":1e5,"z":3000.0,"b":null,"c":"undefined","d":true,"a":[{"y":1,"x":null},"m\u1ed9t/hai"],"e":[]}"#;
    let data = tree::object(data).unwrap_or_else(|error| panic!("{error}"));
    let text = signature::signed_text(&data).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(text, r#"a=[{"x":null,"y":1},"một/hai"]&b=&c=&d=true&e=[]&x=100000&y=1.5&z=3000"#);
    let nested = tree::object(br#"{"a":{"b":1}}"#).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(signature::signed_text(&nested), Err(Refused::Unreadable));
}

#[test]
fn a_text_that_two_messages_have_is_no_proof() {
    let written = r#"{"orderCode":7,"amount":3000,"description":"x&paymentLinkId=zz&reference=yy","accountNumber":"1",
        "reference":"FT1","transactionDateTime":"2026-09-10 11:59:58","paymentLinkId":"link","code":"00"}"#;
    let data = tree::object(written.as_bytes()).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(signature::signed_text(&data), Err(Refused::BadSignature));
    let plain = written.replace("&paymentLinkId=zz&reference=yy", " & y = z");
    let data = tree::object(plain.as_bytes()).unwrap_or_else(|error| panic!("{error}"));
    assert!(signature::signed_text(&data).is_ok());
}

#[test]
fn the_unsigned_envelope_decides_nothing() {
    let announcement = crate::testing::announcement(Happening::Paid);
    let now = crate::testing::now();
    let composed = Dialect::compose(&adapter(), &announcement, now).expect("payOS can say this");
    let body = String::from_utf8(composed.body.clone()).expect("text");
    let flipped = body.replacen(r#""success":true"#, r#""success":false"#, 1);
    assert_ne!(body, flipped);
    let statement =
        crate::testing::statement(&adapter(), &Composed { body: flipped.into_bytes(), ..composed }, now);
    assert_eq!(statement.said, crate::Said::Paid);
}
