//! All files together, and any of them alone beside what is stored.

use cashless_domain::{BusinessDate, IdKey};
use cashless_registry::{
    ConnectionState, FileName, Files, PayerKind, PlanOptions, Portrait, Registry, Summary, UnitLevel, export,
    plan, read,
};

const INSTITUTIONS: &str = "institution_id,name,sector,type,ownership,care_tier,scope,unit_code,unit_name,parent_id,status,\
learners,beds,visits,managed_by,fee_collecting,valid_from,valid_to\n\
S1,Trường Một,education,primary,public,,core,660,Gia Nghĩa,,active,500,,,,true,2020-01-01,2023-08-01\n\
S2,Trường Hai,education,primary,public,,core,660,Gia Nghĩa,,active,300,,,,true,2020-01-01,2022-01-01\n\
S2,Trường Hai Mới,education,primary,public,,core,660,Gia Nghĩa,,active,300,,,,true,2022-01-01,2025-07-01\n\
S2,Trường Hai Mới,education,primary,public,,core,24611,Bắc Gia Nghĩa,,active,300,,,,true,2025-07-01,\n\
H1,Bệnh viện Một,health,general_hospital,public,provincial,core,67,Đắk Nông,,active,,400,90000,army,true,2020-01-01,2025-07-01\n";
const UNITS: &str = "code,level,name,parent_code,valid_from,valid_to\n\
67,province,Tỉnh Đắk Nông,,1970-01-01,2025-07-01\n\
68,province,Tỉnh Lâm Đồng,,2025-07-01,\n\
660,district,Thành phố Gia Nghĩa,67,1970-01-01,2025-07-01\n\
24611,commune,Phường Nghĩa Đức,660,1970-01-01,2025-07-01\n\
24611,commune,Phường Bắc Gia Nghĩa,68,2025-07-01,\n";
const IDENTIFIERS: &str = "kind,provider,value,institution_id,purpose,valid_from,valid_to,evidence\n\
account,970405,9704050123456789,S1,fee_collection,2021-01-01,2023-08-01,contract\n\
merchant,gate,M-1,H1,deposit,2021-01-01,,\n";
const ATTRIBUTES: &str = "institution_id,attribute,value,name,ministry_listed,declared_by,evidence,valid_from,valid_to\n\
S1,platform,education_management,Sổ tay,true,Sở GD&ĐT,form 3,2021-01-01,\n\
S1,platform,education_management,Học bạ,,Sở GD&ĐT,form 3,2021-01-01,\n\
S1,method_ready,QR,,,Sở GD&ĐT,,2021-01-01,\n\
H1,focal_point,,,,Sở Y tế,,2021-01-01,2022-01-01\n";
const CONNECTIONS: &str = "provider,state,valid_from,valid_to,evidence\n\
970405,connected,2021-01-01,2022-06-01,\n970405,silent,2022-06-01,,letter\n";
const PAYER_ACCOUNTS: &str = "bank,account,kind,valid_from,valid_to,evidence\n\
970405,9704050123450000,bhyt_fund,2021-01-01,,letter\n";
const SUCCESSIONS: &str = "on,event,from_institution_id,to_institution_id,evidence\n\
2023-08-01,merge,S1,S2,decision 12\n2022-01-01,rename,S2,,\n2020-01-01,open,H1,,\n";
const INDICATORS: &str = "target_id,numerator,denominator,declared_by,evidence,valid_from,valid_to\n\
DN-M1,40,71,Sở Y tế,report,2022-01-01,2023-01-01\n";

/// Contents by file; the ones not named are not given.
type Given<'g> = &'g [(FileName, &'g str)];

const WHOLE: Given<'static> = &[
    (FileName::Units, UNITS),
    (FileName::Institutions, INSTITUTIONS),
    (FileName::Identifiers, IDENTIFIERS),
    (FileName::Attributes, ATTRIBUTES),
    (FileName::Connections, CONNECTIONS),
    (FileName::PayerAccounts, PAYER_ACCOUNTS),
    (FileName::Successions, SUCCESSIONS),
    (FileName::Indicators, INDICATORS),
];

fn key() -> IdKey {
    IdKey::new(&[7; 32]).expect("long enough")
}

fn day(text: &str) -> BusinessDate {
    BusinessDate::parse(text).expect("a date")
}

fn files<'f>(content: impl Fn(FileName) -> Option<&'f [u8]>) -> Files<'f> {
    Files {
        units: content(FileName::Units),
        institutions: content(FileName::Institutions),
        identifiers: content(FileName::Identifiers),
        attributes: content(FileName::Attributes),
        connections: content(FileName::Connections),
        payer_accounts: content(FileName::PayerAccounts),
        successions: content(FileName::Successions),
        indicators: content(FileName::Indicators),
    }
}

fn read_with(given: Given<'_>, stored: &Registry, prune: bool) -> Result<Registry, Vec<String>> {
    let content = |wanted| given.iter().find(|(file, _)| *file == wanted).map(|(_, text)| text.as_bytes());
    read(&files(content), stored, PlanOptions { prune }, &key())
        .map_err(|errors| errors.iter().map(ToString::to_string).collect())
}

fn whole() -> Registry {
    read_with(WHOLE, &Registry::default(), false).expect("valid")
}

/// A file beside the whole registry. Its lines come after the header.
#[track_caller]
fn check(file: FileName, lines: &str, expected: &[&str]) {
    let header = WHOLE.iter().find(|(name, _)| *name == file).and_then(|(_, text)| text.lines().next());
    let text = format!("{}\n{lines}", header.expect("a header"));
    let found = read_with(&[(file, &text)], &whole(), false).err().unwrap_or_default();
    assert_eq!(found, expected);
}

#[test]
fn every_kind_is_read() {
    let registry = whole();
    assert_eq!(registry.units["24611"].len(), 2, "one code, two units");
    assert_eq!(registry.province_of("24611", day("2022-12-31")), Some("67"));
    assert_eq!(registry.province_of("24611", day("2026-01-01")), Some("68"));
    assert_eq!(registry.institutions["H1"][0].visits, 90_000);
    assert_eq!(registry.attributes["S1"].len(), 3, "different attributes share days");
    assert_eq!(registry.connections["970405"][1].state, ConnectionState::Silent);
    let account = key().bank_account("970405", "9704050123450000").into();
    let payer = &registry.payer_accounts[&account][0];
    assert_eq!((payer.kind, payer.tail.as_str()), (PayerKind::BhytFund, "•••000"));
    assert_eq!(registry.successions["S1"][0].to_institution_id, "S2");
    assert_eq!(registry.indicators["DN-M1"][0].denominator, 71);
}

#[test]
fn an_old_file_without_the_new_columns_is_as_good() {
    let strip = |line: &str| {
        let mut fields: Vec<_> = line.split(',').collect();
        fields.drain(13..15);
        fields.join(",") + "\n"
    };
    let old: String = INSTITUTIONS.lines().map(strip).collect();
    let registry = read_with(&[(FileName::Institutions, &old)], &Registry::default(), false).expect("valid");
    assert_eq!(registry.institutions["H1"][0].visits, 0);
    assert_eq!(registry.institutions["S1"], whole().institutions["S1"]);
}

#[test]
fn a_file_alone_knows_what_is_stored() {
    let line = "account,970405,5,S2,general,2021-01-01,,\n";
    check(FileName::Identifiers, line, &[]);
    check(
        FileName::Identifiers,
        &line.replace("S2", "S9"),
        &["identifiers.csv, line 2: there is no institution S9"],
    );
    check(FileName::Connections, "970418,connected,2022-01-01,,\n", &[]);
}

#[test]
fn errors_of_all_files_are_told_at_once() {
    let errors = read_with(
        &[
            (FileName::Units, &(UNITS.to_owned() + "1,district,Huyện,99,2020-01-01,\n")),
            (FileName::Attributes, &(ATTRIBUTES.to_owned() + "S9,accepting,no,,,,,2021-01-01,\n")),
            (FileName::PayerAccounts, &(PAYER_ACCOUNTS.to_owned() + "970405,77,tax,2021-01-01,,\n")),
            (FileName::Indicators, &(INDICATORS.to_owned() + "DN-M2,a,,x,y,2022-01-01,\n")),
        ],
        &whole(),
        false,
    );
    let expected = [
        "units.csv, line 7: there is no unit 99 on 2020-01-01",
        "attributes.csv, line 6: value has to be empty for accepting",
        "attributes.csv, line 6: there is no institution S9",
        "payer_accounts.csv, line 3: kind is none of state_budget, bhyt_fund, donation, interest, loan, supplier_refund",
        "indicators.csv, line 3: numerator is no whole number",
        "indicators.csv, line 3: denominator is no whole number",
    ];
    assert_eq!(errors.expect_err("refused"), expected);
}

#[test]
fn units_are_parts_of_higher_ones_on_all_their_days() {
    check(FileName::Units, "661,district,Huyện Đăk Glong,67,1970-01-01,2025-07-01\n", &[]);
    check(
        FileName::Units,
        "661,district,Huyện Đăk Glong,67,1970-01-01,\n\
         1,commune,Xã,24611,2022-01-01,2026-01-01\n\
         2,province,Tỉnh,67,2022-01-01,\n\
         3,commune,Xã,,2022-01-01,\n\
         4,commune,Xã,67,2022-01-01,2023-01-01\n4,commune,Xã,67,2022-12-31,2023-06-01\n",
        &[
            "units.csv, line 2: there is no unit 67 on 2025-07-01",
            "units.csv, line 3: unit 24611 is of no higher level on 2022-01-01",
            "units.csv, line 4: parent_code has to be empty for a province",
            "units.csv, line 5: parent_code is empty",
            "units.csv, line 7: unit 4 has two rows for some days, the other on line 6",
        ],
    );
}

#[test]
fn an_institution_has_a_unit_on_all_its_days_if_units_are_known() {
    let line = "S3,Ba,education,primary,public,,core,660,x,,active,,,,,true,2020-01-01,\n";
    check(FileName::Institutions, &line.replace("2020-01-01,", "2020-01-01,2025-07-01"), &[]);
    let wrong = ["institutions.csv, line 2: there is no unit 660 on 2025-07-01"];
    check(FileName::Institutions, &line.replace("2020-01-01,", "2020-01-01,2025-07-02"), &wrong);
    check(FileName::Institutions, &line.replace("2020-01-01,", "2025-07-01,"), &wrong);
    check(FileName::Institutions, line, &[]);
    check(
        FileName::Institutions,
        &line.replace("660", ""),
        &["institutions.csv, line 2: unit_code is empty"],
    );
    let text = INSTITUTIONS.lines().next().map(|header| format!("{header}\n{line}")).expect("a header");
    assert!(read_with(&[(FileName::Institutions, &text)], &Registry::default(), false).is_ok());

    // Units that take the ground from under what is stored.
    let units =
        UNITS.replace("660,district,Thành phố Gia Nghĩa,67,1970-01-01", "660,district,x,67,2021-01-01");
    let errors = read_with(&[(FileName::Units, &units)], &whole(), false).expect_err("refused");
    assert!(errors.contains(&"institutions.csv, as stored: there is no unit 660 on 2020-01-01".to_owned()));
}

#[test]
fn an_attribute_says_what_can_be_understood() {
    check(
        FileName::Attributes,
        "S1,platform,homework,Sổ,,,,2021-01-01,\n\
         S1,method_ready,qr,,,,,2021-01-01,\n\
         S1,template_agreed,,,,,,2021-01-01,\n\
         S1,payment_module,yes,,maybe,,,2021-01-01,\n\
         S1,accepting,,,,,,2021-01-01,\nS1,accepting,,,,,,2022-01-01,\nS1,focal_point,,,,,,2022-01-01,2023-01-01\n\
         S1,focal_point,,Lê An,,,,2023-01-01,\n",
        &[
            "attributes.csv, line 2: value is none of education_management, hospital_management, telehealth, \
             e_prescription, personal_health_record, vaccination, online_advice",
            "attributes.csv, line 3: value is none of QR, WEB, MOBILE_MONEY, CARD_POS",
            "attributes.csv, line 4: value is empty",
            "attributes.csv, line 5: value has to be empty for payment_module",
            "attributes.csv, line 5: ministry_listed is none of true, false",
            "attributes.csv, line 7: attribute accepting of S1 has two rows for some days, the other on line 6",
            "attributes.csv, line 9: name has to be empty for focal_point",
        ],
    );
}

#[test]
fn a_succession_and_the_intervals_tell_the_same() {
    check(FileName::Successions, "2023-08-01,close,S1,,\n2025-07-01,close,H1,,\n2020-01-01,open,S1,,\n", &[]);
    check(
        FileName::Successions,
        "2022-01-01,merge,S2,S1,\n\
         2023-08-01,split,S1,H9,\n\
         2025-07-01,merge,H1,S1,\n\
         2021-01-01,open,H1,,\n\
         2025-07-01,rename,S2,,\n\
         2024-01-01,rename,S1,,\n\
         2022-01-01,change_parent,S2,S1,\n\
         2022-01-01,change_parent,S2,S2,\n\
         2022-01-01,close,S2,S1,\n\
         2022-01-01,merge,S2,,\n",
        &[
            "successions.csv, line 2: institution S2 does not end on 2022-01-01: its row has to be valid to that day, or \
             closed from then on",
            "successions.csv, line 3: there is no institution H9",
            "successions.csv, line 4: institution S1 is not active on 2025-07-01",
            "successions.csv, line 5: institution H1 does not begin on 2021-01-01",
            "successions.csv, line 6: institution S2 has the same name before 2025-07-01",
            "successions.csv, line 7: institution S1 is not active on 2024-01-01",
            "successions.csv, line 8: institution S2 does not belong to S1 on 2022-01-01",
            "successions.csv, line 9: from_institution_id and to_institution_id are the same",
            "successions.csv, line 9: institution S2 does not belong to S2 on 2022-01-01",
            "successions.csv, line 10: to_institution_id has to be empty for close",
            "successions.csv, line 11: to_institution_id is empty",
        ],
    );
    // An institution that is told to be closed has ended, too.
    let closed = INSTITUTIONS.replace("2023-08-01\n", "2023-08-01\nS1,Trường Một,education,primary,public,,core,660,x,,closed,,,,,true,2023-08-01,2025-07-01\n");
    assert!(read_with(&[(FileName::Institutions, &closed)], &whole(), false).is_ok());
    let goes_on = closed.replace(",closed,", ",active,");
    let errors = read_with(&[(FileName::Institutions, &goes_on)], &whole(), false).expect_err("refused");
    assert!(errors[0].starts_with("successions.csv, as stored: institution S1 does not end"), "{errors:?}");
}

#[test]
fn pruning_an_institution_takes_what_is_its_along() {
    let rest: String =
        INSTITUTIONS.lines().filter(|line| !line.starts_with("H1")).map(|line| format!("{line}\n")).collect();
    let errors = read_with(&[(FileName::Institutions, &rest)], &whole(), true).expect_err("refused");
    assert_eq!(
        errors,
        [
            "identifiers.csv, as stored: there is no institution H1",
            "attributes.csv, as stored: there is no institution H1",
            "successions.csv, as stored: there is no institution H1",
        ]
    );
}

#[test]
fn what_is_exported_plans_nothing_and_shows_no_account() {
    let registry = whole();
    let exported = export(&registry);
    assert_eq!(exported.iter().map(|(file, _)| *file).collect::<Vec<_>>(), FileName::ALL);
    for (_, content) in &exported {
        let text = String::from_utf8_lossy(content);
        assert!(!text.contains("970405012345") && !text.contains("M-1"), "{text}");
    }
    let content =
        |wanted| exported.iter().find(|(file, _)| *file == wanted).map(|(_, content)| content.as_slice());
    let options = PlanOptions { prune: true };
    let again = read(&files(content), &registry, options, &key()).expect("valid");
    assert_eq!(plan(1, &registry, &again).lines(), Vec::<String>::new());
    let from_nothing = read(&files(content), &Registry::default(), options, &key()).expect("valid");
    assert_eq!(from_nothing, registry);
}

#[test]
fn a_digest_is_one_and_a_tail_shows_little() {
    let text = "kind,provider,value,tail,institution_id,purpose,valid_from,valid_to,evidence\n\
                account,970405,digest:00ff00ff00ff00ff00ff00ff00ff00ff,•••89,S1,general,2021-01-01,,\n\
                account,970405,digest:00ff00ff00ff00ff00ff00ff00ff00f,•••89,S1,general,2021-01-01,,\n\
                account,970405,digest:01ff00ff00ff00ff00ff00ff00ff00ff,970405789,S1,general,2021-01-01,,\n\
                account,970405,digest:02ff00ff00ff00ff00ff00ff00ff00ff,•••9789,S1,general,2021-01-01,,\n";
    let errors = read_with(&[(FileName::Identifiers, text)], &whole(), false).expect_err("refused");
    assert_eq!(
        errors,
        [
            "identifiers.csv, line 3: value is no digest of 32 hexadecimal digits",
            "identifiers.csv, line 4: tail is not ••• and at most three characters",
            "identifiers.csv, line 5: tail is not ••• and at most three characters",
        ]
    );
}

#[test]
fn a_change_of_one_column_is_told_as_that() {
    let stored = whole();
    let changed = INSTITUTIONS.replace("active,300,,,,true,2025-07-01", "active,320,,,,true,2025-07-01");
    let wanted = read_with(&[(FileName::Institutions, &changed)], &stored, false).expect("valid");
    assert_eq!(plan(1, &stored, &wanted).lines(), ["~ institution S2 from 2025-07-01: learners 300 → 320"]);
    let lines = plan(0, &Registry::default(), &stored).lines();
    for expected in [
        "+ unit 660: from 1970-01-01 to 2025-07-01 (excluded) (Thành phố Gia Nghĩa, part of 67)",
        "+ attribute platform education_management Sổ tay of S1: from 2021-01-01 (declared by Sở GD&ĐT, listed by the ministry)",
        "+ connection of 970405: from 2022-06-01 silent",
        "+ payer account •••000 (970405): from 2021-01-01 bhyt_fund",
        "+ succession of S1: on 2023-08-01 merge S2",
        "+ indicator DN-M1: from 2022-01-01 to 2023-01-01 (excluded) 40 of 71 (declared by Sở Y tế)",
    ] {
        assert!(lines.contains(&expected.to_owned()), "{expected}\n{lines:#?}");
    }
}

#[test]
fn an_institution_and_the_whole_can_be_shown_for_a_day() {
    let registry = whole();
    let portrait = Portrait::of(&registry, "S2", Some(day("2022-05-01"))).expect("there");
    assert_eq!(
        portrait.lines(),
        [
            "institution S2",
            "  from 2022-01-01 to 2025-07-01 (excluded): name Trường Hai Mới, sector education, type primary, ownership \
             public, scope core, unit_code 660, unit_name Gia Nghĩa, status active, learners 300, beds 0, visits 0, \
             managed_by province, fee_collecting true",
            "  on 2022-01-01: rename",
            "  on 2023-08-01: merge of S1",
        ]
    );
    assert_eq!(Portrait::of(&registry, "S1", None).expect("there").attributes.len(), 3);
    assert!(Portrait::of(&registry, "S9", None).is_none());

    let mut outlived = registry.clone();
    outlived.units.remove("24611");
    outlived.connections.clear();
    let warnings = Summary::of(&outlived, day("2026-01-01")).warnings();
    assert_eq!(
        warnings,
        [
            "1 active institutions are in a unit that is not there on that day: they are in no province's figures",
            "no connection is registered for gate (1 identifiers): money there may go unseen, so no target of these \
             institutions can be missed",
        ]
    );
    let summary = Summary::of(&registry, day("2024-01-01"));
    assert_eq!(summary.outlived_unit, 0);
    assert_eq!(summary.not_connected.keys().collect::<Vec<_>>(), ["gate"], "970405 is known to be silent");
    let lines = summary.lines();
    assert_eq!(lines[0], "institutions: 2 active, 0 suspended or closed, 1 not there on that day");
    assert!(lines.contains(&"connections: 970405 silent".to_owned()), "{lines:#?}");
    assert!(lines.contains(
        &"  health general_hospital: 1, 1 of them public; 400 beds, 90000 visits a year".to_owned()
    ));
    let json = serde_json::to_value(&summary).expect("serialisable");
    assert_eq!(json["attributes"], serde_json::json!({ "platform": 1, "method_ready": 1 }));
    assert!(!serde_json::to_string(&portrait).expect("serialisable").contains("digest"));
}

/// Fifty thousand institutions are a country's schools and hospitals; a person waits for the plan.
#[test]
fn a_whole_country_plans_in_seconds() {
    let begun = std::time::Instant::now();
    let header = |text: &str| text.lines().next().expect("a header").to_owned() + "\n";
    let (mut institutions, mut attributes) = (header(INSTITUTIONS), header(ATTRIBUTES));
    for number in 0..54_000 {
        institutions += &format!(
            "N{number},Trường,education,primary,public,,core,660,x,,active,500,,,,true,2020-01-01,2025-07-01\n"
        );
        for family in ["QR", "WEB", "CARD_POS"] {
            attributes += &format!("N{number},method_ready,{family},,,Sở,form,2021-01-01,\n");
        }
    }
    let given =
        [(FileName::Institutions, institutions.as_str()), (FileName::Attributes, attributes.as_str())];
    let stored = whole();
    let wanted = read_with(&given, &stored, false).expect("valid");
    assert_eq!(plan(1, &stored, &wanted).lines().len(), 4 * 54_000);
    let again = read_with(&given, &wanted, false).expect("valid");
    assert!(plan(2, &wanted, &again).is_empty());
    assert!(begun.elapsed().as_secs() < 60, "twice took {:?}", begun.elapsed());
}

/// What is shipped for Đăk Nông and Thanh Hóa.
#[test]
fn the_shipped_units_are_valid_and_know_the_reform() {
    let units = include_str!("../../../deploy/registry/units.csv");
    let registry = read_with(&[(FileName::Units, units)], &Registry::default(), false).expect("valid");
    let found = |code, on| registry.province_of(code, day(on));
    assert_eq!((found("660", "2022-12-31"), found("660", "2025-07-01")), (Some("67"), None));
    assert_eq!((found("405", "2024-12-31"), found("405", "2025-01-01")), (Some("38"), None));
    assert_eq!((found("68", "2025-06-30"), found("24611", "2025-07-01")), (None, Some("68")));
    assert_eq!((found("38", "2022-12-31"), found("16378", "2026-11-25")), (Some("38"), Some("38")));
    let communes = |province| {
        let all = registry.units.values().flatten();
        all.filter(|unit| unit.parent_code == province && unit.level == UnitLevel::Commune).count()
    };
    assert_eq!((communes("68"), communes("38")), (28, 166), "of Lâm Đồng's 124 those in the former Đăk Nông");
}
