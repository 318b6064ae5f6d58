use cashless_domain::{AmountDong, DeadLetterReason};

use super::*;
use crate::testing::{announcement, fault, now, statement, told_again};
use crate::{Direction, Said};

fn adapter_with(amount_divisor: u32) -> ShopeePay {
    let settings = json!({
        "client_id": "2000002",
        "secret": "shopeepay-test",
        "amount_divisor": amount_divisor,
        "merchant_ext_id": "BENHVIEN1",
    });
    ShopeePay(serde_json::from_value(settings).expect("settings"))
}

fn adapter() -> ShopeePay {
    adapter_with(100)
}

fn composed(happening: Happening) -> Composed {
    Dialect::compose(&adapter(), &announcement(happening), now()).expect("ShopeePay can say this")
}

/// The body with a right signature.
fn signed(body: &str) -> Composed {
    let signature = base64(&adapter().signature(body.as_bytes()));
    Composed::json(body).with_header(CLIENT_ID, "2000002").with_header(SIGNATURE, signature)
}

fn with(members: &Value) -> Composed {
    let mut body = json!({
        "payment_reference_id": "VP-9", "transaction_sn": "0140", "amount": 35_000_000, "status": 3,
        "merchant_ext_id": "BENHVIEN1",
    });
    for (name, value) in members.as_object().expect("an object") {
        body[name] = value.clone();
    }
    signed(&body.to_string())
}

#[test]
fn what_is_composed_is_read_again_under_one_key_whenever_it_comes() {
    let states = [(Happening::Paid, Said::Paid, Some("3")), (Happening::Pending, Said::Pending, Some("2"))];
    told_again(&adapter(), "4211977", &states);
}

#[test]
fn success_is_what_every_member_says_that_tells_a_state() {
    for (members, said) in [
        (json!({}), Said::Paid),
        (json!({ "status": "3", "transaction_type": 13 }), Said::Paid),
        (json!({ "status": null, "transaction_status": 3 }), Said::Paid),
        (json!({ "status": null, "payment_status": 1 }), Said::Paid),
        (json!({ "status": 1 }), Said::Pending),
        (json!({ "transaction_status": 2 }), Said::Pending),
        (json!({ "status": null, "payment_status": 3 }), Said::Pending),
        (json!({ "transaction_type": 15 }), Said::Pending),
        (json!({ "refund_reference_id": "R-1", "transaction_type": 15 }), Said::Reversed { original: None }),
        (json!({ "refund_reference_id": "R-1", "status": 2 }), Said::Pending),
    ] {
        assert_eq!(statement(&adapter(), &with(&members), now()).said, said, "{members}");
    }
    let refund = statement(&adapter(), &with(&json!({ "refund_reference_id": "R-1" })), now());
    assert_eq!(refund.direction, Direction::Out);
}

#[test]
fn the_settings_say_in_which_unit_amounts_are() {
    let amount = |divisor| {
        let composed = with(&json!({}));
        statement(&adapter_with(divisor), &composed, now()).amount.map(AmountDong::get)
    };
    assert_eq!((amount(100), amount(1)), (Some(350_000), Some(35_000_000)));
    let without = json!({ "client_id": "2000002", "secret": "shopeepay-test" });
    assert!((PROVIDER.configure)(without).is_err());
    let zero = json!({ "client_id": "2000002", "secret": "shopeepay-test", "amount_divisor": 0 });
    assert!((PROVIDER.configure)(zero).is_err());
}

#[test]
fn the_raw_body_is_signed_for_one_application() {
    let good = with(&json!({}));
    let spaced = [good.body.as_slice(), b" "].concat();
    let spaced = Composed { body: spaced, ..good.clone() };
    assert_eq!(fault(&adapter(), &spaced, now()), Err(Refused::BadSignature));
    let without = |name: &str| Composed {
        headers: good.headers.iter().filter(|(header, _)| *header != name).cloned().collect(),
        ..good.clone()
    };
    for name in [CLIENT_ID, SIGNATURE] {
        assert_eq!(fault(&adapter(), &without(name), now()), Err(Refused::MissingSignature), "{name}");
    }
    let other = without(CLIENT_ID).with_header(CLIENT_ID, "3000003");
    assert_eq!(fault(&adapter(), &other, now()), Err(Refused::BadSignature));
    let twice = signed(r#"{"amount":1,"amount":2}"#);
    assert_eq!(fault(&adapter(), &twice, now()), Err(Refused::Unreadable));
}

#[test]
fn what_cannot_be_used_names_its_member() {
    for (members, reason, path) in [
        (json!({ "amount": 35_000_050 }), DeadLetterReason::InvalidAmount, "amount"),
        (json!({ "amount": null }), DeadLetterReason::Malformed, "amount"),
        (json!({ "currency": "THB" }), DeadLetterReason::UnsupportedCurrency, "currency"),
        (json!({ "merchant_ext_id": "X" }), DeadLetterReason::ReceiverNotAllowed, "merchant_ext_id"),
        (json!({ "transaction_sn": "" }), DeadLetterReason::Malformed, "transaction_sn"),
        (json!({ "status": null }), DeadLetterReason::Malformed, "status"),
    ] {
        let fault = fault(&adapter(), &with(&members), now()).expect("believed");
        assert_eq!((fault.reason, fault.path), (reason, path), "{members}");
    }
}

#[test]
fn only_what_is_durable_is_errcode_0() {
    let composed = composed(Happening::Paid);
    let headers = crate::testing::headers(&composed);
    let delivery = crate::testing::delivery(&composed, &headers);
    let rejection = crate::Rejection::malformed("", "");
    for (outcome, status, code) in [
        (Outcome::Stored, 200, 0),
        (Outcome::Repeated, 200, 0),
        (Outcome::Unusable(&rejection), 200, 0),
        (Outcome::Refused(Refused::BadSignature), 200, 2),
        (Outcome::Refused(Refused::Unreadable), 200, 1),
        (Outcome::Refused(Refused::Misdirected), 405, 1),
        (Outcome::Unavailable, 503, -1),
    ] {
        let reply = Dialect::reply(&adapter(), &delivery, outcome, now());
        let body: Value = serde_json::from_str(&reply.body).expect("JSON");
        assert_eq!((reply.status, body["errcode"].as_i64()), (status, Some(code)), "{outcome:?}");
    }
}
