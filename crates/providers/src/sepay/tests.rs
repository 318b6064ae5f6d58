use http::{HeaderMap, HeaderValue};

use super::*;
use crate::testing::{announcement, delivery, headers, now, statement};
use crate::{Channel, Direction, Receiver, Rejection, Said, Statement};

const NONE: &str = r#"{"mode":"none","allowed_addresses":["203.0.113.7","2001:db8::7"]}"#;
const API_KEY: &str = r#"{"mode":"api_key","api_key":"test-sepay-key"}"#;
const HMAC: &str = r#"{"mode":"hmac","secret":"whsec_00112233445566778899aabbccddeeff"}"#;
const OAUTH2: &str =
    r#"{"mode":"oauth2","client_id":"test-client","client_secret":"test-sepay-client-secret"}"#;
const BANKHUB: &str = r#"{"mode":"bankhub","api_key":"test-bankhub-key"}"#;
const ORDERS: &str = r#"{"mode":"payment_gateway","secret_key":"test-gateway-key","merchant":"SP-TEST-1"}"#;
const MODES: [&str; 6] = [NONE, API_KEY, HMAC, OAUTH2, BANKHUB, ORDERS];

fn adapter(settings: &str) -> SePay {
    SePay(serde_json::from_str(settings).expect("settings"))
}

fn composed(adapter: &SePay, happening: Happening) -> Composed {
    Dialect::compose(adapter, &announcement(happening), now()).expect("SePay can say this")
}

fn later(seconds: i64) -> Timestamp {
    Timestamp::from_micros(now().as_micros() + seconds * 1_000_000).expect("a time")
}

fn received(
    adapter: &SePay,
    composed: &Composed,
    now: Timestamp,
) -> Result<Result<Statement<'static>, Rejection>, Refused> {
    let headers = headers(composed);
    let peer = Some("203.0.113.7".parse().expect("an address"));
    let delivery = Delivery { peer, ..delivery(composed, &headers) };
    adapter.statements(&delivery, now).map(|mut statements| statements.remove(0))
}

fn with_body(composed: &Composed, from: &str, to: &str) -> Composed {
    let body = String::from_utf8(composed.body.clone()).expect("text");
    assert!(body.contains(from), "{from} in {body}");
    Composed { body: body.replacen(from, to, 1).into_bytes(), ..composed.clone() }
}

#[test]
fn every_mode_says_again_what_was_announced() {
    for settings in MODES {
        for happening in [Happening::Paid, Happening::PaidOut] {
            let adapter = adapter(settings);
            let announced = announcement(happening);
            let composed = Dialect::compose(&adapter, &announced, now());
            if settings == ORDERS && happening == Happening::PaidOut {
                assert!(composed.is_none());
                continue;
            }
            let composed = composed.unwrap_or_else(|| panic!("{settings}"));
            let statement = received(&adapter, &composed, now());
            let statement = statement.unwrap_or_else(|refused| panic!("{settings}: {refused}"));
            let statement = statement.unwrap_or_else(|rejection| panic!("{settings}: {rejection}"));
            let said = if happening == Happening::Paid { Said::Paid } else { Said::PaidOut };
            assert_eq!(statement.said, said, "{settings}");
            assert_eq!(statement.record, "4211977");
            assert_eq!(statement.amount, Some(announced.amount));
            assert_eq!(statement.occurred_at, Some(announced.occurred_at));
            assert_eq!(statement.reason.as_deref(), Some(announced.reason));
            assert_eq!(statement.invoice.as_deref(), announced.invoice);
            if settings == ORDERS {
                assert_eq!(statement.channel, Channel::Card);
                assert!(statement.receiver == Receiver::Merchant("SP-TEST-1".into()));
            } else {
                assert_eq!(statement.bank_reference.as_deref(), Some(announced.bank_reference));
                let receiver = Receiver::Account { bank: "970436".into(), number: announced.account.into() };
                assert!(statement.receiver == receiver, "{settings}");
            }
        }
        for happening in [Happening::Failed, Happening::Pending, Happening::Test] {
            assert!(Dialect::compose(&adapter(settings), &announcement(happening), now()).is_none());
        }
    }
}

#[test]
fn no_mode_believes_what_another_one_proves() {
    for settings in MODES {
        for others in MODES.into_iter().filter(|others| *others != settings && *others != NONE) {
            let composed = composed(&adapter(others), Happening::Paid);
            let wanted = match settings {
                NONE => continue,
                HMAC => Refused::MissingSignature,
                _ => Refused::BadToken,
            };
            assert_eq!(received(&adapter(settings), &composed, now()).err(), Some(wanted), "{settings}");
        }
    }
}

#[test]
fn the_whole_text_of_a_secret_is_the_key() {
    let adapter = adapter(HMAC);
    let composed = composed(&adapter, Happening::Paid);
    let timestamp = seconds(now()).to_string();
    let stripped: Secret = serde_json::from_str(r#""00112233445566778899aabbccddeeff""#).expect("a secret");
    let mut headers = headers(&composed);
    let mut verify = |secret: &Secret| {
        let signature = signature::sign(secret, &timestamp, &composed.body);
        headers.insert(signature::SIGNATURE_HEADER, HeaderValue::from_str(&signature).expect("a value"));
        adapter.verify(&delivery(&composed, &headers), now()).map(|_| ())
    };
    assert_eq!(verify(&stripped), Err(Refused::BadSignature));
    let Settings::Hmac { secret, .. } = &adapter.0 else { panic!("hmac") };
    assert_eq!(verify(secret), Ok(()));
}

#[test]
fn a_signature_is_fresh_for_five_minutes_and_covers_every_byte() {
    let adapter = adapter(HMAC);
    let composed = composed(&adapter, Happening::Paid);
    for (seconds, wanted) in
        [(300, None), (-300, None), (301, Some(Refused::Stale)), (-301, Some(Refused::Stale))]
    {
        assert_eq!(received(&adapter, &composed, later(seconds)).err(), wanted, "{seconds}");
    }
    let changed = with_body(&composed, "350000", "950000");
    assert_eq!(received(&adapter, &changed, now()).err(), Some(Refused::BadSignature));
    // A wrong signature never tells whether its time would have done.
    assert_eq!(received(&adapter, &changed, later(301)).err(), Some(Refused::BadSignature));
    let spaced = with_body(&composed, "{", "{ ");
    assert_eq!(received(&adapter, &spaced, now()).err(), Some(Refused::BadSignature));
}

#[test]
fn a_key_is_exact_and_its_scheme_a_word() {
    let adapter = adapter(API_KEY);
    let composed = composed(&adapter, Happening::Paid);
    let cases = [
        ("Apikey test-sepay-key", true),
        ("APIKEY test-sepay-key", true),
        ("Apikey test-sepay-kez", false),
        ("Apikey TEST-SEPAY-KEY", false),
        ("Apikey  test-sepay-key", false),
        ("Bearer test-sepay-key", false),
        ("test-sepay-key", false),
        ("", false),
    ];
    for (value, is_right) in cases {
        let mut headers = headers(&composed);
        headers.insert("authorization", HeaderValue::from_static(value));
        let verified = adapter.verify(&delivery(&composed, &headers), now()).map(|_| ());
        assert_eq!(verified, if is_right { Ok(()) } else { Err(Refused::BadToken) }, "{value}");
    }
}

#[test]
fn without_any_proof_only_listed_addresses_are_believed() {
    for settings in [r#"{"mode":"none"}"#, r#"{"mode":"none","allowed_addresses":[]}"#] {
        let error = configure(serde_json::from_str(settings).expect("JSON")).err();
        assert!(error.is_some_and(|error| error.contains("allowed_addresses")), "{settings}");
    }
    let adapter = adapter(NONE);
    let composed = composed(&adapter, Happening::Paid);
    let headers = headers(&composed);
    let verify = |peer: Option<&str>| {
        let peer = peer.map(|peer| peer.parse().expect("an address"));
        adapter.verify(&Delivery { peer, ..delivery(&composed, &headers) }, now()).map(|_| ())
    };
    for peer in ["203.0.113.7", "::ffff:203.0.113.7", "2001:db8::7"] {
        assert_eq!(verify(Some(peer)), Ok(()), "{peer}");
    }
    for peer in [Some("203.0.113.8"), Some("2001:db8::8"), None] {
        assert_eq!(verify(peer), Err(Refused::BadToken), "{peer:?}");
    }
}

fn asked_for_a_token(adapter: &SePay, body: &str) -> Result<Reply, Refused> {
    let composed = Composed { path: TOKEN_PATH, ..Composed::json(body) };
    let headers = headers(&composed);
    let verified = adapter.verify(&delivery(&composed, &headers), now())?;
    let Message::Answer(reply) = adapter.read(&verified, now()) else { panic!("an answer") };
    Ok(reply)
}

#[test]
fn every_collector_knows_a_token_for_an_hour_and_nobody_else_makes_one() {
    let asked = r#"{"clientId":"test-client","clientSecret":"test-sepay-client-secret"}"#;
    let reply = asked_for_a_token(&adapter(OAUTH2), asked).unwrap_or_else(|refused| panic!("{refused}"));
    let reply: Value = serde_json::from_str(&reply.body).expect("JSON");
    let [access, refresh] =
        ["accessToken", "refreshToken"].map(|name| reply["data"][name].as_str().expect(name));
    assert_eq!(reply["data"]["expiredIn"], 3_600);

    let bearer = |settings: &str, token: &str, now: Timestamp| {
        let adapter = adapter(settings);
        let composed = composed(&adapter, Happening::Paid);
        let mut headers = headers(&composed);
        headers.insert("authorization", HeaderValue::from_str(&format!("Bearer {token}")).expect("a value"));
        adapter.verify(&delivery(&composed, &headers), now).map(|_| ())
    };
    assert_eq!(bearer(OAUTH2, access, now()), Ok(()));
    assert_eq!(bearer(OAUTH2, access, later(3_599)), Ok(()));
    let (end, code) = access.split_once('.').expect("an end");
    let longer = format!("{}.{code}", end.parse::<i64>().expect("seconds") + 1);
    let rotated = OAUTH2.replace("test-sepay-client-secret", "test-sepay-other-secret");
    let refused = [
        (OAUTH2, access, later(3_600)),
        (OAUTH2, refresh, now()),
        (OAUTH2, &longer, now()),
        (OAUTH2, code, now()),
        (OAUTH2, ".", now()),
        (&rotated, access, now()),
    ];
    for (index, (settings, token, now)) in refused.into_iter().enumerate() {
        assert_eq!(bearer(settings, token, now), Err(Refused::BadToken), "{index}");
    }
    let end = seconds(later(60));
    let agreed =
        format!(r#"test-sepay-client-secret","agreed_tokens":[{{"token":"T","expires_at_s":{end}}}]}}"#);
    let agreed = OAUTH2.replace(r#"test-sepay-client-secret"}"#, &agreed);
    assert_eq!(bearer(&agreed, "T", later(59)), Ok(()));
    assert_eq!(bearer(&agreed, "T", later(60)), Err(Refused::BadToken));
    assert_eq!(bearer(&agreed, access, now()), Ok(()));
}

#[test]
fn only_the_client_gets_a_token() {
    for body in [
        r#"{"clientId":"test-client","clientSecret":"nope"}"#,
        r#"{"clientId":"nope","clientSecret":"test-sepay-client-secret"}"#,
        r#"{"clientId":"test-client","clientSecret":null}"#,
        "{}",
    ] {
        assert_eq!(asked_for_a_token(&adapter(OAUTH2), body), Err(Refused::BadToken), "{body}");
    }
    let twice =
        r#"{"clientId":"test-client","clientSecret":"nope","clientSecret":"test-sepay-client-secret"}"#;
    assert_eq!(asked_for_a_token(&adapter(OAUTH2), twice), Err(Refused::Unreadable));
    for settings in MODES.into_iter().filter(|settings| *settings != OAUTH2) {
        assert_eq!(asked_for_a_token(&adapter(settings), "{}"), Err(Refused::Misdirected), "{settings}");
    }
}

#[test]
fn a_transaction_has_one_key_in_every_repetition_and_state() {
    let hmac = adapter(HMAC);
    let announced = announcement(Happening::Paid);
    let year = 366 * 86_400;
    let again = Dialect::compose(&hmac, &announced, later(year)).expect("SePay can say this");
    let first = statement(&hmac, &composed(&hmac, Happening::Paid), now());
    assert!(first == statement(&hmac, &again, later(year)));
    // Nothing in an API key ends.
    let key = adapter(API_KEY);
    assert!(first == statement(&key, &composed(&key, Happening::Paid), later(year)));

    let gateway = adapter(ORDERS);
    let paid = composed(&gateway, Happening::Paid);
    let voided = with_body(&paid, "ORDER_PAID", "TRANSACTION_VOID");
    let [paid, voided] = [paid, voided].map(|composed| statement(&gateway, &composed, now()));
    assert_eq!((&paid.said, paid.direction), (&Said::Paid, Direction::In));
    assert_eq!((&voided.said, voided.direction), (&Said::Voided, Direction::Out));
    assert_eq!((&paid.record, paid.occurred_at), (&voided.record, voided.occurred_at));
    assert!(paid.receiver == voided.receiver && paid.state != voided.state);
}

#[test]
fn what_nobody_documented_is_no_success_and_what_is_no_money_is_refused() {
    let key = adapter(API_KEY);
    let message = composed(&key, Happening::Paid);
    let unknown = with_body(&message, r#""transferType":"in""#, r#""transferType":"hold""#);
    assert_eq!(statement(&key, &unknown, now()).said, Said::Pending);
    for amount in ["350000.5", "-350000", "35e4", "0", "null", "1000000000000001", r#""350.000""#] {
        let composed = with_body(&message, "350000", amount);
        let statement = received(&key, &composed, now()).expect("believed");
        assert!(statement.is_err(), "{amount}");
    }
    for amount in ["350000.00", r#""350000""#] {
        let composed = with_body(&message, "350000", amount);
        assert_eq!(statement(&key, &composed, now()).amount, Some(announcement(Happening::Paid).amount));
    }
    let elsewhere = with_body(&message, "Vietcombank", "Bank of Nowhere");
    let rejection = received(&key, &elsewhere, now()).expect("believed").expect_err("no such bank");
    assert_eq!(rejection.path, "gateway");

    let gateway = adapter(ORDERS);
    let paid = composed(&gateway, Happening::Paid);
    for (from, to) in [
        ("CAPTURED", "AUTHENTICATION_NOT_NEEDED"),
        (r#""PAYMENT""#, r#""REFUND""#),
        ("ORDER_PAID", "ORDER_HELD"),
    ] {
        assert_eq!(statement(&gateway, &with_body(&paid, from, to), now()).said, Said::Pending, "{to}");
    }
    for amount in ["350.000", "350000.01", "-350000.00"] {
        let composed = with_body(&paid, "350000.00", amount);
        assert!(received(&gateway, &composed, now()).expect("believed").is_err(), "{amount}");
    }
    assert!(received(&gateway, &with_body(&paid, "VND", "USD"), now()).expect("believed").is_err());
}

#[test]
fn each_outcome_has_the_answer_that_sepay_understands() {
    let key = adapter(API_KEY);
    let good = composed(&key, Happening::Paid);
    let rejection = Rejection::malformed("", "");
    let form = Composed {
        headers: vec![("content-type", "application/x-www-form-urlencoded".into())],
        ..good.clone()
    };
    let table = [
        (&good, Outcome::Stored, 200),
        (&good, Outcome::Repeated, 200),
        (&good, Outcome::Unusable(&rejection), 200),
        (&good, Outcome::Refused(Refused::Unreadable), 400),
        (&good, Outcome::Refused(Refused::MissingSignature), 401),
        (&good, Outcome::Refused(Refused::BadSignature), 401),
        (&good, Outcome::Refused(Refused::BadToken), 401),
        (&good, Outcome::Refused(Refused::Stale), 401),
        (&good, Outcome::Unavailable, 503),
        (&form, Outcome::Refused(Refused::Misdirected), 415),
        (&Composed { verb: Verb::Get, ..good.clone() }, Outcome::Refused(Refused::Misdirected), 405),
        (&Composed { path: "token", ..good.clone() }, Outcome::Refused(Refused::Misdirected), 404),
    ];
    let none = HeaderMap::new();
    for (composed, outcome, status) in table {
        let reply = Dialect::reply(&key, &delivery(composed, &none), outcome, now());
        let body = format!(r#"{{"success":{}}}"#, status == 200);
        assert_eq!(reply, Reply::json(status, body), "{outcome:?}");
    }
    let mut headers = headers(&good);
    for (content_type, wanted) in [
        ("application/json; charset=utf-8", Ok(())),
        ("Application/JSON", Ok(())),
        ("application/x-www-form-urlencoded", Err(Refused::Misdirected)),
        ("multipart/form-data; boundary=x", Err(Refused::Misdirected)),
    ] {
        headers.insert("content-type", HeaderValue::from_static(content_type));
        assert_eq!(key.verify(&delivery(&good, &headers), now()).map(|_| ()), wanted, "{content_type}");
    }
}

#[test]
fn an_unknown_setting_is_refused_without_being_quoted() {
    for settings in [
        r#"{"mode":"CANARY"}"#,
        r#"{"mode":"hmac","secret":7}"#,
        r#"{"mode":"hmac","secret":""}"#,
        r#"{"mode":"api_key","secret":"CANARY"}"#,
        r#"{"mode":"hmac","secret":"CANARY","api_key":"CANARY"}"#,
        r#"{"mode":"oauth2","client_id":"a","client_secret":"CANARY","x":1}"#,
    ] {
        let error = configure(serde_json::from_str(settings).expect("JSON")).err();
        let error = error.unwrap_or_else(|| panic!("{settings}"));
        assert!(!error.contains("CANARY"), "{error}");
    }
}
