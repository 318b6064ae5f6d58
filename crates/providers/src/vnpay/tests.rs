use cashless_domain::{DeadLetterReason, Method};
use serde_json::json;

use super::*;
use crate::testing::{announcement, fault, now, statement, told_again};
use crate::{Channel, Said};

const SECRET: &str = "vnpay-test-hash-secret";

fn adapter() -> VnPay {
    let settings = json!({ "tmn_code": "BENHVIEN1", "hash_secret": SECRET });
    VnPay(serde_json::from_value(settings).expect("settings"))
}

fn composed(happening: Happening) -> Composed {
    Dialect::compose(&adapter(), &announcement(happening), now()).expect("VNPay can say this")
}

/// `sent`, with the hash of `signed`.
fn signed(sent: &str, signed: &str) -> Composed {
    let hash = signature::sign(&adapter().0.hash_secret, signed);
    Composed::get(format!("{sent}&vnp_SecureHash={hash}"))
}

const PAID: &str = "vnp_Amount=35000000&vnp_ResponseCode=00&vnp_TmnCode=BENHVIEN1&vnp_TransactionNo=77\
                    &vnp_TransactionStatus=00&vnp_TxnRef=VP-9";

#[test]
fn what_is_composed_is_read_again_under_one_key_whenever_it_comes() {
    let states = [
        (Happening::Paid, Said::Paid, None),
        (Happening::Failed, Said::Failed, Some("24:02")),
        (Happening::Pending, Said::Pending, Some("00:01")),
    ];
    for statement in told_again(&adapter(), "BENHVIEN1:4211977", &states) {
        let announced = announcement(Happening::Paid);
        assert_eq!(statement.reason.as_deref(), Some(announced.reason));
        assert_eq!(statement.occurred_at, Some(announced.occurred_at));
    }
}

#[test]
fn only_two_zero_codes_are_paid() {
    let table = [
        ("00", "00", Said::Paid),
        ("00", "01", Said::Pending),
        ("00", "02", Said::Failed),
        ("00", "04", Said::Pending),
        ("00", "07", Said::Pending),
        ("00", "05", Said::Pending),
        ("07", "00", Said::Pending),
        ("07", "02", Said::Pending),
        ("24", "02", Said::Failed),
        ("24", "01", Said::Pending),
        ("99", "00", Said::Failed),
        ("0", "0", Said::Failed),
    ];
    for (response, status, said) in table {
        let query = PAID
            .replace("ResponseCode=00", &format!("ResponseCode={response}"))
            .replace("Status=00", &format!("Status={status}"));
        assert_eq!(statement(&adapter(), &signed(&query, &query), now()).said, said, "{response} {status}");
    }
}

#[test]
fn every_known_encoder_is_believed() {
    let with =
        |info: &str, tail: &str| PAID.replace("&vnp_Resp", &format!("&vnp_OrderInfo={info}{tail}&vnp_Resp"));
    let php = with("%C4%90%E1%BB%A3t+1+%282%29%2A%21%27%7E", "");
    for sent in [
        php.clone(),
        // Java, .NET and JavaScript leave more as it is.
        with("%C4%90%E1%BB%A3t+1+%282%29*%21%27%7E", ""),
        with("%C4%90%E1%BB%A3t+1+(2)*!%27%7E", ""),
        with("%C4%90%E1%BB%A3t%201%20(2)*!'~", ""),
        with("%c4%90%e1%bb%a3t+1+%282%29%2a%21%27%7e", ""),
    ] {
        for signed_text in [&sent, &php] {
            let statement = statement(&adapter(), &signed(&sent, signed_text), now());
            assert_eq!(statement.reason.as_deref(), Some("Đợt 1 (2)*!'~"), "{sent}");
        }
    }
    // With a parameter that has no value, signed or not.
    let with_empty = with("x", "&vnp_PayDate=");
    for signed_text in [&with_empty, &with("x", "")] {
        assert_eq!(statement(&adapter(), &signed(&with_empty, signed_text), now()).occurred_at, None);
    }
}

#[test]
fn any_other_change_is_not_believed() {
    let good = signed(PAID, PAID).query;
    for (from, to) in [
        ("35000000", "35000100"),
        ("vnp_TxnRef=VP-9", "vnp_TxnRef=VP-8"),
        ("&vnp_TxnRef=VP-9", ""),
        ("vnp_Amount", "vnp_Bmount"),
        ("VP-9", "VP-9&vnp_PayDate=20260910115958"),
    ] {
        let changed = good.replacen(from, to, 1);
        assert_ne!(changed, good);
        assert_eq!(fault(&adapter(), &Composed::get(changed), now()), Err(Refused::BadSignature), "{to}");
    }
    for (query, refused) in [
        (PAID.to_owned(), Refused::MissingSignature),
        (format!("{PAID}&vnp_SecureHash="), Refused::MissingSignature),
        (format!("{PAID}&vnp_SecureHash=00"), Refused::BadSignature),
        (format!("{good}&vnp%5FAmount=1"), Refused::Unreadable),
        (format!("{good}&x=%FF"), Refused::Unreadable),
    ] {
        assert_eq!(fault(&adapter(), &Composed::get(query), now()), Err(refused));
    }
    // What nobody signs is not read.
    assert_eq!(statement(&adapter(), &Composed::get(format!("utm=1&{good}&z=2")), now()).said, Said::Paid);
}

#[test]
fn nothing_booked_is_named_by_the_merchants_reference() {
    let cancelled = PAID.replace("=77", "=0").replace("ResponseCode=00", "ResponseCode=24");
    let read = statement(&adapter(), &signed(&cancelled, &cancelled), now());
    assert_eq!((read.record.as_ref(), read.transaction_id), ("BENHVIEN1:VP-9", None));
    let paid = PAID.replace("=77", "=0");
    let fault = fault(&adapter(), &signed(&paid, &paid), now()).expect("believed");
    assert_eq!((fault.reason, fault.path), (DeadLetterReason::Malformed, "vnp_TransactionNo"));
}

#[test]
fn what_cannot_be_used_names_its_parameter() {
    for (from, to, reason, path) in [
        ("35000000", "35000050", DeadLetterReason::InvalidAmount, "vnp_Amount"),
        ("35000000", "-35000000", DeadLetterReason::InvalidAmount, "vnp_Amount"),
        ("BENHVIEN1", "BENHVIEN2", DeadLetterReason::ReceiverNotAllowed, "vnp_TmnCode"),
        ("vnp_TransactionStatus=00&", "", DeadLetterReason::Malformed, "vnp_TransactionStatus"),
        ("vnp_Resp", "vnp_PayDate=2026&vnp_Resp", DeadLetterReason::Malformed, "vnp_PayDate"),
    ] {
        let query = PAID.replacen(from, to, 1);
        let fault = fault(&adapter(), &signed(&query, &query), now()).expect("believed");
        assert_eq!((fault.reason, fault.path), (reason, path), "{to}");
    }
}

#[test]
fn the_card_type_tells_the_way() {
    for (card_type, channel, method) in [
        ("QRCODE", Channel::BankTransfer, Method::QrPayment),
        ("ATM", Channel::Card, Method::WebPayment),
        ("", Channel::Unknown, Method::Unknown),
    ] {
        let query = PAID.replace("&vnp_Resp", &format!("&vnp_CardType={card_type}&vnp_Resp"));
        let statement = statement(&adapter(), &signed(&query, &query), now());
        assert_eq!((statement.channel, statement.method), (channel, method), "{card_type}");
    }
}

#[test]
fn only_what_is_durable_stops_vnpay() {
    let composed = composed(Happening::Paid);
    let headers = crate::testing::headers(&composed);
    let delivery = crate::testing::delivery(&composed, &headers);
    let rejection = crate::Rejection::malformed("", "");
    for (outcome, status, code) in [
        (Outcome::Stored, 200, "00"),
        (Outcome::Repeated, 200, "02"),
        (Outcome::Unusable(&rejection), 200, "00"),
        (Outcome::Refused(Refused::BadSignature), 200, "97"),
        (Outcome::Refused(Refused::MissingSignature), 200, "97"),
        (Outcome::Refused(Refused::Unreadable), 200, "97"),
        (Outcome::Refused(Refused::Misdirected), 405, "99"),
        (Outcome::Unavailable, 200, "99"),
    ] {
        let reply = Dialect::reply(&adapter(), &delivery, outcome, now());
        let body: Value = serde_json::from_str(&reply.body).expect("JSON");
        assert_eq!((reply.status, body["RspCode"].as_str()), (status, Some(code)), "{outcome:?}");
    }
}
