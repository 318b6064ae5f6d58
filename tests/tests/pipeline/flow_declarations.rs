//! Declared cash: by file and by endpoint, through its own topic, into its table; once, whatever dies on the way.

use std::process::Output;

use cashless_domain::Timestamp;
use cashless_providers::standard_webhooks::{SigningSecret, sign_v1};
use cashless_wire::Topic;
use serde_json::{Value, json};

use crate::harness::{Plan, System, http, records, until};

const SECRET: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const ROWS: &str =
    "SELECT institution_id, month, source, version, ifNull(toString(cash_n), ''), cash_dong, channel
                    FROM cash_declarations FINAL ORDER BY ALL";

/// A province whose registry is known, and a source that may declare for all of it.
fn set_up() -> System {
    let system = System::set_up(Plan::new(1));
    let directory = system.files.sources.parent().expect("a directory");
    std::fs::write(directory.join("his.secret"), SECRET).expect("written");
    let mut sources = std::fs::read_to_string(&system.files.sources).expect("readable");
    sources.push_str(
        "\n[[source]]\nid = 'example-his'\nclass = 'institution'\nprovider = 'standard-webhooks'\n\
         secrets = [{ file = 'his.secret' }]\ndeclares = true\ninstitutions = ['*']\n",
    );
    std::fs::write(&system.files.sources, sources).expect("written");
    let applied = system.command(&[
        "registry",
        "apply",
        "--institutions",
        &system.files.institutions.to_string_lossy(),
        "--identifiers",
        &system.files.identifiers.to_string_lossy(),
    ]);
    assert!(applied.status.success(), "{}", String::from_utf8_lossy(&applied.stderr));
    system
}

fn declarations(system: &System, command: &str, csv: &str) -> Output {
    let file = system.config.with_file_name("declarations.csv");
    std::fs::write(&file, csv).expect("written");
    system.command(&["declarations", command, &file.to_string_lossy(), "--json"])
}

fn said(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

/// Posts as fee software does; the status.
fn post(system: &System, body: &Value) -> u16 {
    let micros = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
    let at = i64::try_from(micros.as_secs()).expect("a time");
    let body = body.to_string();
    let secret = SigningSecret::parse(SECRET).expect("a secret");
    let signature = sign_v1(&secret, "msg_1", at, body.as_bytes());
    let headers =
        [("webhook-id", "msg_1"), ("webhook-timestamp", &at.to_string()), ("webhook-signature", &signature)];
    let url = format!("http://{}/v1/declarations/example-his", system.webhooks);
    http::post(&url, &headers, body.as_bytes()).expect("an answer").status
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_declared_by_file_and_by_endpoint_is_stored_once() {
    let system = set_up();
    let [first, second] = [0, 1].map(|index: usize| system.province.institutions()[index].id.clone());
    let mut collector = system.start_collector();
    collector.ready().await;
    let header = "institution_id,month,source,version,cash_n,cash_dong,signer_role,declared_at\n";
    let csv = format!(
        "{header}{first},2022-09,B,1,12,1.250.000,Thủ quỹ,2022-10-02\n\
         {first},2022-09,C,1,,9000000,Thủ quỹ,2022-10-02\n{second},2022-09,B,1,0,0,Thủ quỹ,2022-10-02\n"
    );

    let planned = said(&declarations(&system, "plan", &csv));
    assert_eq!((&planned["new"], &planned["applied"]), (&json!(3), &json!(false)));
    let applied = said(&declarations(&system, "apply", &csv));
    assert_eq!((&applied["new"], &applied["applied"]), (&json!(3), &json!(true)));

    // It dies between storing and committing; the next one stores the same again.
    let mut aggregator = system.start_aggregator_with("store_declarations:1");
    assert!(!aggregator.ended().await.success());
    let mut aggregator = system.start_aggregator();
    aggregator.ready().await;
    let export = json!({
        "institution_id": second, "month": "2022-09", "source": "system_export", "version": 1, "cash_n": 3,
        "cash_dong": 300_000, "exported_cashless": [{"method": "QR_TRANSFER", "n": 9, "dong": 900_000}],
        "signer_role": "Kế toán trưởng", "declared_at": "2022-10-03T09:00:00+07:00",
    });
    assert_eq!(post(&system, &export), 204);
    assert_eq!(post(&system, &export), 204, "a repetition is as good");
    let mut wanted: Vec<[String; 7]> = [
        [first.as_str(), "declaration", "12", "1250000", "file"],
        [&first, "invoice_total", "", "9000000", "file"],
        [&second, "system_export", "3", "300000", "example-his"],
        [&second, "declaration", "0", "0", "file"],
    ]
    .map(|[id, source, n, dong, channel]| {
        [id, "2022-09-01", source, "1", n, dong, channel].map(str::to_owned)
    })
    .to_vec();
    wanted.sort();
    let stored = async || {
        let mut rows = system.rows::<7>(ROWS);
        rows.sort();
        (rows == wanted).then_some(())
    };
    until("all four are stored", stored).await;
    until("nothing is left to read", async || {
        aggregator.metric("aggregator_declarations_lag_records", &[]).filter(|lag| *lag < 0.5).map(drop)
    })
    .await;

    let again = said(&declarations(&system, "apply", &csv));
    assert_eq!((&again["new"], &again["revised"], &again["unchanged"]), (&json!(0), &json!(0), &json!(3)));
    let other = declarations(&system, "apply", &csv.replace(",1,12,", ",1,13,"));
    assert_eq!(other.status.code(), Some(2));
    assert!(said(&other)["errors"][0].as_str().is_some_and(|error| error.ends_with("the next version is 2")));
    let revised = said(&declarations(&system, "apply", &csv.replace(",1,12,", ",2,13,")));
    assert_eq!((&revised["revised"], &revised["unchanged"]), (&json!(1), &json!(2)));
    let standing = format!(
        "SELECT version, cash_n, revisions_n FROM declared_months WHERE institution_id = '{first}' AND source = 'declaration'"
    );
    until("the revision stands", async || {
        (system.rows::<3>(&standing) == [["2", "13", "2"].map(str::to_owned)]).then_some(())
    })
    .await;
    assert_eq!(system.rows::<1>("SELECT count() FROM cash_declarations FINAL"), [["5".to_owned()]]);
    let now = Timestamp::parse_rfc3339("2023-01-01T00:00:00Z").expect("a time").business_date();
    let read = system.warehouse.declarations(cashless_domain::BusinessDate::from_days(0), now).await;
    assert_eq!(read.expect("readable").len(), 4);
    aggregator.terminate().await;
    collector.terminate().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_of_declarations_does_not_hold_up_the_payments() {
    let system = set_up();
    let (mut collector, mut aggregator) = system.start_both().await;
    let topic = system.topic(Topic::CashDeclarations);
    records::append(&system.broker, &topic, &[(b"X".to_vec(), b"no declaration".to_vec())]).await;
    until("it is dead-lettered", async || {
        aggregator.metric("aggregator_dead_letters_total", &[]).filter(|n| *n > 0.5).map(drop)
    })
    .await;
    assert_eq!(aggregator.ask("/readyz").map(|answer| answer.status), Some(200));
    let newer = [&[0xc3, 0x01][..], &[7; 8], b"of a later release"].concat();
    records::append(&system.broker, &topic, &[(b"X".to_vec(), newer)]).await;
    aggregator.halted("cash declarations: partition").await;
    let (_report, truth) = system.post_a_day(500).end().await;
    system.assert_true(&truth).await;
    collector.assert_alive();
    aggregator.terminate().await;
    collector.terminate().await;
}
