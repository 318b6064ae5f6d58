//! Classes by rules that are data.

use cashless_domain::{Kind, Method};
use cashless_registry::{ClassRules, Combination, Purpose};
use cashless_warehouse::{Cause, Error};

use crate::figures::{applicant, apply, cell};
use crate::setup::Database;

const SHIPPED: &str = include_str!("../../../../deploy/class-rules.csv");

/// Money of any kind to a general account counts.
fn generous() -> ClassRules {
    let line = "any,any,any,fee_collection,any,fee_payment\n";
    let text = SHIPPED.replace(line, &format!("any,any,any,general,any,fee_payment\n{line}"));
    ClassRules::read(&text).expect("valid")
}

/// The lists stand in several views, since views in views take long to plan.
pub(crate) async fn all_views_look_classes_up_by_the_same_words(_: Database) {
    let words = |made: &str, from: &str, to: &str| -> Vec<&str> {
        let migration =
            cashless_warehouse::MIGRATIONS.iter().rev().find(|migration| migration.sql.contains(made));
        let sql = migration.expect("exists").sql;
        let (_, behind) = sql.split_once(from).expect("looks classes up");
        behind.split_once(to).expect("is named").0.split_whitespace().collect()
    };
    let views = ["excluded_refunds_as_of", "institution_daily_as_of", "institution_month_as_of"]
        .map(|view| format!("CREATE OR REPLACE VIEW {view}"));
    let lists = views.each_ref().map(|view| words(view, "(SELECT groupArray(class) FROM", ") AS classes"));
    assert_eq!((&lists[0], &lists[0]), (&lists[1], &lists[2]));
    let [daily, months] =
        [1, 2].map(|view| words(&views[view], "1 + toUInt16(m.", " AS place").concat().replace("m.", ""));
    assert_eq!(
        months.replace("is_counter_cash", "(method='COUNTER_CASH')").replace("has_evidence", "(evidence!=0)"),
        daily
    );
    let originals = words("TABLE IF NOT EXISTS payments", "+ toUInt16(counted_", " COMMENT").concat();
    let without_owner = daily.replace("if(is_known,toUInt8(r.purpose),0)*2+", "");
    assert_eq!(format!("{})", originals.replace("counted_", "")), without_owner);
}

pub(crate) async fn an_empty_database_has_the_shipped_rules_and_gives_every_combination_the_class_of_its_first_rule(
    database: Database,
) {
    let database = database.migrated().await;
    let shipped = ClassRules::read(SHIPPED).expect("valid");
    let (version, stored) = database.warehouse.class_rules(None).await.expect("readable");
    assert_eq!((version, &stored), (0, &shipped));
    let applied =
        database.warehouse.apply_class_rules(0, &shipped, &applicant()).await.expect("nothing to do");
    assert_eq!(applied, 0);

    let check = async |rules: &ClassRules| {
        let found = database
            .lines(
                "SELECT kind, is_counter_cash, purpose, has_evidence, class, counted \
                 FROM classes_as_of(registry_version = 4294967295) WHERE kind != 'none' ORDER BY ALL",
            )
            .await;
        let purposes = || std::iter::once(None).chain(Purpose::ALL.iter().copied().map(Some));
        let mut expected = Vec::new();
        for kind in Kind::ALL.iter().copied() {
            for counter_cash in [false, true] {
                for purpose in purposes() {
                    for evidence in [false, true] {
                        let class = rules.class_of(&Combination { kind, counter_cash, purpose, evidence });
                        let class = class.expect("every combination has one");
                        expected.push(format!(
                            "{}\t{}\t{}\t{}\t{}\t{}",
                            kind.name(),
                            u8::from(counter_cash),
                            purpose.map_or("none", Purpose::name),
                            u8::from(evidence),
                            class.name(),
                            u8::from(class.is_counted())
                        ));
                    }
                }
            }
        }
        expected.sort();
        assert_eq!(found, expected);
    };
    check(&shipped).await;
    database.warehouse.apply_class_rules(0, &generous(), &applicant()).await.expect("applied");
    check(&generous()).await;
}

pub(crate) async fn a_change_of_the_rules_or_of_a_purpose_heals_all_past_days_at_once(database: Database) {
    let database = database.migrated().await;
    let warehouse = &database.warehouse;
    let general = "account,970405,1,B,general,2020-01-01,,\n";
    let first = apply(warehouse, general).await;
    let dates = ["2020-05-04", "2021-09-06", "2022-03-01"];
    let cells = dates.map(|date| cell("1", date, Method::QrTransfer, Kind::Payment, 0));
    warehouse.insert_cells(&[(0, &cells)]).await.expect("stored");
    let figures = async |view: &str| {
        let sql =
            format!("SELECT business_date, class, counted, net_dong FROM {view} ORDER BY business_date");
        database.lines(&sql).await
    };
    let all_days = |class: &str| dates.map(|date| format!("{date}\t{class}")).to_vec();
    let (unknown, counted) = (all_days("unknown\t0\t0"), all_days("fee_payment\t1\t100"));
    assert_eq!(figures("institution_daily").await, unknown);

    let second = warehouse.apply_class_rules(first, &generous(), &applicant()).await.expect("applied");
    assert_eq!(second, first + 1, "rules and registry share their versions");
    assert_eq!(figures("institution_daily").await, counted);
    assert_eq!(figures(&format!("institution_daily_as_of(registry_version = {first})")).await, unknown);
    assert_eq!(warehouse.class_rules(None).await.expect("readable"), (second, generous()));
    let stale = warehouse.apply_class_rules(first, &ClassRules::default(), &applicant()).await;
    assert!(matches!(stale, Err(Error::Stop { cause: Cause::RegistryMoved { .. }, .. })), "{stale:?}");

    let shipped = ClassRules::read(SHIPPED).expect("valid");
    let third = warehouse.apply_class_rules(second, &shipped, &applicant()).await.expect("applied");
    assert_eq!(figures("institution_daily").await, unknown, "taken back, for all days too");
    let fourth = apply(warehouse, "account,970405,1,B,fee_collection,2020-01-01,,\n").await;
    assert_eq!((third, fourth), (first + 2, first + 3));
    assert_eq!(figures("institution_daily").await, counted, "another purpose, another class");
    assert_eq!(figures(&format!("institution_daily_as_of(registry_version = {second})")).await, counted);
    assert_eq!(figures(&format!("institution_daily_as_of(registry_version = {third})")).await, unknown);
}

pub(crate) async fn a_half_written_list_of_rules_is_never_seen(database: Database) {
    let database = database.migrated().await;
    let copy = "INSERT INTO class_rules (registry_version, digest, position, kind, counter_cash, owner_known, purpose, evidence, class) \
                SELECT 1, 99, position, kind, counter_cash, owner_known, purpose, evidence, 'fee_payment' FROM class_rules";
    database.execute(copy).await;
    let shipped = ClassRules::read(SHIPPED).expect("valid");
    assert_eq!(database.warehouse.class_rules(None).await.expect("readable"), (0, shipped));
    let version = database.warehouse.apply_class_rules(0, &generous(), &applicant()).await.expect("applied");
    assert_eq!(database.warehouse.class_rules(None).await.expect("readable"), (version, generous()));
}
