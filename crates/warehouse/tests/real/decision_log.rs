//! Who decided what, and what became of it.

use cashless_domain::{
    AccountId, Added, BusinessDate, DecidedBy, Decision, EventKey, Evidence, IdentifierId, Kind,
    MinimumFields, PaymentId, RecordFate, RecordId, SourceId, Timestamp,
};
use cashless_warehouse::{DecisionFilter, LoggedDecision, RecordAddress};

use crate::figures::{account, apply, day};
use crate::setup::Database;

fn at(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).expect("a time")
}

fn logged(decision_id: u64, part: u8, before: Option<Decision>, after: Decision) -> LoggedDecision {
    LoggedDecision {
        decision_id,
        part,
        undo_of: (part == 1).then_some(u64::MAX),
        returns_to_rules: part == 1,
        who: "Lê An, kế toán trưởng".to_owned(),
        why: "sao kê chỉ có một lần tiền vào".to_owned(),
        key: EventKey {
            anchor: day("2022-03-01"),
            account: account("1"),
            payment: PaymentId([part; 16]),
            record: RecordId(0x00ab_cdef_0123_4567 + u64::from(part)),
        },
        source: SourceId::new("bank").expect("valid"),
        amount_dong: 100_000,
        before,
        after,
        fates: (RecordFate::Counted, RecordFate::Merged),
        business_dates: (day("2022-03-02"), day("2022-03-01")),
    }
}

fn decision(by: DecidedBy, micros: i64) -> Decision {
    Decision {
        by,
        registry_version: 3,
        decided_at: Timestamp::from_micros(micros).expect("in range"),
        merged_into: Some(RecordId(0)),
        kind: Some(Kind::Donation),
        settled_at: Some(at("2022-03-01T23:58:00.000001+07:00")),
        added: Added { evidence: Evidence(2), fields: MinimumFields(9) },
    }
}

pub(crate) async fn decisions_come_back_exactly_and_a_repetition_changes_nothing(database: Database) {
    let database = database.migrated().await;
    let bare = Decision {
        merged_into: None,
        kind: None,
        settled_at: None,
        added: Added::default(),
        ..decision(DecidedBy::Person, 8)
    };
    let rows = [
        logged(u64::MAX, 0, Some(decision(DecidedBy::Rule, 1)), bare),
        logged(u64::MAX, 1, None, decision(DecidedBy::Person, 8)),
        logged(7, 0, Some(bare), decision(DecidedBy::Person, 9)),
    ];
    for _ in 0..2 {
        database.warehouse.log_decisions(&rows).await.expect("stored");
    }
    assert_eq!(database.warehouse.decision_log().await.expect("readable"), rows);
}

const PAYMENT: &str = "INSERT INTO payments (anchor, account, payment, record, source, source_class, status, present, amount_dong, \
     settled_at, method, kind, identifier, fate, business_date, counted_method, counted_kind, decided_by, decided_registry_version, \
     decided_at, merged_into, added_evidence, added_fields, version) ";

pub(crate) async fn a_decision_waits_stands_and_is_overtaken(database: Database) {
    let database = database.migrated().await;
    apply(&database.warehouse, "account,970405,1,A,fee_collection,2020-01-01,,\n").await;
    let after = Decision { kind: None, settled_at: None, ..decision(DecidedBy::Person, 5_000_000) };
    let row = logged(7, 0, None, after);
    database.warehouse.log_decisions(std::slice::from_ref(&row)).await.expect("stored");
    let states = async || {
        let states = database.warehouse.decision_states().await.expect("readable");
        states.into_iter().map(|state| state.state).collect::<Vec<_>>()
    };
    let account = row.key.account.to_string();
    let store = async |by: &str, micros: i64, version: u64| {
        let values = format!(
            "SELECT '2022-03-01', unhex('{account}'), unhex('{}'), {}, 'bank', 'bank', 'settled', 129, 100000, \
             '2022-03-01 12:00:00', 'QR_TRANSFER', 'payment', unhex('{account}'), 'merged', '2022-03-01', 'QR_TRANSFER', \
             'payment', '{by}', 3, fromUnixTimestamp64Micro({micros}), 0, 2, 9, {version}",
            row.key.payment, row.key.record.0
        );
        database.execute(&format!("{PAYMENT}{values}")).await;
    };
    assert_eq!(states().await, ["waiting"], "nothing is stored");
    store("rule", 9_000_000, 1).await;
    assert_eq!(states().await, ["waiting"], "a rule never overtakes a person");
    store("person", 5_000_000, 2).await;
    assert_eq!(states().await, ["stands"]);

    let filter = DecisionFilter {
        days: (day("2022-03-01"), day("2022-03-01")),
        institution_id: Some("A".to_owned()),
        by: Some(DecidedBy::Person),
        limit: 10,
    };
    // In both views, by the same names.
    let added = [after.added.evidence.names(), after.added.fields.names()].concat();
    let standing = database.warehouse.standing_decisions(&filter).await.expect("readable");
    assert_eq!(standing[0].added, added);
    let told = database.lines("SELECT arrayStringConcat(added, ' ') FROM decision_history").await;
    assert_eq!(told, [added.join(" ")]);
    let listed = async |filter: &DecisionFilter| {
        let standing = database.warehouse.standing_decisions(filter).await.expect("readable");
        standing.into_iter().map(|one| (one.record, one.effect, one.decision_id, one.who)).collect::<Vec<_>>()
    };
    let expected = ("00abcdef01234567", "merged", "0000000000000007", "Lê An, kế toán trưởng");
    let expected =
        (expected.0.to_owned(), expected.1.to_owned(), expected.2.to_owned(), expected.3.to_owned());
    assert_eq!(listed(&filter).await, [expected]);
    for other in [
        DecisionFilter { by: Some(DecidedBy::Rule), ..filter.clone() },
        DecisionFilter { institution_id: Some("B".to_owned()), ..filter.clone() },
        DecisionFilter { days: (day("2022-03-02"), BusinessDate::from_days(u16::MAX)), ..filter.clone() },
    ] {
        assert_eq!(listed(&other).await, []);
    }

    store("person", 6_000_000, 3).await;
    assert_eq!(states().await, ["overtaken"]);
}

pub(crate) async fn a_record_is_found_by_the_beginning_of_its_digits(database: Database) {
    let database = database.migrated().await;
    let numbers = "SELECT '2022-03-01', unhex('0102030405060708090a0b0c0d0e0f10'), toString(number), bitShiftLeft(number, 56) + 1, \
                   'bank', 'bank', 'settled', 1, 100000, '2022-03-01 12:00:00', 'QR_TRANSFER', 'payment', '', 'counted', \
                   '2022-03-01', 'QR_TRANSFER', 'payment', 'none', 0, 0, 0, 0, 0, 1 FROM numbers(3)";
    database.execute(&format!("{PAYMENT}{numbers}")).await;
    let found = async |anchor: Option<&str>, account: &str, first: u64, last: u64| {
        let anchor = anchor.map(day);
        let address = RecordAddress { anchor, account: account.to_owned(), records: (first, last) };
        let records = database.warehouse.records_at(&address, 2).await.expect("readable");
        records.into_iter().map(|(_, key)| key.record.0).collect::<Vec<_>>()
    };
    assert_eq!(found(None, "", 0, u64::MAX).await.len(), 2, "no more than asked for");
    assert_eq!(found(None, "", 1 << 56, (2 << 56) - 1).await, [(1 << 56) + 1]);
    assert_eq!(found(Some("2022-03-01"), "0102", 0, 1).await, [1]);
    assert!(found(Some("2022-03-02"), "0102", 0, 1).await.is_empty());
    assert!(found(None, "02", 0, 1).await.is_empty());
    let nobody = IdentifierId(AccountId([9; 16]).0);
    let standing = cashless_rollup::Standing {
        fate: RecordFate::Counted,
        unit_fate: RecordFate::Counted,
        business_date: day("2022-03-01"),
        method: cashless_domain::Method::QrTransfer,
        kind: Kind::Donation,
        evidence: Evidence::default(),
        fields: MinimumFields::default(),
        dong: 1,
    };
    let ownership = database.warehouse.ownership(nobody, &standing).await.expect("readable");
    assert_eq!((ownership.institution_id.as_str(), ownership.is_counted), ("UNKNOWN", false));
}
