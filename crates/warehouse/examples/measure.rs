//! Measures what the design promises of the warehouse: bytes a payment, insert and load times.
//!
//! `cargo run --release -p cashless-warehouse --example measure -- [payments]`

use std::io::{Write as _, stdout};
use std::process::ExitCode;
use std::time::Instant;

use cashless_domain::{
    AccountId, AmountDong, Beneficiary, BusinessDate, Details, Evidence, Flags, IdentifierId, InvoiceDigest,
    Kind, Method, MinimumFields, PaymentId, PersonDigest, Reason, RecordId, SourceClass, SourceId, Status,
    StatusChange, Timestamp,
};
use cashless_localservices::{ClickHouse, ClickHouseOptions, Installation, Launcher};
use cashless_rollup::{Fact, PaymentKey, Record, Version, standings};
use cashless_warehouse::{Config, Warehouse};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

const DAYS: u64 = 2;
const ACCOUNTS: u64 = 3_900;
const BATCH: usize = 100_000;
const PARTITION: u16 = 3;

fn main() -> ExitCode {
    if let Some(code) = cashless_localservices::run_hidden_subcommand() {
        return code;
    }
    let payments = std::env::args().nth(1).and_then(|number| number.parse().ok()).unwrap_or(1_000_000);
    let installation = Installation::from(Launcher::current_exe());
    let clickhouse = ClickHouse::start(ClickHouseOptions::new(installation)).expect("ClickHouse starts");
    let mut config = Config::new(clickhouse.http_url());
    (config.user, config.password) = (clickhouse.user().to_owned(), clickhouse.password().into());
    let admin = clickhouse::Client::default()
        .with_url(&config.url)
        .with_user(&config.user)
        .with_password(clickhouse.password())
        .with_database(&config.database);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(measure(&Warehouse::new(&config), &admin, payments));
    ExitCode::SUCCESS
}

async fn measure(warehouse: &Warehouse, admin: &clickhouse::Client, payments: u64) {
    warehouse.migrate(|_| {}).await.expect("the schema can be made");
    let facts = facts(payments);
    let start = Instant::now();
    for batch in facts.chunks(BATCH) {
        warehouse.insert_facts(&[(PARTITION, batch)]).await.expect("stored");
    }
    let seconds = start.elapsed().as_secs_f64();
    say(&format!("insert, batches of {BATCH}: {:.2} µs a fact", seconds * 1e6 / payments as f64));
    admin.query("OPTIMIZE TABLE payments FINAL").execute().await.expect("merged");
    let bytes: u64 = (admin
        .query("SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND table = 'payments'"))
    .fetch_one()
    .await
    .expect("parts");
    say(&format!("stored: {:.1} bytes a payment", bytes as f64 / payments as f64));
    let columns = "SELECT concat(name, ' ', toString(round(data_compressed_bytes / ?, 2))) FROM system.columns \
                   WHERE database = currentDatabase() AND table = 'payments' AND data_compressed_bytes > ? / 10 ORDER BY data_compressed_bytes DESC";
    let columns =
        admin.query(columns).bind(payments).bind(payments).fetch_all::<String>().await.expect("columns");
    say(&columns.join(", "));

    let first = facts[0].payment.anchor;
    let keys = |count: usize| -> Vec<_> {
        facts.iter().step_by(facts.len() / count).take(count).map(|fact| (PARTITION, fact.payment)).collect()
    };
    for _ in 0..3 {
        let start = Instant::now();
        let known = warehouse.known_ids(&[(PARTITION, first)]).await.expect("read");
        say(&format!("known ids: {} in {:.1?}", known[0].2.len(), start.elapsed()));
        let start = Instant::now();
        let found = warehouse.payments(&[], &[(PARTITION, first)]).await.expect("read");
        say(&format!("whole day: {} payments in {:.1?}", found.len(), start.elapsed()));
        for count in [10, 100, 1_000, 10_000, 100_000] {
            let keys = keys(count);
            let start = Instant::now();
            let found = warehouse.payments(&keys, &[]).await.expect("read");
            say(&format!("{} of {count} scattered keys in {:.1?}", found.len(), start.elapsed()));
        }
    }
}

/// Six in ten by a bank's feed, half of them naming the payer; the rest by an intermediary with all fields.
fn facts(payments: u64) -> Vec<Fact> {
    let mut random = ChaCha8Rng::seed_from_u64(7);
    let sources: Vec<_> = (0..6).map(|n| SourceId::new(&format!("source-{n}")).expect("valid")).collect();
    let first = BusinessDate::parse("2022-09-05").expect("a date");
    let accounts: Vec<[u8; 16]> = (0..ACCOUNTS).map(|_| random.random()).collect();
    (0..payments)
        .map(|number| {
            let day = number * DAYS / payments;
            let micros = first.start().as_micros() + i64::try_from(day * 86_400).expect("small") * 1_000_000;
            let settled = micros + random.random_range(25_200..75_600) * 1_000_000;
            let rank = random.random::<f64>().powi(2) * ACCOUNTS as f64;
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "below the number of accounts"
            )]
            let account = accounts[rank as usize % accounts.len()];
            let bank = random.random_bool(0.6);
            let by_bank_reference = random.random_bool(0.5);
            let named = !bank || random.random_bool(0.5);
            let record_id = RecordId(random.random());
            let details = Details {
                version: 0,
                provider_time: Some(Timestamp::from_micros(settled).expect("in range")),
                received_at: Timestamp::from_micros(settled + random.random_range(300_000..8_000_000))
                    .expect("in range"),
                amount: AmountDong::new(random.random_range(20..4_000) * 1_000).expect("in range"),
                settled_at: Timestamp::from_micros(settled).expect("in range"),
                method: Method::ALL[random.random_range(1..7)],
                kind: Kind::Payment,
                identifier: IdentifierId(account),
                evidence: Evidence(if named { 3 } else { 0 }),
                fields: MinimumFields(if named { 15 } else { 4 }),
                flags: Flags(0),
                reason: Reason::ALL[random.random_range(1..5)],
                beneficiary_kind: Beneficiary::Pupil,
                payer: named.then(|| PersonDigest(random.random())),
                beneficiary: (!bank).then(|| PersonDigest(random.random())),
                invoice: (!bank).then(|| InvoiceDigest(random.random())),
                payer_account: None,
                invoice_other_year: None,
                original: None,
                reference: None,
            };
            let record = Record {
                id: record_id,
                source_class: if bank { SourceClass::Bank } else { SourceClass::Intermediary },
                source: sources[random.random_range(0..3) + if bank { 0 } else { 3 }].clone(),
                status: Some(StatusChange { version: 0, status: Status::Settled }),
                details: Some(details),
                decision: None,
                erased: false,
            };
            let id = if by_bank_reference { PaymentId(random.random()) } else { record_id.into() };
            let payment = PaymentKey {
                anchor: BusinessDate::from_days(first.days() + u16::try_from(day).expect("small")),
                account: AccountId(account),
                payment: id,
            };
            let standing = standings(&payment, std::slice::from_ref(&record))[0];
            Fact { payment, record, standing, version: Version::at(1, number) }
        })
        .collect()
}

fn say(line: &str) {
    let _ = writeln!(stdout(), "{line}");
}
