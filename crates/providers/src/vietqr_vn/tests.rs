use super::*;
use crate::testing::{announcement, delivery, headers, now};
use crate::{Direction, Said, Statement, proof};

fn adapter() -> VietQr {
    VietQr(serde_json::from_str(PROVIDER.example).expect("settings"))
}

fn composed(happening: Happening) -> Composed {
    Dialect::compose(&adapter(), &announcement(happening), now()).expect("VietQR.vn can say this")
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(now().as_micros() + seconds * 1_000_000).expect("a time")
}

fn read(composed: &Composed, now: Timestamp) -> Result<Statement<'static>, Refused> {
    let headers = headers(composed);
    let mut statements = adapter().statements(&delivery(composed, &headers), now)?;
    Ok(statements.remove(0).unwrap_or_else(|rejection| panic!("{rejection}")))
}

fn reply(composed: &Composed, outcome: Outcome<'_>) -> (u16, Value) {
    let headers = headers(composed);
    let reply = Dialect::reply(&adapter(), &delivery(composed, &headers), outcome, now());
    (reply.status, serde_json::from_str(&reply.body).expect("JSON"))
}

fn with_body(composed: &Composed, change: impl FnOnce(String) -> String) -> Composed {
    let body = String::from_utf8(composed.body.clone()).expect("text");
    Composed { body: change(body).into_bytes(), ..composed.clone() }
}

#[test]
fn what_is_composed_comes_back_with_the_way_it_went() {
    let announced = announcement(Happening::Paid);
    let table = [
        (Happening::Paid, Said::Paid, Direction::In, "0011223344:C:FT26253012345678"),
        (Happening::PaidOut, Said::PaidOut, Direction::Out, "0011223344:D:FT26253012345678"),
    ];
    for (happening, said, direction, record) in table {
        let read = read(&composed(happening), now()).unwrap_or_else(|refused| panic!("{refused}"));
        assert_eq!((read.said, read.direction, read.record.as_ref()), (said, direction, record));
        assert_eq!((read.amount, read.occurred_at), (Some(announced.amount), Some(announced.occurred_at)));
        assert_eq!(read.bank_reference.as_deref(), Some(announced.bank_reference));
    }
    for happening in [Happening::Failed, Happening::Pending, Happening::Test] {
        assert_eq!(Dialect::compose(&adapter(), &announcement(happening), now()), None);
    }
}

#[test]
fn a_token_lives_its_time_and_beside_others() {
    let first = composed(Happening::Paid);
    let second = Dialect::compose(&adapter(), &announcement(Happening::Paid), at(100)).expect("composed");
    assert_ne!(first.headers, second.headers);
    for (token, seconds, is_live) in
        [(&first, 299, true), (&second, 299, true), (&first, 300, false), (&second, 399, true)]
    {
        let read = read(token, at(seconds));
        assert_eq!(read.as_ref().err(), (!is_live).then_some(&Refused::BadToken), "{seconds}");
    }
    let end = at(10_000).as_micros() / 1_000_000;
    let code =
        hex(&proof::mac::<hmac::Hmac<Sha256>>(b"demo-vietqr-vn-password", &[end.to_string().as_bytes()]));
    for token in
        ["", "Bearer", "Bearer ", "Bearer .", "Bearer x.y", "Basic x", &format!("Bearer {end}.{code}")]
    {
        let mut forged = first.clone();
        forged.headers.retain(|(name, _)| *name != "authorization");
        assert_eq!(
            read(&forged.clone().with_header("authorization", token), now()),
            Err(Refused::BadToken),
            "{token}"
        );
        assert_eq!(read(&forged, now()), Err(Refused::BadToken));
    }
}

#[test]
fn tokens_are_given_for_the_whole_password_only() {
    let asked = |shown: &str| {
        let asked = Composed { path: TOKEN, ..Composed::json("") }.with_header("authorization", shown);
        let headers = headers(&asked);
        let adapter = adapter();
        let verified = Dialect::verify(&adapter, &delivery(&asked, &headers), now())?;
        let Message::Answer(reply) = Dialect::read(&adapter, &verified, now()) else { panic!("an answer") };
        Ok(serde_json::from_str::<Value>(&reply.body).expect("JSON"))
    };
    let basic = |text: &str| format!("basic {}", proof::base64(text.as_bytes()));
    let answer = asked(&basic("demo-vietqr-vn:demo-vietqr-vn-password"))
        .unwrap_or_else(|refused: Refused| panic!("{refused}"));
    assert_eq!((&answer["token_type"], &answer["expires_in"]), (&json!("Bearer"), &json!(300)));
    let bearer = format!("bearer {}", answer["access_token"].as_str().expect("a token"));
    let mut told = composed(Happening::Paid);
    told.headers.retain(|(name, _)| *name != "authorization");
    assert!(read(&told.with_header("authorization", bearer.as_str()), at(200)).is_ok());
    for wrong in ["demo-vietqr-vn:demo-vietqr-vn-passwor", "demo-vietqr-vn:", ":demo-vietqr-vn-password", ""]
    {
        assert_eq!(asked(&basic(wrong)), Err(Refused::BadToken), "{wrong}");
    }
    assert_eq!(asked(&bearer), Err(Refused::BadToken), "a token gets no token");
}

#[test]
fn names_and_types_mean_the_same_in_any_case() {
    let paid = composed(Happening::Paid);
    let other = with_body(&paid, |body| {
        let body = body.replace("bankaccount", "bankAccount").replace("transactiontime", "transactionTime");
        body.replace("referencenumber", "referenceNumber")
            .replace("\"C\"", "\"c\"")
            .replace("350000", "350000.0")
    });
    assert_ne!(paid.body, other.body);
    assert_eq!(read(&paid, now()), read(&other, now()));
    assert_eq!(reply(&paid, Outcome::Stored), reply(&other, Outcome::Repeated), "the first id again");
    let twice = with_body(&paid, |body| body.replacen('{', r#"{"Amount":1,"#, 1));
    assert_eq!(read(&twice, now()), Err(Refused::Unreadable));
}

#[test]
fn a_success_names_an_id_of_ours_and_nothing_else_does() {
    let paid = composed(Happening::Paid);
    let (status, stored) = reply(&paid, Outcome::Stored);
    assert_eq!((status, &stored["error"], &stored["errorReason"]), (200, &json!(false), &json!("000")));
    assert!(stored["object"]["reftransactionid"].as_str().is_some_and(|id| id.len() == 32));
    assert_ne!(stored, reply(&composed(Happening::PaidOut), Outcome::Stored).1);
    let rejection = crate::Rejection::malformed("", "");
    let table = [
        (Outcome::Unusable(&rejection), 400),
        (Outcome::Refused(Refused::Unreadable), 400),
        (Outcome::Refused(Refused::BadToken), 401),
        (Outcome::Refused(Refused::Misdirected), 404),
        (Outcome::Unavailable, 503),
    ];
    for (outcome, wanted) in table {
        let (status, body) = reply(&paid, outcome);
        assert_eq!(
            (status, &body["error"], &body["object"]),
            (wanted, &json!(true), &Value::Null),
            "{outcome:?}"
        );
    }
}
