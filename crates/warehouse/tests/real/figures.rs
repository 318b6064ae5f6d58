//! What the views show, given cells, facts and a registry.

use cashless_domain::{
    AccountId, Added, AmountDong, BusinessDate, DecidedBy, Decision, Details, Evidence, Flags, IdKey,
    IdentifierId, Kind, Method, MinimumFields, PaymentId, Reason, RecordFate, RecordId, SourceClass,
    SourceId, Status, StatusChange, Timestamp,
};
use cashless_registry::{Files, PlanOptions, Registry, plan, read};
use cashless_rollup::{Cell, CellKey, CellValues, Fact, PaymentKey, Record, Version, standings};
use cashless_warehouse::{Applicant, Cause, Error, InputMarks, MonthFlow, Warehouse};

use crate::setup::Database;

const INSTITUTIONS: &str = "institution_id,name,sector,type,ownership,care_tier,scope,unit_code,unit_name,parent_id,status,\
learners,beds,fee_collecting,valid_from,valid_to\n\
A,Trường A,education,primary,public,,core,660,Gia Nghĩa,,active,500,,true,2020-01-01,2022-06-01\n\
A,Trường A mới,education,multi_level,public,,core,660,Gia Nghĩa,,active,500,,true,2022-06-01,\n\
B,Trường B,education,primary,public,,core,661,Đăk Glong,,active,500,,true,2020-01-01,\n";

pub(crate) fn key() -> IdKey {
    IdKey::new(&[7; 32]).expect("long enough")
}

pub(crate) fn account(number: &str) -> AccountId {
    key().bank_account("970405", number)
}

pub(crate) fn day(text: &str) -> BusinessDate {
    BusinessDate::parse(text).expect("a date")
}

fn registry(identifiers: &str) -> Registry {
    let identifiers =
        format!("kind,provider,value,institution_id,purpose,valid_from,valid_to,evidence\n{identifiers}");
    let files = Files {
        institutions: Some(INSTITUTIONS.as_bytes()),
        identifiers: Some(identifiers.as_bytes()),
        ..Files::default()
    };
    read(&files, &Registry::default(), PlanOptions::default(), &key()).expect("valid")
}

pub(crate) fn applicant() -> Applicant {
    Applicant {
        by: "tester".into(),
        note: "test".into(),
        at: Timestamp::from_micros(1_700_000_000_000_000).expect("in range"),
    }
}

pub(crate) async fn apply(warehouse: &Warehouse, identifiers: &str) -> u32 {
    let current = warehouse.registry(None).await.expect("readable");
    let wanted = registry(identifiers);
    let change = plan(current.version, &current.registry, &wanted);
    let version = warehouse.apply_registry(&change, &applicant()).await.expect("applied");
    let stored = warehouse.registry(None).await.expect("readable");
    assert_eq!((stored.version, &stored.registry), (version, &wanted));
    assert!(plan(version, &stored.registry, &wanted).is_empty(), "twice plans nothing");
    version
}

pub(crate) fn cell(number: &str, date: &str, method: Method, kind: Kind, evidence: u8) -> (CellKey, Cell) {
    let key = CellKey {
        business_date: day(date),
        account: account(number),
        identifier: account(number).into(),
        source: SourceId::new("bank-a").expect("valid"),
        method,
        kind,
        evidence: Evidence(evidence),
    };
    let values = if kind.is_refund() {
        CellValues { refunds_n: 1, refunds_dong: 40, ..CellValues::default() }
    } else {
        CellValues { n: 1, gross_dong: 100, ..CellValues::default() }
    };
    (key, Cell { version: Version::at(1, 1), values })
}

pub(crate) async fn each_rule_of_the_classes_holds(database: Database) {
    let database = database.migrated().await;
    let purposes = ["fee_collection", "general", "deposit", "payroll", "project", "unknown"];
    let rows: String = purposes
        .iter()
        .map(|purpose| format!("account,970405,{purpose},B,{purpose},2020-01-01,,\n"))
        .collect();
    apply(&database.warehouse, &rows).await;
    let mut cells = Vec::new();
    let mut expected = Vec::new();
    for number in purposes.into_iter().chain(["stranger"]) {
        for kind in Kind::ALL {
            for evidence in 0..4 {
                for method in [Method::QrTransfer, Method::CounterCash] {
                    cells.push(cell(number, "2022-03-01", method, *kind, evidence));
                    let by_kind = if *kind == Kind::Deposit { "deposit" } else { "fee_payment" };
                    let class = match (kind, method, number) {
                        (kind, ..) if kind.is_excluded() => kind.name(),
                        (_, Method::CounterCash, _) => "counter_cash",
                        (_, _, "stranger") => "UNKNOWN",
                        (Kind::Refund | Kind::Chargeback, ..) => "fee_payment",
                        (_, _, "fee_collection") => by_kind,
                        (_, _, "deposit") => "deposit",
                        _ if evidence != 0 => by_kind,
                        _ => "unknown",
                    };
                    let counted = u8::from(["fee_payment", "deposit"].contains(&class));
                    let net = match counted {
                        0 => 0,
                        _ if kind.is_refund() => -40,
                        _ => 100,
                    };
                    let institution = if number == "stranger" { "UNKNOWN" } else { "B" };
                    expected.push(format!("{institution}\t{class}\t{counted}\t{net}"));
                }
            }
        }
    }
    database.warehouse.insert_cells(&[(0, &cells)]).await.expect("stored");
    let mut found =
        database.lines("SELECT institution_id, class, counted, net_dong FROM institution_daily").await;
    expected.sort();
    found.sort();
    assert_eq!(found, expected);
    let counted =
        "SELECT count() FROM institution_daily WHERE counted != (class IN ('fee_payment', 'deposit'))";
    assert_eq!(database.lines(counted).await, ["0"]);
}

pub(crate) async fn a_registry_fix_moves_exactly_the_days_it_names(database: Database) {
    let database = database.migrated().await;
    let warehouse = &database.warehouse;
    let dates = ["2019-12-31", "2020-01-01", "2022-05-31", "2022-06-01", "2022-07-01", "2022-08-01"];
    let cells = dates.map(|date| cell("1", date, Method::QrTransfer, Kind::Payment, 0));
    warehouse.insert_cells(&[(0, &cells)]).await.expect("stored");
    let figures = async |view: &str| {
        let sql = format!(
            "SELECT business_date, institution_id, institution_name, n FROM {view} ORDER BY business_date"
        );
        database.lines(&sql).await
    };
    let shown = |owners: [&str; 6]| {
        dates.iter().zip(owners).map(|(date, owner)| format!("{date}\t{owner}\t1")).collect::<Vec<_>>()
    };
    let (unknown, a, a_new, b) = ("UNKNOWN\t", "A\tTrường A", "A\tTrường A mới", "B\tTrường B");
    assert_eq!(figures("institution_daily").await, shown([unknown; 6]));

    let first = apply(warehouse, "account,970405,1,A,fee_collection,2020-01-01,2022-08-01,\n").await;
    let before = shown([unknown, a, a, a_new, a_new, unknown]);
    assert_eq!(figures("institution_daily").await, before);
    let unresolved = "SELECT first_day, last_day, n, gross_dong FROM unresolved_identifiers";
    assert_eq!(database.lines(unresolved).await, ["2019-12-31\t2022-08-01\t2\t200"]);

    let second = apply(
        warehouse,
        "account,970405,1,A,fee_collection,2020-01-01,2022-05-31,\naccount,970405,1,B,fee_collection,2022-05-31,2022-07-01,\n",
    )
    .await;
    let after = shown([unknown, a, b, b, unknown, unknown]);
    assert_eq!(figures("institution_daily").await, after);
    assert_eq!(figures(&format!("institution_daily_as_of(registry_version = {first})")).await, before);
    assert_eq!(figures("institution_daily_as_of(registry_version = 0)").await, shown([unknown; 6]));

    apply(warehouse, "").await;
    assert_eq!(figures("institution_daily").await, shown([unknown; 6]), "a removed identifier is nobody's");
    assert_eq!(figures(&format!("institution_daily_as_of(registry_version = {second})")).await, after);
    let months = database
        .lines("SELECT month, institution_id, sum(n) FROM institution_month GROUP BY ALL ORDER BY month")
        .await;
    assert_eq!(months.len(), 6);
}

pub(crate) async fn money_before_an_institution_opens_and_after_it_closed_is_of_its_sector_and_unit(
    database: Database,
) {
    let database = database.migrated().await;
    let warehouse = &database.warehouse;
    let institutions = "INSERT INTO institutions (institution_id, registry_version, digest, valid_from, valid_to, name, sector, unit_code) \
                        VALUES ('C', 1, 1, '2021-01-01', '2021-06-01', 'Trường C', 'education', '660'), \
                        ('C', 1, 1, '2021-06-01', '2022-01-01', 'Trường C mới', 'education', '661')";
    database.execute(institutions).await;
    let identifiers = format!(
        "INSERT INTO identifiers (identifier, registry_version, digest, valid_from, valid_to, institution_id, purpose) \
         VALUES (unhex('{}'), 1, 1, '2020-01-01', '2149-06-06', 'C', 'fee_collection')",
        account("1")
    );
    database.execute(&identifiers).await;
    database.execute("INSERT INTO registry_versions (registry_version, digest) VALUES (1, 1)").await;
    let dates = ["2020-12-31", "2021-05-31", "2021-06-01", "2022-01-01"];
    let cells = dates.map(|date| cell("1", date, Method::QrTransfer, Kind::Payment, 0));
    warehouse.insert_cells(&[(0, &cells)]).await.expect("stored");
    let sql = "SELECT business_date, institution_id, institution_name, sector, unit_code FROM institution_daily ORDER BY 1";
    let told = |day: &str, name: &str, unit: &str| format!("{day}\tC\t{name}\teducation\t{unit}");
    let expected = [
        told(dates[0], "Trường C", "660"),
        told(dates[1], "Trường C", "660"),
        told(dates[2], "Trường C mới", "661"),
        told(dates[3], "Trường C mới", "661"),
    ];
    assert_eq!(database.lines(sql).await, expected);
}

pub(crate) async fn flows_are_counted_money_by_institution_and_month(database: Database) {
    let database = database.migrated().await;
    let warehouse = &database.warehouse;
    let payment = |number, date| cell(number, date, Method::QrTransfer, Kind::Payment, 0);
    let cells = [
        payment("1", "2022-02-28"),
        payment("1", "2022-03-01"),
        payment("1", "2022-03-31"),
        cell("1", "2022-03-15", Method::QrTransfer, Kind::Refund, 0),
        cell("1", "2022-03-15", Method::CounterCash, Kind::Payment, 0),
        cell("1", "2022-03-15", Method::QrTransfer, Kind::Donation, 0),
        payment("1", "2022-04-01"),
        payment("stranger", "2022-03-01"),
    ];
    warehouse.insert_cells(&[(0, &cells)]).await.expect("stored");
    let flows = async |version| {
        let months = [day("2022-04-01"), day("2022-03-01")];
        let flows = warehouse.flows(version, &months).await.expect("readable").into_iter();
        flows
            .map(|flow| (flow.institution_id, flow.month, flow.n, flow.gross_dong, flow.net_dong))
            .collect::<Vec<_>>()
    };
    assert_eq!(flows(0).await, [], "nobody's money is in no flow");
    let before = warehouse.input_marks().await.expect("readable");
    assert_eq!(before, InputMarks::default());
    let version = apply(warehouse, "account,970405,1,A,fee_collection,2020-01-01,,\n").await;
    let month = |month, n, gross, net| ("A".to_owned(), day(month), n, gross, net);
    assert_eq!(flows(version).await, [month("2022-03-01", 2, 200, 160), month("2022-04-01", 1, 100, 100)]);
    assert_eq!(flows(0).await, []);
    let apart = warehouse.flows(version, &[day("2022-02-01"), day("2022-04-01")]).await.expect("readable");
    assert_eq!(
        apart.iter().map(|flow| flow.n).collect::<Vec<_>>(),
        [1, 1],
        "a month between is not asked for"
    );
    assert_eq!(warehouse.flows(version, &[]).await.expect("nothing to ask"), []);
    let after = warehouse.input_marks().await.expect("readable");
    assert_eq!(after.registry_version, version);
    assert_ne!(after.registry_digest, before.registry_digest);
}

pub(crate) async fn flows_and_excluded_refunds_together_are_the_figures(database: Database) {
    let database = database.migrated().await;
    let warehouse = &database.warehouse;
    let version = apply(warehouse, "account,970405,fees,A,fee_collection,2020-01-01,,\n").await;
    let of_record =
        |record, kind, status, original| fact(&Story { record, kind, status, original, number: "fees" });
    let facts = [
        of_record(1, Kind::Payment, Status::Voided, None),
        of_record(2, Kind::Refund, Status::Settled, Some(1)),
        of_record(3, Kind::Payment, Status::Settled, None),
        of_record(4, Kind::Refund, Status::Settled, Some(3)),
    ];
    warehouse.insert_facts(&[(0, &facts)]).await.expect("stored");
    let (key, mut refunds) = cell("fees", "2022-03-01", Method::QrTransfer, Kind::Refund, 0);
    (refunds.values.refunds_n, refunds.values.refunds_dong) = (2, 80);
    let cells = [cell("fees", "2022-03-01", Method::QrTransfer, Kind::Payment, 0), (key, refunds)];
    warehouse.insert_cells(&[(0, &cells)]).await.expect("stored");
    let months = [day("2022-03-01")];
    let flows = warehouse.flows(version, &months).await.expect("readable");
    let excluded = warehouse.excluded_refunds(version, &months).await.expect("readable");
    let of = |flows: &[MonthFlow]| -> Vec<_> {
        flows
            .iter()
            .map(|flow| (flow.institution_id.clone(), flow.n, flow.gross_dong, flow.net_dong))
            .collect()
    };
    assert_eq!(of(&flows), [("A".to_owned(), 1, 100, 20)]);
    assert_eq!(of(&excluded), [("A".to_owned(), 0, 0, 40)]);
    let figures =
        "SELECT institution_id, sum(n), sum(net_dong) FROM institution_daily WHERE counted GROUP BY 1";
    assert_eq!(database.lines(figures).await, ["A\t1\t60"]);
    assert_eq!(warehouse.excluded_refunds(version, &[day("2022-04-01")]).await.expect("readable"), []);
}

pub(crate) async fn changed_months_are_those_with_newer_cells(database: Database) {
    let database = database.migrated().await;
    let warehouse = &database.warehouse;
    let changed = async |since: &[Version]| warehouse.changed_months(since).await.expect("readable");
    assert_eq!(changed(&[]).await, []);
    let stored = |date, offset| {
        let (key, cell) = cell("1", date, Method::QrTransfer, Kind::Payment, 0);
        (key, Cell { version: Version::at(1, offset), ..cell })
    };
    warehouse.insert_cells(&[(0, &[stored("2022-03-05", 10)])]).await.expect("stored");
    warehouse
        .insert_cells(&[(2, &[stored("2021-12-31", 3), stored("2022-03-09", 4)])])
        .await
        .expect("stored");
    let (march, december) = (day("2022-03-01"), day("2021-12-01"));
    assert_eq!(changed(&[]).await, [december, march], "a partition that was not seen yet is all new");
    assert_eq!(changed(&[Version::at(1, 10)]).await, [december, march]);
    let seen = |partition_0, partition_2| {
        [Version::at(1, partition_0), Version::default(), Version::at(1, partition_2)]
    };
    assert_eq!(changed(&seen(10, 4)).await, []);
    assert_eq!(changed(&seen(9, 4)).await, [march]);
    assert_eq!(changed(&seen(10, 2)).await, [december, march]);
    assert_eq!(changed(&seen(10, 3)).await, [march]);
}

pub(crate) async fn a_half_written_registry_version_is_never_seen(database: Database) {
    let database = database.migrated().await;
    let warehouse = &database.warehouse;
    let rows = "account,970405,1,A,fee_collection,2020-01-01,,\n";
    let first = apply(warehouse, rows).await;
    // All rows of the next version, but not the version itself.
    let copy = "INSERT INTO identifiers SELECT * REPLACE (registry_version + 1 AS registry_version, 99 AS digest, \
                'B' AS institution_id) FROM identifiers";
    database.execute(copy).await;
    let stored = warehouse.registry(None).await.expect("readable");
    assert_eq!((stored.version, stored.registry), (first, registry(rows)));

    let stale = plan(first, &Registry::default(), &registry(rows));
    let next = apply(
        warehouse,
        "account,970405,2,A,fee_collection,2020-01-01,,\naccount,970405,1,A,fee_collection,2020-01-01,,\n",
    )
    .await;
    assert_eq!(next, first + 2, "the broken version is skipped");
    let error = warehouse.apply_registry(&stale, &applicant()).await.expect_err("made from an older version");
    assert!(
        matches!(error, Error::Stop { cause: Cause::RegistryMoved { planned, found }, .. } if (planned, found) == (first, next))
    );
}

#[derive(Clone, Copy)]
struct Story {
    record: u64,
    kind: Kind,
    status: Status,
    original: Option<u64>,
    number: &'static str,
}

fn fact(story: &Story) -> Fact {
    let at = Timestamp::parse_rfc3339("2022-03-01T08:00:00+07:00").expect("a time");
    let details = Details {
        version: 0,
        provider_time: None,
        received_at: at,
        amount: AmountDong::new(if story.kind.is_refund() { 40 } else { 100 }).expect("in range"),
        settled_at: at,
        method: Method::QrTransfer,
        kind: story.kind,
        identifier: IdentifierId::from(account(story.number)),
        evidence: Evidence::default(),
        fields: MinimumFields::default(),
        flags: Flags::default(),
        reason: Reason::Tuition,
        beneficiary_kind: cashless_domain::Beneficiary::Unknown,
        payer: None,
        beneficiary: None,
        invoice: None,
        payer_account: None,
        invoice_other_year: None,
        original: story.original.map(RecordId),
        reference: None,
    };
    let record = Record {
        id: RecordId(story.record),
        source_class: SourceClass::Bank,
        source: SourceId::new("bank-a").expect("valid"),
        status: Some(StatusChange { version: 0, status: story.status }),
        details: Some(details),
        decision: None,
        erased: false,
    };
    let payment = PaymentKey {
        anchor: day("2022-03-01"),
        account: account(story.number),
        payment: PaymentId::from(record.id),
    };
    let standing = standings(&payment, std::slice::from_ref(&record))[0];
    Fact { payment, record, standing, version: Version::at(1, story.record) }
}

pub(crate) async fn a_refund_of_what_never_counted_lowers_nothing(database: Database) {
    let database = database.migrated().await;
    let rows =
        "account,970405,fees,A,fee_collection,2020-01-01,,\naccount,970405,general,A,general,2020-01-01,,\n";
    apply(&database.warehouse, rows).await;
    let check = async |number, original_kind, original_status, expected: &str| {
        let original =
            Story { record: 1, kind: original_kind, status: original_status, original: None, number };
        let refund =
            Story { record: 2, kind: Kind::Refund, status: Status::Settled, original: Some(1), number };
        database.execute("TRUNCATE TABLE payments").await;
        database.execute("TRUNCATE TABLE account_daily").await;
        let facts = [fact(&original), fact(&refund)];
        assert_eq!(facts[1].standing.fate, RecordFate::Refunded);
        database.warehouse.insert_facts(&[(0, &facts)]).await.expect("stored");
        let cells = [cell(number, "2022-03-01", Method::QrTransfer, Kind::Refund, 0)];
        database.warehouse.insert_cells(&[(0, &cells)]).await.expect("stored");
        let sql = "SELECT institution_id, class, sum(refunds_n), sum(refunds_dong), sum(refunds_excluded_n), \
                   sum(refunds_excluded_dong), sum(net_dong) FROM institution_daily GROUP BY ALL";
        assert_eq!(database.lines(sql).await, [expected], "{number} {original_kind:?} {original_status:?}");
        assert!(database.lines("SELECT * FROM orphan_refunds").await.is_empty());
    };
    let (lowers, excluded) = ("A\tfee_payment\t1\t40\t0\t0\t-40", "A\tfee_payment\t0\t0\t1\t40\t0");
    check("fees", Kind::Payment, Status::Settled, lowers).await;
    check("fees", Kind::Deposit, Status::Settled, lowers).await;
    check("fees", Kind::Payment, Status::Voided, excluded).await;
    check("fees", Kind::Donation, Status::Settled, excluded).await;
    check("fees", Kind::Payment, Status::Pending, excluded).await;
    check("general", Kind::Payment, Status::Settled, excluded).await;
    check("stranger", Kind::Payment, Status::Settled, "UNKNOWN\tUNKNOWN\t1\t40\t0\t0\t0").await;
    check("stranger", Kind::Loan, Status::Settled, "UNKNOWN\tUNKNOWN\t0\t0\t1\t40\t0").await;

    let orphan =
        Story { record: 3, kind: Kind::Refund, status: Status::Settled, original: Some(77), number: "fees" };
    database.warehouse.insert_facts(&[(0, &[fact(&orphan)])]).await.expect("stored");
    assert_eq!(
        database.lines("SELECT business_date, amount_dong FROM orphan_refunds").await,
        ["2022-03-01\t40"]
    );
}

/// Facts of one payment as they are stored: their standings come from all of them.
fn facts_of_payment(anchor: &str, stories: &[(Story, SourceClass)]) -> Vec<Fact> {
    let records: Vec<_> = (stories.iter())
        .map(|(story, source_class)| {
            let source = SourceId::new(&format!("source-{}", source_class.code())).expect("valid");
            Record { source_class: *source_class, source, ..fact(story).record }
        })
        .collect();
    let first = &stories[0].0;
    let payment = PaymentKey {
        anchor: day(anchor),
        account: account(first.number),
        payment: PaymentId::from(RecordId(first.record)),
    };
    let standings = standings(&payment, &records);
    let version = Version::at(1, 1);
    let fact = |(record, standing)| Fact { payment, record, standing, version };
    records.into_iter().zip(standings).map(fact).collect()
}

pub(crate) async fn a_refund_follows_the_fate_of_its_original_wherever_that_is_told(database: Database) {
    let database = database.migrated().await;
    apply(&database.warehouse, "account,970405,fees,A,fee_collection,2020-01-01,,\n").await;
    let told = |record, status| Story { record, kind: Kind::Payment, status, original: None, number: "fees" };
    let refund =
        Story { record: 9, kind: Kind::Refund, status: Status::Settled, original: Some(1), number: "fees" };
    let refund = || facts_of_payment("2022-03-02", &[(refund, SourceClass::Bank)]);
    let check = async |originals: &[Vec<Fact>], expected: &[&str], what: &str| {
        database.execute("TRUNCATE TABLE payments").await;
        let facts: Vec<_> = originals.iter().flatten().cloned().chain(refund()).collect();
        database.warehouse.insert_facts(&[(0, &facts)]).await.expect("stored");
        let sql = "SELECT record, original, amount_dong, original_fate FROM excluded_refunds_as_of(registry_version = 1)";
        assert_eq!(database.lines(sql).await, expected, "{what}");
    };
    let pair = |gateway| {
        let told =
            [(told(1, Status::Settled), SourceClass::Bank), (told(2, gateway), SourceClass::Intermediary)];
        vec![facts_of_payment("2022-03-01", &told)]
    };
    let excluded = ["9\t1\t40\tvoided"];
    check(&pair(Status::Settled), &[], "merged, and its pair counts").await;
    check(&pair(Status::Voided), &excluded, "merged, and its pair is voided").await;
    let mut elsewhere = pair(Status::Settled);
    let mut records: Vec<_> = elsewhere[0].iter().map(|fact| fact.record.clone()).collect();
    records[1].decision = Some(Decision {
        by: DecidedBy::Rule,
        registry_version: 1,
        decided_at: records[1].details.expect("told").settled_at,
        merged_into: Some(RecordId(5)),
        kind: None,
        settled_at: None,
        added: Added::default(),
    });
    let payment = elsewhere[0][0].payment;
    for ((fact, record), standing) in elsewhere[0].iter_mut().zip(&records).zip(standings(&payment, &records))
    {
        (fact.record, fact.standing) = (record.clone(), standing);
    }
    check(&elsewhere, &[], "merged, and its pair counts in another payment").await;

    let twice = |second| {
        let alone = |anchor, status| facts_of_payment(anchor, &[(told(1, status), SourceClass::Bank)]);
        vec![alone("2022-03-01", Status::Voided), alone("2022-02-01", second)]
    };
    check(&twice(Status::Settled), &[], "one id on two days, of which one counts").await;
    check(&twice(Status::Voided), &excluded, "one id on two days, none counts: excluded once").await;
}

pub(crate) async fn everything_that_people_read_has_a_comment(database: Database) {
    let database = database.migrated().await;
    let sql = "SELECT name FROM system.tables WHERE database = currentDatabase() AND comment = ''";
    assert_eq!(database.lines(sql).await, Vec::<String>::new());
}
