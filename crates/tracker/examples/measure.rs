//! Measures a round of the tracker with two years of data behind it, and how long a cell takes to become a row of progress.
//!
//! `cargo run --release -p cashless-tracker --example measure -- [cells] [payments] [seconds]`

use std::fmt::Write as _;
use std::io::{Write as _, stdout};
use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use cashless_domain::{
    AccountId, BusinessDate, CashDeclaration, DeclarationSource, Evidence, IdKey, Kind, Method, SourceId,
    Timestamp,
};
use cashless_localservices::{ClickHouse, ClickHouseOptions, Installation, Launcher};
use cashless_registry::{Files, PlanOptions, Registry as Institutions, plan, read};
use cashless_rollup::{Cell, CellKey, CellValues, LedgerRow, Version};
use cashless_tracker::{Config as TrackerConfig, Tracker};
use cashless_warehouse::{Applicant, Config, Warehouse};
use prometheus::Registry;
use tokio::time::interval;

const INSTITUTIONS: usize = 2_600;
const BANK: &str = "970405";
/// As an aggregator at 1,000 events a second stores them.
const CELLS_A_BATCH: u64 = 250;
const BATCH_EVERY: Duration = Duration::from_millis(250);
/// For the last batch to be seen.
const PATIENCE: Duration = Duration::from_secs(60);
const GLANCE: Duration = Duration::from_millis(20);

const PLAN: &str = r#"{
    "schema_version": 1, "id": "M", "version": 1, "title_vi": "Đo", "issuer_vi": "UBND tỉnh",
    "territory": { "province_codes": ["38"] },
    "target_year": { "from": "2026-01-01", "to": "2027-01-01" }, "reference_date": "2026-12-31",
    "targets": [
        { "id": "M-C", "title_vi": "Số lượng", "text_vi": "Số lượng", "section": "I", "sector": "education",
          "metric": "count_share", "comparator": ">=", "threshold": { "numerator": 40, "denominator": 100 },
          "period": "target_year", "scope": "core" },
        { "id": "M-V", "title_vi": "Giá trị", "text_vi": "Giá trị", "section": "I", "sector": "education",
          "metric": "value_share", "comparator": ">=", "threshold": { "numerator": 40, "denominator": 100 },
          "period": "target_year", "scope": "core" },
        { "id": "M-U", "title_vi": "Sử dụng", "text_vi": "Sử dụng", "section": "I", "sector": "education",
          "metric": "use_share", "comparator": ">=", "threshold": { "numerator": 100, "denominator": 100 },
          "period": "target_year", "scope": "core" }
    ]
}"#;

/// The day of the stream; all others lie before it.
const TODAY: &str = "2026-11-24";

fn main() -> ExitCode {
    if let Some(code) = cashless_localservices::run_hidden_subcommand() {
        return code;
    }
    let argument = |position: usize, default: u64| {
        std::env::args().nth(position).and_then(|number| number.parse().ok()).unwrap_or(default)
    };
    let (cells, payments, seconds) = (argument(1, 5_000_000), argument(2, 11_000_000), argument(3, 120));
    let installation = Installation::from(Launcher::current_exe());
    let clickhouse = ClickHouse::start(ClickHouseOptions::new(installation)).expect("ClickHouse starts");
    let mut config = Config::new(clickhouse.http_url());
    (config.user, config.password) = (clickhouse.user().to_owned(), clickhouse.password().into());
    let sql = Sql { url: clickhouse.http_url(), user: clickhouse.user(), password: clickhouse.password() };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let warehouse = Warehouse::new(&config);
        set_up(&warehouse, &sql, cells, payments).await;
        time_reads(&warehouse, &sql).await;
        time_the_way(&warehouse, &sql, seconds).await;
    });
    ExitCode::SUCCESS
}

struct Sql<'s> {
    url: String,
    user: &'s str,
    password: &'s str,
}

impl Sql<'_> {
    fn ask(&self, sql: &str) -> String {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let request = (agent.post(&self.url))
            .header("X-ClickHouse-User", self.user)
            .header("X-ClickHouse-Key", self.password)
            .header("X-ClickHouse-Database", "cashless");
        let mut answer = request.send(sql).expect("ClickHouse answers");
        let text = answer.body_mut().read_to_string().expect("text");
        assert!(answer.status().is_success(), "{sql}: {text}");
        text
    }
}

impl Sql<'_> {
    /// What the server's queries have used of its processors.
    fn processor_micros(&self) -> u64 {
        let used = "SELECT sum(value) FROM system.events WHERE event IN ('UserTimeMicroseconds', 'SystemTimeMicroseconds')";
        self.ask(used).trim().parse().expect("a number")
    }
}

fn key() -> IdKey {
    IdKey::new(&[7; 32]).expect("long enough")
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    Timestamp::from_micros(i64::try_from(since.as_micros()).expect("in range")).expect("in range")
}

async fn set_up(warehouse: &Warehouse, sql: &Sql<'_>, cells: u64, payments: u64) {
    warehouse.migrate(|_| {}).await.expect("the schema can be made");
    let mut institutions =
        "institution_id,name,sector,type,ownership,care_tier,scope,unit_code,unit_name,parent_id,\
                            status,learners,beds,fee_collecting,valid_from,valid_to\n"
            .to_owned();
    let mut identifiers =
        "kind,provider,value,institution_id,purpose,valid_from,valid_to,evidence\n".to_owned();
    for number in 0..INSTITUTIONS {
        writeln!(institutions, "S{number},Trường {number},education,primary,public,,core,38,Thanh Hóa,,active,480,,true,2020-01-01,")
            .expect("a string");
        writeln!(identifiers, "account,{BANK},{number},S{number},fee_collection,2020-01-01,,")
            .expect("a string");
    }
    let units = "code,level,name,parent_code,valid_from,valid_to\n38,province,Thanh Hóa,,2004-01-01,\n";
    let files = Files {
        units: Some(units.as_bytes()),
        institutions: Some(institutions.as_bytes()),
        identifiers: Some(identifiers.as_bytes()),
        ..Files::default()
    };
    let none = Institutions::default();
    let wanted = read(&files, &none, PlanOptions::default(), &key()).expect("valid files");
    let applicant = Applicant { by: "measure".into(), note: String::new(), at: now() };
    warehouse.apply_registry(&plan(0, &none, &wanted), &applicant).await.expect("applied");
    warehouse.apply_plan("M", 1, PLAN, &applicant).await.expect("applied");

    let start = Instant::now();
    // 693 days up to the day before the stream's; of each account and day as many as there are in all.
    sql.ask(&format!(
        "INSERT INTO account_daily (partition, business_date, account, identifier, source, method, kind, evidence, n, \
             gross_dong, refunds_n, refunds_dong, all_fields_n, without_beneficiary_n, version) \
         WITH (SELECT groupArray(identifier) FROM identifiers) AS ids, ids[1 + number % {INSTITUTIONS}] AS id, \
             intDiv(number, {INSTITUTIONS}) AS turn, intDiv(turn, 693) AS variety \
         SELECT 0, toDate('2026-11-23') - turn % 693, id, id, concat('source-', toString(variety % 5)), \
             1 + intDiv(variety, 5) % 6, if(number % 97 = 0, 'refund', 'payment'), 1, number % 97 != 0, 350000, \
             number % 97 = 0, 0, 1, 1, bitShiftLeft(toUInt64(1), 48) + 1 FROM numbers({cells})"
    ));
    sql.ask(&format!(
        "INSERT INTO payments (partition, anchor, account, payment, record, source, amount_dong, identifier, fate, \
             business_date, present, original, version) \
         WITH (SELECT groupArray(identifier) FROM identifiers) AS ids, ids[1 + number % {INSTITUTIONS}] AS id \
         SELECT 0, toDate('2026-11-23') - intDiv(number, {INSTITUTIONS}) % 365 AS anchor, id, sipHash128(number), sipHash64(number), \
             'source-0', 350000, id, if(number % 97 = 0, 'refunded', 'counted'), anchor, if(number % 97 = 0, 65, 1), \
             if(number % 97 = 0, sipHash64(number + 1), 0), bitShiftLeft(toUInt64(1), 48) + 1 FROM numbers({payments})"
    ));
    tell(warehouse, 1).await;
    let cash: Vec<_> = (0..INSTITUTIONS).flat_map(declared).collect();
    warehouse.insert_declarations(&cash).await.expect("stored");
    say(&format!(
        "{cells} cells, {payments} payments, {} declarations in {:.0?}",
        cash.len(),
        start.elapsed()
    ));
}

/// Nine institutions in ten declare every month of both years.
fn declared(number: usize) -> impl Iterator<Item = CashDeclaration> {
    let months = (0..23).filter(move |month| !(number + month).is_multiple_of(10));
    months.map(move |month| CashDeclaration {
        institution_id: format!("S{number}"),
        month: day(&format!("{}-{:02}-01", 2025 + month / 12, 1 + month % 12)),
        source: DeclarationSource::Declaration,
        version: 1,
        cash_n: Some(100),
        cash_dong: 30_000_000,
        cash_refunds_dong: 0,
        exported_cashless: Vec::new(),
        signer_role: "Kế toán".to_owned(),
        declared_at: now(),
        recorded_at: now(),
        channel: SourceId::new("file").expect("valid"),
    })
}

async fn time_reads(warehouse: &Warehouse, sql: &Sql<'_>) {
    let month = |number: usize| day(&format!("{}-{:02}-01", 2025 + number / 12, 1 + number % 12));
    let all: Vec<_> = (0..24).map(month).collect();
    let seen = [Version::at(1, 1)];
    // Others may use the machine, too: the processor's time says what a read costs on a free one.
    let timed = |what: &str, start: Instant, before: u64| {
        let (took, used) = (start.elapsed(), Duration::from_micros(sql.processor_micros() - before));
        say(&format!("{what}: {took:.1?}, {used:.1?} of a processor"));
    };
    for _ in 0..3 {
        let (start, before) = (Instant::now(), sql.processor_micros());
        warehouse.flows(1, &all).await.expect("read");
        timed("flows of two years", start, before);
        let (start, before) = (Instant::now(), sql.processor_micros());
        warehouse.flows(1, &all[22..23]).await.expect("read");
        timed("flows of one month", start, before);
        let (start, before) = (Instant::now(), sql.processor_micros());
        warehouse.changed_months(&seen).await.expect("read");
        timed("changed months", start, before);
        let (start, before) = (Instant::now(), sql.processor_micros());
        warehouse.excluded_refunds(1, &all).await.expect("read");
        timed("excluded refunds", start, before);
    }
}

/// From the acknowledged insert of cells to a row of progress that is made from them.
async fn time_the_way(warehouse: &Warehouse, sql: &Sql<'_>, seconds: u64) {
    let metrics = Registry::new();
    let config = TrackerConfig { today: TODAY.to_owned(), ..TrackerConfig::default() };
    let tracker = Tracker::build(config, warehouse.clone(), &metrics).expect("a tracker");
    let health = tracker.health();
    let running = tokio::spawn(tracker.run(std::future::pending()));
    let start = Instant::now();
    while health.ready().is_err() {
        tokio::time::sleep(GLANCE).await;
    }
    say(&format!("first round, everything read: {:.1?}", start.elapsed()));
    let (mut waiting, mut ways) = (Vec::<(u64, Instant)>::new(), Vec::<Duration>::new());
    let (mut batches, mut glances) = (interval(BATCH_EVERY), interval(GLANCE));
    let (mut offset, end) = (10, Instant::now() + Duration::from_secs(seconds));
    let patience = end + PATIENCE;
    // What the last batch changed may be in the row that says it was made from the batches before: then no row follows.
    while Instant::now() < end || waiting.len() > 1 {
        assert!(!running.is_finished(), "the tracker ended: {:?}", running.await);
        assert!(Instant::now() < patience, "{} batches are not seen: {:?}", waiting.len(), health.ready());
        tokio::select! {
            _ = batches.tick(), if Instant::now() < end => {
                offset += CELLS_A_BATCH;
                store(warehouse, offset).await;
                waiting.push((Version::at(1, offset).stored(), Instant::now()));
            }
            _ = glances.tick() => {
                let seen = "SELECT max(payments_watermark[1]) FROM target_progress WHERE plan_id = 'M'";
                let seen: u64 = sql.ask(seen).trim().parse().expect("a number");
                waiting.retain(|(version, stored)| {
                    if *version <= seen {
                        ways.push(stored.elapsed());
                    }
                    *version > seen
                });
            }
        }
    }
    ways.sort_unstable();
    let at = |percent: usize| ways[(ways.len() * percent / 100).min(ways.len() - 1)];
    say(&format!(
        "cell to progress: p50 {:.1?}, p99 {:.1?}, max {:.1?} of {}",
        at(50),
        at(99),
        at(100),
        ways.len()
    ));
    for family in metrics.gather().iter().filter(|family| family.name() == "tracker_evaluation_seconds") {
        for metric in family.get_metric() {
            let histogram = metric.get_histogram();
            let (sum, count) = (histogram.get_sample_sum(), histogram.get_sample_count());
            say(&format!("rounds: {count}, together {sum:.1} s"));
            for bucket in histogram.get_bucket() {
                say(&format!("  <= {} s: {}", bucket.upper_bound(), bucket.cumulative_count()));
            }
        }
    }
    running.abort();
}

/// A batch of changed cells of the day, then the ledger that tells of it.
async fn store(warehouse: &Warehouse, offset: u64) {
    let source = SourceId::new("source-0").expect("valid");
    let cells: Vec<_> = (0..CELLS_A_BATCH)
        .map(|number| {
            let account: AccountId =
                key().bank_account(BANK, &((offset + number) % INSTITUTIONS as u64).to_string());
            let key = CellKey {
                business_date: day(TODAY),
                account,
                identifier: account.into(),
                source: source.clone(),
                method: Method::QrTransfer,
                kind: Kind::Payment,
                evidence: Evidence(1),
            };
            // More with every batch, so that every batch changes a result.
            let n = i64::try_from(offset).expect("small");
            let values = CellValues { n, gross_dong: i128::from(n) * 350_000, ..CellValues::default() };
            (key, Cell { version: Version::at(1, offset), values })
        })
        .collect();
    warehouse.insert_cells(&[(0, &cells)]).await.expect("stored");
    tell(warehouse, offset).await;
}

/// The ledger as of an offset.
async fn tell(warehouse: &Warehouse, offset: u64) {
    let row = LedgerRow {
        version: Version::at(1, offset),
        latest_received_at_micros: now().as_micros(),
        events: [offset + 1, 0, 0, 0],
        ..LedgerRow::default()
    };
    let source = SourceId::new("source-0").expect("valid");
    warehouse.insert_ledger(1, &[(0, &[(source, row)])]).await.expect("stored");
}

fn day(text: &str) -> BusinessDate {
    BusinessDate::parse(text).expect("a date")
}

fn say(line: &str) {
    writeln!(stdout(), "{line}").expect("somebody listens");
}
