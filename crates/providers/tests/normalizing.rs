//! What each documented statement becomes.

use cashless_domain::{
    Beneficiary, DeadLetterReason, Evidence, Flags, IdKey, Kind, Method, MinimumFields, PaymentEvent,
    PaymentId, PersonKeys, Reason, SourceClass, SourceId, Status, Timestamp,
};
use cashless_providers::standard_webhooks::{Keys, SigningSecret, Unverified, sign_v1};
use cashless_providers::{
    CodePatterns, DigestKeys, Item, MergeBy, Normalized, ReceiverRule, Receivers, Source,
};
use proptest::prelude::*;
use serde_json::{Value, json};

const NOW: &str = "2026-09-10T12:00:00+07:00";

fn now() -> Timestamp {
    Timestamp::parse_rfc3339(NOW).expect("a time")
}

fn ids() -> IdKey {
    IdKey::new(&[1; 32]).expect("a key")
}

fn source(merge_by: MergeBy) -> Source {
    let text = |text: &str| text.to_owned();
    Source {
        id: SourceId::new("example").expect("a name"),
        class: SourceClass::Bank,
        merge_by,
        id_scope: text("scope"),
        merchant_scope: text("merchants"),
        receivers: Receivers::new([
            ReceiverRule::Bank { bank: text("970405") },
            ReceiverRule::VirtualAccountPrefix { bank: text("970405"), prefix: text("M7") },
            ReceiverRule::VirtualAccountPrefix { bank: text("970405"), prefix: text("M789") },
            ReceiverRule::Merchant(text("SHOP_1")),
            ReceiverRule::AnyTerminal,
        ]),
        invoice_codes: CodePatterns::default(),
    }
}

fn normalize_with(source: &Source, persons: PersonKeys, body: &[u8]) -> Normalized {
    let secret =
        SigningSecret::parse("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=").expect("a secret");
    let at = now().as_micros() / 1_000_000;
    let signature = sign_v1(&secret, "msg_1", at, body);
    let (keys, at) = (Keys::new([&secret], []).expect("a key"), at.to_string());
    let delivery = Unverified::new(Some("msg_1"), Some(&at), Some(&signature), body).expect("headers");
    let delivery = delivery.verify(&keys, now()).expect("signed");
    delivery.normalize(source, &DigestKeys { ids: ids(), persons }, now())
}

fn persons() -> PersonKeys {
    PersonKeys::new([(2026, [2; 32].as_slice())]).expect("a key")
}

fn normalize(body: &[u8]) -> Normalized {
    normalize_with(&source(MergeBy::BankReference), persons(), body)
}

fn single(body: &Value) -> Item {
    let Normalized::One(item) = normalize(body.to_string().as_bytes()) else { panic!("one statement") };
    item
}

fn event(body: &Value) -> PaymentEvent {
    single(body).outcome.unwrap_or_else(|rejection| panic!("{rejection}"))
}

fn fault(body: &Value) -> (DeadLetterReason, String) {
    let rejection = single(body).outcome.expect_err("rejected");
    (rejection.reason, rejection.path.to_owned())
}

fn example() -> Value {
    serde_json::from_str(include_str!("../../../schemas/webhooks/settled.example.json")).expect("JSON")
}

fn with(pointer: &str, value: Value) -> Value {
    let mut body = example();
    let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
    let parent = body.pointer_mut(parent).and_then(Value::as_object_mut).expect("an object");
    match value {
        Value::Null => drop(parent.remove(name)),
        value => drop(parent.insert(name.to_owned(), value)),
    }
    body
}

fn typed(kind: &str) -> Value {
    with("/type", json!(kind))
}

#[test]
fn a_settled_payment_keeps_what_is_counted_and_digests_the_rest() {
    let event = event(&example());
    let details = event.details.expect("details");
    let account = ids().bank_account("970405", "5000200300400");
    assert_eq!(event.key.account, account);
    assert_eq!(event.key.anchor.to_string(), "2026-09-07");
    assert_eq!(event.key.record, ids().record("scope", "TT-2026-000123"));
    assert_eq!(event.key.payment, ids().payment("970405", account, event.key.anchor, "FT26250123456789"));
    assert_eq!(event.status.map(|change| (change.version, change.status)), Some((0, Status::Settled)));
    assert_eq!(
        (details.amount.get(), details.method, details.kind),
        (350_000, Method::QrTransfer, Kind::Payment)
    );
    assert_eq!(details.identifier, ids().virtual_account_prefix("970405", "M789"), "the longest prefix");
    assert_eq!(details.fields, MinimumFields::ALL);
    assert_eq!(details.evidence, Evidence::INVOICE.union(Evidence::PERSON));
    assert_eq!((details.reason, details.beneficiary_kind), (Reason::Tuition, Beneficiary::Pupil));
    assert_eq!(details.payer, persons().payer(account, details.settled_at, "Nguyễn Văn Ví Dụ"));
    assert_eq!(details.beneficiary, persons().beneficiary(account, details.settled_at, "hs0042"), "by code");
    assert_eq!(
        (details.invoice, None),
        persons().invoice(details.amount, details.settled_at, "HD-2026-09-0042")
    );
    assert_eq!(details.provider_time, Timestamp::parse_rfc3339("2026-09-07T20:15:31+07:00").ok());
    assert_eq!((details.flags, details.original), (Flags::default(), None));
}

#[test]
fn a_payers_account_is_digested_for_its_receiver_and_only_where_money_comes_in() {
    let digest = |body: &Value| event(body).details.expect("details").payer_account;
    let receiver = ids().bank_account("970405", "5000200300400");
    let expected = |bank: &str, at: &str| {
        let at = Timestamp::parse_rfc3339(at).expect("a time");
        persons().payer_account(receiver, at, ids().bank_account(bank, "1029384756"))
    };
    let settled_at = "2026-09-07T20:15:31+07:00";
    let payer = |payer: Value| with("/data/payer", payer);
    let told = payer(json!({"bank": "970436", "account": "1029384756"}));
    assert!(digest(&told).is_some());
    assert_eq!(digest(&told), expected("970436", settled_at));
    // A bank that names none speaks of its own.
    assert_eq!(digest(&payer(json!({"account": "1029384756"}))), expected("970405", settled_at));
    for unusable in
        [json!({"account": "10 29"}), json!({"account": 1_029_384_756}), json!({"bank": "970436"})]
    {
        assert_eq!(digest(&payer(unusable)), None, "not as documented counts as not given");
    }
    let mut debited = told;
    debited["type"] = json!("payment.debited");
    assert_eq!(digest(&debited), None);
}

#[test]
fn a_reference_is_told_whatever_the_day() {
    let reference = |time: &str| {
        let mut body = example();
        (body["data"]["transaction_time"], body["timestamp"]) = (json!(time), json!(time));
        body["data"]["settled_at"] = Value::Null;
        event(&body).details.expect("details").reference
    };
    let told = reference("2026-09-07T20:15:31+07:00");
    assert!(told.is_some());
    assert_eq!(told, reference("2026-09-08T08:00:00+07:00"));
}

#[test]
fn the_key_of_a_transaction_is_the_same_in_all_that_is_said_of_it() {
    let settled = event(&example()).key;
    let mut corrected = typed("payment.corrected");
    corrected["data"]["version"] = json!(1);
    corrected["data"]["amount_dong"] = json!("360000");
    corrected["data"]["settled_at"] = json!("2026-09-08T00:00:00+07:00");
    assert_eq!(event(&corrected).key, settled);
    let voided = json!({"type": "payment.voided", "timestamp": "2026-09-09T08:00:00+07:00", "data": {
        "transaction_id": "TT-2026-000123", "transaction_time": "2026-09-07T20:15:30+07:00",
        "receiver": {"bank": "970405", "account": "5000200300400"}, "bank_reference": "FT26250123456789"}});
    assert_eq!(event(&voided).key, settled);
    assert_eq!(event(&voided).status.map(|change| change.status), Some(Status::Voided));
    assert_eq!((event(&voided).details, event(&corrected).status), (None, None));
}

#[test]
fn what_names_a_payment_is_the_sources_choice_not_the_messages() {
    let by_id = source(MergeBy::TransactionId);
    for body in [example(), with("/data/bank_reference", Value::Null)] {
        let Normalized::One(item) = normalize_with(&by_id, persons(), body.to_string().as_bytes()) else {
            panic!("one")
        };
        let key = item.outcome.expect("an event").key;
        assert_eq!(key.payment, PaymentId::from(key.record));
    }
    let path = "data.bank_reference".to_owned();
    let without = with("/data/bank_reference", Value::Null);
    assert_eq!(fault(&without), (DeadLetterReason::Malformed, path));
}

#[test]
fn a_void_that_cannot_name_its_payment_says_so() {
    for member in ["receiver", "transaction_id", "transaction_time", "bank_reference"] {
        let mut voided = with(&format!("/data/{member}"), Value::Null);
        voided["type"] = json!("payment.voided");
        assert_eq!(fault(&voided), (DeadLetterReason::VoidUnaddressed, format!("data.{member}")));
    }
}

#[test]
fn money_out_is_a_refund_only_if_it_names_an_original() {
    let outgoing = |kind: &str, original: bool| {
        let mut body = typed(kind);
        if original {
            body["data"]["original"] = json!({"transaction_id": "TT-1"});
        }
        body
    };
    let kind = |body: &Value| event(body).details.map(|details| (details.kind, details.original));
    let original = Some(ids().record("scope", "TT-1"));
    assert_eq!(kind(&outgoing("payment.refunded", true)), Some((Kind::Refund, original)));
    assert_eq!(kind(&outgoing("payment.charged_back", true)), Some((Kind::Chargeback, original)));
    assert_eq!(kind(&outgoing("payment.debited", true)), Some((Kind::Refund, original)));
    assert_eq!(kind(&outgoing("payment.debited", false)), Some((Kind::Outflow, None)));
    for kind in ["payment.refunded", "payment.charged_back"] {
        let missing = (DeadLetterReason::Malformed, "data.original".to_owned());
        assert_eq!(fault(&outgoing(kind, false)), missing);
    }

    let mut nameless = outgoing("payment.refunded", true);
    drop(nameless["data"].as_object_mut().and_then(|data| data.remove("transaction_id")));
    assert_eq!(event(&nameless).key.record, ids().refund_of(ids().record("scope", "TT-1")));

    let mut corrected = outgoing("payment.corrected", true);
    corrected["data"]["version"] = json!(2);
    assert_eq!(kind(&corrected), Some((Kind::Refund, original)), "a corrected refund stays one");
    corrected["data"]["kind"] = json!("chargeback");
    assert_eq!(kind(&corrected), Some((Kind::Chargeback, original)));
}

#[test]
fn a_refund_under_its_payments_own_id_leaves_the_payment_alone() {
    let mut flipped = typed("payment.refunded");
    flipped["data"]["original"] = json!({"transaction_id": flipped["data"]["transaction_id"]});
    let settled = event(&example());
    assert_eq!(event(&flipped).key.record, ids().refund_of(settled.key.record));
    flipped["type"] = json!("payment.charged_back");
    assert_eq!(fault(&flipped), (DeadLetterReason::Malformed, "data.original".to_owned()));
}

#[test]
fn a_version_of_the_details_never_outranks_a_void() {
    let settled = event(&with("/data/version", json!(7))).status.expect("settled");
    let voided = event(&typed("payment.voided")).status.expect("voided");
    assert!(voided > settled);
}

#[test]
fn an_inpatient_deposit_is_one_by_its_reason_alone() {
    let details = event(&with("/data/reason", json!("inpatient_deposit"))).details.expect("details");
    assert_eq!(details.kind, Kind::Deposit);
}

#[test]
fn statements_that_move_no_money_have_no_details() {
    for status in [Status::Pending, Status::Failed, Status::Expired, Status::Disputed] {
        let event = event(&typed(&format!("payment.{}", status.name())));
        assert_eq!((event.status.map(|change| change.status), event.details), (Some(status), None));
    }
    let test = json!({"type": "payment.test", "timestamp": "2026-09-10T12:00:00+07:00"});
    assert_eq!(event(&test).status.map(|change| change.status), Some(Status::Test));
    assert_eq!(event(&test).key, event(&test).key, "a re-send has the same key");
}

#[test]
fn faults_are_named_by_place_and_reason() {
    use DeadLetterReason::{InvalidAmount, Malformed, ReceiverNotAllowed, TimeInFuture, UnsupportedCurrency};
    let late = json!("2026-09-10T12:05:01+07:00");
    let table = [
        (typed("payment.unheard"), Malformed, "type"),
        (with("/type", Value::Null), Malformed, "type"),
        (with("/timestamp", json!("2026-09-07 20:15")), Malformed, "timestamp"),
        (with("/timestamp", late.clone()), TimeInFuture, "timestamp"),
        (with("/data", json!(5)), Malformed, "data"),
        (with("/data", json!([])), Malformed, "data"),
        (with("/data/transaction_time", late.clone()), TimeInFuture, "data.transaction_time"),
        (with("/data/settled_at", late), TimeInFuture, "data.settled_at"),
        (with("/data/transaction_id", json!("a b")), Malformed, "data.transaction_id"),
        (with("/data/transaction_id", json!("x".repeat(129))), Malformed, "data.transaction_id"),
        (with("/data/version", json!(-1)), Malformed, "data.version"),
        (with("/data/version", json!(2_147_483_648_u64)), Malformed, "data.version"),
        (
            with("/data/receiver", json!({"bank": "970436", "account": "5000200300400"})),
            ReceiverNotAllowed,
            "data.receiver",
        ),
        (with("/data/receiver", json!({"merchant": "SHOP_2"})), ReceiverNotAllowed, "data.receiver"),
        (with("/data/receiver", json!({"merchant": "SHOP_1", "terminal": "T"})), Malformed, "data.receiver"),
        (with("/data/receiver/account", json!("lower")), Malformed, "data.receiver.account"),
        (with("/data/amount_dong", json!(0)), InvalidAmount, "data.amount_dong"),
        (with("/data/amount_dong", json!(12.5)), InvalidAmount, "data.amount_dong"),
        (with("/data/amount_dong", json!("1.250.000")), InvalidAmount, "data.amount_dong"),
        (with("/data/amount_dong", Value::Null), Malformed, "data.amount_dong"),
        (with("/data/currency", json!("USD")), UnsupportedCurrency, "data.currency"),
        (with("/data/method", json!("BARTER")), Malformed, "data.method"),
        (with("/data/kind", json!("outflow")), Malformed, "data.kind"),
        (with("/data/beneficiary/kind", json!("teacher")), Malformed, "data.beneficiary.kind"),
        (typed("payment.corrected"), Malformed, "data.version"),
    ];
    for (body, reason, path) in table {
        assert_eq!(fault(&body), (reason, path.to_owned()));
    }
    assert_eq!(single(&with("/data/currency", json!("USD"))).dong, 350_000, "a readable amount is summed");
    assert!(
        single(&with("/timestamp", json!("2026-09-10T12:05:00+07:00"))).outcome.is_ok(),
        "the edge is allowed"
    );
}

#[test]
fn a_doubtful_field_never_costs_the_payment() {
    let fields = |body: &Value| event(body).details.map(|details| details.fields);
    let without = |field: MinimumFields| Some(MinimumFields(MinimumFields::ALL.0 & !field.0));
    for (pointer, value, field) in [
        ("/data/payer/name", json!("X"), MinimumFields::PAYER_NAME),
        ("/data/payer/name", json!(7), MinimumFields::PAYER_NAME),
        ("/data/payer", json!("somebody"), MinimumFields::PAYER_NAME),
        ("/data/beneficiary/name", json!("no. 5"), MinimumFields::BENEFICIARY_NAME),
        ("/data/reason", json!("bribe"), MinimumFields::REASON),
        ("/data/reason", json!("unknown"), MinimumFields::REASON),
        ("/data/invoice_ref", json!("mã số"), MinimumFields::INVOICE_REF),
    ] {
        assert_eq!(fields(&with(pointer, value)), without(field), "{pointer}");
    }
    let by_name = event(&with("/data/beneficiary/code", Value::Null)).details.expect("details");
    assert_eq!(by_name.evidence, Evidence::INVOICE.union(Evidence::PERSON));
    let institution = with("/data/beneficiary", json!({"name": "Trường Ví Dụ", "kind": "institution"}));
    assert_eq!(event(&institution).details.map(|details| details.evidence), Some(Evidence::INVOICE));
}

#[test]
fn flags_tell_of_a_missing_settlement_time_and_a_missing_key() {
    let without = event(&with("/data/settled_at", Value::Null)).details.expect("details");
    assert_eq!(without.flags, Flags::SETTLED_AT_MISSING);
    assert_eq!(without.settled_at, Timestamp::parse_rfc3339("2026-09-07T20:15:30+07:00").expect("a time"));
    let body = example().to_string();
    let source = source(MergeBy::BankReference);
    let Normalized::One(item) = normalize_with(&source, PersonKeys::default(), body.as_bytes()) else {
        panic!("one")
    };
    let details = item.outcome.expect("an event").details.expect("details");
    assert_eq!((details.flags, details.payer, details.invoice), (Flags::PERSON_KEY_MISSING, None, None));
    assert_eq!(details.fields, MinimumFields::ALL, "present all the same");
}

#[test]
fn merchants_terminals_and_counters_are_told_apart() {
    let merchant = event(&with("/data/receiver", json!({"merchant": "SHOP_1"})));
    let terminal = event(&with("/data/receiver", json!({"terminal": "SHOP_1"})));
    assert_eq!(merchant.key.account, ids().merchant("merchants", "SHOP_1"));
    assert_eq!(terminal.key.account, ids().terminal("merchants", "SHOP_1"));
    let kind = |body: &Value| event(body).details.map(|details| details.kind);
    assert_eq!(kind(&with("/data/method", json!("COUNTER_CASH"))), Some(Kind::CounterCash));
    assert_eq!(kind(&with("/data/kind", json!("deposit"))), Some(Kind::Deposit));
    assert_eq!(kind(&with("/data/kind", json!("settlement"))), Some(Kind::Settlement));
}

#[test]
fn json_that_can_be_read_in_two_ways_is_refused() {
    let text = example().to_string();
    let cases = [
        (text.replacen("\"type\"", "\"type\":\"payment.test\",\"type\"", 1), ""),
        (text.replacen("\"amount_dong\"", "\"amount_dong\":1,\"amount_dong\"", 1), "data"),
        (text.replacen("\"amount_dong\"", "\"amount_\\u0064ong\":1,\"amount_dong\"", 1), "data"),
        (text.replacen("\"amount_dong\"", "\"x\":1,\"x\":1,\"amount_dong\"", 1), "data"),
        (text.replacen("\"bank\"", "\"bank\":\"970405\",\"bank\"", 1), "data.payer"),
        (
            text.replacen("\"virtual_account\"", "\"virtual_account\":\"M7\",\"virtual_account\"", 1),
            "data.receiver",
        ),
        (
            text.replacen(
                "\"amount_dong\"",
                &format!("\"x\":{}{},\"amount_dong\"", "[".repeat(40), "]".repeat(40)),
                1,
            ),
            "data",
        ),
        (format!("{text} {text}"), ""),
        (format!("[{text}]"), ""),
        ("[".repeat(100_000), ""),
        ("{\"data\":".repeat(50_000), ""),
        (String::new(), ""),
    ];
    for (body, path) in cases {
        let Normalized::One(item) = normalize(body.as_bytes()) else { panic!("one") };
        let rejection = item.outcome.expect_err("refused");
        assert_eq!((rejection.reason, rejection.path), (DeadLetterReason::Malformed, path));
    }
    let unknown = text.replacen("\"amount_dong\"", "\"later\":{\"x\":[1,2]},\"amount_dong\"", 1);
    assert!(matches!(normalize(unknown.as_bytes()), Normalized::One(Item { outcome: Ok(_), .. })));
    let escaped = text.replacen("TT-2026", "TT-\\u0032026", 1);
    let Normalized::One(item) = normalize(escaped.as_bytes()) else { panic!("one") };
    assert_eq!(item.outcome.expect("an event").key, event(&example()).key);
}

#[test]
fn one_bad_statement_does_not_spoil_a_batch() {
    let batch =
        json!({"type": "payment.batch", "data": [example(), 5, with("/data/receiver", json!(5)), example()]});
    let Normalized::Batch(items) = normalize(batch.to_string().as_bytes()) else { panic!("a batch") };
    let ok: Vec<_> = items.iter().map(|item| item.outcome.is_ok()).collect();
    assert_eq!(ok, [true, false, false, true]);
    for data in [json!([]), json!({}), Value::Null, json!(vec![5; 501])] {
        let body = json!({"type": "payment.batch", "data": data});
        assert_eq!(fault(&body), (DeadLetterReason::Malformed, "data".to_owned()));
    }
}

#[test]
fn every_example_of_the_schema_is_accepted() {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/../../schemas/webhooks");
    let mut examples = 0;
    for entry in std::fs::read_dir(directory).expect("the schemas") {
        let path = entry.expect("an entry").path();
        if path.to_string_lossy().ends_with(".example.json") {
            let body = std::fs::read(&path).expect("an example");
            for item in normalize(&body).items() {
                assert!(item.outcome.is_ok(), "{}: {:?}", path.display(), item.outcome);
            }
            examples += 1;
        }
    }
    assert!(examples >= 8, "{examples} examples");
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(body in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(!normalize(&body).items().is_empty());
    }

    #[test]
    fn a_damaged_body_never_panics_and_never_tells_what_was_in_it(
        position in 0_usize..600, byte in any::<u8>(), kept in 0_usize..1200,
    ) {
        let mut body = example().to_string().into_bytes();
        let length = body.len();
        body[position % length] = byte;
        body.truncate(kept);
        for item in normalize(&body).items() {
            let debug = format!("{item:?}");
            for personal in ["NGUYEN", "HS0042", "5000200300400", "HD-2026", "TT-2026", "FT2625"] {
                prop_assert!(!debug.contains(personal), "{debug}");
            }
        }
    }
}
