use cashless_domain::{DeadLetterReason, Timestamp};
use serde_json::json;

use super::*;
use crate::testing::{announcement, delivery, headers, now};
use crate::{Rejection, Said, Statement};

fn adapter(orders: &Value) -> ViettelMoney {
    let mut settings: Value = serde_json::from_str(PROVIDER.example).expect("settings");
    settings["orders"] = orders.clone();
    ViettelMoney(serde_json::from_value(settings).expect("settings"))
}

fn post(path: &'static str, pairs: &[(&str, &str)]) -> Composed {
    Composed { path, ..Composed::post("application/x-www-form-urlencoded", encoded(pairs)) }
}

/// A result, signed whatever it says.
fn result(pairs: [(&str, &str); 8]) -> Composed {
    let body = encoded(&pairs);
    let form = Form::parse(body.as_bytes()).unwrap_or_else(|refused| panic!("{refused}"));
    let check_sum = Encoding::Base64.write(&adapter(&json!({})).0.result_code(&form));
    post("", &[&pairs[..], &[("check_sum", &check_sum)]].concat())
}

const PAID: [(&str, &str); 8] = [
    ("billcode", "HP26A00123"),
    ("cust_msisdn", "84900000001"),
    ("error_code", "00"),
    ("merchant_code", "DEMOSCHOOL"),
    ("order_id", "HP26A00123-1"),
    ("payment_status", "1"),
    ("trans_amount", "350000"),
    ("vt_transaction_id", "260910115958001"),
];

fn with(changes: &[(&'static str, &'static str)]) -> [(&'static str, &'static str); 8] {
    PAID.map(|(name, value)| *changes.iter().find(|(other, _)| *other == name).unwrap_or(&(name, value)))
}

type Read = Result<Vec<Result<Statement<'static>, Rejection>>, Refused>;

fn read(adapter: &ViettelMoney, composed: &Composed) -> Read {
    let headers = headers(composed);
    adapter.statements(&delivery(composed, &headers), now())
}

fn one(adapter: &ViettelMoney, composed: &Composed) -> Result<Statement<'static>, Rejection> {
    read(adapter, composed).unwrap_or_else(|refused| panic!("{refused}")).remove(0)
}

fn answer(adapter: &ViettelMoney, composed: &Composed) -> Value {
    let headers = headers(composed);
    let delivery = delivery(composed, &headers);
    let reply = match Dialect::verify(adapter, &delivery, now()) {
        Ok(verified) => match Dialect::read(adapter, &verified, now()) {
            Message::Answer(reply) => reply,
            _ => Dialect::reply(adapter, &delivery, Outcome::Stored, now()),
        },
        Err(refused) => Dialect::reply(adapter, &delivery, Outcome::Refused(refused), now()),
    };
    assert_eq!(reply.status, 200);
    serde_json::from_str(&reply.body).expect("JSON")
}

#[test]
fn what_is_composed_comes_back_under_one_record_in_every_state() {
    let adapter = adapter(&json!({}));
    let states = [
        (Happening::Paid, Said::Paid),
        (Happening::Failed, Said::Failed),
        (Happening::Pending, Said::Pending),
    ];
    for (happening, said) in states {
        let announced = announcement(happening);
        let composed = Dialect::compose(&adapter, &announced, now()).expect("Viettel Money can say this");
        for time in [now(), Timestamp::parse_rfc3339("2027-09-10T12:00:00+07:00").expect("a time")] {
            let statement = crate::testing::statement(&adapter, &composed, time);
            assert_eq!((&statement.said, statement.record.as_ref()), (&said, "DEMOSCHOOL:4211977"));
            assert_eq!((statement.amount, statement.occurred_at), (Some(announced.amount), None));
            assert_eq!(statement.invoice.as_deref(), announced.invoice);
        }
    }
    for happening in [Happening::PaidOut, Happening::Test] {
        assert_eq!(Dialect::compose(&adapter, &announcement(happening), now()), None);
    }
}

#[test]
fn only_paid_without_an_error_is_paid() {
    let adapter = adapter(&json!({}));
    let table = [
        ("1", "00", Said::Paid),
        ("1", "99", Said::Pending),
        ("0", "00", Said::Pending),
        ("2", "16", Said::Failed),
        ("3", "W04", Said::Pending),
        ("5", "V06", Said::Failed),
        ("-1", "00", Said::Pending),
        ("7", "00", Said::Pending),
        ("01", "00", Said::Pending),
    ];
    for (status, error, said) in table {
        let told =
            result(with(&[("payment_status", status), ("error_code", error), ("vt_transaction_id", "")]));
        match (said, one(&adapter, &told)) {
            (Said::Paid, told) => assert!(told.is_err(), "paid without a transaction"),
            (said, Ok(told)) => {
                assert_eq!((told.said, told.record.as_ref()), (said, "DEMOSCHOOL:HP26A00123-1"));
            }
            (_, Err(rejection)) => panic!("{status} {error}: {rejection}"),
        }
    }
}

#[test]
fn a_digit_that_moved_is_held_by_the_amount_on_file() {
    let told = result(PAID);
    let moved = [("trans_amount", "3500002"), ("vt_transaction_id", "60910115958001")];
    let moved = result(with(&moved));
    let check_sum = |composed: &Composed| {
        let form = Form::parse(&composed.body).unwrap_or_else(|refused| panic!("{refused}"));
        form.get("check_sum").map(str::to_owned)
    };
    assert_eq!(check_sum(&told), check_sum(&moved), "no better than that");

    let knowing = adapter(&json!({ "HP26A00123-1": 350_000 }));
    assert!(one(&knowing, &told).is_ok());
    let held = one(&knowing, &moved).expect_err("another amount");
    assert_eq!(
        (held.reason, held.problem.as_ref()),
        (DeadLetterReason::InvalidAmount, Rejection::OTHER_AMOUNT)
    );
    let unknown = result(with(&[("order_id", "HP26A00123-"), ("trans_amount", "1350000")]));
    assert!(one(&knowing, &unknown).is_err(), "an order that nobody offered");
    assert!(one(&adapter(&json!({})), &moved).is_ok(), "nothing on file, nothing to hold it by");
}

#[test]
fn amounts_on_file_are_told_to_who_asks_rightly() {
    let adapter = adapter(&json!({ "HP26A00123-1": 350_000 }));
    let ask = |order: &str, write: Encoding| {
        let pairs = [("billcode", "HP26A00123"), ("merchant_code", "DEMOSCHOOL"), ("order_id", order)];
        let code = adapter.0.code(&["HP26A00123", "DEMOSCHOOL", order, "350000"]);
        answer(&adapter, &post(VERIFY, &[&pairs[..], &[("check_sum", &write.write(&code))]].concat()))
    };
    for write in [Encoding::Base64, Encoding::Hex] {
        let known = ask("HP26A00123-1", write);
        let code = adapter.0.code(&["HP26A00123", "00", "DEMOSCHOOL", "HP26A00123-1", "350000"]);
        let fields = [&known["error_code"], &known["trans_amount"], &known["check_sum"]];
        assert_eq!(fields, [&json!("00"), &json!("350000"), &json!(write.write(&code))]);
        assert_eq!(ask("HP26A00999-1", write)["error_code"], "01");
    }
}

/// Answers are signed like messages, with nothing between the values.
#[test]
fn no_answer_to_somebody_unknown_is_the_checksum_of_a_payment() {
    let believed = |changes: &[(&'static str, &'static str)], check_sum: &Value| {
        let check_sum = check_sum.as_str().expect("text");
        let told = post("", &[&with(changes)[..], &[("check_sum", check_sum)]].concat());
        read(&adapter(&json!({})), &told).map(|mut told| told.remove(0))
    };
    let forged = "84900000001".to_owned() + "00DEMOSCHOOLHP26A00123-11" + "350000260910115958001";
    let unsigned = [("merchant_code", "DEMOSCHOOL"), ("order_id", forged.as_str())];
    let asked = answer(&adapter(&json!({})), &post("", &unsigned));
    let told = believed(&[("billcode", "02DEMOSCHOOL")], &asked["check_sum"]);
    assert_eq!(told.map(|_| ()), Err(Refused::BadSignature));

    // What can be had reads as a result with the code of our own answer, and decides nothing.
    let unsigned = [("merchant_code", "DEMOSCHOOL"), ("order_id", "HP26A00123-12350000260910115958001")];
    let asked = answer(&adapter(&json!({})), &post("", &unsigned));
    let changes = [("billcode", ""), ("cust_msisdn", ""), ("error_code", "02"), ("payment_status", "2")];
    let told = believed(&changes, &asked["check_sum"]).unwrap_or_else(|refused| panic!("{refused}"));
    assert!(told.is_ok_and(|told| told.said == Said::Pending));

    // A question's bill and order are as free as a result's.
    let bill = "HP26A0012384900000001".to_owned() + "00DEMOSCHOOLHP26A00123-113500009";
    let unsigned = [("billcode", bill.as_str()), ("order_id", "HP26A00123-1")];
    let knowing = adapter(&json!({ "HP26A00123-1": 350_000 }));
    let asked = answer(&knowing, &post(VERIFY, &unsigned));
    let changes = [("vt_transaction_id", "902DEMOSCHOOLHP26A00123-1350000")];
    let told = believed(&changes, &asked["check_sum"]);
    assert_eq!(told.map(|_| ()), Err(Refused::BadSignature));
}

#[test]
fn other_paths_and_settings_are_not_for_it() {
    let adapter = adapter(&json!({}));
    assert_eq!(read(&adapter, &post("other", &PAID)).map(|_| ()), Err(Refused::Misdirected));
    assert_eq!(read(&adapter, &post("", &PAID)).map(|_| ()), Err(Refused::MissingSignature));
    let mut settings: Value = serde_json::from_str(PROVIDER.example).expect("settings");
    settings["orders"] = json!({ "A": 0 });
    assert!(configure(settings).is_err(), "an order for nothing");
}
