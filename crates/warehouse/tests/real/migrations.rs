use std::fs;
use std::path::Path;

use cashless_domain::{
    Beneficiary, DecidedBy, DeclarationSource, Kind, Method, Reason, RecordFate, SourceClass, Status,
};
use cashless_warehouse::{Cause, Error, MIGRATIONS};

use crate::setup::Database;

const SCHEMAS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../schemas/clickhouse");

pub(crate) async fn an_empty_database_becomes_the_schema_in_the_tree(database: Database) {
    let names: Vec<_> = MIGRATIONS.iter().map(|migration| migration.name).collect();
    let pending = database.warehouse.pending_migrations().await.expect("can be planned without a database");
    assert_eq!(pending, MIGRATIONS);
    let mut files: Vec<String> = fs::read_dir(Path::new(SCHEMAS).join("migrations"))
        .expect("readable")
        .map(|file| {
            file.expect("readable").path().file_stem().expect("a name").to_string_lossy().into_owned()
        })
        .collect();
    files.sort();
    assert_eq!(files, names, "every file is embedded, in order");

    let database = database.migrated().await;
    let found = schema(&database).await;
    let path = Path::new(SCHEMAS).join("schema.sql");
    if std::env::var_os("CASHLESS_WRITE_SCHEMA").is_some() {
        fs::write(&path, &found).expect("writable");
    }
    let expected = fs::read_to_string(&path).expect("readable");
    assert!(
        found == expected,
        "schema.sql is not what the migrations make; CASHLESS_WRITE_SCHEMA=1 writes it anew:\n{found}"
    );
}

/// Everything in the database, tables before the views on them, without the name of the database.
async fn schema(database: &Database) -> String {
    let prefix = format!("{}.", database.config.database);
    let statements = database
        .admin
        .query_raw(
            "SELECT concat(formatQuery(create_table_query), ';\n') FROM system.tables \
             WHERE database = currentDatabase() ORDER BY engine = 'View', name",
        )
        .fetch_all::<String>()
        .await
        .expect("the schema can be read");
    let head = "-- What the migrations make of an empty database. Written by the tests, compared by them, read by people.\n\n";
    let definer = format!("DEFINER = {} ", database.config.user);
    format!(
        "{head}{}",
        statements.join("\n").replace(&prefix, "").replace(&definer, "DEFINER = CURRENT_USER ")
    )
}

pub(crate) async fn applying_twice_and_running_every_statement_again_changes_nothing(database: Database) {
    let database = database.migrated().await;
    let before = schema(&database).await;
    let applied = database.warehouse.migrate(|migration| panic!("{} runs again", migration.name)).await;
    assert_eq!(applied.expect("nothing to do"), []);
    for migration in MIGRATIONS {
        database.execute(migration.sql).await;
    }
    assert_eq!(schema(&database).await, before);
}

pub(crate) async fn an_edited_or_unknown_migration_stops(database: Database) {
    let database = database.migrated().await;
    let cause = async |statement: &str| {
        database.execute(statement).await;
        match database.warehouse.pending_migrations().await {
            Err(Error::Stop { cause, .. }) => cause,
            other => panic!("{other:?}"),
        }
    };
    let unknown = cause("INSERT INTO migrations (name, checksum) VALUES ('9999_later', 1)").await;
    assert!(matches!(unknown, Cause::UnknownMigration { name } if name == "9999_later"));
    let edited = cause("INSERT INTO migrations (name, checksum) VALUES ('0001_payments', 1)").await;
    assert!(matches!(edited, Cause::EditedMigration { name } if name == "0001_payments"));
}

pub(crate) async fn enums_have_the_names_and_numbers_of_the_domain(database: Database) {
    let database = database.migrated().await;
    macro_rules! members {
        ($set:ident) => {
            $set::ALL
                .iter()
                .map(|member| format!("'{}' = {}", member.name(), member.code()))
                .collect::<Vec<_>>()
        };
    }
    let check = async |table: &str, column: &str, with_none: bool, members: Vec<String>| {
        let none = with_none.then(|| "'none' = 0".to_owned());
        let expected = format!("Enum8({})", none.into_iter().chain(members).collect::<Vec<_>>().join(", "));
        let asked = format!(
            "SELECT type FROM system.columns WHERE database = currentDatabase() AND table = '{table}' AND name = '{column}'"
        );
        assert_eq!(database.lines(&asked).await, [expected], "{table}.{column}");
    };
    for column in ["method", "counted_method"] {
        check("payments", column, false, members!(Method)).await;
    }
    for column in ["kind", "decided_kind"] {
        check("payments", column, true, members!(Kind)).await;
    }
    check("payments", "counted_kind", false, members!(Kind)).await;
    check("payments", "source_class", false, members!(SourceClass)).await;
    check("payments", "status", true, members!(Status)).await;
    check("payments", "reason", false, members!(Reason)).await;
    check("payments", "beneficiary_kind", false, members!(Beneficiary)).await;
    check("payments", "decided_by", true, members!(DecidedBy)).await;
    check("payments", "fate", false, members!(RecordFate)).await;
    check("account_daily", "method", false, members!(Method)).await;
    check("account_daily", "kind", false, members!(Kind)).await;
    check("cash_declarations", "source", false, members!(DeclarationSource)).await;
}
