//! What the files may say, and what happens when they say something else.

use cashless_domain::{IdKey, IdentifierId};
use cashless_registry::{FileName, Files, PlanOptions, Problem, Registry, plan, read};

const INSTITUTIONS: &str = "institution_id,name,sector,type,ownership,care_tier,scope,unit_code,unit_name,parent_id,status,\
learners,beds,fee_collecting,valid_from,valid_to\n";
const IDENTIFIERS: &str = "kind,provider,value,institution_id,purpose,valid_from,valid_to,evidence\n";
const TWO_SCHOOLS: &str = "S1,Trường Một,education,primary,public,,core,660,Gia Nghĩa,,active,500,,true,2020-01-01,\n\
                           S2,Trường Hai,education,lower_secondary,public,,core,661,Đăk Glong,S1,active,300,0,false,2020-01-01,\n";
const CANARY: &str = "9704050123456789";

fn key() -> IdKey {
    IdKey::new(&[7; 32]).expect("long enough")
}

fn registry(institutions: &str, identifiers: &str) -> Result<Registry, Vec<String>> {
    let (institutions, identifiers) =
        (format!("{INSTITUTIONS}{institutions}"), format!("{IDENTIFIERS}{identifiers}"));
    let files = Files {
        institutions: Some(institutions.as_bytes()),
        identifiers: Some(identifiers.as_bytes()),
        ..Files::default()
    };
    read_all(&files, &Registry::default(), PlanOptions::default())
}

fn read_all(files: &Files<'_>, stored: &Registry, options: PlanOptions) -> Result<Registry, Vec<String>> {
    read(files, stored, options, &key()).map_err(|errors| errors.iter().map(ToString::to_string).collect())
}

fn check(institutions: &str, identifiers: &str, expected: &[&str]) {
    let errors = registry(institutions, identifiers).expect_err("refused");
    assert_eq!(errors, expected);
    assert!(!format!("{errors:?}").contains(CANARY));
}

#[test]
fn identifiers_become_the_digests_that_events_carry() {
    let rows = "account,970405,0123456789,S1,fee_collection,2021-01-01,2022-01-01,contract\n\
                account,970405,0123456789,S2,general,2022-01-01,,contract\n\
                virtual_account_prefix,970405,M789,S1,fee_collection,2021-01-01,,\n\
                merchant,gate,M1,S1,fee_collection,2021-01-01,,\n\
                terminal,gate,T1,S1,deposit,2021-01-01,,\n";
    let registry = registry(TWO_SCHOOLS, rows).expect("valid");
    let key = key();
    let expected: [IdentifierId; 4] = [
        key.bank_account("970405", "0123456789").into(),
        key.virtual_account_prefix("970405", "M789"),
        key.merchant("gate", "M1").into(),
        key.terminal("gate", "T1").into(),
    ];
    assert_eq!(registry.identifiers.len(), 4);
    let tails = expected.map(|identifier| registry.identifiers[&identifier][0].tail.clone());
    assert_eq!(tails, ["•••789", "•••9", "•••", "•••"]);
    assert_eq!(registry.identifiers[&expected[0]].len(), 2);
}

#[test]
fn every_error_is_found_at_once() {
    check(
        "S1,,education,castle,public,,core,660,x,,active,many,,yes,2020-01-01,\n\
         S2,Hai,education,primary,public,,core,660,x,S9,active,,,true,2020-13-01,2020-01-01\n",
        &format!(
            "account,970405,{CANARY},S7,fee_collection,2021-01-01,2021-01-01,\n\
             wallet,970405,{CANARY},S1,fun,20210101,,\n\
             account,,,S1,general,2021-01-01,,\n\
             account,970405\n"
        ),
        &[
            "institutions.csv, line 2: name is empty",
            "institutions.csv, line 2: type is none of preschool, primary, lower_secondary, upper_secondary, multi_level, \
             ethnic_boarding, ethnic_semi_boarding, continuing_education, vocational_secondary, college, university, \
             independent_child_group, language_centre, general_hospital, specialist_hospital, district_health_centre, \
             commune_station, polyclinic, clinic, maternity_home, other",
            "institutions.csv, line 2: fee_collecting is none of true, false",
            "institutions.csv, line 2: learners is no whole number",
            "institutions.csv, line 3: valid_from is no date of the form YYYY-MM-DD",
            "institutions.csv, line 3: there is no institution S9",
            "identifiers.csv, line 2: valid_to is not after valid_from",
            "identifiers.csv, line 2: there is no institution S7",
            "identifiers.csv, line 3: kind is none of account, virtual_account_prefix, merchant, terminal",
            "identifiers.csv, line 3: purpose is none of fee_collection, general, deposit, payroll, project, unknown",
            "identifiers.csv, line 3: valid_from is no date of the form YYYY-MM-DD",
            "identifiers.csv, line 4: provider is empty",
            "identifiers.csv, line 4: value is empty",
            "identifiers.csv, line 5: not readable as CSV in UTF-8",
        ],
    );
}

#[test]
fn lines_are_those_of_the_file_whatever_ends_them() {
    let rows = "account,970405,1234567,S7,general,2021-01-01,,\n\nwallet,970405,1234567,S1,general,2021-01-01,,\naccount,970405\n";
    for rows in [rows.to_owned(), rows.replace('\n', "\r\n")] {
        let errors = registry(TWO_SCHOOLS, &rows).expect_err("refused");
        let lines: Vec<&str> = errors.iter().filter_map(|error| error.split(':').next()).collect();
        assert_eq!(lines, ["identifiers.csv, line 2", "identifiers.csv, line 4", "identifiers.csv, line 5"]);
    }
}

#[test]
fn two_rows_may_not_share_a_day() {
    check(
        &format!("{TWO_SCHOOLS}S1,Một,education,primary,public,,core,660,x,,active,,,true,2025-01-01,\n"),
        &format!(
            "account,970405,{CANARY},S1,general,2021-01-01,2024-01-01,\n\
             account,970405,{CANARY},S2,general,2021-06-01,2021-07-01,\n\
             account,970405,{CANARY},S1,general,2022-06-01,2022-07-01,\n\
             account,970405,{CANARY},S2,general,2024-01-01,,\n"
        ),
        &[
            "institutions.csv, line 4: institution S1 has two rows for some days, the other on line 2",
            "identifiers.csv, line 3: identifier •••789 (account, 970405) has two rows for some days, the other on line 2",
            "identifiers.csv, line 4: identifier •••789 (account, 970405) has two rows for some days, the other on line 2",
        ],
    );
}

#[test]
fn a_header_has_to_name_each_column_once_in_any_order() {
    let files = Files {
        institutions: Some(b"institution_id,colour,name,name\n"),
        identifiers: Some(
            b"kind,provider,value,institution_id,purpose,valid_from,valid_to,evidence\n\
                            account,970405,1,S1,general,2021-01-01,,\n",
        ),
        ..Files::default()
    };
    let errors = read(&files, &Registry::default(), PlanOptions::default(), &key()).expect_err("refused");
    assert_eq!(errors[0].problem, Problem::UnknownColumn("colour".into()));
    assert!(errors.iter().any(|error| error.problem == Problem::RepeatedColumn("name")));
    assert!(errors.iter().any(|error| error.problem == Problem::MissingColumn("valid_to")));
    let blamed = errors.iter().find(|error| error.file != FileName::Institutions);
    assert_eq!(blamed, None, "what an unfit file has is unknown, and blames no other");

    let semicolons = format!("\u{feff}{INSTITUTIONS}{TWO_SCHOOLS}").replace(',', ";");
    let files = Files { institutions: Some(semicolons.as_bytes()), ..files };
    let told = read_all(&files, &Registry::default(), PlanOptions::default()).expect_err("refused");
    assert_eq!(told, ["institutions.csv, line 1: the columns are separated by ;, expected a comma"]);

    let institutions = format!("{INSTITUTIONS}{TWO_SCHOOLS}");
    let identifiers = "\u{feff}evidence,valid_to,valid_from,purpose,institution_id,value,provider,kind\r\n\
                       letter,,2021-01-01,general,S1,0123456789,970405,account\r\n";
    let files = Files {
        institutions: Some(institutions.as_bytes()),
        identifiers: Some(identifiers.as_bytes()),
        ..Files::default()
    };
    let registry = read_all(&files, &Registry::default(), PlanOptions::default()).expect("valid");
    assert_eq!(registry.identifiers.len(), 1);
}

#[test]
fn a_plan_says_what_comes_and_goes_and_nothing_plain() {
    let row =
        |owner: &str, to: &str| format!("account,970405,{CANARY},{owner},fee_collection,2021-01-01,{to},\n");
    let before = registry(TWO_SCHOOLS, &(row("S1", "") + "merchant,gate,M1,S1,general,2021-01-01,,\n"))
        .expect("valid");
    let moved = row("S1", "2022-03-01") + &row("S2", "").replace("2021-01-01", "2022-03-01");
    let file = format!("{IDENTIFIERS}{moved}");
    let files = Files { identifiers: Some(file.as_bytes()), ..Files::default() };
    let after = read_all(&files, &before, PlanOptions::default()).expect("valid");

    let change = plan(3, &before, &after);
    assert_eq!(
        change.lines(),
        [
            "~ identifier •••789 (account, 970405) from 2021-01-01: valid_to open → 2022-03-01",
            "+ identifier •••789 (account, 970405): from 2022-03-01 S2 for fee_collection",
        ]
    );
    let pruned = read_all(&files, &before, PlanOptions { prune: true }).expect("valid");
    let gone = "- identifier ••• (merchant, gate): from 2021-01-01 S1 for general";
    assert!(
        plan(3, &before, &pruned).lines().contains(&gone.into()),
        "what no line names goes only when asked"
    );
    assert_eq!(pruned.institutions, before.institutions, "a kind without a file is left alone");
    assert!(plan(3, &after, &after).is_empty());

    let json = serde_json::to_value(&change).expect("serialisable");
    assert_eq!(json["identifiers"][0]["change"], "changed");
    assert_eq!(json["identifiers"][0]["after"][1]["valid"], serde_json::json!(["2022-03-01", null]));
    assert!(!json.to_string().contains(CANARY) && !format!("{before:?}").contains(CANARY));
}
