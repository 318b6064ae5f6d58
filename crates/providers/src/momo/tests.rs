use cashless_domain::{DeadLetterReason, Method};
use hmac::Hmac;
use sha2::Sha256;

use super::*;
use crate::Said;
use crate::proof::{hex, mac};
use crate::testing::{announcement, event, fault, now, statement, told_again};

fn adapter() -> MoMo {
    let keys =
        json!({ "partner_code": "BENHVIEN1", "access_key": "test-access", "secret_key": "test-secret" });
    MoMo(serde_json::from_value(keys).expect("settings"))
}

fn composed(happening: Happening) -> Composed {
    Dialect::compose(&adapter(), &announcement(happening), now()).expect("MoMo can say this")
}

fn paid() -> Value {
    serde_json::from_slice(&composed(Happening::Paid).body).expect("JSON")
}

/// The body with a right signature.
fn signed(mut body: Value) -> Composed {
    let text = body.to_string();
    let members = tree::object(text.as_bytes()).expect("an object");
    let MoMo(settings) = adapter();
    body["signature"] =
        signature::sign(&settings.access_key, &settings.secret_key, &members).expect("signed").into();
    Composed::json(body.to_string())
}

/// The body with the signature of a text that may be another body's.
fn signed_as(mut body: Value, text: &str) -> Composed {
    body["signature"] = hex(&mac::<Hmac<Sha256>>(b"test-secret", &[text.as_bytes()])).into();
    Composed::json(body.to_string())
}

fn with(name: &str, value: impl Into<Value>) -> Value {
    let mut body = paid();
    body[name] = value.into();
    body
}

#[test]
fn what_is_composed_is_read_again_under_one_key_whenever_it_comes() {
    let states = [
        (Happening::Paid, Said::Paid, Some("0")),
        (Happening::Failed, Said::Failed, Some("1006")),
        (Happening::Pending, Said::Pending, Some("7000")),
    ];
    for statement in told_again(&adapter(), "BENHVIEN1:4211977", &states) {
        let announced = announcement(Happening::Paid);
        assert_eq!(statement.reason.as_deref(), Some(announced.reason));
        assert_eq!(statement.occurred_at, Some(announced.occurred_at));
    }
}

#[test]
fn a_payment_that_is_decided_after_midnight_keeps_its_key() {
    let mut pending = announcement(Happening::Pending);
    pending.occurred_at = Timestamp::parse_rfc3339("2026-09-09T23:59:59+07:00").expect("a time");
    let pending = Dialect::compose(&adapter(), &pending, now()).expect("MoMo can say this");
    let keys = [pending, composed(Happening::Paid)].map(|composed| event(&adapter(), &composed, now()).key);
    assert_eq!(keys[0], keys[1]);
}

#[test]
fn the_signed_text_holds_raw_values_in_a_fixed_order() {
    let body = br#"{"transId":4088000001,"resultCode":0,"message":"Th\u00e0nh c\u00f4ng & =","amount":350000,
        "extraData":null,"orderInfo":"","orderId":"VP-9","partnerUserId":"u","responseTime":1789016398000,
        "orderType":"momo_wallet","partnerCode":"BENHVIEN1","payType":"qr"}"#;
    let body = tree::object(body).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(
        signature::signed_text("KEY", &body).as_deref(),
        Ok("accessKey=KEY&amount=350000&extraData=&message=Thành công & =&orderId=VP-9&orderInfo=\
            &orderType=momo_wallet&partnerCode=BENHVIEN1&payType=qr&requestId=&responseTime=1789016398000\
            &resultCode=0&transId=4088000001")
    );
}

#[test]
fn a_signed_text_is_not_cut_in_another_way() {
    // A payer chose the description of the order, and then moves what MoMo wrote behind it into another member.
    let behind = "orderType=momo_wallet&partnerCode=BENHVIEN1&payType=qr&requestId=";
    let description = format!("x&{behind}r");
    let moved = format!("r&{behind}request-4211977");
    let mut cut_anew = with("orderInfo", "x");
    cut_anew["requestId"] = moved.into();
    let text = format!(
        "accessKey=test-access&amount=350000&extraData=&message=Thành công.&orderId=HP26A00123\
         &orderInfo={description}&{behind}request-4211977&responseTime=1789016398000&resultCode=0&transId=4211977"
    );
    assert_eq!(fault(&adapter(), &signed_as(cut_anew, &text), now()), Err(Refused::BadSignature));
    // What seems to be the end of a success stands in front of the end of a failure.
    let mut cut_anew = with("requestId", "r");
    cut_anew["transId"] = "9&responseTime=1789016398000&resultCode=1006&transId=4211977".into();
    let text = format!(
        "accessKey=test-access&amount=350000&extraData=&message=Thành công.&orderId=HP26A00123\
         &orderInfo=HP26A00123 nop hoc phi&{behind}r&responseTime=1789016398000&resultCode=0&transId=9\
         &responseTime=1789016398000&resultCode=1006&transId=4211977"
    );
    assert_eq!(fault(&adapter(), &signed_as(cut_anew, &text), now()), Err(Refused::BadSignature));
    // Other texts with an ampersand are texts.
    let plain = statement(&adapter(), &signed(with("orderInfo", "a&b=c&amount=1")), now());
    assert_eq!(plain.reason.as_deref(), Some("a&b=c&amount=1"));
}

#[test]
fn only_the_twelve_members_are_signed() {
    let mut body = paid();
    body["partnerUserId"] = "anything".into();
    assert_eq!(statement(&adapter(), &Composed::json(body.to_string()), now()).said, Said::Paid);
    for (name, value) in [("amount", json!(1)), ("resultCode", json!(9000)), ("orderId", json!("VP-8"))] {
        let changed = Composed::json(with(name, value).to_string());
        assert_eq!(fault(&adapter(), &changed, now()), Err(Refused::BadSignature), "{name}");
    }
    let unsigned = Composed::json(with("signature", Value::Null).to_string());
    assert_eq!(fault(&adapter(), &unsigned, now()), Err(Refused::MissingSignature));
    let nested = Composed::json(with("message", json!({})).to_string());
    assert_eq!(fault(&adapter(), &nested, now()), Err(Refused::Unreadable));
    let twice = paid().to_string().replacen('{', r#"{"amount":1,"#, 1);
    assert_eq!(fault(&adapter(), &Composed::json(twice), now()), Err(Refused::Unreadable));
}

#[test]
fn an_authorised_payment_is_paid_only_in_one_step() {
    let one_step = MoMo(Settings { auto_capture: true, ..adapter().0 });
    for (code, in_two_steps, in_one_step) in [
        (0, Said::Paid, Said::Paid),
        (9000, Said::Pending, Said::Paid),
        (1000, Said::Pending, Said::Pending),
        (7000, Said::Pending, Said::Pending),
        (7002, Said::Pending, Said::Pending),
        (8000, Said::Pending, Said::Pending),
        (1006, Said::Failed, Said::Failed),
        (-1, Said::Failed, Said::Failed),
    ] {
        let composed = signed(with("resultCode", code));
        assert_eq!(statement(&adapter(), &composed, now()).said, in_two_steps, "{code}");
        assert_eq!(statement(&one_step, &composed, now()).said, in_one_step, "{code}");
    }
}

#[test]
fn only_a_square_code_is_one() {
    for (kind, method) in
        [("qr", Method::QrPayment), ("webApp", Method::WebPayment), ("", Method::WebPayment)]
    {
        assert_eq!(statement(&adapter(), &signed(with("payType", kind)), now()).method, method, "{kind}");
    }
}

#[test]
fn what_cannot_be_used_names_its_member() {
    for (name, value, reason) in [
        ("amount", json!(0), DeadLetterReason::InvalidAmount),
        ("amount", json!(-350_000), DeadLetterReason::InvalidAmount),
        ("amount", json!(350_000.5), DeadLetterReason::InvalidAmount),
        ("partnerCode", json!("BENHVIEN2"), DeadLetterReason::ReceiverNotAllowed),
        ("responseTime", json!("2026-09-10"), DeadLetterReason::Malformed),
        ("transId", Value::Null, DeadLetterReason::Malformed),
    ] {
        let fault = fault(&adapter(), &signed(with(name, value)), now()).expect("believed");
        assert_eq!((fault.reason, fault.path), (reason, name));
    }
}

#[test]
fn momo_hears_204_once_it_is_durable() {
    let composed = composed(Happening::Paid);
    let headers = crate::testing::headers(&composed);
    let delivery = crate::testing::delivery(&composed, &headers);
    let rejection = crate::Rejection::malformed("", "");
    for (outcome, status) in [
        (Outcome::Stored, 204),
        (Outcome::Repeated, 204),
        (Outcome::Unusable(&rejection), 204),
        (Outcome::Refused(Refused::BadSignature), 400),
        (Outcome::Refused(Refused::Unreadable), 400),
        (Outcome::Refused(Refused::Misdirected), 405),
        (Outcome::Unavailable, 500),
    ] {
        assert_eq!(
            Dialect::reply(&adapter(), &delivery, outcome, now()),
            Reply::empty(status),
            "{outcome:?}"
        );
    }
}
