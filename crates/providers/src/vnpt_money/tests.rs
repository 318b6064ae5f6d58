use super::*;
use crate::testing::{announcement, delivery, headers, now, statement};
use crate::{Rejection, Said};

fn adapter() -> VnptMoney {
    VnptMoney(serde_json::from_str(PROVIDER.example).expect("settings"))
}

fn composed(happening: Happening) -> Composed {
    Dialect::compose(&adapter(), &announcement(happening), now()).expect("VNPT Money can say this")
}

fn verify(composed: &Composed) -> Result<(), Refused> {
    let headers = headers(composed);
    Dialect::verify(&adapter(), &delivery(composed, &headers), now()).map(|_| ())
}

/// A notice of these values, rightly signed.
fn signed(values: [&str; 10]) -> Composed {
    let members =
        signature::SIGNED.iter().zip(values).map(|(name, value)| ((*name).to_owned(), json!(value)));
    let mut members: serde_json::Map<_, _> = members.collect();
    members.insert("SECURE_CODE".to_owned(), signature::sign(&adapter().0.secret_key, &values).into());
    Composed::json(Value::Object(members).to_string())
}

#[test]
fn what_is_composed_comes_back_under_one_record_in_both_states() {
    let announced = announcement(Happening::Paid);
    let paid = statement(&adapter(), &composed(Happening::Paid), now());
    let failed = statement(&adapter(), &composed(Happening::Failed), now());
    assert_eq!((&paid.said, &failed.said), (&Said::Paid, &Said::Failed));
    assert_eq!((paid.amount, paid.occurred_at), (Some(announced.amount), Some(announced.occurred_at)));
    assert!(paid.receiver == failed.receiver);
    assert_eq!((&paid.record, paid.occurred_at), (&failed.record, failed.occurred_at));
    assert_ne!(paid.state, failed.state);
    let later = cashless_domain::Timestamp::parse_rfc3339("2027-09-10T12:00:00+07:00").expect("a time");
    assert!(statement(&adapter(), &composed(Happening::Paid), later) == paid);
    for happening in [Happening::PaidOut, Happening::Pending, Happening::Test] {
        assert_eq!(Dialect::compose(&adapter(), &announcement(happening), now()), None);
    }
}

#[test]
fn the_json_may_come_in_a_form() {
    let paid = composed(Happening::Paid);
    let json = String::from_utf8(paid.body.clone()).expect("text");
    let mut form = "data=".to_owned();
    crate::form::encode(&json, b"*-._", &mut form);
    let form = Composed::post("application/x-www-form-urlencoded", form);
    assert!(statement(&adapter(), &form, now()) == statement(&adapter(), &paid, now()));
    for body in ["", "data=", "other=1", "data=%5B%5D", "data={}&data={}"] {
        assert_eq!(verify(&Composed::post("", body)), Err(Refused::Unreadable), "{body}");
    }
}

/// `a|b` and `` are signed as `a` and `b|` are.
#[test]
fn a_value_with_the_sign_between_values_is_refused() {
    let values = ["CONFIRM", "00", "4711", "VP26", "350000", "VND", "VNPT1", "VNPTPAY", "20260910115958", ""];
    assert_eq!(verify(&signed(values)), Ok(()));
    let mut moved = values;
    (moved[0], moved[1], moved[2]) = ("CONFIRM|00", "4711", "");
    assert_eq!(verify(&signed(moved)), Err(Refused::Unreadable));
}

#[test]
fn an_answer_signs_no_text_that_could_be_a_notice() {
    let body = json!({ "MERCHANT_SERVICE_ID": "4711", "MERCHANT_ORDER_ID": "VP26|350000|VND|VNPT1|VNPTPAY" });
    let composed = Composed::json(body.to_string());
    let headers = headers(&composed);
    let refused = Outcome::Refused(Refused::Unreadable);
    let reply = Dialect::reply(&adapter(), &delivery(&composed, &headers), refused, now());
    let body: Value = serde_json::from_str(&reply.body).expect("JSON");
    assert_eq!((&body["MERCHANT_ORDER_ID"], &body["RESPONSE_CODE"]), (&json!(""), &json!("97")));
}

#[test]
fn every_answer_is_signed_with_its_own_code() {
    let composed = composed(Happening::Paid);
    let headers = headers(&composed);
    let rejection = |reason| Rejection::new(reason, "", "");
    let [amount, receiver, other] =
        [DeadLetterReason::InvalidAmount, DeadLetterReason::ReceiverNotAllowed, DeadLetterReason::Malformed]
            .map(rejection);
    let table = [
        (Outcome::Stored, "00"),
        (Outcome::Repeated, "00"),
        (Outcome::Unusable(&amount), "04"),
        (Outcome::Unusable(&receiver), "01"),
        (Outcome::Unusable(&other), "99"),
        (Outcome::Refused(Refused::MissingSignature), "97"),
        (Outcome::Unavailable, "99"),
    ];
    for (outcome, code) in table {
        let reply = Dialect::reply(&adapter(), &delivery(&composed, &headers), outcome, now());
        let body: Value = serde_json::from_str(&reply.body).expect("JSON");
        let value = |name: &str| body[name].as_str().expect("text");
        assert_eq!((reply.status, value("RESPONSE_CODE")), (200, code), "{outcome:?}");
        let signed = [code, value("DESCRIPTION"), "4711", "HP26A00123", "20260910120000"];
        assert_eq!(value("SECURE_CODE"), signature::sign(&adapter().0.secret_key, &signed));
    }
}

#[test]
fn what_is_signed_can_still_be_of_no_use() {
    let values = ["CONFIRM", "00", "4711", "VP26", "350000", "VND", "VNPT1", "", "", ""];
    let reads = |place: usize, value| {
        let mut values = values;
        values[place] = value;
        let composed = signed(values);
        let headers = headers(&composed);
        let statements = adapter().statements(&delivery(&composed, &headers), now());
        statements
            .unwrap_or_else(|refused| panic!("{refused}"))
            .remove(0)
            .map_err(|rejection| rejection.reason)
    };
    assert!(reads(7, "VNPTPAY").is_ok_and(|statement| statement.occurred_at.is_none()));
    let table = [
        (1, "", DeadLetterReason::Malformed),
        (2, "4712", DeadLetterReason::ReceiverNotAllowed),
        (4, "350000.5", DeadLetterReason::InvalidAmount),
        (4, "", DeadLetterReason::InvalidAmount),
        (5, "USD", DeadLetterReason::UnsupportedCurrency),
        (6, "", DeadLetterReason::Malformed),
        (8, "2026-09-10", DeadLetterReason::Malformed),
    ];
    for (place, value, reason) in table {
        assert_eq!(reads(place, value).err(), Some(reason), "{place} {value}");
    }
}
