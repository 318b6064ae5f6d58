//! Values that no provider sends and no official means.

use cashless_domain::IdKey;
use cashless_registry::{Files, PlanOptions, Registry, read};

const INSTITUTIONS: &str = "institution_id,name,sector,type,ownership,care_tier,scope,unit_code,unit_name,parent_id,status,\
learners,beds,fee_collecting,valid_from,valid_to\n";
const IDENTIFIERS: &str = "kind,provider,value,institution_id,purpose,valid_from,valid_to,evidence\n";
const PAYER_ACCOUNTS: &str = "bank,account,kind,valid_from,valid_to,evidence\n";
const INDICATORS: &str = "target_id,numerator,denominator,declared_by,evidence,valid_from,valid_to\n";
const ACCOUNT: &str = "1 to 34 characters of A-Z, a-z, 0-9, _ and -";
const BANK: &str = "2 to 11 characters of A-Z and 0-9";
const MERCHANT: &str = "1 to 64 characters of A-Z, a-z, 0-9, _, . and -";
const SPACES: &str = "has spaces: write it without spaces";

fn told(files: &Files<'_>) -> Vec<String> {
    let key = IdKey::new(&[7; 32]).expect("long enough");
    let errors = read(files, &Registry::default(), PlanOptions::default(), &key).err().unwrap_or_default();
    errors.iter().map(ToString::to_string).collect()
}

fn told_of_institutions(lines: &str) -> Vec<String> {
    let institutions = format!("{INSTITUTIONS}{lines}");
    told(&Files { institutions: Some(institutions.as_bytes()), ..Files::default() })
}

fn told_of_identifiers(lines: &str) -> Vec<String> {
    let institutions = format!("{INSTITUTIONS}{}", school("S1", "", "2020-01-01,"));
    let identifiers = format!("{IDENTIFIERS}{lines}");
    told(&Files {
        institutions: Some(institutions.as_bytes()),
        identifiers: Some(identifiers.as_bytes()),
        ..Files::default()
    })
}

fn school(id: &str, parent: &str, days: &str) -> String {
    format!("{id},Trường,education,primary,public,,core,660,x,{parent},active,,,true,{days}\n")
}

#[test]
fn a_number_is_refused_that_no_provider_sends_and_is_not_repeated() {
    let cases = [
        ("account,970405,9704 0501 2345", format!("value {SPACES}")),
        ("account,970405,9704\u{a0}0501", format!("value {SPACES}")),
        ("account,970405,9704.0501", format!("value is not {ACCOUNT}")),
        ("account,970405,tàikhoản9704", format!("value is not {ACCOUNT}")),
        ("account,970405,97040000000000000000000000000000000", format!("value is not {ACCOUNT}")),
        ("virtual_account_prefix,970405,9704*", format!("value is not {ACCOUNT}")),
        ("virtual_account_prefix,970405,97 04", format!("value {SPACES}")),
        ("account,9,9704", format!("provider is not {BANK}")),
        ("account,970405970405,9704", format!("provider is not {BANK}")),
        ("virtual_account_prefix,bidv,9704", format!("provider is not {BANK}")),
        ("merchant,gate,9704/1", format!("value is not {MERCHANT}")),
        ("terminal,gate,9704 1", format!("value {SPACES}")),
    ];
    let lines: String =
        cases.iter().map(|(values, _)| format!("{values},S1,general,2021-01-01,,\n")).collect();
    let found = told_of_identifiers(&lines);
    let expected =
        |(line, (_, problem)): (u32, &(&str, String))| format!("identifiers.csv, line {line}: {problem}");
    assert_eq!(found, (2..).zip(&cases).map(expected).collect::<Vec<_>>());
    assert!(!format!("{found:?}").contains("9704"));

    let fit = format!(
        "account,BIDVVNVX123,{},S1,general,2021-01-01,,\naccount,79, a_B-1 ,S1,general,2021-01-01,,\n\
         merchant,the gate,{},S1,general,2021-01-01,,\nterminal,gate,a_B.1-,S1,general,2021-01-01,,\n",
        "1".repeat(34),
        "1".repeat(64)
    );
    assert_eq!(told_of_identifiers(&fit), Vec::<String>::new());
}

#[test]
fn a_payers_account_is_spelled_like_any_other() {
    let lines =
        "bidv,9704,loan,2021-01-01,,\n970405,97 04,loan,2021-01-01,,\n970405,9704?,loan,2021-01-01,,\n";
    let payer_accounts = format!("{PAYER_ACCOUNTS}{lines}");
    let found = told(&Files { payer_accounts: Some(payer_accounts.as_bytes()), ..Files::default() });
    assert_eq!(
        found,
        [
            format!("payer_accounts.csv, line 2: bank is not {BANK}"),
            format!("payer_accounts.csv, line 3: account {SPACES}"),
            format!("payer_accounts.csv, line 4: account is not {ACCOUNT}"),
        ]
    );
}

#[test]
fn names_and_roles_hold_no_number_of_a_phone_or_an_account() {
    let named = |name: &str| school("S1", "", "2020-01-01,").replace(",Trường,", &format!(",{name},"));
    let in_unit = |name: &str| school("S1", "", "2020-01-01,").replace(",x,", &format!(",{name},"));
    for name in ["Trường THCS 19/5", "Trường Tiểu học 30-4-1975", "Trường số 12 (cơ sở 2)"]
    {
        assert_eq!(told_of_institutions(&named(name)), Vec::<String>::new(), "{name}");
        assert_eq!(told_of_institutions(&in_unit(name)), Vec::<String>::new(), "{name}");
    }
    let refused = |file: &str, column: &str| {
        let problem = "holds a number that reads like a phone or account number; nothing personal is kept, so write it without";
        vec![format!("{file}, line 2: {column} {problem}")]
    };
    for number in ["0912 345 678", "9704050123456789", "066099001234"] {
        let name = format!("Trường {number}");
        assert_eq!(told_of_institutions(&named(&name)), refused("institutions.csv", "name"));
        assert_eq!(told_of_institutions(&in_unit(&name)), refused("institutions.csv", "unit_name"));

        let units =
            format!("code,level,name,parent_code,valid_from,valid_to\n67,province,{name},,2004-01-01,\n");
        let files = Files { units: Some(units.as_bytes()), ..Files::default() };
        assert_eq!(told(&files), refused("units.csv", "name"));

        let indicators = format!("{INDICATORS}T1,1,2,{name},,2021-01-01,\n");
        let files = Files { indicators: Some(indicators.as_bytes()), ..Files::default() };
        assert_eq!(told(&files), refused("indicators.csv", "declared_by"));

        let institutions = format!("{INSTITUTIONS}{}", school("S1", "", "2020-01-01,"));
        let attributes = |line: &str| {
            let attributes = format!(
                "institution_id,attribute,value,name,ministry_listed,declared_by,evidence,valid_from,valid_to\n{line}\n"
            );
            told(&Files {
                institutions: Some(institutions.as_bytes()),
                attributes: Some(attributes.as_bytes()),
                ..Files::default()
            })
        };
        let named = attributes(&format!("S1,platform,education_management,{name},,,,2021-01-01,"));
        assert_eq!(named, refused("attributes.csv", "name"));
        let declared = attributes(&format!("S1,focal_point,,,,{name},,2021-01-01,"));
        assert_eq!(declared, refused("attributes.csv", "declared_by"));
    }
}

#[test]
fn an_institution_has_an_id_of_its_own() {
    let days = "2020-01-01,";
    let lines = [
        school("S 1", "", days),
        school("Trường", "", days),
        school(&"S".repeat(41), "", days),
        school("unknown", "", days),
        school(&"S".repeat(40), "", days),
        school("S_1.a-", "S 1", days),
    ];
    assert_eq!(
        told_of_institutions(&lines.concat()),
        [
            "institutions.csv, line 2: institution_id has spaces: write it without spaces",
            "institutions.csv, line 3: institution_id is not 1 to 40 characters of A-Z, a-z, 0-9, _, . and -",
            "institutions.csv, line 4: institution_id is not 1 to 40 characters of A-Z, a-z, 0-9, _, . and -",
            "institutions.csv, line 5: institution_id is the word for institutions that nobody knows",
        ],
        "and nobody is blamed who names them"
    );
}

#[test]
fn a_type_belongs_to_its_sector_and_other_to_both() {
    let days = "2020-01-01,";
    let hospital = |id| school(id, "", days).replace(",education,primary,", ",health,clinic,");
    let lines = [
        school("S1", "", days),
        school("S2", "", days).replace("education", "health"),
        hospital("H1"),
        hospital("H2").replace("health", "education"),
        school("S3", "", days).replace("primary", "other"),
        hospital("H3").replace("clinic", "other"),
    ];
    assert_eq!(
        told_of_institutions(&lines.concat()),
        [
            "institutions.csv, line 3: type primary belongs to sector education",
            "institutions.csv, line 5: type clinic belongs to sector health",
        ]
    );
}

#[test]
fn no_institution_is_above_itself_on_any_day() {
    assert_eq!(
        told_of_institutions(&school("S1", "S1", "2020-01-01,")),
        ["institutions.csv, line 2: parent_id is the institution itself"]
    );
    let loop_of_three = [
        school("A", "B", "2020-01-01,"),
        school("B", "C", "2020-01-01,"),
        school("C", "", "2020-01-01,2022-01-01"),
        school("C", "A", "2022-01-01,"),
        school("D", "A", "2023-01-01,"),
    ];
    assert_eq!(
        told_of_institutions(&loop_of_three.concat()),
        ["institutions.csv, line 5: institution C belongs to A, which belongs to C, on 2022-01-01"],
        "the line that closes the loop, and not what hangs below it"
    );
    let in_turn = [
        school("A", "B", "2020-01-01,2022-01-01"),
        school("A", "", "2022-01-01,"),
        school("B", "", "2020-01-01,2022-01-01"),
        school("B", "A", "2022-01-01,"),
    ];
    assert_eq!(told_of_institutions(&in_turn.concat()), Vec::<String>::new(), "never on one day");
}

#[test]
fn a_typed_figure_is_a_part_of_something() {
    let lines = "M1,72,71,x,y,2022-01-01,\nM2,0,0,x,y,2022-01-01,\nM3,71,71,x,y,2022-01-01,\nM4,0,1,x,y,2022-01-01,\n";
    let indicators = format!("{INDICATORS}{lines}");
    assert_eq!(
        told(&Files { indicators: Some(indicators.as_bytes()), ..Files::default() }),
        [
            "indicators.csv, line 2: numerator is greater than denominator",
            "indicators.csv, line 3: denominator is 0",
        ]
    );
}
