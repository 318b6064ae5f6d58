//! Who may read what.

use std::collections::BTreeSet;

use cashless_localservices::{ClickHouse, ClickHouseOptions, Installation, Launcher};

use crate::setup::{Database, Server};
use crate::views::{LOOKALIKES, examples, filled};

const ACCESS_DENIED: &str = "ACCESS_DENIED";

/// Views with a row per record: for who works on these, and for nobody who only wants figures.
const OF_SINGLE_RECORDS: [&str; 8] = [
    "decision_history",
    "disagreeing_amounts",
    "excluded_refunds_as_of",
    "lookalikes_as_of",
    "orphan_refunds",
    "refunds_and_originals",
    "standing_decisions",
    "weak_candidates",
];

/// What `deploy/clickhouse/analyst.sh` lets an analyst read.
fn granted() -> BTreeSet<&'static str> {
    include_str!("../../../../deploy/clickhouse/analyst.sh")
        .lines()
        .filter_map(|line| line.strip_prefix("GRANT SELECT ON cashless."))
        .map(|line| line.strip_suffix(" TO cashless_analyst;").expect("to the analyst"))
        .collect()
}

pub(crate) async fn grants_on_what_is_published_suffice_for_the_figures_and_open_no_payments(_: Database) {
    // The first database of a server of this test's own.
    const NAME: &str = "test_0_rights";
    let mut options = ClickHouseOptions::new(Installation::from(Launcher::current_exe()));
    options.analyst_may_read = Some(granted().iter().map(|name| format!("{NAME}.{name}")).collect());
    let clickhouse = ClickHouse::start(options).expect("ClickHouse starts");
    let analyst = clickhouse::Client::default()
        .with_url(clickhouse.http_url())
        .with_user(clickhouse.analyst())
        .with_password(clickhouse.password())
        .with_database(NAME);
    let server = Server::new(clickhouse);
    let database = filled(server.database("rights")).await;
    assert_eq!(database.config.database, NAME);
    for sql in LOOKALIKES {
        database.execute(sql).await;
    }
    let read = async |sql: &str| -> Result<usize, String> {
        let mut answer =
            analyst.query_raw(sql).fetch_bytes("TabSeparated").map_err(|error| error.to_string())?;
        answer.collect().await.map(|bytes| bytes.len()).map_err(|error| error.to_string())
    };
    for example in examples() {
        let bytes = read(example).await;
        let is_denied = bytes.as_ref().is_err_and(|error| error.contains(ACCESS_DENIED));
        let is_of_records = OF_SINGLE_RECORDS.iter().any(|view| example.contains(view));
        let is_right = if is_of_records { is_denied } else { bytes.as_ref().is_ok_and(|bytes| *bytes > 0) };
        assert!(is_right, "{bytes:?}:\n{example}");
    }
    let of_engine = async |condition: &str| -> BTreeSet<String> {
        let sql =
            format!("SELECT name FROM system.tables WHERE database = '{NAME}' AND engine {condition} 'View'");
        database.lines(&sql).await.into_iter().collect()
    };
    let views = of_engine("=").await;
    for view in &views {
        let is_of_records = OF_SINGLE_RECORDS.contains(&view.as_str());
        assert_ne!(
            granted().contains(view.as_str()),
            is_of_records,
            "{view}: analyst.sh grants what sums up"
        );
    }
    let tables = of_engine("!=").await;
    for table in ["payments", "account_daily", "ledger", "identifiers", "payer_accounts", "decision_log"] {
        assert!(tables.contains(table), "{table} is there");
        assert!(!granted().contains(table), "{table} is not published");
    }
    for table in tables.iter().filter(|table| !granted().contains(table.as_str())) {
        let refused = read(&format!("SELECT count() FROM {table}")).await;
        assert!(refused.as_ref().is_err_and(|error| error.contains(ACCESS_DENIED)), "{table}: {refused:?}");
    }
    assert!(
        granted().iter().all(|name| views.contains(*name) || tables.contains(*name)),
        "all of it is there"
    );
}
