use cashless_domain::DeadLetterReason;
use hmac::Hmac;
use serde_json::json;
use sha2::Sha256;

use super::*;
use crate::Said;
use crate::proof::{hex, mac};
use crate::testing::{announcement, fault, now, statement, told_again};

fn adapter() -> OnePay {
    let settings = json!({ "merchant": "BENHVIEN1", "hash_key_hex": "000102030405060708090a0B0C0D0E0F" });
    OnePay::new(serde_json::from_value(settings).expect("settings")).expect("a key")
}

fn composed(happening: Happening) -> Composed {
    Dialect::compose(&adapter(), &announcement(happening), now()).expect("OnePay can say this")
}

/// `query`, with the hash of `text`.
fn signed(query: &str, text: &str) -> Composed {
    let hash = hex(&mac::<Hmac<Sha256>>(&adapter().hash_key, &[text.as_bytes()]));
    Composed::get(format!("{query}&vpc_SecureHash={hash}"))
}

const PAID: &str = "vpc_Amount=35000000&vpc_MerchTxnRef=VP-9&vpc_Merchant=BENHVIEN1&vpc_TransactionNo=77\
                    &vpc_TxnResponseCode=0";

#[test]
fn what_is_composed_is_read_again_under_one_key_whenever_it_comes() {
    let states = [
        (Happening::Paid, Said::Paid, Some("0")),
        (Happening::Failed, Said::Failed, Some("99")),
        (Happening::Pending, Said::Pending, Some("300")),
    ];
    for statement in told_again(&adapter(), "BENHVIEN1:4211977", &states) {
        let announced = announcement(Happening::Paid);
        assert_eq!(statement.reason.as_deref(), Some(announced.reason));
    }
}

#[test]
fn a_posted_form_says_the_same() {
    let query = composed(Happening::Paid).query;
    let posted = Composed::post("application/x-www-form-urlencoded", query.clone());
    assert_eq!(statement(&adapter(), &posted, now()), statement(&adapter(), &Composed::get(query), now()));
}

#[test]
fn what_has_no_value_or_another_prefix_is_not_signed() {
    let sent = format!("other=1&vpc_Card=&{PAID}&vpc_SecureHashType=SHA256&user_Email=a%40vidu.vn");
    let text = format!("user_Email=a@vidu.vn&{PAID}");
    assert_eq!(statement(&adapter(), &signed(&sent, &text), now()).said, Said::Paid);
    for changed in ["Email=b", "user_Email=&x", "user_Email=a%40vidu.vn&user_Id=1"] {
        let changed = sent.replace("user_Email=a%40vidu.vn", changed);
        assert_eq!(fault(&adapter(), &signed(&changed, &text), now()), Err(Refused::BadSignature));
    }
    assert_eq!(fault(&adapter(), &Composed::get(PAID.to_owned()), now()), Err(Refused::MissingSignature));
}

#[test]
fn a_signed_text_is_not_cut_in_another_way() {
    // The payer of an attempt that failed chose the text of the order.
    let text = "vpc_Amount=35000000&vpc_MerchTxnRef=VP-9&vpc_Merchant=BENHVIEN1\
                &vpc_OrderInfo=x&vpc_TransactionNo=1&vpc_TxnResponseCode=0&vpc_Z=\
                &vpc_TransactionNo=77&vpc_TxnResponseCode=99";
    let as_success = text.replace("vpc_Z=&vpc_TransactionNo=77&vpc", "vpc_Z=%26vpc_TransactionNo%3D77%26vpc");
    assert_eq!(fault(&adapter(), &signed(&as_success, text), now()), Err(Refused::BadSignature));
    let in_a_name = PAID.replace(
        "vpc_TransactionNo=77&vpc_TxnResponseCode=0",
        "vpc_TransactionNo%3D77%26vpc_TxnResponseCode=0",
    );
    assert_ne!(in_a_name, PAID);
    assert_eq!(fault(&adapter(), &signed(&in_a_name, PAID), now()), Err(Refused::BadSignature));
    // Other texts with an ampersand are texts.
    let plain = PAID.replace("&vpc_Tr", "&vpc_OrderInfo=a%26b%3Dc %26 vpc_d&vpc_Tr");
    let text = PAID.replace("&vpc_Tr", "&vpc_OrderInfo=a&b=c & vpc_d&vpc_Tr");
    let read = statement(&adapter(), &signed(&plain, &text), now());
    assert_eq!(read.reason.as_deref(), Some("a&b=c & vpc_d"));
}

#[test]
fn what_cannot_be_used_names_its_parameter() {
    for (from, to, reason, path) in [
        ("35000000", "35000001", DeadLetterReason::InvalidAmount, "vpc_Amount"),
        ("BENHVIEN1", "BENHVIEN2", DeadLetterReason::ReceiverNotAllowed, "vpc_Merchant"),
        ("=77", "=0", DeadLetterReason::Malformed, "vpc_TransactionNo"),
        (
            "vpc_Merch",
            "vpc_CurrencyCode=USD&vpc_Merch",
            DeadLetterReason::UnsupportedCurrency,
            "vpc_CurrencyCode",
        ),
    ] {
        let query = PAID.replacen(from, to, 1);
        let fault = fault(&adapter(), &signed(&query, &query), now()).expect("believed");
        assert_eq!((fault.reason, fault.path), (reason, path), "{to}");
    }
}

#[test]
fn a_key_that_is_not_hexadecimal_is_refused_and_not_quoted() {
    let settings = json!({ "merchant": "BENHVIEN1", "hash_key_hex": "CANARY" });
    let problem = (PROVIDER.configure)(settings).err().expect("refused");
    assert!(problem.contains("hash_key_hex") && !problem.contains("CANARY"), "{problem}");
}

#[test]
fn only_what_is_durable_is_confirmed() {
    let composed = composed(Happening::Paid);
    let headers = crate::testing::headers(&composed);
    let delivery = crate::testing::delivery(&composed, &headers);
    let rejection = crate::Rejection::malformed("", "");
    for (outcome, status, code) in [
        (Outcome::Stored, 200, "1"),
        (Outcome::Repeated, 200, "1"),
        (Outcome::Unusable(&rejection), 200, "1"),
        (Outcome::Refused(Refused::BadSignature), 200, "0"),
        (Outcome::Refused(Refused::Unreadable), 200, "0"),
        (Outcome::Unavailable, 503, "0"),
    ] {
        let reply = Dialect::reply(&adapter(), &delivery, outcome, now());
        let starts = reply.body.starts_with(&format!("responsecode={code}&"));
        assert_eq!((reply.status, reply.content_type, starts), (status, "text/plain", true), "{outcome:?}");
    }
}
