//! From a webhook to a target: a tracker beside the other roles, while payments arrive.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use cashless_domain::{BusinessDate, CashDeclaration, DeclarationSource, SourceId, Timestamp};
use cashless_simulator::{Clock, Pace, Parameters, Scenario, TrueLedger};
use serde_json::Value;

use crate::harness::{Load, Plan, Role, System, until};
use crate::metrics_names::{COMMITTED, OF_TRACKER, names};

/// The stream's day is in September; nothing else of the year is declared. No reviewer: the true ledger knows nothing of
/// what it decides.
const SECTIONS: &str = "[tracker]\ntoday = '2026-10-15'\nevery_ms = 500\n[reviewer]\nenabled = false\n";
const CASH_N: i64 = 10;

/// Of the simulated province, as if it had stayed one.
const UNITS: &str = "code,level,name,parent_code,valid_from,valid_to\n\
67,province,Tỉnh Đắk Nông,,2004-01-01,\n\
660,district,Gia Nghĩa,67,2004-01-01,\n661,district,Đăk Glong,67,2004-01-01,\n\
662,district,Cư Jút,67,2004-01-01,\n663,district,Đắk Mil,67,2004-01-01,\n\
664,district,Krông Nô,67,2004-01-01,\n665,district,Đắk Song,67,2004-01-01,\n\
666,district,Đắk R'Lấp,67,2004-01-01,\n667,district,Tuy Đức,67,2004-01-01,\n";

fn plan_document(version: u32, threshold: u32) -> String {
    serde_json::json!({
        "schema_version": 1, "id": "T", "version": version, "title_vi": "Kế hoạch thử", "issuer_vi": "UBND tỉnh",
        "territory": { "province_codes": ["67"] },
        "target_year": { "from": "2026-01-01", "to": "2027-01-01" }, "reference_date": "2026-12-31",
        "targets": [
            { "id": "T-C", "title_vi": "Số lượng giao dịch", "text_vi": "Số lượng giao dịch", "section": "I",
              "sector": "education", "metric": "count_share", "comparator": ">=",
              "threshold": { "numerator": threshold, "denominator": 100 }, "period": "target_year", "scope": "core" },
            { "id": "T-P", "title_vi": "Nền tảng số", "text_vi": "Nền tảng số", "section": "I",
              "sector": "education", "metric": "platform_share", "comparator": ">=",
              "threshold": { "numerator": 50, "denominator": 100 }, "period": "instant", "scope": "core" },
        ],
    })
    .to_string()
}

fn told(system: &System, arguments: &[&str]) -> Value {
    let output = system.command(arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn apply_registry(system: &System) -> u64 {
    let units = system.config.with_file_name("units_of_one.csv");
    std::fs::write(&units, UNITS).expect("written");
    let (institutions, identifiers) = (&system.files.institutions, &system.files.identifiers);
    let said = told(
        system,
        &[
            "registry",
            "apply",
            "--units",
            &units.to_string_lossy(),
            "--institutions",
            &institutions.to_string_lossy(),
            "--identifiers",
            &identifiers.to_string_lossy(),
            "--json",
        ],
    );
    said["registry_version"].as_u64().expect("a version")
}

fn apply_plan(system: &System, document: &str) -> std::process::Output {
    let file = system.config.with_file_name("plan.json");
    std::fs::write(&file, document).expect("written");
    system.command(&["plan", "apply", &file.to_string_lossy(), "--note", "test", "--json"])
}

fn schools(system: &System) -> BTreeSet<&str> {
    let schools = system.province.institutions().iter();
    let core = schools.filter(|school| school.sector == "education" && school.scope == "core");
    core.map(|school| school.id.as_str()).collect()
}

async fn declare(system: &System, version: u32, cash_n: i64) {
    let declarations: Vec<_> = schools(system)
        .into_iter()
        .map(|id| CashDeclaration {
            institution_id: id.to_owned(),
            month: BusinessDate::parse("2026-09-01").expect("a day"),
            source: DeclarationSource::Declaration,
            version,
            cash_n: Some(cash_n),
            cash_dong: 1_000_000,
            cash_refunds_dong: 0,
            exported_cashless: Vec::new(),
            signer_role: "Kế toán".to_owned(),
            declared_at: Timestamp::parse_rfc3339("2026-10-02T08:00:00+07:00").expect("a time"),
            recorded_at: Timestamp::parse_rfc3339("2026-10-02T08:00:01+07:00").expect("a time"),
            channel: SourceId::new("test").expect("valid"),
        })
        .collect();
    assert!(declarations.len() > 20, "hardly any school");
    system.warehouse.insert_declarations(&declarations).await.expect("stored");
}

/// Counted payments of the schools in September.
fn counted(system: &System, truth: &TrueLedger) -> i64 {
    let schools = schools(system);
    let rows = truth.institution_rows().into_iter().filter(|(key, _)| {
        schools.contains(truth.institution_id(key.institution))
            && ["fee_payment", "deposit"].contains(&key.class)
            && key.business_date.to_string().starts_with("2026-09")
    });
    rows.map(|(_, sums)| sums.n).sum()
}

/// Numerator and denominator of the target.
fn shown(system: &System) -> Option<(i64, i64)> {
    let rows =
        system.rows::<2>("SELECT numerator, denominator FROM target_progress_now WHERE target_id = 'T-C'");
    let [numerator, denominator] = rows.into_iter().next()?;
    Some((numerator.parse().ok()?, denominator.parse().ok()?))
}

async fn becomes(system: &System, numerator: i64) {
    becomes_with(system, numerator, CASH_N).await;
}

async fn becomes_with(system: &System, numerator: i64, cash_n: i64) {
    let denominator = numerator + cash_n * i64::try_from(schools(system).len()).expect("few");
    until(&format!("the target is at {numerator} of {denominator}"), async || {
        (shown(system)? == (numerator, denominator)).then_some(())
    })
    .await;
}

/// Waits until a tracker has had nothing to do for so many rounds that it has looked for refunds of what never counted,
/// too, which it does in one round of twelve. Says how many results there are and when the
/// newest rows were made; rows of the other tables replace each other, so their number means nothing.
async fn rows_at_rest(system: &System, tracker: &Role) -> Vec<[String; 3]> {
    let rounds = async || tracker.metric("tracker_evaluations_total", &["unchanged"]);
    let before = until("the tracker tells its rounds", rounds).await;
    until("fourteen rounds more", async || (rounds().await? >= before + 14.0).then_some(())).await;
    system.rows(
        "SELECT (SELECT count() FROM target_progress), (SELECT max(evaluated_at) FROM institution_standing), \
         (SELECT max(evaluated_at) FROM institution_months)",
    )
}

fn assert_no_row_repeats_the_one_before(system: &System) {
    let repeated = system.rows::<1>(
        "SELECT count() FROM (SELECT digest, lagInFrame(digest) OVER (PARTITION BY plan_id, plan_version, target_id, \
         row_kind ORDER BY evaluated_at ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS before FROM target_progress) \
         WHERE digest = before",
    );
    assert_eq!(repeated, [["0".to_owned()]]);
}

async fn ready(system: &System) -> (Role, Role, Role) {
    let (collector, aggregator) = system.start_both().await;
    let mut tracker = system.start_tracker();
    tracker.ready().await;
    (collector, aggregator, tracker)
}

#[tokio::test(flavor = "multi_thread")]
async fn payments_and_fixes_of_the_registry_move_targets_and_nothing_is_said_twice() {
    let system = System::set_up(Plan { section: SECTIONS.to_owned(), ..Plan::new(11) });
    apply_registry(&system);
    declare(&system, 1, CASH_N).await;
    assert!(apply_plan(&system, &plan_document(1, 40)).status.success());
    let (collector, aggregator, tracker) = ready(&system).await;
    becomes(&system, 0).await;

    let (_report, truth) = system.post_a_day(1_500).end().await;
    system.settled().await;
    let first = counted(&system, &truth);
    assert!(first > 300, "hardly a payment: {first}");
    becomes(&system, first).await;
    let (numerator, denominator) = shown(&system).expect("a row");
    until("the gauge shows the target", async || {
        let ratio = tracker.metric("tracker_target_ratio", &["plan=\"T\"", "target=\"T-C\""])?;
        ((ratio - numerator as f64 / denominator as f64).abs() < 1e-9).then_some(())
    })
    .await;
    until("the fates add up", async || (tracker.metric("tracker_fates_gap", &[]) == Some(0.0)).then_some(()))
        .await;
    assert!(tracker.metric("tracker_source_silence_seconds", &[]).is_some());

    let committed: BTreeSet<String> =
        COMMITTED.lines().filter(|line| line.contains(OF_TRACKER)).map(str::to_owned).collect();
    assert_eq!(names(&tracker), committed, "if this is meant, change metrics.txt");

    // Killed, and begun again, and a second one beside it: nothing is said that was said before.
    let at_rest = rows_at_rest(&system, &tracker).await;
    tracker.kill9();
    let (mut tracker, mut second) = (system.start_tracker(), system.start_tracker());
    tracker.ready().await;
    second.ready().await;
    assert_eq!(rows_at_rest(&system, &tracker).await, at_rest);
    assert_eq!(rows_at_rest(&system, &second).await, at_rest);
    // Two that see one change in one moment may both say it, which does no harm.
    second.terminate().await;

    // More payments of the same day: seen within seconds of the last answer.
    let clock = Clock::one_day(300);
    let more = Scenario::new(Arc::clone(&system.province), Parameters::default(), clock, 12);
    let (_report, more) = Load::start(&system, more, Pace::Unpaced).end().await;
    let answered = Instant::now();
    let both = first + counted(&system, &more);
    becomes(&system, both).await;
    assert!(answered.elapsed() < Duration::from_secs(10), "{:?}", answered.elapsed());

    // The busiest school's account was nobody's after all: the past is healed with the next row.
    let before = system.rows::<2>("SELECT evaluated_at, numerator FROM target_progress ORDER BY ALL");
    let lost = take_an_account_away(&system);
    let version = apply_registry(&system);
    becomes(&system, both - lost).await;
    let newest = system.rows::<1>("SELECT registry_version FROM target_progress_now WHERE target_id = 'T-C'");
    assert_eq!(newest, [[version.to_string()]]);
    let after = system.rows::<2>("SELECT evaluated_at, numerator FROM target_progress ORDER BY ALL");
    assert!(after.starts_with(&before), "what was said stays");

    // All schools correct what they declared, and one of them tells of its platform.
    declare(&system, 2, CASH_N + 1).await;
    becomes_with(&system, both - lost, CASH_N + 1).await;
    let platforms = || system.rows::<1>("SELECT numerator FROM target_progress_now WHERE target_id = 'T-P'");
    assert_eq!(platforms(), [["0"]]);
    tell_of_a_platform(&system);
    until("one school has a platform", async || (platforms() == [["1"]]).then_some(())).await;
    assert_no_row_repeats_the_one_before(&system);
    for role in [tracker, aggregator, collector] {
        role.terminate().await;
    }
}

fn tell_of_a_platform(system: &System) {
    let school = schools(system).into_iter().next().expect("a school");
    let attributes = system.config.with_file_name("one_attribute.csv");
    let text = format!(
        "institution_id,attribute,value,name,ministry_listed,declared_by,evidence,valid_from,valid_to\n\
         {school},platform,education_management,Phần mềm Ví Dụ,true,test,,2026-01-01,\n"
    );
    std::fs::write(&attributes, text).expect("written");
    told(system, &["registry", "apply", "--attributes", &attributes.to_string_lossy(), "--json"]);
}

/// Strikes an account of a school out of the registry's file; says how many payments it had that counted in September.
fn take_an_account_away(system: &System) -> i64 {
    let ids: Vec<String> = schools(system).into_iter().map(|id| format!("'{id}'")).collect();
    let busiest = system.rows::<2>(&format!(
        "SELECT institution_id, toString(sum(n)) FROM institution_daily \
         WHERE counted AND toStartOfMonth(business_date) = '2026-09-01' AND institution_id IN ({}) \
         GROUP BY institution_id ORDER BY sum(n) DESC LIMIT 1",
        ids.join(", ")
    ));
    let [[institution, n]] = &busiest[..] else { panic!("{busiest:?}") };
    let text = std::fs::read_to_string(&system.files.identifiers).expect("identifiers.csv");
    let owner = format!(",{institution},");
    let kept: Vec<String> = text
        .lines()
        .map(|line| if line.contains(&owner) { closed_early(line) } else { line.to_owned() })
        .collect();
    std::fs::write(&system.files.identifiers, kept.join("\n") + "\n").expect("written");
    n.parse().expect("a number")
}

/// The line as if it had ended long ago.
fn closed_early(line: &str) -> String {
    let fields: Vec<&str> = line.split(',').collect();
    let [kind, provider, value, owner, purpose, from, _to, evidence] = fields[..] else { panic!("{line}") };
    let (from, to) = if from < "2021-01-01" { (from, "2021-01-01") } else { ("2020-12-31", "2021-01-01") };
    format!("{kind},{provider},{value},{owner},{purpose},{from},{to},{evidence}")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_content_of_a_plan_version_stays_and_a_plan_that_cannot_be_read_is_named() {
    let system = System::set_up(Plan { section: SECTIONS.to_owned(), ..Plan::new(13) });
    apply_registry(&system);
    declare(&system, 1, CASH_N).await;
    let mut tracker = system.start_tracker();
    tracker.ready().await;
    let elsewhere =
        apply_plan(&system, &plan_document(1, 40).replace("\"67\"", "\"76\"").replace("\"T\"", "\"E\""));
    let said: Value = serde_json::from_slice(&elsewhere.stdout).expect("JSON");
    let warning = said["warnings"][0].as_str().unwrap_or_default();
    assert!(warning.contains("no province 76 on 2026-12-31"), "{said}");
    assert_eq!((elsewhere.status.code(), &said["applied"]), (Some(0), &Value::from(true)));
    told(&system, &["plan", "retire", "E", "--json"]);

    let said: Value =
        serde_json::from_slice(&apply_plan(&system, &plan_document(1, 40)).stdout).expect("JSON");
    assert_eq!((&said["warnings"], &said["applied"]), (&serde_json::json!([]), &Value::from(true)));
    let active = async |version: u32| {
        let versions = "SELECT DISTINCT plan_version FROM target_progress_now WHERE is_active";
        until(&format!("version {version} is evaluated"), async || {
            (system.rows::<1>(versions) == [[version.to_string()]]).then_some(())
        })
        .await;
    };
    active(1).await;
    let refused = apply_plan(&system, &plan_document(1, 45));
    assert_eq!(refused.status.code(), Some(2));
    let said: Value = serde_json::from_slice(&refused.stdout).expect("JSON");
    assert!(said["errors"][0].as_str().is_some_and(|error| error.contains("higher version")), "{said}");
    let said: Value =
        serde_json::from_slice(&apply_plan(&system, &plan_document(2, 45)).stdout).expect("JSON");
    let changes = said["changes"].to_string();
    assert!(changes.contains("/targets/T-C/threshold/numerator: 40 → 45"), "{changes}");
    active(2).await;

    let applicant = cashless_warehouse::Applicant {
        by: "test".to_owned(),
        note: String::new(),
        at: Timestamp::from_micros(1_000_000).expect("a time"),
    };
    system.warehouse.apply_plan("X", 1, "{}", &applicant).await.expect("stored");
    tracker.halted("plan X version 1 is not evaluated").await;
    assert_eq!(told(&system, &["plan", "retire", "X", "--json"])["retired_version"], 1);
    tracker.ready().await;

    assert_eq!(told(&system, &["plan", "retire", "T", "--json"])["retired_version"], 2);
    until("its gauges are gone", async || {
        tracker.metric("tracker_target_verdict", &[]).is_none().then_some(())
    })
    .await;
    let listed = told(&system, &["plan", "list", "--json"]);
    let states: Vec<_> =
        listed["plans"].as_array().expect("plans").iter().map(|plan| plan["is_active"].clone()).collect();
    assert_eq!(states, [false, false, false, false]);
    tracker.terminate().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tracker_without_tables_ends_and_says_why() {
    let system = System::without_topics(Plan::new(14));
    let mut tracker = system.start_tracker();
    assert!(!tracker.ended().await.success());
    assert!(
        tracker.log().contains("cashless migrate") || tracker.log().contains("code 81"),
        "{}",
        tracker.log()
    );
}
