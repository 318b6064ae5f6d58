//! Nothing personal passes the collector: what senders wrote is looked for in every place it could have gone to.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use cashless_simulator::canaries;
use cashless_wire::Topic;

use crate::harness::records::{append, read_all};
use crate::harness::{Plan, Role, Services, System, http, until};

/// One statement of each type, as documented.
const STATEMENTS: [&str; 9] = [
    include_str!("../../../schemas/webhooks/settled.example.json"),
    include_str!("../../../schemas/webhooks/corrected.example.json"),
    include_str!("../../../schemas/webhooks/voided.example.json"),
    include_str!("../../../schemas/webhooks/refunded.example.json"),
    include_str!("../../../schemas/webhooks/charged_back.example.json"),
    include_str!("../../../schemas/webhooks/debited.example.json"),
    include_str!("../../../schemas/webhooks/pending.example.json"),
    include_str!("../../../schemas/webhooks/test.example.json"),
    include_str!("../../../schemas/webhooks/batch.example.json"),
];
/// A syllable has to be this long, or it would be found in any data by chance.
const NEEDLE_BYTES_MIN: usize = 5;
const CONTROL: &str = "ZCONTROLCANARY";

/// What must not be found: planted by hand, by the simulator, and the plain identifiers of the province.
fn needles(system: &System) -> Vec<String> {
    let planted = [
        "ZCANARYNAME",
        "Zưỡng Jển",
        "ZCANARYPUPIL",
        "ZCANARYCODE",
        "99988877766655",
        "ZCANARYVA",
        "ZCANARY-INVOICE",
    ];
    let more = [
        "ZCANARYTXID",
        "ZCANARYREF",
        "msg_ZCANARY",
        "zcanary-source",
        "ZCANARYREASON",
        "ZCANARYMERCHANT",
        "ZCANARYSIGNATURE",
    ];
    let identifiers = system.province.identifiers().iter().map(|identifier| identifier.value.clone());
    let all = planted.into_iter().chain(more).chain(canaries()).map(str::to_owned).chain(identifiers);
    all.filter(|needle| needle.len() >= NEEDLE_BYTES_MIN).collect()
}

/// Finds any of many texts in bytes.
struct Scan {
    /// By their first four bytes.
    needles: HashMap<[u8; 4], Vec<Vec<u8>>>,
    /// Whether any begins with these two.
    begins: Vec<bool>,
}

impl Scan {
    fn new(needles: &[String]) -> Self {
        let mut scan = Self { needles: HashMap::new(), begins: vec![false; 1 << 16] };
        for needle in needles {
            let bytes = needle.as_bytes().to_vec();
            scan.begins[usize::from(u16::from_be_bytes([bytes[0], bytes[1]]))] = true;
            scan.needles.entry([bytes[0], bytes[1], bytes[2], bytes[3]]).or_default().push(bytes);
        }
        scan
    }

    fn found(&self, bytes: &[u8]) -> Option<String> {
        for (at, window) in bytes.windows(4).enumerate() {
            if !self.begins[usize::from(u16::from_be_bytes([window[0], window[1]]))] {
                continue;
            }
            let Some(candidates) = self.needles.get(window) else { continue };
            if let Some(needle) = candidates.iter().find(|needle| bytes[at..].starts_with(needle)) {
                return Some(String::from_utf8_lossy(needle).into_owned());
            }
        }
        None
    }

    #[track_caller]
    fn assert_clean(&self, place: &str, bytes: &[u8]) {
        if let Some(needle) = self.found(bytes) {
            panic!("{needle:?} is in {place}");
        }
    }

    /// Every file below a directory: which ones hold a needle, and how many bytes were looked at.
    fn files(&self, directory: &Path) -> (Vec<String>, u64) {
        let (mut with, mut looked_at, mut left) = (Vec::new(), 0, vec![directory.to_path_buf()]);
        while let Some(directory) = left.pop() {
            for entry in fs::read_dir(&directory).expect("a directory").map(|entry| entry.expect("an entry"))
            {
                let (path, kind) = (entry.path(), entry.file_type().expect("a kind"));
                if kind.is_dir() {
                    left.push(path);
                } else if kind.is_file() {
                    let bytes = fs::read(&path).expect("a file");
                    looked_at += bytes.len() as u64;
                    if let Some(needle) = self.found(&bytes) {
                        with.push(format!("{needle:?} in {}", path.display()));
                    }
                }
            }
        }
        (with, looked_at)
    }
}

/// The examples with a canary in place of everything a person could be known by.
fn statements() -> Vec<String> {
    let plant = |text: &str| {
        let mut statement: serde_json::Value = serde_json::from_str(text).expect("an example is JSON");
        plant_into(&mut statement);
        statement.to_string()
    };
    STATEMENTS.iter().map(|text| plant(text)).collect()
}

fn plant_into(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Object(members) => {
            for (name, member) in members {
                let canary = match name.as_str() {
                    "name" => "ZCANARYNAME Zưỡng Jển",
                    "code" => "ZCANARYCODE",
                    "account" => "99988877766655",
                    "virtual_account" => "ZCANARYVA0001",
                    "invoice_ref" => "ZCANARY-INVOICE",
                    "transaction_id" | "original_transaction_id" => "ZCANARYTXID",
                    "bank_reference" => "ZCANARYREF",
                    _ => {
                        plant_into(member);
                        continue;
                    }
                };
                *member = canary.into();
            }
        }
        serde_json::Value::Array(values) => values.iter_mut().for_each(plant_into),
        _ => {}
    }
}

/// Ways to be wrong that repeat what the sender wrote: `(what, instead)`.
const FAULTS: [(&str, &str); 12] = [
    ("350000", "-350000"),
    ("350000", "\"ZCANARYNAME\""),
    ("\"payment.settled\"", "\"ZCANARYNAME\""),
    ("\"970405\"", "\"ZCANARYMERCHANT\""),
    ("\"pupil\"", "\"ZCANARYPUPIL\""),
    ("\"tuition\"", "\"ZCANARYREASON\""),
    ("2026-09-07T20:15:30+07:00", "ZCANARYNAME"),
    ("2026-09-07T20:15:30+07:00", "2096-09-07T20:15:30+07:00"),
    ("\"VND\"", "\"ZCANARYNAME\""),
    ("\"payer\"", "\"ZCANARYNAME\""),
    ("\"data\":{", "\"data\":{{"),
    ("\"currency\"", "\"account\":\"99988877766655\",\"currency\""),
];

/// Posts every canary in every way; returns what was answered.
fn plant(system: &System) -> Vec<http::Answer> {
    let id = "msg_ZCANARY";
    let mut answers = Vec::new();
    let statements = statements();
    for statement in &statements {
        answers.push(system.post_as_bank("bank-1", id, 0, None, statement.as_bytes()).expect("an answer"));
    }
    assert_eq!(answers[0].status, 204, "{}", answers[0].body);
    for (what, instead) in FAULTS {
        let wrong = statements[0].replacen(what, instead, 1);
        assert_ne!(wrong, statements[0], "{what} is not in the example");
        answers.push(system.post_as_bank("bank-1", id, 0, None, wrong.as_bytes()).expect("an answer"));
    }
    let refused = [
        system.post_as_bank("bank-1", id, 0, Some("v1,ZCANARYSIGNATURE"), statements[0].as_bytes()),
        system.post_as_bank("bank-1", id, 4_000, None, statements[0].as_bytes()),
        system.post_as_bank("zcanary-source", id, 0, None, statements[0].as_bytes()),
        system.post_as_bank("bank-1/ZCANARYNAME", id, 0, None, statements[0].as_bytes()),
    ];
    for (number, answer) in refused.into_iter().enumerate() {
        let answer = answer.unwrap_or_else(|| panic!("refusal {number} was not answered"));
        assert!((400..500).contains(&answer.status), "refusal {number}: {answer:?}");
        answers.push(answer);
    }
    let too_large = system.post_as_bank("bank-1", id, 0, None, "ZCANARYNAME ".repeat(60_000).as_bytes());
    let too_large = too_large.expect("an answer");
    assert_eq!(too_large.status, 413, "{too_large:?}");
    answers.push(too_large);
    answers
}

fn every_table(system: &System) -> Vec<(String, String)> {
    let tables = system.rows::<2>(
        "SELECT database, name FROM system.tables
         WHERE database NOT IN ('system', 'INFORMATION_SCHEMA', 'information_schema') AND engine LIKE '%MergeTree' ORDER BY ALL",
    );
    let dump = |[database, table]: [String; 2]| {
        let rows = system.sql(&format!("SELECT * FROM `{database}`.`{table}` FORMAT TSV"));
        (format!("{database}.{table}"), rows)
    };
    tables.into_iter().map(dump).collect()
}

fn assert_role_clean(scan: &Scan, role: &Role) {
    scan.assert_clean("/metrics", role.ask("/metrics").expect("an answer").body.as_bytes());
    let log = fs::read(role.log_path()).expect("a log");
    assert!(String::from_utf8_lossy(&log).contains("DEBUG"), "a log without detail proves nothing");
    scan.assert_clean(&role.log_path().display().to_string(), &log);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_personal_is_found_behind_the_collector() {
    let services = Services::own();
    let system = System::set_up(Plan { services, log_filter: "debug", ..Plan::new(5) });
    let (collector, aggregator) = system.start_both().await;
    let needles = needles(&system);
    let scan = Scan::new(&needles);
    let answers = plant(&system);
    for answer in &answers {
        scan.assert_clean("an answer", answer.body.as_bytes());
    }
    let (_report, _truth) = system.post_a_day(1_500).end().await;
    // Read by the aggregator, too, and there it fails.
    append(&system.broker, &system.payments_topic(), &[(b"key".to_vec(), b"no record".to_vec())]).await;
    let (institutions, identifiers) = (&system.files.institutions, &system.files.identifiers);
    let applied = system.command(&[
        "registry",
        "apply",
        "--institutions",
        &institutions.to_string_lossy(),
        "--identifiers",
        &identifiers.to_string_lossy(),
    ]);
    assert!(applied.status.success());
    for said in [&applied.stdout, &applied.stderr] {
        scan.assert_clean("what `registry apply` says", said);
    }
    system.settled().await;
    assert_role_clean(&scan, &collector);
    assert_role_clean(&scan, &aggregator);

    let mut records = 0;
    for topic in Topic::ALL {
        for record in read_all(&system.broker, &system.topic(topic)).await {
            scan.assert_clean(topic.settings().name, &record.key);
            scan.assert_clean(topic.settings().name, &record.payload);
            records += 1;
        }
    }
    assert!(records > 1_500, "{records} records are not what was posted");
    let tables = every_table(&system);
    assert!(tables.iter().any(|(name, rows)| name.ends_with(".payments") && rows.lines().count() > 1_000));
    for (name, rows) in &tables {
        scan.assert_clean(name, rows.as_bytes());
    }
    aggregator.terminate().await;
    collector.terminate().await;

    // Files last, when nobody writes them any more; then what the search would have said had something leaked.
    crash(&system);
    let directories = [
        system.services.kafka().data_dir().to_path_buf(),
        system.services.clickhouse().data_dir().to_path_buf(),
    ];
    for directory in &directories {
        let (with, looked_at) = scan.files(directory);
        assert_eq!(with, [""; 0], "files with something personal");
        assert!(looked_at > 100_000, "{looked_at} bytes below {}", directory.display());
    }
    leak(&system).await;
    let control = Scan::new(&[CONTROL.to_owned()]);
    assert!(
        every_table(&system).iter().any(|(_, rows)| control.found(rows.as_bytes()).is_some()),
        "tables are not searched"
    );
    let letters = read_all(&system.broker, &system.topic(Topic::DeadLetters)).await;
    assert!(letters.iter().any(|letter| control.found(&letter.payload).is_some()), "topics are not searched");
    crash(&system);
    for directory in &directories {
        assert!(!control.files(directory).0.is_empty(), "{} is not searched", directory.display());
    }
}

fn crash(system: &System) {
    system.services.kafka().kill9().expect("it can be killed");
    system.services.clickhouse().kill9().expect("it can be killed");
}

/// Puts a canary where it would be if something had leaked.
async fn leak(system: &System) {
    system.services.kafka().restart().expect("it starts again");
    system.services.clickhouse().restart().expect("it starts again");
    until("both answer", async || system.ends()).await;
    append(
        &system.broker,
        &system.topic(Topic::DeadLetters),
        &[(b"key".to_vec(), CONTROL.as_bytes().to_vec())],
    )
    .await;
    system.sql(
        "CREATE TABLE leak (text String) ENGINE = MergeTree ORDER BY text SETTINGS fsync_after_insert = 1",
    );
    system.sql(&format!("INSERT INTO leak VALUES ('{CONTROL}')"));
}
