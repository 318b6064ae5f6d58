use http::HeaderValue;

use super::*;
use crate::testing::{announcement, delivery, headers, now, statement};
use crate::{Direction, Receiver, Said};

const V2: &str = r#"{"version":"v2","security_key":"test-casso-security-key"}"#;
const V1: &str = r#"{"version":"v1","secure_token":"test-casso-secure-token"}"#;

fn adapter(settings: &str) -> Casso {
    Casso(serde_json::from_str(settings).expect("settings"))
}

fn later(seconds: i64) -> Timestamp {
    Timestamp::from_micros(now().as_micros() + seconds * 1_000_000).expect("a time")
}

fn composed(adapter: &Casso, happening: Happening) -> Composed {
    Dialect::compose(adapter, &announcement(happening), now()).expect("Casso can say this")
}

/// Verifies a body under a signature over some text, `t` included.
fn verify(body: &str, t: &str, signed: &str) -> Result<(), Refused> {
    let adapter = adapter(V2);
    let Settings::V2 { security_key, .. } = &adapter.0 else { panic!("V2") };
    let mac = crate::proof::mac::<hmac::Hmac<sha2::Sha512>>(security_key.as_bytes(), &[signed.as_bytes()]);
    let header = format!("t={t},v1={}", crate::proof::hex(&mac));
    let composed = Composed::json(body).with_header(signature::HEADER, header);
    adapter.verify(&delivery(&composed, &headers(&composed)), now()).map(|_| ())
}

fn t() -> String {
    (now().as_micros() / 1_000).to_string()
}

#[test]
fn both_versions_say_again_what_was_announced() {
    for settings in [V2, V1] {
        let adapter = adapter(settings);
        let table = [
            (Happening::Paid, Said::Paid, Direction::In, "4211977"),
            (Happening::PaidOut, Said::PaidOut, Direction::Out, "4211977"),
            (Happening::Test, Said::Test, Direction::In, "0:FT26253012345678"),
        ];
        for (happening, said, direction, record) in table {
            let announced = announcement(happening);
            let statement = statement(&adapter, &composed(&adapter, happening), now());
            assert_eq!((&statement.said, statement.direction), (&said, direction), "{settings}");
            assert_eq!(statement.record, record);
            assert_eq!(statement.amount, Some(announced.amount));
            assert_eq!(statement.occurred_at, Some(announced.occurred_at));
            assert_eq!(statement.bank_reference.as_deref(), Some(announced.bank_reference));
            assert_eq!(statement.payer_name.as_deref(), announced.payer_name);
            assert_eq!(statement.payer_account.as_deref(), announced.payer_account);
            assert_eq!(statement.reason.as_deref(), Some(announced.reason));
            let receiver = Receiver::Account { bank: "970436".into(), number: announced.account.into() };
            assert!(statement.receiver == receiver);
        }
        for happening in [Happening::Failed, Happening::Pending] {
            assert!(Dialect::compose(&adapter, &announcement(happening), now()).is_none());
        }
    }
}

#[test]
fn the_whole_body_is_signed_with_its_members_sorted_at_every_level() {
    let body =
        r#"{"error":0, "data":{"z":[{"b":1,"a":{"d":2.50,"c":null}},true],"a":"x\/\u1ed9\n\"","Z":1e2}}"#;
    let signed = r#"{"data":{"Z":1e2,"a":"x/ộ\n\"","z":[{"a":{"c":null,"d":2.50},"b":1},true]},"error":0}"#;
    let tree = tree::object(body.as_bytes()).unwrap_or_else(|refused| panic!("{refused}"));
    assert_eq!(signature::sorted_json(&tree), signed);
    let t = t();
    assert_eq!(verify(body, &t, &format!("{t}.{signed}")), Ok(()));
    let data = signed.trim_start_matches(r#"{"data":"#).trim_end_matches(r#","error":0}"#);
    for wrong in [format!("{t}.{data}"), format!("{t}.{body}"), signed.to_owned()] {
        assert_eq!(verify(body, &t, &wrong), Err(Refused::BadSignature), "{wrong}");
    }
    let changed = body.replace(r#""error":0"#, r#""error":1"#);
    assert_eq!(verify(&changed, &t, &format!("{t}.{signed}")), Err(Refused::BadSignature));
}

#[test]
fn each_sample_may_write_other_letters_in_its_own_way() {
    let body = r#"{"data":{"description":"học phí/kỳ 2 🎓"},"error":0}"#;
    let php = r#"{"data":{"description":"h\u1ecdc ph\u00ed\/k\u1ef3 2 \ud83c\udf93"},"error":0}"#;
    let python = php.replace(r"\/", "/");
    let t = t();
    for signed in [body, php, &python] {
        assert_eq!(verify(body, &t, &format!("{t}.{signed}")), Ok(()), "{signed}");
    }
    let upper = php.replace(r"\u1ecdc", r"\u1ECDc");
    assert_eq!(verify(body, &t, &format!("{t}.{upper}")), Err(Refused::BadSignature));
}

#[test]
fn a_signature_is_fresh_for_five_minutes_counted_in_milliseconds() {
    let body = r#"{"data":{},"error":0}"#;
    let millis = now().as_micros() / 1_000;
    for (t, wanted) in [
        (millis.to_string(), Ok(())),
        ((millis - 300_000).to_string(), Ok(())),
        ((millis + 300_000).to_string(), Ok(())),
        ((millis - 300_001).to_string(), Err(Refused::Stale)),
        ((millis + 300_001).to_string(), Err(Refused::Stale)),
        ((millis / 1_000).to_string(), Err(Refused::Stale)),
        ("+1".to_owned(), Err(Refused::Unreadable)),
        ("9".repeat(40), Err(Refused::Unreadable)),
        (String::new(), Err(Refused::Unreadable)),
    ] {
        assert_eq!(verify(body, &t, &format!("{t}.{body}")), wanted, "{t}");
    }
    let long = adapter(r#"{"version":"v2","security_key":"test-casso-security-key","tolerance_s":86400}"#);
    let composed = composed(&long, Happening::Paid);
    assert!(statement(&long, &composed, later(86_400)).said == Said::Paid);
}

#[test]
fn a_signature_with_a_part_missing_is_none() {
    let adapter = adapter(V2);
    let composed = composed(&adapter, Happening::Paid);
    let right = composed.headers[1].1.clone();
    let (t, v1) = right.split_once(',').expect("two parts");
    let cases = [
        (right.clone(), Ok(())),
        (format!("{v1}, {t}"), Ok(())),
        (right.to_uppercase().replace("T=", "t=").replace("V1=", "v1="), Ok(())),
        (t.to_owned(), Err(Refused::MissingSignature)),
        (v1.to_owned(), Err(Refused::MissingSignature)),
        (String::new(), Err(Refused::MissingSignature)),
        (format!("{t},v1="), Err(Refused::BadSignature)),
        (format!("{t},v1=00"), Err(Refused::BadSignature)),
        (right.replace("v1=", "v1=0"), Err(Refused::BadSignature)),
    ];
    let mut headers = headers(&composed);
    for (header, wanted) in cases {
        headers.insert(signature::HEADER, HeaderValue::from_str(&header).expect("a value"));
        assert_eq!(adapter.verify(&delivery(&composed, &headers), now()).map(|_| ()), wanted, "{header}");
    }
    headers.remove(signature::HEADER);
    let verified = adapter.verify(&delivery(&composed, &headers), now()).map(|_| ());
    assert_eq!(verified, Err(Refused::MissingSignature));
}

#[test]
fn rows_of_v1_stand_for_themselves() {
    let adapter = adapter(V1);
    let body = r#"{"error":0,"data":[
        {"id":51,"tid":"FT1","amount":-11000,"when":"2026-09-10 08:00:00","subAccId":"0011223344","bankName":"VietinBank"},
        {"id":52,"tid":"FT2","amount":1.5,"when":"2026-09-10 08:00:00","subAccId":"0011223344","bankName":"VietinBank"},
        {"id":53,"tid":"FT3","amount":5,"when":"2026-09-10 08:00:00","subAccId":"0011223344"},
        7]}"#;
    let composed = Composed::json(body).with_header(TOKEN_HEADER, "test-casso-secure-token");
    let headers = headers(&composed);
    let statements = adapter.statements(&delivery(&composed, &headers), now());
    let statements = statements.unwrap_or_else(|refused| panic!("{refused}"));
    let paths: Vec<_> =
        statements.iter().map(|row| row.as_ref().err().map(|rejection| rejection.path)).collect();
    assert_eq!(paths, [None, Some("amount"), Some("bankName"), Some("data")]);
    let first = statements[0].as_ref().expect("a statement");
    assert!(first.receiver == Receiver::Account { bank: "970415".into(), number: "0011223344".into() });
    for body in [r#"{"error":0,"data":[]}"#, r#"{"error":0}"#, r#"{"error":1,"data":[]}"#, r#"{"data":[]}"#] {
        let composed = Composed::json(body).with_header(TOKEN_HEADER, "test-casso-secure-token");
        let statements = adapter.statements(&delivery(&composed, &headers), now()).expect("believed");
        assert!(matches!(statements[..], [Err(_)]), "{body}");
    }
}

#[test]
fn a_transaction_has_one_key_in_every_repetition() {
    let (v1, v2) = (adapter(V1), adapter(V2));
    let year = 366 * 86_400;
    let first = statement(&v2, &composed(&v2, Happening::Paid), now());
    let again =
        Dialect::compose(&v2, &announcement(Happening::Paid), later(year)).expect("Casso can say this");
    assert!(first == statement(&v2, &again, later(year)));
    // Nothing in a token ends; and both versions give a transaction one id.
    assert!(first == statement(&v1, &composed(&v1, Happening::Paid), later(year)));
}

#[test]
fn each_outcome_has_its_answer() {
    let adapter = adapter(V2);
    let composed = composed(&adapter, Happening::Paid);
    let headers = headers(&composed);
    let rejection = crate::Rejection::malformed("", "");
    let table = [
        (Outcome::Stored, 200),
        (Outcome::Repeated, 200),
        (Outcome::Unusable(&rejection), 200),
        (Outcome::Refused(Refused::Unreadable), 400),
        (Outcome::Refused(Refused::Stale), 401),
        (Outcome::Refused(Refused::BadToken), 401),
        (Outcome::Refused(Refused::BadSignature), 401),
        (Outcome::Refused(Refused::MissingSignature), 401),
        (Outcome::Refused(Refused::Misdirected), 404),
        (Outcome::Unavailable, 503),
    ];
    for (outcome, status) in table {
        let reply = Dialect::reply(&adapter, &delivery(&composed, &headers), outcome, now());
        assert_eq!(reply, Reply::json(status, format!(r#"{{"success":{}}}"#, status == 200)), "{outcome:?}");
    }
}
