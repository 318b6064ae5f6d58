//! Views that are made to be fast, against plain definitions of the same, over data and a registry that are as awkward as can
//! be.

use cashless_warehouse::MIGRATIONS;

use crate::setup::Database;
use crate::views::filled;

/// Refunds of everything, then newer, older and other versions of them and of what they return.
const AWKWARD_PAYMENTS: &[(&str, &str)] = &[
    (
        "every third record is given back, whatever became of it",
        "INSERT INTO payments SELECT * REPLACE (sipHash64('refund', p.record) AS record, sipHash128('refund', p.payment, p.record) AS payment, \
         p.record AS original, 65 AS present, 'refunded' AS fate, 'refund' AS counted_kind, intDiv(p.amount_dong, 3) AS amount_dong, \
         least(p.business_date + p.record % 40, toDate('2022-12-31')) AS business_date) FROM payments AS p WHERE p.record % 3 = 0",
    ),
    (
        "and some from another account of theirs, which knows the id or does not",
        "INSERT INTO payments SELECT * REPLACE (sipHash64('elsewhere', p.record) AS record, sipHash128('elsewhere', p.payment, p.record) AS payment, \
         p.record AS original, 65 AS present, 'refunded' AS fate, 'refund' AS counted_kind, intDiv(p.amount_dong, 5) AS amount_dong, \
         sipHash128('elsewhere', p.account) AS account, least(p.business_date + p.record % 40, toDate('2022-12-31')) AS business_date) \
         FROM payments AS p WHERE p.fate != 'refunded' AND p.record % 11 = 0",
    ),
    (
        "where it is known, it is another payment's",
        "INSERT INTO payments SELECT * REPLACE (sipHash128('elsewhere', p.account) AS account, 'excluded' AS fate) \
         FROM payments AS p WHERE p.fate != 'refunded' AND p.record % 44 = 0",
    ),
    (
        "originals are voided or excluded later",
        "INSERT INTO payments SELECT * REPLACE (if(p.record % 2 = 0, 'voided', 'excluded') AS fate, p.version + 1 AS version) \
         FROM payments AS p FINAL WHERE p.fate = 'counted' AND p.record % 21 IN (0, 3)",
    ),
    (
        "an id is used on another day, where it counts or does not",
        "INSERT INTO payments SELECT * REPLACE (p.anchor + 2 AS anchor, p.business_date + 2 AS business_date, sipHash128('other day', p.payment) AS payment, \
         ['voided', 'counted', 'unsettled'][1 + p.record % 3] AS fate) \
         FROM payments AS p FINAL WHERE p.fate != 'refunded' AND intDiv(p.record, 3) % 10 = 1 AND p.anchor < '2022-12-20'",
    ),
    (
        "the id of a refund is used on another day",
        "INSERT INTO payments SELECT * REPLACE (p.anchor + 3 AS anchor, p.business_date + 3 AS business_date, \
         sipHash128('other day', p.payment) AS payment, p.amount_dong + 5 AS amount_dong) \
         FROM payments AS p FINAL WHERE p.fate = 'refunded' AND p.record % 7 = 0 AND p.anchor < '2022-12-20'",
    ),
    (
        "what counts for a merged record is voided, or merged into another payment",
        "INSERT INTO payments SELECT * REPLACE (if(p.record % 2 = 0, 'voided', 'merged') AS fate, if(p.record % 2 = 0, p.present, 129) AS present, \
         p.version + 2 AS version) FROM payments AS p FINAL WHERE p.fate = 'counted' AND intDiv(p.record, 2) % 3 = 0 \
         AND (p.anchor, p.account, p.payment) IN (SELECT anchor, account, payment FROM payments WHERE fate = 'merged')",
    ),
    (
        "merged records are merged into another payment themselves",
        "INSERT INTO payments SELECT * REPLACE (129 AS present, p.version + 3 AS version) \
         FROM payments AS p FINAL WHERE p.fate = 'merged' AND p.record % 5 = 0",
    ),
    (
        "a refund is none any more, returns something else, or names nothing; each as the newest version",
        "INSERT INTO payments SELECT * REPLACE (if(p.record % 4 = 0, 'counted', 'refunded') AS fate, \
         if(p.record % 4 = 1, p.original + 1, p.original) AS original, if(p.record % 4 = 2, 1, 65) AS present, \
         p.amount_dong + 1 AS amount_dong, p.version + 4 AS version) FROM payments AS p FINAL WHERE p.fate = 'refunded' AND intDiv(p.record, 4) % 5 = 0",
    ),
    (
        "and the same as an older one that comes late",
        "INSERT INTO payments SELECT * REPLACE (if(p.record % 4 = 0, 'counted', 'refunded') AS fate, \
         if(p.record % 4 = 1, p.original + 1, p.original) AS original, if(p.record % 4 = 2, 1, 65) AS present, \
         p.amount_dong + 2 AS amount_dong, p.version - 1 AS version) FROM payments AS p FINAL WHERE p.fate = 'refunded' AND intDiv(p.record, 4) % 5 = 1",
    ),
    (
        "other kinds",
        "INSERT INTO payments SELECT * REPLACE (['loan', 'deposit', 'counter_cash'][1 + p.record % 3] AS counted_kind, \
         if(p.record % 2 = 0, 'COUNTER_CASH', 'OTHER') AS counted_method, p.version + 5 AS version) \
         FROM payments AS p FINAL WHERE p.fate = 'counted' AND intDiv(p.record, 6) % 8 = 0",
    ),
    (
        "each row tells of its unit, as the aggregator would have written it",
        "INSERT INTO payments SELECT * REPLACE (multiIf(p.fate != 'merged', p.fate,          max(p.fate = 'counted') OVER unit, 'counted', max(p.fate = 'merged' AND bitTest(p.present, 7)) OVER unit, 'merged', 'voided') AS unit_fate)          FROM payments AS p FINAL WINDOW unit AS (PARTITION BY p.anchor, p.account, p.payment, p.amount_dong)",
    ),
];

/// Identifiers, institutions and units that change within months; some are nobody's for a while.
const AWKWARD_REGISTRY: &[&str] = &[
    "INSERT INTO identifiers SELECT * EXCEPT (h, piece) REPLACE (2 AS registry_version, 2 AS digest, toDate(piece.1) AS valid_from, toDate(piece.2) AS valid_to, \
     piece.3 AS institution_id, piece.4 AS purpose) FROM (SELECT *, cityHash64(identifier) AS h FROM identifiers WHERE registry_version = 1) AS i \
     ARRAY JOIN multiIf( \
        h % 4 = 0, [('2020-01-01', toString(toDate('2022-03-01') + h % 200), i.institution_id, toString(i.purpose)), \
            (toString(toDate('2022-03-01') + h % 200), '2149-06-06', 'S00001', ['general', 'deposit', 'fee_collection', 'project'][1 + intDiv(h, 4) % 4])], \
        h % 4 = 1, [('2022-02-10', '2022-09-20', i.institution_id, 'deposit')], \
        h % 4 = 2, [('2020-01-01', '2022-05-01', i.institution_id, 'general'), ('2022-06-15', '2149-06-06', i.institution_id, 'fee_collection')], \
        []) AS piece WHERE h % 4 < 3",
    "INSERT INTO institutions SELECT * EXCEPT (h, piece) REPLACE (2 AS registry_version, 2 AS digest, toDate(piece.1) AS valid_from, toDate(piece.2) AS valid_to, \
     concat(i.name, piece.3) AS name, piece.4 AS ownership, piece.5 AS unit_code) \
     FROM (SELECT *, cityHash64(institution_id) AS h FROM institutions WHERE registry_version = 1 AND valid_from = '2020-01-01') AS i \
     ARRAY JOIN multiIf( \
        h % 4 = 0, [('2020-01-01', '2022-04-11', '', 'public', '381'), ('2022-04-11', '2022-08-01', ' mới', 'private', '382'), \
            ('2022-08-01', '2149-06-06', ' nữa', 'private', 'none')], \
        h % 4 = 1, [('2022-03-15', '2022-10-10', '', 'public', '381')], []) AS piece WHERE h % 4 < 2",
    "INSERT INTO units (code, registry_version, digest, valid_from, valid_to, level, name, parent_code) VALUES \
     ('381', 2, 2, '2020-01-01', '2022-05-16', 'district', 'Huyện 381', '38'), \
     ('381', 2, 2, '2022-05-16', '2025-07-01', 'district', 'Thị xã 381', '39'), \
     ('39', 2, 2, '2021-01-01', '2149-06-06', 'province', 'Tỉnh khác', '')",
    "INSERT INTO registry_versions (registry_version, digest) VALUES (2, 2)",
];

/// A view, its plain definition, and how it is asked.
const VIEWS: &[(&str, &str, &[&str])] = &[
    (
        "excluded_refunds_as_of",
        include_str!("plain/excluded_refunds_as_of.sql"),
        &["(registry_version = 4294967295)", "(registry_version = 1)", "(registry_version = 0)"],
    ),
    ("orphan_refunds", include_str!("plain/orphan_refunds.sql"), &[""]),
    ("institution_month", include_str!("plain/institution_month.sql"), &[""]),
    ("unit_month", include_str!("plain/unit_month.sql"), &[""]),
    ("type_month", include_str!("plain/type_month.sql"), &[""]),
    ("method_month", include_str!("plain/method_month.sql"), &[""]),
    ("provider_month", include_str!("plain/provider_month.sql"), &[""]),
    ("institution_cash_month", include_str!("plain/institution_cash_month.sql"), &[""]),
    (
        "published_month",
        include_str!("plain/published_month.sql"),
        &[
            "(breakdown = 'sector')",
            "(breakdown = 'unit')",
            "(breakdown = 'type')",
            "(breakdown = 'method')",
            "(breakdown = 'provider')",
        ],
    ),
];

pub(crate) async fn fast_views_say_what_plain_ones_say(database: Database) {
    let database = filled(database).await;
    for (what, sql) in AWKWARD_PAYMENTS {
        let query = database.admin.query_raw(sql).with_setting("max_partitions_per_insert_block", "0");
        query.execute().await.expect(what);
        // Some parts are merged, some are as they came.
        database.execute("OPTIMIZE TABLE payments PARTITION 202203 FINAL").await;
    }
    for sql in AWKWARD_REGISTRY {
        database.execute(sql).await;
    }
    for (view, plain, calls) in VIEWS {
        database.execute(plain).await;
        // Of an id of several days any one may be told.
        let columns = if *view == "excluded_refunds_as_of" {
            "* EXCEPT (original_fate, original_class), if(original IN (SELECT record FROM payments GROUP BY record \
             HAVING uniqExact(anchor) > 1), ('', ''), (original_fate, original_class)) AS told"
        } else {
            "*"
        };
        for call in *calls {
            for (table, view) in [("said_fast", *view), ("said_plain", "plain")] {
                let kept = format!(
                    "CREATE OR REPLACE TABLE {table} ENGINE = Memory AS SELECT {columns} FROM {view}{call}"
                );
                database.execute(&kept).await;
            }
            let compared = "SELECT (SELECT count() FROM said_fast) AS shown, (SELECT count() FROM said_plain) = shown, shown > 20, \
                            (SELECT count() FROM (SELECT * FROM said_fast EXCEPT SELECT * FROM said_plain)), \
                            (SELECT count() FROM (SELECT * FROM said_plain EXCEPT SELECT * FROM said_fast))";
            let found = database.lines(compared).await;
            assert!(found[0].ends_with("\t1\t1\t0\t0"), "{view}{call}: {found:?}");
        }
    }
    // Names of an institution that had several are a matter of chance.
    let unknown = "SELECT institution_id, source, method, first_day, last_day, n, gross_dong FROM unknown_class ORDER BY ALL";
    let parts = "SELECT institution_id, source, method, min(business_date), max(business_date), sum(n), sum(gross_dong) \
                 FROM institution_daily_parts WHERE part = 'unknown_class' AND n != 0 GROUP BY ALL ORDER BY ALL";
    assert_eq!(database.lines(unknown).await, database.lines(parts).await);
}

/// What makes them cheap: a word that differs, and all facts are read.
pub(crate) async fn refunds_are_found_by_the_projection(database: Database) {
    let database = filled(database).await;
    let migration = MIGRATIONS.iter().find(|migration| migration.name == "0049_refunds_and_originals");
    let sql = migration.expect("exists").sql;
    let (_, behind) = sql.split_once("links AS (").expect("a list");
    let (list, _) = behind.split_once("GROUP BY anchor)").expect("ends");
    let forced = format!(
        "SELECT count() > 100 FROM ({list} GROUP BY anchor) SETTINGS force_optimize_projection_name = 'refunds'"
    );
    assert_eq!(database.lines(&forced).await, ["1"]);
}
