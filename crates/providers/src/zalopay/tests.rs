use cashless_domain::{DeadLetterReason, Timestamp};

use super::*;
use crate::testing::{announcement, delivery, headers, now, statement};
use crate::{Rejection, Said};

fn adapter() -> ZaloPay {
    ZaloPay(serde_json::from_str(PROVIDER.example).expect("settings"))
}

fn signed(data: &str, kind: u8) -> Composed {
    let body = json!({ "data": data, "mac": hex(&adapter().code(data)), "type": kind });
    Composed::json(body.to_string())
}

fn read(composed: &Composed) -> Result<crate::Statement<'static>, Rejection> {
    let headers = headers(composed);
    let statements = adapter().statements(&delivery(composed, &headers), now());
    statements.unwrap_or_else(|refused| panic!("{refused}")).remove(0)
}

#[test]
fn what_is_composed_comes_back_also_a_year_later() {
    let announced = announcement(Happening::Paid);
    let composed = Dialect::compose(&adapter(), &announced, now()).expect("ZaloPay can say this");
    let read = statement(&adapter(), &composed, now());
    assert_eq!(
        (&read.said, read.amount, read.occurred_at),
        (&Said::Paid, Some(announced.amount), Some(announced.occurred_at))
    );
    assert_eq!((read.record.as_ref(), read.invoice.as_deref()), ("7301:4211977", announced.invoice));
    let later = Timestamp::parse_rfc3339("2027-09-10T12:00:00+07:00").expect("a time");
    assert!(statement(&adapter(), &composed, later) == read);
    for happening in [Happening::PaidOut, Happening::Failed, Happening::Pending, Happening::Test] {
        assert_eq!(Dialect::compose(&adapter(), &announcement(happening), now()), None);
    }
}

#[test]
fn the_unsigned_type_decides_nothing() {
    let order = r#"{"app_id":7301,"app_trans_id":"260910_7","amount":350000,"zp_trans_id":9223372036854775807,
        "server_time":1789016398000,"embed_data":"{\"invoice\":\"\"}"}"#;
    for kind in [1, 2] {
        let statement = read(&signed(order, kind)).unwrap_or_else(|rejection| panic!("{rejection}"));
        assert_eq!(statement.transaction_id.as_deref(), Some("9223372036854775807"));
        assert_eq!(statement.invoice.as_deref(), Some("260910_7"), "an empty invoice is none");
    }
    let agreement =
        r#"{"app_id":7301,"app_trans_id":"260910_7","binding_id":"b-1","server_time":1789016398000}"#;
    for kind in [1, 2] {
        let rejection = read(&signed(agreement, kind)).expect_err("no payment");
        assert_eq!(rejection.problem, Rejection::OTHER_MESSAGE);
    }
}

#[test]
fn what_is_signed_can_still_be_of_no_use() {
    let table = [
        (
            r#"{"app_id":7302,"amount":1,"zp_trans_id":1,"server_time":1}"#,
            DeadLetterReason::ReceiverNotAllowed,
        ),
        (r#"{"app_id":7301,"amount":1.5,"zp_trans_id":1,"server_time":1}"#, DeadLetterReason::InvalidAmount),
        (r#"{"app_id":7301,"amount":1e3,"zp_trans_id":1,"server_time":1}"#, DeadLetterReason::InvalidAmount),
        (r#"{"app_id":7301,"amount":1,"zp_trans_id":-1,"server_time":1}"#, DeadLetterReason::Malformed),
        (r#"{"app_id":7301,"amount":1,"zp_trans_id":1}"#, DeadLetterReason::Malformed),
        (
            r#"{"app_id":7301,"amount":1,"amount":2,"zp_trans_id":1,"server_time":1}"#,
            DeadLetterReason::Malformed,
        ),
        ("no JSON", DeadLetterReason::Malformed),
    ];
    for (data, reason) in table {
        assert_eq!(read(&signed(data, 1)).expect_err(data).reason, reason, "{data}");
    }
}

#[test]
fn every_answer_is_one_that_zalopay_knows() {
    let composed = signed("{}", 1);
    let headers = headers(&composed);
    let rejection = Rejection::malformed("", "");
    let table = [
        (Outcome::Stored, 1),
        (Outcome::Repeated, 2),
        (Outcome::Unusable(&rejection), 1),
        (Outcome::Refused(Refused::BadSignature), -1),
        (Outcome::Refused(Refused::Unreadable), -1),
        (Outcome::Unavailable, 0),
    ];
    for (outcome, code) in table {
        let reply = Dialect::reply(&adapter(), &delivery(&composed, &headers), outcome, now());
        let body: Value = serde_json::from_str(&reply.body).expect("JSON");
        assert_eq!((reply.status, &body["return_code"]), (200, &json!(code)), "{outcome:?}");
    }
}
