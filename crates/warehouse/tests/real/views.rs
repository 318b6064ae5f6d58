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
    ("units", include_str!("../../examples/province_year/07_units.sql")),
    ("registry version", include_str!("../../examples/province_year/08_registry_version.sql")),
    ("declarations", include_str!("../../examples/province_year/09_cash_declarations.sql")),
];

/// What other rooms write, as few rows as their examples need.
const OTHERS: &[&str] = &[
    "INSERT INTO plans (plan_id, plan_version, is_active, applied_at) VALUES ('DN-2022', 1, 1, now64(6))",
    "INSERT INTO target_progress (evaluated_at, plan_id, plan_version, target_id, row_kind, comparator, verdict) \
     VALUES (now64(6), 'DN-2022', 1, 'DN-T3-EDU-C', 'target', '>=', 'achieved')",
    "INSERT INTO institution_standing (plan_id, institution_id, evaluated_at, scope) VALUES ('DN-2022', 'S00001', now64(6), 'core')",
    "INSERT INTO institution_months (plan_id, institution_id, month, evaluated_at, states) \
     VALUES ('DN-2022', 'S00001', '2022-09-01', now64(6), ['missing'])",
    "INSERT INTO cash_declarations (institution_id, month, source, version, digest, recorded_at) \
     VALUES ('S1', '2022-09-01', 'declaration', 1, 1, now64(6))",
    // One reference, told by a gateway with its fee and by the bank without it.
    "INSERT INTO payments (anchor, account, payment, record, source, source_class, status, present, amount_dong, settled_at, kind, \
     identifier, fate, business_date, counted_kind, version) \
     SELECT '2022-03-05', 'agreed', 'one', c1, c2, c3, 'settled', 1, c4, '2022-03-05 08:00:00', 'payment', 'agreed', 'excluded', \
     '2022-03-05', 'payment', 1 \
     FROM values((1, 'bank-0', 'bank', 200000), (2, 'gateway-0', 'intermediary', 203000))",
];

/// Records of a bank and of a gateway that look like one payment, and one that has two candidates.
pub(crate) const LOOKALIKES: &[&str] = &[
    "INSERT INTO payments (anchor, account, payment, record, source, source_class, status, present, amount_dong, settled_at, \
     method, kind, identifier, fate, business_date, counted_method, counted_kind, version) \
     SELECT '2022-09-05', 'lookalikes', toString(number), number, if(number = 0, 'bank', 'gate'), \
     if(number = 0, 'bank', 'intermediary'), 'settled', 1, 777000, '2022-09-05 08:00:00', 'QR_TRANSFER', 'payment', 'lookalikes', \
     'counted', '2022-09-05', 'QR_TRANSFER', 'payment', 1 FROM numbers(2)",
    "INSERT INTO weak_candidates_found (business_date, source, institution_id, purpose, rule, method, kind, amount_dong, \
     candidates, reviewed_at) VALUES ('2022-09-05', 'bank', 'S00001', 'fee_collection', 'minutes', 'QR_TRANSFER', 'payment', \
     155000, [2, 3], now64(6))",
    "INSERT INTO payments (anchor, account, payment, record, source, source_class, status, present, amount_dong, settled_at, \
     method, kind, identifier, fate, business_date, counted_method, counted_kind, decided_by, decided_at, version) \
     SELECT '2022-09-05', 'decided', '1', 1, 'bank', 'bank', 'settled', 129, 777000, '2022-09-05 08:00:00', 'QR_TRANSFER', \
     'payment', 'decided', 'merged', '2022-09-05', 'QR_TRANSFER', 'payment', 'person', '2022-09-06 08:00:00', 1",
    "INSERT INTO decision_log (decision_id, who, why, decided_at, anchor, account, payment, record, source, fate_before, fate_after) \
     VALUES (7, 'Lê An', 'sao kê', '2022-09-06 08:00:00', '2022-09-05', 'decided', '1', 1, 'bank', 'counted', 'merged')",
];

pub(crate) async fn filled(database: Database) -> Database {
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
pub(crate) fn examples() -> Vec<&'static str> {
    queries(include_str!("../../../../schemas/clickhouse/README.md"))
}

fn queries(page: &'static str) -> Vec<&'static str> {
    page.split("```sql\n").skip(1).map(|behind| behind.split("```").next().expect("the fence ends")).collect()
}

pub(crate) async fn every_example_of_the_cookbook_and_of_the_first_page_shows_something(database: Database) {
    let database = filled(database).await;
    for sql in LOOKALIKES {
        database.execute(sql).await;
    }
    let views = "SELECT name FROM system.tables WHERE database = currentDatabase() AND engine = 'View'";
    for view in database.lines(views).await {
        let named = |example: &&str| {
            example.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').any(|word| word == view)
        };
        assert!(examples().iter().any(named), "{view} has no example");
    }
    let first_page = queries(include_str!("../../../../README.md"));
    assert!(!first_page.is_empty());
    for example in examples().into_iter().chain(first_page) {
        assert!(!database.lines(example).await.is_empty(), "no rows:\n{example}");
    }
}

pub(crate) async fn what_is_wrong_with_single_payments_is_told_with_its_place(database: Database) {
    let database = filled(database).await;
    for sql in LOOKALIKES {
        database.execute(sql).await;
    }
    let ambiguous = "SELECT province_code, sector, source, n, dong FROM payments_to_check WHERE issue = 'ambiguous_duplicate'";
    assert_eq!(database.lines(ambiguous).await, ["38\teducation\tbank\t1\t155000"]);
    let changed = async || {
        let sql = "SELECT n, dong FROM payments_to_check WHERE issue = 'changed_after_decision'";
        database.lines(sql).await.join(" ")
    };
    // A new state of the record that a person merged into record 0, or of that one.
    let store = async |version: u32, replaced: &str| {
        let merged = "SELECT * FROM payments FINAL WHERE account = 'decided' AND record = 1";
        let sql = format!(
            "INSERT INTO payments SELECT * REPLACE ({version} AS version, {replaced}) FROM ({merged})"
        );
        database.execute(&sql).await;
    };
    store(1, "toUInt64(0) AS record, 1 AS present, 'counted' AS fate, 555000 AS amount_dong").await;
    assert_eq!(changed().await, "", "nothing happened since");
    store(2, "'voided' AS status").await;
    assert_eq!(changed().await, "1\t777000");
    store(2, "toUInt64(0) AS record, 1 AS present, 555000 AS amount_dong, 86400000000 * 3 AS received_after_micros").await;
    assert_eq!(changed().await, "2\t1332000", "the record that counts is voided, too");
    store(3, "'settled' AS status").await;
    assert_eq!(changed().await, "1\t555000");
    store(4, "1 AS present").await;
    assert_eq!(changed().await, "", "a decision that is taken back rests on nothing");
    store(5, "257 AS present, 86400000000 * 3 AS received_after_micros").await;
    assert_eq!(changed().await, "1\t777000", "its day was decided, then it was corrected");
    for (issue, view, n) in [
        ("orphan_refund", "(SELECT *, amount_dong AS dong FROM orphan_refunds)", "count()"),
        ("possible_double_payment", "possible_double_payments", "sum(n)"),
    ] {
        // Double payments are those of the last days.
        let all = format!(
            "SELECT {n}, sum(dong) FROM {view} WHERE '{issue}' = 'orphan_refund' OR business_date > (SELECT max(business_date) FROM account_daily) - 31"
        );
        let placed = format!(
            "SELECT sum(n), sum(dong), countIf(province_code = '38') > 0 FROM payments_to_check WHERE issue = '{issue}'"
        );
        let all = database.lines(&all).await;
        assert_eq!(database.lines(&placed).await, [format!("{}\t1", all[0])], "{issue}");
    }
}

pub(crate) async fn an_institution_improves_from_one_half_year_to_the_next_with_gaps_imputed(
    database: Database,
) {
    let database = database.migrated().await;
    database
        .execute(
            "INSERT INTO institution_months (plan_id, institution_id, month, evaluated_at, n, net_dong, cash_n, cash_dong, \
             imputed_low_n, imputed_low_dong, states) SELECT 'P', c1, c2, now64(6), c3, c4, c5, c6, c7, c8, c9 FROM values( \
             'c1 String, c2 Date, c3 Int64, c4 Int64, c5 Nullable(Int64), c6 Nullable(Int64), c7 Nullable(Int64), c8 Nullable(Int64), c9 Array(String)', \
             ('A', '2022-05-01', 10, 100, 20, 300, NULL, NULL, ['declared']), \
             ('A', '2022-06-01', 10, 100, NULL, NULL, 40, 100, ['missing']), \
             ('A', '2022-07-01', 30, 300, 10, 100, NULL, NULL, ['declared']), \
             ('A', '2022-08-01', 10, 0, NULL, NULL, NULL, NULL, ['outside']), \
             ('A', '2022-12-01', 99, 999, NULL, NULL, NULL, NULL, ['running']), \
             ('B', '2022-05-01', 10, 100, NULL, NULL, NULL, NULL, ['missing']), \
             ('B', '2022-07-01', 10, 100, NULL, 300, NULL, NULL, ['declared', 'count_missing']), \
             ('B', '2022-08-01', 10, 100, NULL, 100, 30, NULL, ['declared', 'count_missing']), \
             ('C', '2021-06-01', 10, 100, 10, 100, NULL, NULL, ['declared']), \
             ('C', '2022-07-01', 10, 100, 10, 100, NULL, NULL, ['declared']))",
        )
        .await;
    let trend = "SELECT institution_id, half_year, months_n, count_n, count_cash_n, count_share, count_share_change, \
                 value_net_dong, value_cash_dong, value_share, value_share_change \
                 FROM institution_trend ORDER BY institution_id, half_year";
    assert_eq!(
        database.lines(trend).await,
        [
            "A\t2022-01-01\t2\t20\t60\t0.25\t\\N\t200\t400\t0.3333333333333333\t\\N",
            "A\t2022-07-01\t2\t40\t10\t0.8\t0.55\t300\t100\t0.75\t0.4166666666666667",
            "B\t2022-01-01\t1\t10\t\\N\t\\N\t\\N\t100\t\\N\t\\N\t\\N",
            "B\t2022-07-01\t2\t20\t\\N\t\\N\t\\N\t200\t400\t0.3333333333333333\t\\N",
            "C\t2021-01-01\t1\t10\t10\t0.5\t\\N\t100\t100\t0.5\t\\N",
            "C\t2022-07-01\t1\t10\t10\t0.5\t\\N\t100\t100\t0.5\t\\N",
        ]
    );
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

const MONTHLY: &[&str] =
    &["institution_daily_parts", "unit_month", "type_month", "method_month", "provider_month"];
const DAILY: &[&str] = &["reason_day", "hour_of_day"];

pub(crate) async fn every_column_of_an_analysts_view_has_a_comment_and_the_rights_of_its_definer(
    database: Database,
) {
    let database = database.migrated().await;
    let others = "SELECT name FROM system.tables WHERE database = currentDatabase() AND engine = 'View' \
                  AND create_table_query NOT LIKE '%SQL SECURITY DEFINER%'";
    assert_eq!(
        database.lines(others).await,
        Vec::<String>::new(),
        "else whoever asks needs rights on the tables behind it"
    );
    let without = "SELECT concat(table, '.', name) FROM system.columns WHERE database = currentDatabase() AND comment = '' \
                   AND table IN (SELECT name FROM system.tables WHERE database = currentDatabase() AND engine = 'View')";
    assert_eq!(database.lines(without).await, Vec::<String>::new());
    let persons = "SELECT concat(table, '.', name) FROM system.columns WHERE database = currentDatabase() \
                   AND name IN ('payer', 'payer_account', 'beneficiary', 'invoice', 'invoice_other_year') AND table != 'payments'";
    assert_eq!(database.lines(persons).await, Vec::<String>::new(), "nobody's digest leaves the facts");
}

pub(crate) async fn reasons_outside_education_tell_nothing_of_health(database: Database) {
    let database = filled(database).await;
    let told = "SELECT DISTINCT reason FROM reason_day WHERE sector != 'education' ORDER BY reason";
    assert_eq!(
        database.lines(told).await,
        ["UNKNOWN", "deposit", "fee", "medicine", "other", "settlement"],
        "P4: no more than these"
    );
    let hours = "SELECT min(hour) >= 0, max(hour) <= 23, uniqExact(hour) = 24 FROM hour_of_day";
    assert_eq!(database.lines(hours).await, ["1\t1\t1"]);
}

pub(crate) async fn units_are_those_of_the_day_up_to_the_province_of_the_day(database: Database) {
    let database = filled(database).await;
    let of = async |code: &str, day: &str| {
        let sql = format!(
            "SELECT unit_code, unit_level, province_code FROM unit_days \
             WHERE code = '{code}' AND valid_from <= '{day}' AND '{day}' < valid_to"
        );
        database.lines(&sql).await
    };
    assert_eq!(of("380", "2022-03-01").await, ["380\tdistrict\t38"]);
    assert_eq!(of("380", "2025-06-30").await, ["380\tdistrict\t38"]);
    assert!(of("380", "2025-07-01").await.is_empty(), "districts are gone");
    assert_eq!(of("14000", "2025-07-01").await, ["14000\tcommune\t38"]);
    database
        .execute(
            "INSERT INTO units (code, registry_version, digest, valid_from, valid_to, level, name, parent_code) \
             VALUES ('13000', 1, 1, '2020-01-01', '2149-06-06', 'commune', 'Xã cũ', '380')",
        )
        .await;
    assert_eq!(
        of("13000", "2022-03-01").await,
        ["380\tdistrict\t38"],
        "an old commune is shown as its district"
    );
    assert!(of("13000", "2025-07-01").await.is_empty(), "its parent is gone, so its province is not known");
    let months = "SELECT count(), countIf(unit_level = 'district' AND province_code = '38'), countIf(unit_code = 'UNKNOWN') > 0 FROM unit_month";
    let found = database.lines(months).await;
    let numbers: Vec<u64> = found[0].split('\t').map(|number| number.parse().expect("a number")).collect();
    assert!(numbers[0] > numbers[1] && numbers[1] > 300 && numbers[2] == 1, "{found:?}");
}

pub(crate) async fn no_small_cell_can_be_read_or_computed_from_what_is_published(database: Database) {
    let database = filled(database).await;
    // Some fifteen payments a cell: small ones and large ones.
    for breakdown in ["unit", "type", "method", "provider", "sector"] {
        let view = format!("published_month(breakdown = '{breakdown}')");
        let all = format!(
            "SELECT countIf(masked = 'no' AND n < 5 AND (n > 0 OR refunds_dong > 0)), countIf(masked != 'no' AND (n, gross_dong, net_dong, \
             refunds_dong) != (NULL, NULL, NULL, NULL)), count() > 0 FROM {view}"
        );
        assert_eq!(database.lines(&all).await, ["0\t0\t1"], "{breakdown}");
        if breakdown == "sector" {
            continue;
        }
        // What is missing of a total is the sum of two cells or more, and of five payments or more.
        let hidden = format!(
            "WITH totals AS (SELECT month, sector, part, sum(n) AS total FROM method_month GROUP BY month, sector, part) \
             SELECT month, sector, part FROM (SELECT month, sector, part, sum(ifNull(n, 0)) AS shown, count() AS cells, \
             countIf(masked != 'no') AS masked_n FROM {view} GROUP BY month, sector, part) AS p INNER JOIN totals USING (month, sector, part) \
             WHERE masked_n > 0 AND cells > masked_n AND (total - shown < 5 OR masked_n = 1)"
        );
        assert_eq!(database.lines(&hidden).await, Vec::<String>::new(), "{breakdown}");
    }
    let kinds =
        "SELECT DISTINCT toString(masked) AS kind FROM published_month(breakdown = 'type') ORDER BY kind";
    assert_eq!(database.lines(kinds).await, ["complement", "no", "small"], "the data has all three");
}

pub(crate) async fn the_state_of_a_declared_month_is_told(database: Database) {
    let database = filled(database).await;
    database.execute("TRUNCATE TABLE cash_declarations").await;
    let declare = async |month: &str, source: &str, n: &str, dong: i64, at: &str| {
        let sql = format!(
            "INSERT INTO cash_declarations (institution_id, month, source, version, digest, cash_n, cash_dong, recorded_at) \
             VALUES ('S00001', '{month}', '{source}', 1, 1, {n}, {dong}, '{at} 12:00:00')"
        );
        database.execute(&sql).await;
    };
    declare("2022-01-01", "declaration", "0", 0, "2022-02-05").await;
    declare("2022-02-01", "declaration", "7", 700, "2022-03-06").await;
    declare("2022-03-01", "system_export", "10", 1_000, "2022-04-01").await;
    declare("2022-03-01", "declaration", "9", 950, "2022-04-01").await;
    declare("2022-04-01", "system_export", "10", 1_000, "2022-05-01").await;
    declare("2022-04-01", "declaration", "9", 949, "2022-05-01").await;
    declare("2022-05-01", "invoice_total", "NULL", 9_000_000_000_000, "2022-06-01").await;
    let sql = "SELECT toMonth(month), cash_n, if(cash_dong_source = 'invoice_total', cash_dong + net_dong, cash_dong), cash_dong_source, is_late, is_conflict \
               FROM institution_cash_month WHERE institution_id = 'S00001' AND month < '2022-07-01' ORDER BY month";
    assert_eq!(
        database.lines(sql).await,
        [
            "1\t0\t0\tdeclaration\t0\t0",
            "2\t7\t700\tdeclaration\t1\t0",
            "3\t10\t1000\tsystem_export\t0\t0",
            "4\t10\t1000\tsystem_export\t0\t1",
            "5\t\\N\t9000000000000\tinvoice_total\t0\t0",
            "6\t\\N\t\\N\t\t0\t0",
        ]
    );
    // Less in total than came cashless is no cash at all, less what was given back of it; however often one asks, since
    // ClickHouse compiles what it is asked often.
    database
        .execute(
            "INSERT INTO cash_declarations (institution_id, month, source, version, digest, cash_dong, cash_refunds_dong, recorded_at) \
             VALUES ('S00001', '2022-06-01', 'invoice_total', 1, 1, 1000, 30, '2022-07-01 12:00:00')",
        )
        .await;
    let below = "SELECT net_dong > 1000, cash_dong FROM institution_cash_month WHERE institution_id = 'S00001' AND month = '2022-06-01'";
    for _ in 0..8 {
        assert_eq!(database.lines(below).await, ["1\t-30"]);
    }
    let shares = "SELECT s.count_share = i.n / (i.n + i.cash_n), s.covered_n = i.n, s.cash_n = 7 FROM sector_month AS s \
                  INNER JOIN institution_cash_month AS i ON i.month = s.month \
                  WHERE s.sector = 'education' AND s.month = '2022-02-01' AND i.institution_id = 'S00001'";
    assert_eq!(
        database.lines(shares).await,
        ["1\t1\t1"],
        "cashless and cash of the same institutions and months"
    );

    // Opened in the middle of a month, it is known in that month, and has nothing to declare for it.
    let opened = "INSERT INTO institutions SELECT * REPLACE (9 AS registry_version, 9 AS digest, toDate('2022-02-15') AS valid_from) \
                  FROM institutions AS i WHERE i.institution_id = 'S00001' AND i.valid_from = '2020-01-01'";
    database.execute(opened).await;
    database.execute("INSERT INTO registry_versions (registry_version, digest) VALUES (9, 9)").await;
    let known = "SELECT toMonth(month), institution_name != '', sector, province_code, is_active FROM institution_cash_month \
                 WHERE institution_id = 'S00001' AND month < '2022-04-01' ORDER BY month";
    let [january, february, march] =
        ["1\t0\tUNKNOWN\tUNKNOWN\t0", "2\t1\teducation\t38\t0", "3\t1\teducation\t38\t1"];
    assert_eq!(database.lines(known).await, [january, february, march]);
}

pub(crate) async fn a_trend_is_the_difference_to_the_month_before_and_nothing_over_a_gap(database: Database) {
    let database = filled(database).await;
    let shares =
        database.lines("SELECT count() > 0 FROM share_trend WHERE count_share_change IS NOT NULL").await;
    assert_eq!(shares, ["1"]);
    let wrong = "SELECT t.month, t.sector FROM share_trend AS t \
         LEFT JOIN share_trend AS p ON p.province_code = t.province_code AND p.sector = t.sector AND p.month = addMonths(t.month, -1) \
         WHERE (t.count_share - p.count_share) IS DISTINCT FROM t.count_share_change \
            OR (t.value_share - p.value_share) IS DISTINCT FROM t.value_share_change";
    assert_eq!(database.lines(wrong).await, Vec::<String>::new());
    database.execute("DELETE FROM account_daily WHERE toStartOfMonth(business_date) = '2022-05-01'").await;
    database.execute("DELETE FROM cash_declarations WHERE month = '2022-05-01'").await;
    let around =
        "SELECT count() FROM share_trend WHERE month = '2022-06-01' AND count_share_change IS NOT NULL";
    assert_eq!(database.lines(around).await, ["0"], "May is gone");
}

pub(crate) async fn sources_that_disagree_about_an_amount_are_shown(database: Database) {
    let database = filled(database).await;
    let found = "SELECT anchor, sources, amounts_dong, counted_n, counted_dong FROM disagreeing_amounts";
    let of_bank = "INSERT INTO payments SELECT * REPLACE ('counted' AS fate, 2 AS version) FROM payments WHERE payment = toFixedString('one', 16)";
    database.execute(of_bank).await;
    let expected = "2022-03-05\t['bank-0','gateway-0']\t[200000,203000]\t2\t403000";
    assert_eq!(database.lines(found).await, [expected]);
}
