//! A person decides: shown first, then in the figures to the dong, then taken back to the dong.

use std::fs;
use std::process::Output;

use cashless_domain::{SourceClass, Status};
use serde_json::{Value, json};

use crate::flow_decisions::told;
use crate::harness::{Plan, Role, System, records, run_command, until};

const BANK: &str = "0000000000000001";
const GATE: &str = "0000000000000002";
const SIGNED: [&str; 4] = ["--who", "Lê An, kế toán trưởng", "--why", "sao kê chỉ có một lần tiền vào"];

const INSTITUTIONS: &str = "institution_id,name,sector,type,ownership,care_tier,scope,unit_code,unit_name,parent_id,status,\
learners,beds,fee_collecting,valid_from,valid_to\n\
A,Trường A,education,primary,public,,core,660,Gia Nghĩa,,active,500,,true,2020-01-01,\n";
const IDENTIFIERS: &str = "kind,provider,value,institution_id,purpose,valid_from,valid_to,evidence\n\
account,970405,0000000001,A,fee_collection,2020-01-01,,\n";

fn decisions(system: &System, arguments: &[&str]) -> Output {
    system.command(&[&["decisions"], arguments].concat())
}

fn said(output: &Output) -> Value {
    let words = [&output.stdout[..], &output.stderr].concat();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&words));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// A command that decides, with who and why.
fn decide(system: &System, arguments: &[&str]) -> Value {
    said(&decisions(system, &[arguments, &SIGNED, &["--yes", "--json"]].concat()))
}

fn refused(system: &System, arguments: &[&str]) -> String {
    let output = decisions(system, arguments);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    assert!(output.stdout.is_empty());
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The counted figures, day by day and source by source.
fn figures(system: &System) -> Vec<String> {
    let sql = "SELECT institution_id, business_date, source, method, class, sum(n) AS payments, sum(net_dong) AS dong, \
               sum(merged_n) AS merged, sum(merged_dong) FROM institution_daily GROUP BY ALL \
               HAVING payments != 0 OR merged != 0 ORDER BY ALL";
    system.rows::<9>(sql).into_iter().map(|row| row.join(" ")).collect()
}

/// What is decided about each record.
fn registers(system: &System) -> String {
    system.sql(
        "SELECT record, decided_by, decided_registry_version, decided_at, present, merged_into, decided_kind, \
         decided_settled_at, fate, business_date FROM payments FINAL ORDER BY record",
    )
}

/// What became of the records, by source.
fn fates(system: &System) -> Vec<String> {
    let sql = "SELECT source, counted_n, counted_dong, merged_n, merged_dong, excluded_n, excluded_dong FROM ledger_totals ORDER BY source";
    system.rows::<7>(sql).into_iter().map(|row| row.join(" ")).collect()
}

/// A system that knows the account, and its aggregator.
async fn set_up() -> (System, Role) {
    let section = "[reviewer]\nevery_ms = 100".to_owned();
    let system = System::set_up(Plan { section, ..Plan::new(1) });
    let directory = system.files.institutions.parent().expect("a directory").join("own");
    fs::create_dir(&directory).expect("made");
    fs::write(directory.join("institutions.csv"), INSTITUTIONS).expect("written");
    fs::write(directory.join("identifiers.csv"), IDENTIFIERS).expect("written");
    let applied = system.command(&["registry", "apply", "--directory", &directory.to_string_lossy()]);
    assert!(applied.status.success(), "{}", String::from_utf8_lossy(&applied.stderr));
    let mut aggregator = system.start_aggregator();
    aggregator.ready().await;
    (system, aggregator)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_changes_exactly_what_it_showed_and_taking_it_back_restores_every_dong() {
    use SourceClass::{Bank, Intermediary};
    let (system, aggregator) = set_up().await;
    let events = [
        told(&system, 1, Bank, 100_000, "2022-03-01T23:58:00+07:00", Status::Settled),
        told(&system, 2, Intermediary, 100_000, "2022-03-02T00:01:00+07:00", Status::Settled),
        told(&system, 3, Bank, 250_000, "2022-03-05T12:00:00+07:00", Status::Settled),
    ];
    records::append(&system.broker, &system.payments_topic(), &events).await;
    until("all are counted", async || (system.events().await == 3).then_some(())).await;
    system.settled().await;
    let (figures_before, fates_before) = (figures(&system), fates(&system));
    assert_eq!(
        figures_before,
        [
            "A 2022-03-01 vi-du-bank UNKNOWN fee_payment 1 100000 0 0",
            "A 2022-03-02 vi-du-gate QR_PAYMENT fee_payment 1 100000 0 0",
            "A 2022-03-05 vi-du-bank UNKNOWN fee_payment 1 250000 0 0",
        ]
    );

    // What is refused changes nothing, and says why.
    let make = ["make", BANK, "--merged-into", GATE];
    let with = |arguments: &[&str], who: &str, why: &str| {
        let all = [arguments, &["--who", who, "--why", why, "--yes"]].concat();
        refused(&system, &all)
    };
    assert!(with(&make, "Lê An", "gọi 0912 345 678").contains("phone or account number"));
    assert!(with(&make, " ", "sao kê").contains("--who"));
    assert!(with(&["make", "00000000deadbeef", "--separate"], "Lê An", "sao kê").contains("no record"));
    assert!(with(&["make", "00000000", "--separate"], "Lê An", "sao kê").contains(GATE), "the choices");
    assert!(with(&["make", BANK, "--merged-into", BANK], "Lê An", "sao kê").contains("into itself"));
    assert!(with(&["make", BANK, "--kind", "refund"], "Lê An", "sao kê").contains("the other way"));
    assert!(with(&["undo", "00000000deadbeef"], "Lê An", "sao kê").contains("no such decision"));
    assert!(refused(&system, &make).contains("--who"), "nobody decides without a name");
    let of_nobody = decisions(&system, &["list", "--institution", "B"]);
    let told = String::from_utf8_lossy(&of_nobody.stderr).into_owned();
    assert_eq!((of_nobody.status.code(), of_nobody.stdout.as_slice()), (Some(1), &b""[..]));
    assert!(told.contains("no institution B") && told.contains("`registry export`"), "{told}");
    said(&decisions(&system, &["list", "--institution", "UNKNOWN", "--json"]));

    // Shown, and not done.
    let shown = said(&decisions(&system, &[&make[..], &SIGNED, &["--json"]].concat()));
    let gone = |day: &str, source: &str, n: i64, dong: i64| {
        json!({ "institution_id": "A", "business_date": day, "source": source, "class": "fee_payment",
                "counted": true, "n": n, "net_dong": dong })
    };
    let expected = [
        gone("2022-03-01", "vi-du-bank", -1, -100_000),
        gone("2022-03-01", "vi-du-gate", 1, 100_000),
        gone("2022-03-02", "vi-du-gate", -1, -100_000),
    ];
    assert_eq!((&shown["figures"], &shown["applied"]), (&json!(expected), &json!(false)));
    assert_eq!(system.events().await, 3);

    // Done, twice.
    let made = decide(&system, &make);
    assert_eq!(made["figures"], shown["figures"]);
    let merged = [
        "A 2022-03-01 vi-du-bank UNKNOWN fee_payment 0 0 1 100000",
        "A 2022-03-01 vi-du-gate QR_PAYMENT fee_payment 1 100000 0 0",
        "A 2022-03-05 vi-du-bank UNKNOWN fee_payment 1 250000 0 0",
    ];
    let decided = |wanted: Vec<String>| {
        let system = &system;
        async move { until("it is decided", async || (figures(system) == wanted).then_some(())).await }
    };
    decided(merged.map(str::to_owned).to_vec()).await;
    system.settled().await;
    let events = system.events().await;
    assert_eq!(events, 5, "about each of the two");
    assert!(decide(&system, &make)["unchanged"].is_string());
    assert_eq!(system.ends().expect("Kafka answers").iter().sum::<i64>(), 5, "twice is once");
    let listed = said(&decisions(&system, &["list", "--by", "person", "--institution", "A", "--json"]));
    let decision = made["decision_id"].as_str().expect("an id").to_owned();
    let of = |row: &Value| {
        [&row["record"], &row["effect"], &row["who"]].map(|text| text.as_str().map(str::to_owned))
    };
    let rows: Vec<_> = listed["decided"].as_array().expect("a list").iter().map(of).collect();
    let expected = |record: &str, effect: &str| [record, effect, SIGNED[1]].map(|text| Some(text.to_owned()));
    assert_eq!(rows, [expected(BANK, "merged"), expected(GATE, "moved")]);
    assert_eq!((&listed["waiting"], &listed["decided"][0]["decision_id"]), (&json!([]), &json!(decision)));

    // A rule that thinks otherwise is not heard.
    let tracker = system.start_tracker();
    until("it reviews", async || tracker.metric("tracker_reviews_total", &[]).filter(|n| *n >= 1.0)).await;
    assert_eq!(tracker.metric("tracker_decisions_total", &[]), Some(0.0));

    // Taken back, twice.
    let back = decide(&system, &["undo", &decision]);
    assert_ne!(back["decision_id"], json!(decision));
    decided(figures_before.clone()).await;
    system.settled().await;
    assert_eq!(fates(&system), fates_before);
    assert!(decide(&system, &["undo", &decision])["unchanged"].is_string());
    // The rule would merge these two; a person's word stands.
    tracker.terminate().await;
    let tracker = system.start_tracker();
    until("it reviews", async || tracker.metric("tracker_reviews_total", &[]).filter(|n| *n >= 1.0)).await;
    assert_eq!(tracker.metric("tracker_decisions_total", &[]), Some(0.0));
    system.settled().await;
    assert_eq!((figures(&system), fates(&system)), (figures_before, fates_before));
    system.assert_reconciled().await;
    tracker.terminate().await;
    aggregator.terminate().await;

    // The same events backwards, and then once more: order and repetition do not matter.
    let mut events = records::read_all(&system.broker, &system.payments_topic()).await;
    events.sort_by_key(|event| event.partition);
    let forwards: Vec<_> = events.into_iter().map(|event| (event.key, event.payload)).collect();
    let backwards: Vec<_> = forwards.iter().rev().chain(&forwards).cloned().collect();
    let (other, aggregator) = set_up().await;
    records::append(&other.broker, &other.payments_topic(), &backwards).await;
    until("all are counted", async || (other.events().await == 14).then_some(())).await;
    other.settled().await;
    assert_eq!((figures(&other), fates(&other)), (figures(&system), fates(&system)));
    assert_eq!(registers(&other), registers(&system));
    aggregator.terminate().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_whose_event_was_not_appended_is_seen_and_the_same_command_makes_it_whole() {
    use SourceClass::{Bank, Intermediary};
    let (system, aggregator) = set_up().await;
    let events = [
        told(&system, 1, Bank, 100_000, "2022-03-01T12:00:00+07:00", Status::Settled),
        told(&system, 2, Intermediary, 100_000, "2022-03-01T12:01:00+07:00", Status::Settled),
    ];
    records::append(&system.broker, &system.payments_topic(), &events).await;
    until("all are counted", async || (system.events().await == 2).then_some(())).await;
    system.settled().await;
    let before = figures(&system);

    // Kafka is away: who and why are logged, and the figures stay.
    let text = fs::read_to_string(&system.config).expect("the configuration");
    let nowhere = text.replace(&system.broker, "127.0.0.1:1") + "[producer]\ndelivery_timeout_ms = 1000\n";
    let config = system.config.with_file_name("nowhere.toml");
    fs::write(&config, nowhere).expect("written");
    let kind = ["make", BANK, "--kind", "donation"];
    let all = [&["decisions"], &kind[..], &SIGNED, &["--yes"]].concat();
    let failed = run_command(&config, &all);
    assert_eq!(failed.status.code(), Some(1), "{}", String::from_utf8_lossy(&failed.stderr));
    let waiting = async || {
        let listed = said(&decisions(&system, &["list", "--json"]));
        let waiting = listed["waiting"].as_array().expect("a list").clone();
        waiting.iter().map(|one| one["decision_id"].as_str().expect("an id").to_owned()).collect::<Vec<_>>()
    };
    let logged = waiting().await;
    assert_eq!((logged.len(), figures(&system)), (1, before.clone()));
    // Meanwhile nobody else decides about the record.
    let other = ["make", BANK, "--separate"];
    let busy = decisions(&system, &[&other[..], &SIGNED, &["--yes"]].concat());
    assert_eq!(busy.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&busy.stderr).contains("on its way"));

    let made = decide(&system, &kind);
    assert_eq!((&made["decision_id"], &made["logged_before_by"]), (&json!(logged[0]), &json!(SIGNED[1])));
    until("it is decided", async || waiting().await.is_empty().then_some(())).await;
    let sums = "SELECT sum(n), sum(net_dong) FROM institution_daily WHERE counted";
    assert_eq!(system.rows::<2>(sums), [["1".to_owned(), "100000".to_owned()]], "a donation is no fee");
    let rows = system.rows::<1>("SELECT count() FROM decision_log FINAL");
    assert_eq!(rows, [["1".to_owned()]], "one decision, told twice");
    decide(&system, &["undo", &logged[0]]);
    until("it is taken back", async || (figures(&system) == before).then_some(())).await;
    aggregator.terminate().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_rule_can_tell_is_listed_until_a_person_says_which() {
    use SourceClass::{Bank, Intermediary};
    let (system, aggregator) = set_up().await;
    let events = [
        told(&system, 1, Bank, 100_000, "2022-03-01T12:00:00+07:00", Status::Settled),
        told(&system, 2, Intermediary, 100_000, "2022-03-01T12:01:00+07:00", Status::Settled),
        told(&system, 3, Intermediary, 100_000, "2022-03-01T12:02:00+07:00", Status::Settled),
    ];
    records::append(&system.broker, &system.payments_topic(), &events).await;
    let tracker = system.start_tracker();
    let open = async || {
        let listed = said(&decisions(&system, &["list", "--open", "--institution", "A", "--json"]));
        listed["open"].as_array().expect("a list").clone()
    };
    let listed = until("it is listed", async || Some(open().await).filter(|open| !open.is_empty())).await;
    assert_eq!(listed.len(), 1);
    let told = |time: &str| json!([{"source": "vi-du-gate", "settled_at": time, "method": "QR_PAYMENT"}]);
    let wanted = json!([
        {"record": GATE, "told": told("2022-03-01 12:01:00.000000")},
        {"record": "0000000000000003", "told": told("2022-03-01 12:02:00.000000")},
    ]);
    assert_eq!((&listed[0]["record"], &listed[0]["candidates"]), (&json!(BANK), &wanted));
    assert_eq!((&listed[0]["amount_dong"], &listed[0]["counted"]), (&json!(100_000), &json!(true)));

    // By the whole address, as it is listed.
    let address = listed[0]["address"].as_str().expect("an address");
    let made = decide(&system, &["make", address, "--merged-into", GATE]);
    assert_eq!(made["decided_about"].as_array().map(Vec::len), Some(2), "no rule gives either to a third");
    until("nothing is open", async || open().await.is_empty().then_some(())).await;
    system.settled().await;
    assert_eq!(
        figures(&system),
        [
            "A 2022-03-01 vi-du-bank UNKNOWN fee_payment 0 0 1 100000",
            "A 2022-03-01 vi-du-gate QR_PAYMENT fee_payment 2 200000 0 0",
        ]
    );
    assert_eq!(tracker.metric("tracker_decisions_total", &[]), Some(0.0));
    tracker.terminate().await;
    aggregator.terminate().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_rules_made_of_a_decision_goes_with_it() {
    use SourceClass::{Bank, Intermediary};
    let (system, aggregator) = set_up().await;
    // Each bank record may be either gateway's: nothing is merged by rule.
    let events = [(1, Bank, "00"), (2, Bank, "01"), (8, Intermediary, "02"), (9, Intermediary, "03")];
    let events = events.map(|(id, class, minute)| {
        let at = format!("2022-03-01T12:{minute}:00+07:00");
        told(&system, id, class, 500_000, &at, Status::Settled)
    });
    records::append(&system.broker, &system.payments_topic(), &events).await;
    until("all are counted", async || (system.events().await == 4).then_some(())).await;
    let tracker = system.start_tracker();
    let ambiguous = || system.rows::<1>("SELECT count() FROM weak_candidates");
    until("both are listed", async || (ambiguous() == [["2"]]).then_some(())).await;
    system.settled().await;
    let (figures_before, fates_before) = (figures(&system), fates(&system));

    let made = decide(&system, &["make", BANK, "--merged-into", "0000000000000008"]);
    // The other bank record has one candidate now.
    let both_merged = [
        "A 2022-03-01 vi-du-bank UNKNOWN fee_payment 0 0 2 1000000",
        "A 2022-03-01 vi-du-gate QR_PAYMENT fee_payment 2 1000000 0 0",
    ];
    until("the rule follows", async || (figures(&system) == both_merged).then_some(())).await;

    decide(&system, &["undo", made["decision_id"].as_str().expect("an id")]);
    until("all is as before", async || (figures(&system) == figures_before).then_some(())).await;
    until("both are listed again", async || (ambiguous() == [["2"]]).then_some(())).await;
    system.settled().await;
    assert_eq!((figures(&system), fates(&system)), (figures_before, fates_before));
    system.assert_reconciled().await;
    tracker.terminate().await;
    aggregator.terminate().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_part_nothing_that_a_person_does_not_name() {
    use SourceClass::{Bank, Intermediary};
    let (system, aggregator) = set_up().await;
    let events = [(1, Bank, "01T23:58:00"), (2, Intermediary, "02T00:01:00")].map(|(id, class, at)| {
        told(&system, id, class, 500_000, &format!("2022-03-{at}+07:00"), Status::Settled)
    });
    records::append(&system.broker, &system.payments_topic(), &events).await;
    let tracker = system.start_tracker();
    let holds = async |expected: &[&str], why: &str| {
        until(why, async || (figures(&system) == expected).then_some(())).await;
        system.settled().await;
        let reviews = async || tracker.metric("tracker_reviews_total", &[]);
        let before = until("it reviews", reviews).await;
        until("it has reviewed twice more", async || reviews().await.filter(|n| *n >= before + 2.0)).await;
        system.settled().await;
        assert_eq!(figures(&system), expected, "{why}, and stays so");
    };
    let bank = "A 2022-03-01 vi-du-bank UNKNOWN fee_payment 0 0 1 500000";
    let merged = [bank, "A 2022-03-01 vi-du-gate QR_PAYMENT fee_payment 1 500000 0 0"];
    holds(&merged, "a rule merges them").await;
    let decision = |made: &Value| made["decision_id"].as_str().expect("an id").to_owned();

    let made = decide(&system, &["make", GATE, "--kind", "donation"]);
    let gift = [bank, "A 2022-03-01 vi-du-gate QR_PAYMENT donation 1 0 0 0"];
    holds(&gift, "the one that counts is a gift").await;
    decide(&system, &["undo", &decision(&made)]);
    holds(&merged, "it is a fee").await;

    let made = decide(&system, &["make", BANK, "--settled-at", "2022-02-28T10:00:00+07:00"]);
    let earlier = [
        "A 2022-02-28 vi-du-bank UNKNOWN fee_payment 0 0 1 500000",
        "A 2022-02-28 vi-du-gate QR_PAYMENT fee_payment 1 500000 0 0",
    ];
    holds(&earlier, "the merged one was earlier").await;
    decide(&system, &["undo", &decision(&made)]);
    holds(&merged, "it was not").await;
    system.assert_reconciled().await;
    tracker.terminate().await;
    aggregator.terminate().await;
}
