//! The analysts' views, over a small synthetic year.

use crate::setup::Database;

/// As many as give every view something to show.
const PAYMENTS: u64 = 40_000;

const STEPS: &[(&str, &str)] = &[
    ("payments", include_str!("../../examples/province_year/01_payments.sql")),
    ("paid twice", include_str!("../../examples/province_year/02_payments_paid_twice.sql")),
    ("cells", include_str!("../../examples/province_year/03_account_daily.sql")),
    ("ledger", include_str!("../../examples/province_year/04_ledger.sql")),
    ("institutions", include_str!("../../examples/province_year/05_institutions.sql")),
    ("identifiers", include_str!("../../examples/province_year/06_identifiers.sql")),
    ("registry version", include_str!("../../examples/province_year/08_registry_version.sql")),
    ("declarations", include_str!("../../examples/province_year/09_cash_declarations.sql")),
];

/// What other rooms write, as few rows as their examples need.
const OTHERS: &[&str] = &[
    "INSERT INTO plans (plan_id, plan_version, is_active, applied_at) VALUES ('DN-2022', 1, 1, now64(6))",
    "INSERT INTO target_progress (evaluated_at, plan_id, plan_version, target_id, row_kind, comparator, verdict) \
     VALUES (now64(6), 'DN-2022', 1, 'DN-T3-EDU-C', 'target', '>=', 'achieved')",
    "INSERT INTO institution_standing (plan_id, institution_id, evaluated_at) VALUES ('DN-2022', 'S00001', now64(6))",
    "INSERT INTO institution_months (plan_id, institution_id, month, evaluated_at, states) \
     VALUES ('DN-2022', 'S00001', '2022-09-01', now64(6), ['missing'])",
    "INSERT INTO cash_declarations (institution_id, month, source, version, digest, recorded_at) \
     VALUES ('S1', '2022-09-01', 'declaration', 1, 1, now64(6))",
];

async fn filled(database: Database) -> Database {
    let database = database.migrated().await;
    for (step, sql) in STEPS {
        for month in if sql.contains("{month") { 202_201..=202_212 } else { 0..=0 } {
            let query = database.admin.query_raw(sql);
            let query = query.with_setting("max_partitions_per_insert_block", "0");
            let query = if sql.contains("{month") { query.param("month", month) } else { query };
            let query = if sql.contains("{payments") {
                query.param("payments", PAYMENTS).param("from", 0).param("count", PAYMENTS)
            } else {
                query
            };
            query.execute().await.expect(step);
        }
    }
    for sql in OTHERS {
        database.execute(sql).await;
    }
    database
}

/// The cookbook's queries, in its order.
fn examples() -> Vec<&'static str> {
    let cookbook = include_str!("../../../../schemas/clickhouse/README.md");
    cookbook
        .split("```sql\n")
        .skip(1)
        .map(|behind| behind.split("```").next().expect("the fence ends"))
        .collect()
}

pub(crate) async fn every_example_of_the_cookbook_shows_something(database: Database) {
    let database = filled(database).await;
    let views = "SELECT name FROM system.tables WHERE database = currentDatabase() AND engine = 'View'";
    for view in database.lines(views).await {
        let named = |example: &&str| {
            example.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').any(|word| word == view)
        };
        assert!(examples().iter().any(named), "{view} has no example");
    }
    for example in examples() {
        assert!(!database.lines(example).await.is_empty(), "no rows:\n{example}");
    }
}

pub(crate) async fn the_parts_of_every_breakdown_add_up(database: Database) {
    let database = filled(database).await;
    let sums = "sum(n), sum(gross_dong)";
    let total = |view: &str, sums: &str| {
        format!("SELECT toString(part) AS part, {sums} FROM {view} GROUP BY part ORDER BY part")
    };
    let parts = "SELECT multiIf(counted, 'counted', class = 'UNKNOWN', 'unknown_account', 'unknown_class') AS part, sum(n), \
                 sum(gross_dong), sum(refunds_n), sum(refunds_dong), sum(net_dong) FROM institution_daily \
                 WHERE counted OR class IN ('UNKNOWN', 'unknown') GROUP BY part ORDER BY part";
    let expected = database.lines(parts).await;
    assert_eq!(expected.len(), 3, "all parts are there: {expected:?}");
    let with_refunds = "sum(n), sum(gross_dong), sum(refunds_n), sum(refunds_dong), sum(net_dong)";
    for view in MONTHLY {
        assert_eq!(database.lines(&total(view, with_refunds)).await, expected, "{view}");
    }
    let payments = |lines: &[String]| -> Vec<String> {
        lines.iter().map(|line| line.split('\t').take(3).collect::<Vec<_>>().join("\t")).collect()
    };
    for view in DAILY {
        assert_eq!(database.lines(&total(view, sums)).await, payments(&expected), "{view}");
    }
    let of = |part: &str| {
        let line = expected.iter().find(|line| line.starts_with(part)).expect("is there");
        line.split('\t').skip(1).take(2).collect::<Vec<_>>().join("\t")
    };
    let unresolved = format!("SELECT {sums} FROM unresolved_accounts");
    assert_eq!(database.lines(&unresolved).await, [of("unknown_account")]);
    let unknown = format!("SELECT {sums} FROM unknown_class");
    assert_eq!(database.lines(&unknown).await, [of("unknown_class")]);
}

const MONTHLY: &[&str] = &["institution_daily_parts", "type_month", "method_month", "provider_month"];
const DAILY: &[&str] = &[];

pub(crate) async fn every_column_of_an_analysts_view_has_a_comment_and_the_rights_of_its_definer(
    database: Database,
) {
    let database = database.migrated().await;
    let ours = "name IN (SELECT name FROM system.tables WHERE database = currentDatabase() AND engine = 'View' \
                AND create_table_query LIKE '%SQL SECURITY DEFINER%')";
    let views = format!("SELECT name FROM system.tables WHERE database = currentDatabase() AND {ours}");
    let views = database.lines(&views).await;
    for view in MONTHLY.iter().chain(DAILY) {
        assert!(views.iter().any(|name| name == view), "{view}");
    }
    let without = "SELECT concat(table, '.', name) FROM system.columns WHERE database = currentDatabase() AND comment = '' \
                   AND table IN (SELECT name FROM system.tables WHERE database = currentDatabase() \
                   AND create_table_query LIKE '%SQL SECURITY DEFINER%')";
    assert_eq!(database.lines(without).await, Vec::<String>::new());
    let persons = "SELECT concat(table, '.', name) FROM system.columns WHERE database = currentDatabase() \
                   AND name IN ('payer', 'beneficiary', 'invoice', 'invoice_other_year') AND table != 'payments'";
    assert_eq!(database.lines(persons).await, Vec::<String>::new(), "nobody's digest leaves the facts");
}
