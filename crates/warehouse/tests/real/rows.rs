use std::collections::{BTreeMap, BTreeSet};

use cashless_domain::{BusinessDate, EventFate, RecordFate, SourceId};
use cashless_rollup::{Cell, Fact, FateTotals, LedgerRow, Payment, PaymentKey, Version, standings};
use cashless_warehouse::{Cause, Error, Warehouse};
use proptest::collection::vec;
use proptest::strategy::{Strategy, ValueTree as _};
use proptest::test_runner::TestRunner;

use crate::setup::Database;
use crate::synthetic;

/// Many values of a strategy, the same in every run.
fn samples<T: std::fmt::Debug>(strategy: impl Strategy<Value = T>, count: usize) -> Vec<T> {
    vec(strategy, count).new_tree(&mut TestRunner::deterministic()).expect("values exist").current()
}

fn facts(key: &PaymentKey, payment: &Payment) -> Vec<Fact> {
    let standings = standings(key, &payment.records);
    (payment.records.iter().zip(standings))
        .map(|(record, standing)| Fact {
            payment: *key,
            record: record.clone(),
            standing,
            version: payment.version,
        })
        .collect()
}

/// An account is in one partition.
fn partition(key: &PaymentKey) -> u16 {
    u16::from(key.account.0[0] % 3)
}

async fn insert(warehouse: &Warehouse, payments: &BTreeMap<PaymentKey, Payment>) {
    let rows: Vec<_> = payments.iter().map(|(key, payment)| (partition(key), facts(key, payment))).collect();
    let rows: Vec<_> = rows.iter().map(|(partition, facts)| (*partition, facts.as_slice())).collect();
    warehouse.insert_facts(&rows).await.expect("stored");
}

pub(crate) async fn facts_come_back_exactly(database: Database) {
    let Database { warehouse, .. } = database.migrated().await;
    let payments: BTreeMap<_, _> =
        samples((synthetic::payment_key(), synthetic::payment()), 2_000).into_iter().collect();
    insert(&warehouse, &payments).await;
    insert(&warehouse, &payments).await;

    let keys: Vec<_> = payments.keys().map(|key| (partition(key), *key)).collect();
    let found = warehouse.payments(&keys, &[]).await.expect("readable");
    assert_eq!(found.len(), payments.len());
    for (found_partition, key, payment) in found {
        assert_eq!((found_partition, Some(&payment)), (partition(&key), payments.get(&key)));
    }

    let days: BTreeSet<_> = keys.iter().map(|(partition, key)| (*partition, key.anchor)).collect();
    let (whole, single) = days.iter().partition::<Vec<_>, _>(|(_, day)| day.days() % 2 == 0);
    let single: Vec<_> =
        keys.iter().filter(|(partition, key)| single.contains(&(*partition, key.anchor))).collect();
    let mixed: Vec<_> = single.into_iter().copied().collect();
    let found = warehouse.payments(&mixed, &whole).await.expect("readable");
    let found: BTreeMap<_, _> = found.into_iter().map(|(_, key, payment)| (key, payment)).collect();
    assert_eq!(found, payments);

    let absent = PaymentKey { anchor: BusinessDate::from_days(1), ..*payments.keys().next().expect("one") };
    assert!(warehouse.payments(&[(0, absent)], &[]).await.expect("readable").is_empty());
    assert!(warehouse.payments(&[], &[]).await.expect("readable").is_empty());
}

pub(crate) async fn cells_come_back_exactly(database: Database) {
    let Database { warehouse, .. } = database.migrated().await;
    let cells: BTreeMap<_, _> = samples(synthetic::cell(), 2_000).into_iter().collect();
    let cells: Vec<_> = cells.into_iter().collect();
    warehouse.insert_cells(&[(7, &cells[..900]), (9, &cells[900..])]).await.expect("stored");
    let days: BTreeSet<_> = cells.iter().map(|(key, _)| key.business_date).collect();
    let pairs: Vec<_> = days.iter().flat_map(|day| [(7, *day), (9, *day)]).collect();
    let found = warehouse.cells(&pairs).await.expect("readable");
    let mut found: Vec<_> = found
        .into_iter()
        .map(|(partition, key, cell)| {
            let position = cells.binary_search_by(|(known, _)| known.cmp(&key)).expect("was stored");
            assert_eq!(partition, if position < 900 { 7 } else { 9 });
            (key, cell)
        })
        .collect();
    found.sort_by(|(one, _), (other, _)| one.cmp(other));
    assert_eq!(found, cells);
    assert!(warehouse.cells(&[(8, cells[0].0.business_date)]).await.expect("readable").is_empty());
    assert!(warehouse.cells(&[]).await.expect("readable").is_empty());
}

pub(crate) async fn the_ledger_comes_back_exactly(database: Database) {
    let Database { warehouse, .. } = database.migrated().await;
    let source = |name| SourceId::new(name).expect("valid");
    let row = |number: u64| LedgerRow {
        version: Version::from_stored(u64::MAX - number),
        last_digest: u64::MAX - number,
        latest_received_at_micros: 1_700_000_000_000_001,
        events: std::array::from_fn(|index| number * 10 + index as u64),
        records: std::array::from_fn(|index| FateTotals {
            records: -i64::try_from(index).expect("small"),
            dong: i128::MAX - i128::from(number) - index as i128,
        }),
    };
    let rows = [(source("bank-a"), row(1)), (source(SourceId::UNDECODABLE), row(2))];
    let other = [(source("bank-a"), row(3))];
    warehouse.insert_ledger(64, &[(0, &rows), (63, &other), (5, &[])]).await.expect("stored");
    let found = warehouse.ledger(&[63, 0, 5]).await.expect("readable");
    let expected = [(0, &rows[0]), (0, &rows[1]), (63, &other[0])];
    assert_eq!(found.len(), expected.len());
    for (found, (partition, (source, row))) in found.iter().zip(expected) {
        assert_eq!((found.key.partition, &found.key.source), (partition, source));
        assert_eq!((&found.row, found.partition_count), (row, 64));
    }
    assert_eq!(warehouse.ledger(&[5]).await.expect("readable"), []);
    let columns = database_columns(&warehouse).await;
    for name in EventFate::ALL.iter().map(|fate| format!("events_{}", fate.name())) {
        assert!(columns.contains(&name), "{name}");
    }
    for fate in RecordFate::ALL {
        assert!(
            columns.contains(&format!("{}_n", fate.name()))
                && columns.contains(&format!("{}_dong", fate.name()))
        );
    }
}

/// The query names its columns in the order of the fates' numbers.
async fn database_columns(_: &Warehouse) -> Vec<String> {
    let sql = include_str!("../../src/queries/ledger.sql");
    let expected: Vec<String> = (EventFate::ALL.iter().map(|fate| format!("events_{}", fate.name())))
        .chain(
            RecordFate::ALL
                .iter()
                .flat_map(|fate| [format!("{}_n", fate.name()), format!("{}_dong", fate.name())]),
        )
        .collect();
    let words: Vec<String> =
        sql.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').map(str::to_owned).collect();
    let named: Vec<String> = words.into_iter().filter(|word| expected.contains(word)).collect();
    assert_eq!(named, expected);
    named
}

pub(crate) async fn an_older_row_that_comes_late_loses(database: Database) {
    let database = database.migrated().await;
    let warehouse = &database.warehouse;
    let mut cells = samples(synthetic::cell(), 2);
    let (key, older) = cells.remove(0);
    let newer = Cell { version: Version::at(1, 20), values: cells.remove(0).1.values };
    let older = Cell { version: Version::at(1, 19), ..older };
    for cell in [newer, older] {
        warehouse.insert_cells(&[(0, &[(key.clone(), cell)])]).await.expect("stored");
    }
    let found = warehouse.cells(&[(0, key.business_date)]).await.expect("readable");
    assert_eq!(found, [(0, key, newer)]);

    let key = samples(synthetic::payment_key(), 1).remove(0);
    let [newer, older] = [(1, 20), (1, 19)].map(|(epoch, offset)| Payment {
        version: Version::at(epoch, offset),
        records: vec![samples(synthetic::record(), 5).remove(usize::from(offset == 19))],
    });
    let older = Payment {
        records: vec![cashless_rollup::Record { id: newer.records[0].id, ..older.records[0].clone() }],
        ..older
    };
    for payment in [&newer, &older] {
        insert(warehouse, &BTreeMap::from([(key, payment.clone())])).await;
    }
    let found = warehouse.payments(&[(partition(&key), key)], &[]).await.expect("readable");
    assert_eq!(found, [(partition(&key), key, newer)]);
}

pub(crate) async fn known_ids_answer_every_pair_asked_for(database: Database) {
    let Database { warehouse, .. } = database.migrated().await;
    let payments: BTreeMap<_, _> =
        samples((synthetic::payment_key(), synthetic::payment()), 300).into_iter().collect();
    insert(&warehouse, &payments).await;
    let mut pairs: Vec<_> = payments
        .keys()
        .map(|key| (partition(key), key.anchor))
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    pairs.reverse();
    pairs.insert(1, (60_000, BusinessDate::from_days(3)));
    let known = warehouse.known_ids(&pairs).await.expect("readable");
    assert_eq!(known.len(), pairs.len());
    for ((partition, anchor, ids), (wanted_partition, wanted_anchor)) in known.iter().zip(&pairs) {
        assert_eq!((partition, anchor), (wanted_partition, wanted_anchor));
        let expected: BTreeSet<_> = payments
            .keys()
            .filter(|key| (self::partition(key), key.anchor) == (*partition, *anchor))
            .map(|key| key.payment.prefix())
            .collect();
        assert_eq!(ids.iter().copied().collect::<BTreeSet<_>>(), expected);
    }
}

pub(crate) async fn a_torn_payment_is_an_error(database: Database) {
    let database = database.migrated().await;
    let key = samples(synthetic::payment_key(), 1).remove(0);
    let mut payments = samples(synthetic::payment(), 20);
    let two = payments.iter().position(|payment| payment.records.len() > 1).expect("one of two records");
    let payment = payments.remove(two);
    let mut rows = facts(&key, &payment);
    rows[0].version = Version::at(1, 1);
    rows[1].version = Version::at(1, 2);
    database.warehouse.insert_facts(&[(0, &rows)]).await.expect("stored");
    let error = database.warehouse.payments(&[(0, key)], &[]).await.expect_err("torn");
    assert!(
        matches!(&error, Error::Stop { cause: Cause::TornPayment(torn), .. } if torn.payment == key.payment)
    );
}

pub(crate) async fn a_server_that_is_away_is_retried_and_a_missing_table_stops(database: Database) {
    let error = database.warehouse.ledger(&[0]).await.expect_err("there is no database");
    assert!(!error.is_retry() && error.server_code() == Some(81), "{error:?}");
    let database = database.migrated().await;
    database.execute("DROP TABLE account_daily").await;
    let cells = samples(synthetic::cell(), 1);
    let error = database.warehouse.insert_cells(&[(0, &cells)]).await.expect_err("there is no table");
    assert!(!error.is_retry() && error.server_code() == Some(60), "{error:?}");
    database.execute("ALTER TABLE ledger RENAME COLUMN last_digest TO digest").await;
    let row = [(SourceId::new("bank-a").expect("valid"), LedgerRow::default())];
    let error = database.warehouse.insert_ledger(1, &[(0, &row)]).await.expect_err("there is no such column");
    assert!(!error.is_retry() && error.server_code().is_some(), "{error:?}");

    let mut config = database.config.clone();
    config.password = "wrong".into();
    let error = Warehouse::new(&config).ping().await.expect_err("not let in");
    assert!(!error.is_retry() && error.server_code() == Some(516), "{error:?}");
    assert!(!format!("{config:?}").contains("wrong"));

    // Nobody listens on the port of a listener that is gone.
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    config.url = format!("http://{}", listener.local_addr().expect("bound"));
    config.read_timeout_ms = 200;
    config.insert_timeout_ms = 200;
    let silent = Warehouse::new(&config);
    assert!(silent.ping().await.expect_err("accepts and says nothing").is_retry());
    assert!(silent.insert_cells(&[(0, &cells)]).await.expect_err("accepts and says nothing").is_retry());
    drop(listener);
    assert!(silent.ping().await.expect_err("refused").is_retry());
    assert!(silent.insert_cells(&[(0, &cells)]).await.expect_err("refused").is_retry());
}
