//! Plans, flows, and what evaluations found.

use cashless_domain::{BusinessDate, Timestamp};
use cashless_warehouse::{Applicant, Basis, Cause, Error, MonthRow, ProgressRow, StandingRow, StoredDigest};

use crate::setup::Database;

fn at(second: i64) -> Timestamp {
    Timestamp::from_micros((1_700_000_000 + second) * 1_000_000).expect("in range")
}

fn applicant(second: i64) -> Applicant {
    Applicant { by: "tester".into(), note: format!("at {second}"), at: at(second) }
}

fn basis(second: i64) -> Basis {
    Basis {
        evaluated_at: at(second),
        payments_watermark: vec![0, u64::MAX, 7],
        received_until_micros: at(second - 1).as_micros(),
        registry_version: 3,
        declarations_until_micros: 0,
        evaluator_version: "1".into(),
    }
}

fn row(target_id: &str, numerator: i128) -> ProgressRow {
    ProgressRow {
        plan_id: "P".into(),
        plan_version: 1,
        target_id: target_id.into(),
        row_kind: 1,
        sector: "education".into(),
        metric: "count_share".into(),
        title_vi: "Số lượng giao dịch".into(),
        comparator: 1,
        threshold: (40, 100),
        observed: Some((numerator, 8)),
        low: Some((i128::MIN, i128::MAX)),
        high: None,
        display: "25.00".into(),
        verdict: 3,
        coverage_n: 1,
        coverage_of: 4,
        coverage_weight: 3,
        coverage_weight_of: 0,
        ..ProgressRow::default()
    }
}

pub(crate) async fn the_content_of_a_plan_version_never_changes(database: Database) {
    let database = database.migrated().await;
    let warehouse = &database.warehouse;
    let active = async || {
        let plans = warehouse.active_plans().await.expect("readable").into_iter();
        plans.map(|plan| (plan.plan_id, plan.plan_version, plan.document)).collect::<Vec<_>>()
    };
    assert_eq!(active().await, []);
    let first = ("P".to_owned(), 1, "{\"a\":1}".to_owned());
    let second = ("P".to_owned(), 2, "{\"a\":2}".to_owned());
    let other = ("Q".to_owned(), 1, "{}".to_owned());
    for (second, plan) in [(1, &first), (2, &first), (3, &other)] {
        warehouse.apply_plan(&plan.0, plan.1, &plan.2, &applicant(second)).await.expect("applied");
    }
    assert_eq!(active().await, [first.clone(), other.clone()]);
    let error = warehouse.apply_plan("P", 1, "{\"a\":3}", &applicant(4)).await.expect_err("other content");
    assert!(
        matches!(error, Error::Stop { cause: Cause::PlanDiffers { ref plan_id, plan_version: 1 }, .. } if plan_id == "P")
    );
    assert_eq!(active().await, [first.clone(), other.clone()]);

    warehouse.apply_plan("P", 2, &second.2, &applicant(5)).await.expect("applied");
    assert_eq!(active().await, [second, other.clone()], "the newer version stands alone");
    warehouse.apply_plan("P", 1, &first.2, &applicant(6)).await.expect("back again");
    assert_eq!(active().await, [first, other.clone()]);
    assert_eq!(warehouse.retire_plan("P", &applicant(7)).await.expect("retired"), Some(1));
    assert_eq!(warehouse.retire_plan("P", &applicant(8)).await.expect("nothing to retire"), None);
    assert_eq!(active().await, [other]);
    assert_eq!(warehouse.plans().await.expect("readable").len(), 3, "all versions stay");
}

pub(crate) async fn progress_is_appended_and_the_newest_row_stands(database: Database) {
    let database = database.migrated().await;
    let warehouse = &database.warehouse;
    assert!(warehouse.progress_digests().await.expect("readable").is_empty());
    warehouse.append_progress(&basis(1), &[row("T1", 2), row("T2", 3)]).await.expect("appended");
    warehouse.append_progress(&basis(5), &[row("T1", 4)]).await.expect("appended");
    // An evaluation that began earlier and was slow to store.
    warehouse.append_progress(&basis(3), &[row("T1", 1)]).await.expect("appended");
    // An insert whose answer was lost.
    warehouse.append_progress(&basis(5), &[row("T1", 4)]).await.expect("appended");

    let digests = warehouse.progress_digests().await.expect("readable");
    let stored = |row: &ProgressRow, second| StoredDigest { digest: row.digest(), evaluated_at: at(second) };
    assert_eq!(digests.len(), 2);
    assert_eq!(digests[&row("T1", 4).key()], stored(&row("T1", 4), 5));
    assert_eq!(digests[&row("T2", 3).key()], stored(&row("T2", 3), 1));

    let now = "SELECT target_id, numerator, denominator, ratio, low_numerator, low_denominator, high_numerator, high_ratio, \
               threshold_ratio, verdict, verdict_vi, coverage_share, weighted_coverage_share, payments_watermark, is_active \
               FROM target_progress_now ORDER BY target_id";
    let shown = |target: &str, numerator: &str, ratio: &str| {
        format!(
            "{target}\t{numerator}\t8\t{ratio}\t{}\t{}\t\\N\t\\N\t0.4\tundetermined\tchưa đủ số liệu\t0.25\t\\N\t[0,{},7]\t0",
            i128::MIN,
            i128::MAX,
            u64::MAX
        )
    };
    assert_eq!(database.lines(now).await, [shown("T1", "4", "0.5"), shown("T2", "3", "0.375")]);
    warehouse.apply_plan("P", 1, "{}", &applicant(1)).await.expect("applied");
    assert_eq!(database.lines("SELECT DISTINCT is_active FROM target_progress_now").await, ["1"]);

    let next_day = 86_400;
    warehouse.append_progress(&basis(next_day), &[row("T1", 5)]).await.expect("appended");
    let daily = "SELECT target_id, dateDiff('day', min(day) OVER (), day), numerator FROM target_progress_daily ORDER BY ALL";
    assert_eq!(database.lines(daily).await, ["T1\t0\t4", "T1\t1\t5", "T2\t0\t3"]);
}

pub(crate) async fn of_old_progress_the_last_row_of_each_local_day_stays(database: Database) {
    let database = database.migrated().await;
    let warehouse = &database.warehouse;
    // Long ago, from a morning on. The next local day begins at 17:00 UTC.
    let midnight = 67_600;
    for (second, numerator) in [(0, 1), (midnight - 1, 2), (midnight, 3), (2 * 86_400, 4)] {
        warehouse.append_progress(&basis(second), &[row("T1", numerator)]).await.expect("appended");
    }
    let shown = "SELECT numerator FROM target_progress_daily ORDER BY day";
    let before = database.lines(shown).await;
    assert_eq!(before, ["2", "3", "4"]);
    let copy = "INSERT INTO target_progress SELECT * EXCEPT day REPLACE (now64(6) - INTERVAL 89 DAY AS evaluated_at, \
                'T2' AS target_id) FROM target_progress_days FINAL";
    database.execute(copy).await;
    database.execute("OPTIMIZE TABLE target_progress FINAL").await;
    let kept = "SELECT target_id, count() FROM target_progress GROUP BY target_id";
    assert_eq!(database.lines(kept).await, ["T2\t3"], "every row of 90 days, none from before");
    database.execute("OPTIMIZE TABLE target_progress_days FINAL").await;
    let old = "SELECT numerator FROM target_progress_daily WHERE target_id = 'T1' ORDER BY day";
    assert_eq!(database.lines(old).await, before);
    let now = "SELECT numerator FROM target_progress_now WHERE target_id = 'T1'";
    assert_eq!(database.lines(now).await, ["4"], "the newest stands, however old it is");
    let digests = warehouse.progress_digests().await.expect("readable");
    assert_eq!(digests[&row("T1", 4).key()].digest, row("T1", 4).digest(), "and is not appended again");
}

pub(crate) async fn the_latest_state_of_institutions_stands(database: Database) {
    let database = database.migrated().await;
    let warehouse = &database.warehouse;
    let standing = |id: &str, n: i64| StandingRow {
        plan_id: "P".into(),
        institution_id: id.into(),
        n,
        count_low: Some((n.into(), 10)),
        score_millionths: 61_500_000,
        rank: 1,
        uses: 2,
        ..StandingRow::default()
    };
    warehouse.insert_standings(at(1), &[standing("A", 1), standing("B", 1)]).await.expect("stored");
    warehouse.insert_standings(at(3), &[standing("A", 3)]).await.expect("stored");
    warehouse.insert_standings(at(2), &[standing("A", 2)]).await.expect("stored");
    let ranking = "SELECT institution_id, institution_name, n, score, count_low_ratio, value_low_ratio, uses FROM ranking ORDER BY ALL";
    assert_eq!(
        database.lines(ranking).await,
        ["A\t\t3\t61.5\t0.3\t\\N\tunknown", "B\t\t1\t61.5\t0.1\t\\N\tunknown"]
    );
    let digests = warehouse.standing_digests().await.expect("readable");
    let stored = StoredDigest { digest: standing("A", 3).digest(), evaluated_at: at(3) };
    assert_eq!(digests[&standing("A", 3).key()], stored);
    let removed = StandingRow::removed(standing("A", 3).key());
    warehouse.insert_standings(at(4), &[removed]).await.expect("stored");
    assert_eq!(database.lines("SELECT institution_id FROM ranking").await, ["B"]);
    assert_eq!(warehouse.standing_digests().await.expect("readable").len(), 1);

    let month = |n: i64| MonthRow {
        cash_n: Some(n),
        states: vec!["late".into(), "zero".into()],
        is_removed: false,
        ..MonthRow::removed(("P".into(), "A".into(), BusinessDate::parse("2022-03-01").expect("a date")))
    };
    warehouse.insert_months(at(2), &[month(2)]).await.expect("stored");
    warehouse.insert_months(at(1), &[month(1)]).await.expect("stored");
    let months = "SELECT institution_id, month, cash_n, cash_dong, states FROM institution_months FINAL";
    assert_eq!(database.lines(months).await, ["A\t2022-03-01\t2\t\\N\t['late','zero']"]);
    let digests = warehouse.month_digests().await.expect("readable");
    assert_eq!(digests[&month(2).key()].digest, month(2).digest());
    warehouse.insert_months(at(3), &[MonthRow::removed(month(2).key())]).await.expect("stored");
    assert!(warehouse.month_digests().await.expect("readable").is_empty());
}
