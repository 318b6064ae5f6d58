//! The reviewer: what looks like one payment becomes one, and is decided once.

use cashless_domain::{
    AmountDong, Beneficiary, Details, EventKey, Evidence, Flags, Kind, Method, MinimumFields, PaymentEvent,
    Reason, RecordId, SourceClass, SourceId, Status, StatusChange, Timestamp,
};
use cashless_wire::Encoder;

use crate::harness::{Plan, System, records, until};

/// A record's settlement, told by a bank or by an intermediary, as the collector would append it.
pub(crate) fn told(
    system: &System,
    id: u64,
    source_class: SourceClass,
    dong: i64,
    at: &str,
    status: Status,
) -> (Vec<u8>, Vec<u8>) {
    let account = system.id_key.bank_account("970405", "0000000001");
    let settled_at = Timestamp::parse_rfc3339(at).expect("a time");
    let is_bank = source_class == SourceClass::Bank;
    let event = PaymentEvent {
        source: SourceId::new(if is_bank { "vi-du-bank" } else { "vi-du-gate" }).expect("valid"),
        source_class,
        key: EventKey {
            anchor: settled_at.business_date(),
            account,
            payment: RecordId(id).into(),
            record: RecordId(id),
        },
        received_at: settled_at,
        status: Some(StatusChange { version: 0, status }),
        details: Some(Details {
            version: 0,
            provider_time: Some(settled_at),
            received_at: settled_at,
            amount: AmountDong::new(dong).expect("in range"),
            settled_at,
            method: if is_bank { Method::Unknown } else { Method::QrPayment },
            kind: Kind::Payment,
            identifier: account.into(),
            evidence: Evidence::default(),
            fields: MinimumFields::default(),
            flags: Flags::default(),
            reason: Reason::Tuition,
            beneficiary_kind: Beneficiary::Unknown,
            payer: None,
            beneficiary: None,
            invoice: None,
            payer_account: None,
            invoice_other_year: None,
            original: None,
            reference: None,
        }),
        decision: None,
        erased: false,
    };
    let mut payload = Vec::new();
    Encoder::default().encode_payment(&event, &mut payload).expect("a valid event");
    (account.0.to_vec(), payload)
}

fn figures(system: &System) -> Vec<String> {
    let sql = "SELECT business_date, source, method, sum(n) AS payments, sum(gross_dong) AS dong, sum(merged_n) AS merged \
               FROM institution_daily GROUP BY business_date, source, method ORDER BY ALL";
    system.rows::<6>(sql).into_iter().map(|row| row.join(" ")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_looks_like_one_payment_becomes_one_and_two_again_when_the_reason_is_gone() {
    use SourceClass::{Bank, Intermediary};
    let section = "[reviewer]\nevery_ms = 100".to_owned();
    let system = System::set_up(Plan { section, ..Plan::new(1) });
    let mut aggregator = system.start_aggregator();
    aggregator.ready().await;
    let settled = Status::Settled;
    let events = [
        told(&system, 1, Bank, 100_000, "2022-03-01T23:58:00+07:00", settled),
        told(&system, 2, Intermediary, 100_000, "2022-03-02T00:01:00+07:00", settled),
        told(&system, 3, Bank, 200_000, "2022-03-01T12:00:00+07:00", settled),
        told(&system, 4, Intermediary, 200_000, "2022-03-01T12:01:00+07:00", settled),
        told(&system, 5, Intermediary, 200_000, "2022-03-01T12:02:00+07:00", settled),
    ];
    records::append(&system.broker, &system.payments_topic(), &events).await;
    until("all are counted", async || (system.events().await == 5).then_some(())).await;
    let apart = figures(&system);
    assert_eq!(
        apart,
        [
            "2022-03-01 vi-du-bank UNKNOWN 2 300000 0",
            "2022-03-01 vi-du-gate QR_PAYMENT 2 400000 0",
            "2022-03-02 vi-du-gate QR_PAYMENT 1 100000 0",
        ]
    );

    let first = system.start_tracker();
    let merged = [
        "2022-03-01 vi-du-bank UNKNOWN 1 200000 1",
        "2022-03-01 vi-du-gate QR_PAYMENT 3 500000 0",
        "2022-03-02 vi-du-gate QR_PAYMENT 0 0 0",
    ];
    until("the two are one", async || (figures(&system) == merged).then_some(())).await;
    let ambiguous = || system.rows::<2>("SELECT amount_dong, length(candidates) FROM weak_candidates");
    until("the ambiguous one is listed", async || (ambiguous() == [["200000", "2"]]).then_some(())).await;

    // Twice at once, over the same facts: nothing more is decided.
    system.settled().await;
    let decided = system.events().await;
    assert_eq!(decided, 7, "one merge, one earlier day");
    let second = system.start_tracker();
    for tracker in [&first, &second] {
        let reviews = async || tracker.metric("tracker_reviews_total", &[]);
        let before = until("it reviews", reviews).await;
        until("it has reviewed twice more", async || reviews().await.filter(|n| *n >= before + 2.0)).await;
    }
    assert_eq!(second.metric("tracker_decisions_total", &[]), Some(0.0));
    system.settled().await;
    assert_eq!(system.events().await, decided);

    // The gateway takes its payment back: the bank's record is no copy of anything any more.
    let voided = told(&system, 2, Intermediary, 100_000, "2022-03-02T00:01:00+07:00", Status::Voided);
    records::append(&system.broker, &system.payments_topic(), &[voided]).await;
    until("the bank's record counts again", async || {
        (figures(&system)[0] == "2022-03-01 vi-du-bank UNKNOWN 2 300000 0").then_some(())
    })
    .await;
    second.terminate().await;
    first.terminate().await;
    aggregator.terminate().await;
}

const INSTITUTIONS: &str =
    "institution_id,name,sector,type,ownership,care_tier,scope,unit_code,unit_name,parent_id,status,\
learners,beds,fee_collecting,valid_from,valid_to
SCHOOL,Trường Ví Dụ,education,primary,public,,core,660,Gia Nghĩa,,active,500,0,true,2020-01-01,
OTHER,Trường Khác,education,primary,public,,core,660,Gia Nghĩa,,active,500,0,true,2020-01-01,
";
const PAYER_ACCOUNTS: &str = "bank,account,kind,valid_from,valid_to,evidence
970999,3713000001,state_budget,2020-01-01,,
";

/// The school takes fees on one account; whose the other one is may be a mistake.
fn apply_registry(system: &System, owner_of_second: &str) {
    let directory = tempfile::tempdir().expect("a directory");
    let identifiers = format!(
        "kind,provider,value,institution_id,purpose,valid_from,valid_to,evidence
account,970405,0000000001,SCHOOL,fee_collection,2020-01-01,,
account,970405,5000000002,{owner_of_second},general,2020-01-01,,
"
    );
    for (name, text) in [
        ("institutions.csv", INSTITUTIONS),
        ("identifiers.csv", &identifiers),
        ("payer_accounts.csv", PAYER_ACCOUNTS),
    ] {
        std::fs::write(directory.path().join(name), text).expect("written");
    }
    let directory = directory.path().to_string_lossy();
    let output = system.command(&["registry", "apply", "--directory", &directory, "--json"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn classes(system: &System) -> Vec<String> {
    let sql = "SELECT class, counted, sum(n) AS payments, sum(gross_dong) AS dong FROM institution_daily \
               WHERE institution_id = 'SCHOOL' GROUP BY class, counted HAVING payments != 0 ORDER BY class";
    system.rows::<4>(sql).into_iter().map(|row| row.join(" ")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn money_from_an_own_account_or_the_state_is_no_fee_as_long_as_the_registry_says_so() {
    let section = "[reviewer]\nevery_ms = 100".to_owned();
    let system = System::set_up(Plan { section, ..Plan::new(2) });
    apply_registry(&system, "SCHOOL");
    let (collector, aggregator) = system.start_both().await;
    let payers = [
        ("own", 5_000_000, serde_json::json!({"account": "5000000002"}), ""),
        ("state", 9_000_000, serde_json::json!({"bank": "970999", "account": "3713000001"}), ""),
        ("parent", 300_000, serde_json::json!({"bank": "970436", "account": "1029384756"}), ""),
        ("deposit", 700_000, serde_json::json!({}), "inpatient_deposit"),
    ];
    for (id, amount_dong, payer, reason) in payers {
        let time = "2022-03-01T12:00:00+07:00";
        let body = serde_json::json!({"type": "payment.settled", "timestamp": time, "data": {
            "transaction_id": id, "transaction_time": time, "amount_dong": amount_dong, "payer": payer, "reason": reason,
            "bank_reference": format!("FT-{id}"), "receiver": {"bank": "970405", "account": "0000000001"}}});
        let answer = system.post_as_bank("bank-1", id, 0, None, body.to_string().as_bytes());
        assert_eq!(answer.expect("an answer").status, 204);
    }
    // The gateway tells of the same money, and neither where it came from nor what it is for.
    let at = "2022-03-01T12:01:00+07:00";
    let events = [(8, 700_000), (9, 5_000_000)]
        .map(|(id, dong)| told(&system, id, SourceClass::Intermediary, dong, at, Status::Settled));
    records::append(&system.broker, &system.payments_topic(), &events).await;
    let apart = ["deposit 1 1 700000", "fee_payment 1 5 20000000"];
    until("all count", async || (classes(&system) == apart).then_some(())).await;

    let tracker = system.start_tracker();
    let deposit = "deposit 1 1 700000";
    let by_payer =
        [deposit, "fee_payment 1 1 300000", "internal_transfer 0 1 5000000", "state_budget 0 1 9000000"];
    until("two are not, however often they are told", async || (classes(&system) == by_payer).then_some(()))
        .await;

    // The second account was another school's all along: what came from it was a payment.
    apply_registry(&system, "OTHER");
    let healed = [deposit, "fee_payment 1 2 5300000", "state_budget 0 1 9000000"];
    until("the transfer is a fee again", async || (classes(&system) == healed).then_some(())).await;
    system.settled().await;
    // A merge that is a transfer, its other side's earlier time and then kind, the state's, a merge that is a deposit and its
    // other side's; two kinds taken back.
    assert_eq!(system.events().await, 6 + 6 + 2, "payments and decisions");
    tracker.terminate().await;
    aggregator.terminate().await;
    collector.terminate().await;
}
