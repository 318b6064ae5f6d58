//! Declared cash: who may say it, what is taken, what is answered.

use cashless_domain::{CashDeclaration, DeadLetterReason, Method};
use cashless_wire::Decoder;
use serde_json::{Value, json};

use crate::harness::{NOW_S, Reply, Running, signed_to};

const PATH: &str = "/v1/declarations/example-his";
const EXPORT: &str = include_str!("../../../../schemas/webhooks/declarations/system_export.example.json");
const BATCH: &str = include_str!("../../../../schemas/webhooks/declarations/batch.example.json");
const SCHEMA: &str = include_str!("../../../../schemas/webhooks/declaration.v1.schema.json");

async fn post(running: &Running, body: &str) -> Reply {
    running.send(&signed_to(PATH, "msg_1", NOW_S, body)).await
}

fn declared(running: &Running) -> Vec<CashDeclaration> {
    let decoder = Decoder::default();
    let records =
        running.log.records().into_iter().filter(|record| record.topic == "cashless.cash-declarations.v1");
    records
        .map(|record| {
            let declaration = decoder.declaration(&record.payload).expect("a declaration");
            assert_eq!(record.key, declaration.institution_id.as_bytes());
            declaration
        })
        .collect()
}

fn export() -> Value {
    serde_json::from_str(EXPORT).expect("JSON")
}

#[tokio::test]
async fn the_examples_are_taken_and_are_durable_before_the_answer() {
    let running = Running::start("").await;
    let one = post(&running, EXPORT).await;
    assert_eq!((one.status, one.body.as_str()), (204, ""));
    let [export] = declared(&running).try_into().expect("one");
    assert_eq!((export.cash_n, export.cash_dong, export.version), (Some(1_204), 451_250_000, 1));
    let methods: Vec<Method> = export.exported_cashless.iter().map(|one| one.method).collect();
    assert_eq!(methods, [Method::QrTransfer, Method::CardPos]);
    assert_eq!((export.channel.as_str(), export.month.to_string().as_str()), ("example-his", "2026-08-01"));
    assert_eq!(export.recorded_at.as_micros(), NOW_S * 1_000_000);

    let batch = post(&running, BATCH).await;
    assert_eq!(batch.status, 200, "{}", batch.body);
    assert_eq!(
        serde_json::from_str::<Value>(&batch.body).expect("JSON"),
        json!({"items": [{"index": 0, "fate": "accepted"}, {"index": 1, "fate": "accepted"}]})
    );
    let [_, zero, invoices] = declared(&running).try_into().expect("three");
    assert_eq!((zero.cash_n, zero.cash_dong, zero.version), (Some(0), 0, 2));
    assert_eq!((invoices.cash_n, invoices.cash_dong), (None, 92_000_000));
    assert!(running.events().is_empty() && running.dead_letters().is_empty());
    running.assert_fates_add_up();
}

#[tokio::test]
async fn what_is_wrong_is_a_dead_letter_that_is_told_by_its_member() {
    let running = Running::start("").await;
    let malformed = DeadLetterReason::Malformed;
    let amount = DeadLetterReason::InvalidAmount;
    let future = DeadLetterReason::TimeInFuture;
    let table: [(&str, Value, DeadLetterReason, &str); 19] = [
        ("institution_id", Value::Null, malformed, "institution_id: missing"),
        ("institution_id", json!("TH 12"), malformed, "institution_id is 1 to 40"),
        ("institution_id", json!("OTHER-1"), DeadLetterReason::ReceiverNotAllowed, "may declare for"),
        ("month", json!("2026-8"), malformed, "month: not a month"),
        ("month", json!("2026-10"), future, "month: the month has not begun"),
        ("source", json!("B"), malformed, "source: none of system_export"),
        ("version", json!(0), malformed, "version is not 1"),
        ("version", json!("first"), malformed, "version: not a whole number"),
        ("cash_n", Value::Null, malformed, "declared as 0"),
        ("cash_n", json!(1.5), amount, "cash_n: not a whole number"),
        ("cash_n", json!(0), amount, "cash_n is 0 while cash_dong is not"),
        ("cash_dong", json!(-1), amount, "cash_dong: not a whole number"),
        ("cash_dong", json!(1e9), amount, "cash_dong: not a whole number"),
        ("cash_dong", json!(1_000_000_000_000_001_i64), amount, "cash_dong is not 0 to"),
        ("exported_cashless", json!([{"method": "CASH", "n": 1, "dong": 1}]), malformed, "a method that is"),
        (
            "exported_cashless",
            json!([{"method": "OTHER", "n": 1, "dong": 1, "x": 1}]),
            malformed,
            "not a list",
        ),
        ("signer_role", json!("0912345678"), malformed, "signer_role is not the role"),
        ("declared_at", json!("2026-09-03T09:00:00"), malformed, "declared_at: not a time"),
        ("declared_at", json!("2026-09-08T09:00:00+07:00"), future, "declared_at: more than five minutes"),
    ];
    for (index, (member, value, reason, detail)) in table.into_iter().enumerate() {
        let mut body = export();
        body[member] = value;
        let reply = post(&running, &body.to_string()).await;
        assert_eq!(reply.status, 422, "{body}");
        assert!(reply.body.contains(detail), "{detail} in {}", reply.body);
        let letters = running.dead_letters();
        assert_eq!((letters.len(), letters[index].reason), (index + 1, reason), "{body}");
    }
    assert!(declared(&running).is_empty());
    running.assert_fates_add_up();
}

#[tokio::test]
async fn a_batch_is_taken_as_far_as_it_can_be_used() {
    let running = Running::start("").await;
    let (good, mut bad) = (export(), export());
    bad["version"] = json!(0);
    let table = [(json!([good, bad]), 207), (json!([bad, bad]), 422), (json!([good]), 200)];
    for (declarations, status) in table {
        let reply = post(&running, &json!({ "declarations": declarations }).to_string()).await;
        assert_eq!(reply.status, status, "{}", reply.body);
    }
    assert_eq!((declared(&running).len(), running.dead_letters().len()), (2, 3));
    for body in [json!({"declarations": []}), json!({"declarations": vec![&good; 501]}), json!([good])] {
        assert_eq!(post(&running, &body.to_string()).await.status, 422);
    }
    assert_eq!(post(&running, "{").await.status, 422);
    assert_eq!((declared(&running).len(), running.dead_letters().len()), (2, 7));
    running.assert_fates_add_up();
}

#[tokio::test]
async fn nothing_personal_is_taken_nor_repeated() {
    let running = Running::start("").await;
    let canary = "NGUYEN VAN CANARY";
    let mut bodies = Vec::new();
    for member in ["signer_name", "payer", "note", canary] {
        let mut body = export();
        body[member] = json!(canary);
        bodies.push(body);
    }
    for member in
        ["institution_id", "month", "source", "version", "cash_n", "exported_cashless", "declared_at"]
    {
        let mut body = export();
        body[member] = json!({ "name": canary });
        bodies.push(body);
    }
    for body in bodies {
        for body in [body.to_string(), json!({ "declarations": [body] }).to_string()] {
            let reply = post(&running, &body).await;
            assert_eq!(reply.status, 422, "{body}");
            assert!(!reply.body.contains("CANARY"), "{}", reply.body);
        }
    }
    let twice = EXPORT.replacen('{', "{\"month\": \"2026-07\",", 1);
    assert!(post(&running, &twice).await.body.contains("a member appears twice"));
    assert!(declared(&running).is_empty());
    for record in running.log.records() {
        assert!(!String::from_utf8_lossy(&record.payload).contains("CANARY"), "{}", record.topic);
    }
}

#[tokio::test]
async fn only_a_source_that_may_declare_is_heard() {
    let running = Running::start("").await;
    let to = |path: &str| signed_to(path, "msg_1", NOW_S, EXPORT);
    let forged = to(PATH).replace("v1,", "v1,A");
    let stale = signed_to(PATH, "msg_1", NOW_S - 301, EXPORT);
    let got = to(PATH).replacen("POST", "GET", 1);
    let table = [
        (forged, 401, r#"{"refused":"bad_signature"}"#),
        (stale, 401, r#"{"refused":"stale"}"#),
        (to("/v1/declarations/example-bank"), 403, r#"{"refused":"may_not_declare"}"#),
        (to("/v1/declarations/nobody"), 404, r#"{"refused":"unknown_source"}"#),
        (to("/v1/declarations/example-payos"), 404, r#"{"refused":"not_found"}"#),
        (to("/v1/declarations/example-his/more"), 404, r#"{"refused":"not_found"}"#),
        (got, 405, r#"{"refused":"unreadable"}"#),
    ];
    for (request, status, body) in table {
        let reply = running.send(&request).await;
        assert_eq!((reply.status, reply.body.as_str()), (status, body), "{request}");
    }
    // A stranger does not learn who may declare.
    let stranger = to("/v1/declarations/example-bank").replace("v1,", "v1,A");
    assert_eq!(running.send(&stranger).await.status, 401);
    assert!(running.log.records().is_empty());
    running.assert_fates_add_up();
}

#[test]
fn the_schema_names_what_is_read_and_the_examples_follow_it() {
    let schema: Value = serde_json::from_str(SCHEMA).expect("JSON");
    let declaration = &schema["$defs"]["declaration"];
    let documented = declaration["properties"].as_object().expect("properties");
    let batch: Value = serde_json::from_str(BATCH).expect("JSON");
    let one = export();
    let examples = batch["declarations"].as_array().expect("a list").iter().chain([&one]);
    let mut shown = std::collections::BTreeSet::new();
    for example in examples {
        let members = example.as_object().expect("an object");
        shown.extend(members.keys());
        for required in declaration["required"].as_array().expect("a list") {
            assert!(members.contains_key(required.as_str().expect("a name")), "{required} in {example}");
        }
    }
    assert!(documented.keys().eq(shown), "{documented:?}");
    let methods = documented["exported_cashless"]["items"]["properties"]["method"]["enum"].clone();
    let methods: Vec<String> = serde_json::from_value(methods).expect("names");
    let known: Vec<_> = Method::ALL.iter().filter(|method| **method != Method::CounterCash).collect();
    assert_eq!(methods, known.iter().map(|method| method.name()).collect::<Vec<_>>());
}
