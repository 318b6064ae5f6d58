//! Measures what the design promises of the views: every query of the cookbook, over a province's synthetic year.
//!
//! `cargo run --release -p cashless-warehouse --example measure_views -- [payments] [directory] [stay]`, 11 million by
//! default. Prints, for every query, the median and the longest of three runs, the least time of processors that the server
//! spent on one (which says more than the clock while others keep the machine busy), and how many rows it gives. A directory
//! is filled once and kept; `stay` measures nothing and keeps the server for your own questions until the input ends.

use std::io::{Read as _, Write as _, stdin, stdout};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use cashless_localservices::{ClickHouse, ClickHouseOptions, DataDirectory, Installation, Launcher};
use cashless_warehouse::{Config, Warehouse};

const BATCH: u64 = 1_000_000;
const RUNS: usize = 3;
const STEPS: &[&str] = &[
    include_str!("province_year/01_payments.sql"),
    include_str!("province_year/02_payments_paid_twice.sql"),
    include_str!("province_year/03_account_daily.sql"),
    include_str!("province_year/04_ledger.sql"),
    include_str!("province_year/05_institutions.sql"),
    include_str!("province_year/06_identifiers.sql"),
    include_str!("province_year/07_units.sql"),
    include_str!("province_year/08_registry_version.sql"),
    include_str!("province_year/09_cash_declarations.sql"),
];

fn main() -> ExitCode {
    if let Some(code) = cashless_localservices::run_hidden_subcommand() {
        return code;
    }
    let payments = std::env::args().nth(1).and_then(|number| number.parse().ok()).unwrap_or(11_000_000);
    let stays = std::env::args().nth(3).is_some_and(|word| word == "stay");
    let mut options = ClickHouseOptions::new(Installation::from(Launcher::current_exe()));
    if let Some(directory) = std::env::args_os().nth(2) {
        options.data = DataDirectory::At(directory.into());
    }
    let clickhouse = ClickHouse::start(options).expect("ClickHouse starts");
    let mut config = Config::new(clickhouse.http_url());
    (config.user, config.password) = (clickhouse.user().to_owned(), clickhouse.password().into());
    let admin = clickhouse::Client::default()
        .with_url(&config.url)
        .with_user(&config.user)
        .with_password(clickhouse.password())
        .with_database(&config.database);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        Warehouse::new(&config).migrate(|_| {}).await.expect("the schema can be made");
        if count(&admin, "payments").await == 0 {
            fill(&admin, payments).await;
        }
        say(&format!(
            "{} payments, {} cells",
            count(&admin, "payments").await,
            count(&admin, "account_daily").await
        ));
        if stays {
            let (url, user, password) = (clickhouse.http_url(), clickhouse.user(), clickhouse.password());
            say(&format!("{url}/?database={}&user={user}&password={password}", config.database));
            let _ = stdin().read_to_end(&mut Vec::new());
        } else {
            measure(&admin, clickhouse.pid()).await;
        }
    });
    ExitCode::SUCCESS
}

async fn fill(admin: &clickhouse::Client, payments: u64) {
    let start = Instant::now();
    for sql in STEPS {
        let query = || admin.query_raw(sql).with_setting("max_partitions_per_insert_block", "0");
        if sql.contains("{payments") {
            for from in (0..payments).step_by(usize::try_from(BATCH).expect("small")) {
                let count = BATCH.min(payments - from);
                let query = query().param("payments", payments).param("from", from).param("count", count);
                query.execute().await.expect("payments are stored");
            }
        } else if sql.contains("{month") {
            for month in 202_201..=202_212 {
                query().param("month", month).execute().await.expect("a month is stored");
            }
        } else {
            query().execute().await.expect("rows are stored");
        }
    }
    // As after months of merges; the last month is as it was inserted.
    for month in 202_201..=202_211 {
        let merge = format!("OPTIMIZE TABLE payments PARTITION {month} FINAL");
        admin.query_raw(&merge).execute().await.expect("merged");
    }
    say(&format!("filled in {:.0?}", start.elapsed()));
}

async fn count(admin: &clickhouse::Client, table: &str) -> u64 {
    admin.query_raw(&format!("SELECT count() FROM {table}")).fetch_one().await.expect("counted")
}

async fn measure(admin: &clickhouse::Client, server: u32) {
    let cookbook = include_str!("../../../schemas/clickhouse/README.md");
    let mut question = "";
    for (before, example) in
        cookbook.split("```").collect::<Vec<_>>().chunks(2).filter_map(|pair| pair.split_first())
    {
        question = before.trim().lines().last().unwrap_or(question);
        let Some(sql) = example.first().and_then(|example| example.strip_prefix("sql\n")) else { continue };
        let mut times = Vec::new();
        let mut rows = 0;
        let mut least = u64::MAX;
        for _ in 0..RUNS {
            let (start, spent) = (Instant::now(), processor_millis(server));
            let mut answer = admin.query_raw(sql).fetch_bytes("TabSeparated").expect("asked");
            let bytes = answer.collect().await.expect("answered");
            times.push(start.elapsed());
            least = least.min(processor_millis(server) - spent);
            rows = bytes.iter().filter(|byte| **byte == b'\n').count();
        }
        times.sort();
        let (median, longest) = (times[RUNS / 2], times[RUNS - 1]);
        let mark = if median > Duration::from_secs(1) { " over 1 s" } else { "" };
        say(&format!(
            "{median:>8.2?} {longest:>8.2?} {least:>6} ms of processors {rows:>8} rows  {question}{mark}"
        ));
    }
}

/// Milliseconds of all threads of a process, in user and system mode; the kernel counts in hundredths.
fn processor_millis(process: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).expect("the server runs");
    let behind_name = stat.rsplit(')').next().expect("has a name");
    behind_name
        .split_whitespace()
        .skip(11)
        .take(2)
        .map(|ticks| ticks.parse::<u64>().expect("ticks") * 10)
        .sum()
}

fn say(line: &str) {
    let _ = writeln!(stdout(), "{line}");
}
