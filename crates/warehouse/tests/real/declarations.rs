use cashless_domain::{
    BusinessDate, CashDeclaration, DeclarationSource, ExportedCashless, Method, SourceId, Timestamp,
};
use cashless_warehouse::{StoredDeclaration, Warehouse};

use crate::setup::Database;

fn day(text: &str) -> BusinessDate {
    BusinessDate::parse(text).expect("a date")
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).expect("a time")
}

fn declaration(institution: &str, month: &str, source: DeclarationSource) -> CashDeclaration {
    CashDeclaration {
        institution_id: institution.to_owned(),
        month: day(month),
        source,
        version: 1,
        cash_n: (source != DeclarationSource::InvoiceTotal).then_some(10),
        cash_dong: 1_250_000,
        cash_refunds_dong: 50_000,
        exported_cashless: Vec::new(),
        signer_role: "Kế toán trưởng".to_owned(),
        declared_at: at("2022-10-02T08:00:00+07:00"),
        recorded_at: at("2022-10-02T08:00:01.000002+07:00"),
        channel: SourceId::new("file").expect("a name"),
    }
}

async fn of_2022(warehouse: &Warehouse) -> Vec<StoredDeclaration> {
    warehouse.declarations(day("2022-01-01"), day("2023-01-01")).await.expect("readable")
}

pub(crate) async fn declarations_come_back_exactly(database: Database) {
    let Database { warehouse, .. } = database.migrated().await;
    let exported = |method, n, dong| ExportedCashless { method, n, dong };
    let export = CashDeclaration {
        exported_cashless: vec![
            exported(Method::QrTransfer, 3, 900_000),
            exported(Method::CardPos, 0, 0),
            exported(Method::Other, 1, i64::from(i32::MAX) * 4),
        ],
        ..declaration("BV-01", "2022-09-01", DeclarationSource::SystemExport)
    };
    let declared = declaration("BV-01", "2022-09-01", DeclarationSource::Declaration);
    let invoices = declaration("BV-02", "2022-12-01", DeclarationSource::InvoiceTotal);
    let next_year = declaration("BV-02", "2023-01-01", DeclarationSource::Declaration);
    let all = [&invoices, &next_year, &declared, &export].map(Clone::clone);
    warehouse.insert_declarations(&[]).await.expect("nothing to do");
    warehouse.insert_declarations(&all).await.expect("stored");
    let found: Vec<_> = of_2022(&warehouse).await.into_iter().map(|stored| stored.declaration).collect();
    assert_eq!(found, [export, declared, invoices]);
}

pub(crate) async fn one_revision_of_each_month_and_source_stands(database: Database) {
    let Database { warehouse, .. } = database.migrated().await;
    let first = declaration("TH-1", "2022-09-01", DeclarationSource::Declaration);
    let second = CashDeclaration {
        version: 2,
        cash_dong: 7,
        recorded_at: at("2022-10-01T00:00:00Z"),
        ..first.clone()
    };
    // Received earlier, yet the higher version.
    warehouse.insert_declarations(&[second.clone(), first.clone()]).await.expect("stored");
    let stands = async || of_2022(&warehouse).await.into_iter().next().expect("one").declaration;
    assert_eq!(stands().await, second);

    let later = CashDeclaration { cash_dong: 8, recorded_at: at("2022-10-01T00:00:01Z"), ..second.clone() };
    warehouse.insert_declarations(std::slice::from_ref(&later)).await.expect("stored");
    assert_eq!(stands().await, later);

    let at_once: Vec<_> = (9..20).map(|cash_dong| CashDeclaration { cash_dong, ..later.clone() }).collect();
    warehouse.insert_declarations(&at_once).await.expect("stored");
    let largest = at_once.iter().chain([&later]).max_by_key(|one| one.digest()).expect("some");
    assert_eq!(&stands().await, largest);
}

pub(crate) async fn what_is_declared_again_is_no_new_row(database: Database) {
    let database = database.migrated().await;
    let first = declaration("TH-1", "2022-09-01", DeclarationSource::Declaration);
    let again = CashDeclaration {
        recorded_at: at("2022-11-20T00:00:00Z"),
        channel: SourceId::new("example-his").expect("a name"),
        ..first.clone()
    };
    // In either order the one received first stays.
    for both in [[&first, &again], [&again, &first]] {
        for one in both {
            database.warehouse.insert_declarations(std::slice::from_ref(one)).await.expect("stored");
        }
        let found = of_2022(&database.warehouse).await;
        assert_eq!(
            found,
            [StoredDeclaration { declaration: first.clone(), first_recorded_at: first.recorded_at }]
        );
        assert_eq!(database.lines("SELECT count() FROM cash_declarations FINAL").await, ["1"]);
        database.execute("TRUNCATE TABLE cash_declarations").await;
    }
}

pub(crate) async fn the_first_revision_decides_whether_a_month_is_late(database: Database) {
    let database = database.migrated().await;
    let received = |institution, version, recorded_at| CashDeclaration {
        version,
        recorded_at: at(recorded_at),
        ..declaration(institution, "2022-12-01", DeclarationSource::Declaration)
    };
    let rows = [
        received("IN-TIME", 1, "2023-01-05T23:59:59+07:00"),
        received("LATE", 1, "2023-01-06T00:00:00+07:00"),
        received("REVISED", 1, "2023-01-02T00:00:00+07:00"),
        received("REVISED", 2, "2023-02-01T00:00:00+07:00"),
    ];
    database.warehouse.insert_declarations(&rows).await.expect("stored");
    let sql = "SELECT institution_id, version, revisions_n, is_late, first_recorded_at FROM declared_months ORDER BY 1";
    assert_eq!(
        database.lines(sql).await,
        [
            "IN-TIME\t1\t1\t0\t2023-01-05 23:59:59.000000",
            "LATE\t1\t1\t1\t2023-01-06 00:00:00.000000",
            "REVISED\t2\t2\t0\t2023-01-02 00:00:00.000000",
        ]
    );
}
