//! The whole registry, stored and read back.

use cashless_domain::{BusinessDate, IdKey, Timestamp};
use cashless_registry::{FileName, Files, PlanOptions, Registry, export, plan, read};
use cashless_warehouse::{Applicant, Error, Warehouse};

use crate::setup::Database;

const UNITS: &str = "code,level,name,parent_code,valid_from,valid_to\n\
67,province,Tỉnh Đắk Nông,,1970-01-01,2025-07-01\n68,province,Tỉnh Lâm Đồng,,2025-07-01,\n\
24611,commune,Phường Nghĩa Đức,67,1970-01-01,2025-07-01\n24611,commune,Phường Bắc Gia Nghĩa,68,2025-07-01,\n";
const INSTITUTIONS: &str = "institution_id,name,sector,type,ownership,care_tier,scope,unit_code,unit_name,parent_id,status,\
learners,beds,visits,managed_by,fee_collecting,valid_from,valid_to\n\
A,Trường A,education,primary,public,,core,24611,x,,active,500,,,,true,2020-01-01,2023-08-01\n\
B,Trường B,education,primary,public,,core,24611,x,,active,300,,,,true,2020-01-01,\n\
H,Bệnh viện H,health,general_hospital,public,central,core,24611,x,,active,,400,4000000000,police,true,2020-01-01,\n";
const IDENTIFIERS: &str = "kind,provider,value,institution_id,purpose,valid_from,valid_to,evidence\n\
account,970405,1234567890,A,fee_collection,2021-01-01,,contract\n";
const ATTRIBUTES: &str = "institution_id,attribute,value,name,ministry_listed,declared_by,evidence,valid_from,valid_to\n\
A,platform,education_management,Sổ tay,true,Sở,form,2021-01-01,\nA,platform,education_management,Học bạ,,Sở,form,2021-01-01,\n\
A,method_ready,QR,,,Sở,,2021-01-01,\nA,accepting,,,,Sở,,2021-01-01,\nH,template_agreed,gate,,,Sở,,2022-01-01,2022-06-01\n";
const CONNECTIONS: &str = "provider,state,valid_from,valid_to,evidence\n970405,connected,2021-01-01,2022-06-01,\n\
970405,silent,2022-06-01,,letter\n";
const PAYER_ACCOUNTS: &str =
    "bank,account,kind,valid_from,valid_to,evidence\n970405,77000,bhyt_fund,2021-01-01,,letter\n";
const SUCCESSIONS: &str = "on,event,from_institution_id,to_institution_id,evidence\n2023-08-01,merge,A,B,decision\n\
2020-01-01,open,A,,\n";
const INDICATORS: &str = "target_id,numerator,denominator,declared_by,evidence,valid_from,valid_to\n\
DN-M1,18446744073709551614,18446744073709551615,Sở Y tế,report,2022-01-01,2023-01-01\n";

fn whole() -> Files<'static> {
    Files {
        units: Some(UNITS.as_bytes()),
        institutions: Some(INSTITUTIONS.as_bytes()),
        identifiers: Some(IDENTIFIERS.as_bytes()),
        attributes: Some(ATTRIBUTES.as_bytes()),
        connections: Some(CONNECTIONS.as_bytes()),
        payer_accounts: Some(PAYER_ACCOUNTS.as_bytes()),
        successions: Some(SUCCESSIONS.as_bytes()),
        indicators: Some(INDICATORS.as_bytes()),
    }
}

fn key() -> IdKey {
    IdKey::new(&[7; 32]).expect("long enough")
}

/// Applies files and gives the version and what was read back, which is what was wanted.
async fn apply(warehouse: &Warehouse, files: &Files<'_>, prune: bool) -> (u32, Registry) {
    let current = warehouse.registry(None).await.expect("readable");
    let wanted = read(files, &current.registry, PlanOptions { prune }, &key()).expect("valid");
    let at = Timestamp::from_micros(1_700_000_000_000_000).expect("in range");
    let applicant = Applicant { by: "tester".into(), note: "test".into(), at };
    let change = plan(current.version, &current.registry, &wanted);
    let version = warehouse.apply_registry(&change, &applicant).await.expect("applied");
    let stored = warehouse.registry(None).await.expect("readable");
    assert_eq!((stored.version, &stored.registry), (version, &wanted));
    (version, wanted)
}

pub(crate) async fn every_kind_comes_back_exactly_also_as_an_earlier_version_had_it(database: Database) {
    let database = database.migrated().await;
    let warehouse = &database.warehouse;
    let (first, before) = apply(warehouse, &whole(), false).await;
    let counts = "SELECT units_changed, institutions_changed, identifiers_changed, attributes_changed, \
                  connections_changed, payer_accounts_changed, successions_changed, indicators_changed FROM registry_versions";
    assert_eq!(database.lines(counts).await, ["3\t3\t1\t2\t1\t1\t1\t1"]);

    // Every kind changes once more, by files that keep less.
    let less = |text: &'static str, lines: usize| {
        text.lines().take(lines + 1).map(|line| format!("{line}\n")).collect::<String>()
    };
    let attributes = less(ATTRIBUTES, 1);
    let nothing =
        [CONNECTIONS, PAYER_ACCOUNTS, INDICATORS, SUCCESSIONS, IDENTIFIERS].map(|text| less(text, 0));
    let [connections, payer_accounts, indicators, successions, identifiers] = &nothing;
    let institutions = INSTITUTIONS.replace("2023-08-01\n", "\n");
    let files = Files {
        units: None,
        institutions: Some(institutions.as_bytes()),
        identifiers: Some(identifiers.as_bytes()),
        attributes: Some(attributes.as_bytes()),
        connections: Some(connections.as_bytes()),
        payer_accounts: Some(payer_accounts.as_bytes()),
        successions: Some(successions.as_bytes()),
        indicators: Some(indicators.as_bytes()),
    };
    let (second, after) = apply(warehouse, &files, true).await;
    assert_eq!((after.connections.len(), after.attributes["A"].len()), (0, 1));
    assert_eq!(after.units, before.units);

    let as_of = async |version| warehouse.registry(Some(version)).await.expect("readable").registry;
    assert_eq!(as_of(first).await, before);
    assert_eq!(as_of(second).await, after);
    assert_eq!(as_of(0).await, Registry::default());
    let versions = warehouse.registry_changes(None).await.expect("readable");
    assert_eq!(versions.iter().map(|change| change.version).collect::<Vec<_>>(), [first, second]);
    assert_eq!((versions[0].applicant.by.as_str(), versions[0].applicant.note.as_str()), ("tester", "test"));
    assert_eq!(warehouse.registry_changes(Some(first)).await.expect("readable").len(), 1);
}

pub(crate) async fn a_fix_heals_the_past_and_leaves_the_earlier_version_as_it_was(database: Database) {
    let database = database.migrated().await;
    let warehouse = &database.warehouse;
    let (first, _) = apply(warehouse, &whole(), false).await;
    let on = BusinessDate::parse("2022-03-01").expect("a date");
    let owner = async |version| {
        let registry = warehouse.registry(version).await.expect("readable").registry;
        let rows = registry.identifiers.into_values().flatten();
        rows.filter(|row| row.valid.contains(on)).map(|row| row.institution_id).collect::<Vec<_>>()
    };
    assert_eq!(owner(None).await, ["A"]);
    let fixed = IDENTIFIERS.replace(",A,", ",B,");
    let alone = Files { identifiers: Some(fixed.as_bytes()), ..Files::default() };
    apply(warehouse, &alone, false).await;
    assert_eq!(owner(None).await, ["B"], "also for days long gone");
    assert_eq!(owner(Some(first)).await, ["A"]);
    let resolved = "SELECT institution_id FROM resolved_identifiers_as_of(registry_version = 4294967295) \
                    WHERE valid_from <= '2022-03-01' AND valid_to > '2022-03-01'";
    assert_eq!(database.lines(resolved).await, ["B"]);
}

pub(crate) async fn exported_files_change_nothing_here_and_all_of_it_elsewhere(database: Database) {
    let database = database.migrated().await;
    let warehouse = &database.warehouse;
    let (version, registry) = apply(warehouse, &whole(), false).await;
    let exported = export(&registry);
    let content =
        |wanted| exported.iter().find(|(file, _)| *file == wanted).map(|(_, content)| content.as_slice());
    let files = Files {
        units: content(FileName::Units),
        institutions: content(FileName::Institutions),
        identifiers: content(FileName::Identifiers),
        attributes: content(FileName::Attributes),
        connections: content(FileName::Connections),
        payer_accounts: content(FileName::PayerAccounts),
        successions: content(FileName::Successions),
        indicators: content(FileName::Indicators),
    };
    assert_eq!(apply(warehouse, &files, true).await, (version, registry.clone()), "no new version");
    for table in [
        "units",
        "institutions",
        "identifiers",
        "institution_attributes",
        "connections",
        "payer_accounts",
        "successions",
        "indicators",
        "registry_versions",
    ] {
        database.execute(&format!("TRUNCATE TABLE {table}")).await;
    }
    assert_eq!(apply(warehouse, &files, false).await, (1, registry));
}

pub(crate) async fn rows_of_any_kind_without_their_version_are_never_seen(database: Database) {
    let database = database.migrated().await;
    let warehouse = &database.warehouse;
    let (first, registry) = apply(warehouse, &whole(), false).await;
    for (table, column) in [
        ("units", "name"),
        ("institution_attributes", "name"),
        ("connections", "evidence"),
        ("payer_accounts", "evidence"),
        ("successions", "evidence"),
        ("indicators", "evidence"),
    ] {
        let copy = format!(
            "INSERT INTO {table} SELECT * REPLACE (registry_version + 1 AS registry_version, 99 AS digest, 'half' AS \
             {column}) FROM {table}"
        );
        database.execute(&copy).await;
    }
    assert_eq!(warehouse.registry(None).await.expect("readable").registry, registry);
    let indicators = INDICATORS.replace(",18446744073709551614,", ",71,");
    let files = Files { indicators: Some(indicators.as_bytes()), ..Files::default() };
    let (next, _) = apply(warehouse, &files, false).await;
    assert_eq!(next, first + 2, "the broken version is skipped");
    for asked in [first + 1, next + 1] {
        let registry = warehouse.registry(Some(asked)).await.map(|_| ());
        let rules = warehouse.class_rules(Some(asked)).await.map(|_| ());
        for answer in [registry, rules] {
            let Err(Error::Stop { cause, .. }) = answer else { panic!("{answer:?} of version {asked}") };
            assert_eq!(
                cause.to_string(),
                format!("there is no registry version {asked}; the newest is {next}")
            );
        }
    }
}
