//! Files as offices keep them: what is read, and what is told where they are wrong.

use cashless_declarations::{File, FileError, Plan, Revision, Row, plan, read};
use cashless_domain::{DeclarationSource, Method, Timestamp};

const HEADER: &str = "institution_id,month,source,version,cash_n,cash_dong,cash_refunds_dong,\
                      exported_cashless_n,exported_cashless_dong,signer_role,declared_at\n";
/// The header of the Vietnamese template and a row of each source, one after an empty line, as a spreadsheet program saved
/// them.
const SHEET: &[u8] = include_bytes!("vi-du.xlsx");

fn now() -> Timestamp {
    Timestamp::parse_rfc3339("2022-10-10T09:00:00+07:00").expect("a time")
}

fn read_all(files: &[(&str, &[u8])]) -> Result<Vec<Row>, Vec<FileError>> {
    let files: Vec<File<'_>> = files.iter().map(|(name, bytes)| File { name, bytes }).collect();
    read(&files, |id| ["TH-1", "BV-1"].contains(&id), now())
}

fn rows(csv: &str) -> Vec<Row> {
    read_all(&[("a.csv", csv.as_bytes())]).unwrap_or_else(|errors| panic!("{}", words(&errors)))
}

fn words(errors: &[FileError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

fn errors(csv: &str) -> String {
    words(&read_all(&[("a.csv", csv.as_bytes())]).expect_err("something is wrong"))
}

fn line(line: &str) -> String {
    format!("{HEADER}{line}\n")
}

const GOOD: &str = "TH-1,2022-09,declaration,1,12,1250000,50000,,,Hiệu trưởng,2022-10-02T10:00:00+07:00";

#[test]
fn a_file_is_read_whole() {
    let csv = format!(
        "\u{feff}{HEADER}{GOOD}\n\n\"BV-1\",2022-09,A,3,\"1.204.000\",\"451,250,000\",,812,301000000,\"Kế toán trưởng\",2022-10-03\n\
         BV-1,09/2022,invoice_total,1,,92000000,,,,Thủ quỹ,2022-10-03\n"
    );
    let [school, export, invoices] = rows(&csv).try_into().expect("three");
    assert_eq!((school.file.as_str(), school.row, export.row, invoices.row), ("a.csv", 2, 4, 5));
    assert_eq!((school.declaration.cash_n, school.declaration.cash_dong), (Some(12), 1_250_000));
    assert_eq!(school.declaration.source, DeclarationSource::Declaration);
    assert_eq!((export.declaration.cash_n, export.declaration.cash_dong), (Some(1_204_000), 451_250_000));
    let [exported] = export.declaration.exported_cashless[..] else { panic!("one") };
    assert_eq!((exported.method, exported.n, exported.dong), (Method::Unknown, 812, 301_000_000));
    assert_eq!((invoices.declaration.cash_n, invoices.declaration.cash_refunds_dong), (None, 0));
    assert_eq!(invoices.declaration.month.to_string(), "2022-09-01");
    assert_eq!(invoices.declaration.declared_at.to_string(), "2022-10-03T00:00:00+07:00");
    assert_eq!((school.declaration.recorded_at, school.declaration.channel.as_str()), (now(), "file"));
}

#[test]
fn a_spreadsheet_says_the_same_as_its_text() {
    let found = read_all(&[("vi-du.xlsx", SHEET)]).unwrap_or_else(|errors| panic!("{}", words(&errors)));
    let csv = "Mã cơ sở;Tháng;Nguồn;Phiên bản;Số phiếu thu;Tiền mặt;Hoàn trả tiền mặt;\
               Số giao dịch không dùng tiền mặt;Số tiền không dùng tiền mặt;Chức vụ;Ngày khai\n\
               TH-1;2022-09;B;1;12;1250000;50000;;;Hiệu trưởng;2022-10-02\n\
               \n\
               BV-1;2022-09;A;1;1204;451250000;0;812;301000000;Kế toán trưởng;2022-10-03\n\
               BV-1;2022-09;C;1;;92.000.000;;;;Thủ quỹ;2022-10-03\n";
    let same = rows(csv);
    let of = |rows: &[Row]| rows.iter().map(|row| (row.row, row.declaration.clone())).collect::<Vec<_>>();
    assert_eq!(of(&found), of(&same));
    assert_eq!(same.len(), 3);
}

#[test]
fn every_mistake_is_told_with_its_row() {
    let table = [
        ("NOBODY,2022-09,B,1,1,1,,,,Thủ quỹ,2022-10-02", "there is no institution NOBODY"),
        (",2022-09,B,1,1,1,,,,Thủ quỹ,2022-10-02", "institution_id is empty"),
        ("TH-1,2022-9,B,1,1,1,,,,Thủ quỹ,2022-10-02", "month is none"),
        ("TH-1,2022-11,B,1,1,1,,,,Thủ quỹ,2022-10-02", "the month has not begun"),
        ("TH-1,2022-09,D,1,1,1,,,,Thủ quỹ,2022-10-02", "source is none of"),
        ("TH-1,2022-09,B,,1,1,,,,Thủ quỹ,2022-10-02", "version is empty"),
        ("TH-1,2022-09,B,0,1,1,,,,Thủ quỹ,2022-10-02", "version is not 1 to"),
        ("TH-1,2022-09,B,1,,1,,,,Thủ quỹ,2022-10-02", "a month without cash is declared as 0"),
        ("TH-1,2022-09,C,1,5,1,,,,Thủ quỹ,2022-10-02", "tells no count of cash receipts"),
        ("TH-1,2022-09,B,1,1,,,,,Thủ quỹ,2022-10-02", "cash_dong is empty"),
        ("TH-1,2022-09,B,1,1,1.250,,,,Thủ quỹ,2022-10-02", "cash_dong is no whole number"),
        ("TH-1,2022-09,B,1,1,1250000.5,,,,Thủ quỹ,2022-10-02", "cash_dong is no whole number"),
        ("TH-1,2022-09,B,1,1,-5,,,,Thủ quỹ,2022-10-02", "cash_dong is no whole number"),
        ("TH-1,2022-09,B,1,1,1,x,,,Thủ quỹ,2022-10-02", "cash_refunds_dong is no whole number"),
        ("TH-1,2022-09,B,1,0,1,,,,Thủ quỹ,2022-10-02", "cash_n is 0 while cash_dong is not"),
        ("TH-1,2022-09,B,1,1,1000000000000001,,,,Thủ quỹ,2022-10-02", "cash_dong is not 0 to"),
        ("TH-1,2022-09,A,1,1,1,,5,,Thủ quỹ,2022-10-02", "belong together"),
        ("TH-1,2022-09,B,1,1,1,,5,5,Thủ quỹ,2022-10-02", "belong to a system_export only"),
        ("TH-1,2022-09,B,1,1,1,,,,,2022-10-02", "signer_role is empty"),
        ("TH-1,2022-09,B,1,1,1,,,,0912 345 678,2022-10-02", "signer_role is not the role"),
        ("TH-1,2022-09,B,1,1,1,,,,Thủ quỹ,02/10/2022", "declared_at is no date"),
        ("TH-1,2022-09,B,1,1,1,,,,Thủ quỹ,2022-10-11", "declared_at is in the future"),
        ("TH-1,2022-09,B,1,1", "not readable as CSV"),
        (GOOD, "is also in a.csv, row 2"),
    ];
    for (wrong, expected) in table {
        let found = errors(&line(&format!("{GOOD}\n{wrong}")));
        assert!(found.starts_with("a.csv, row 3: ") && found.contains(expected), "{wrong}: {found}");
        assert_eq!(found.lines().count(), 1, "{found}");
    }
    let all: String = table
        .iter()
        .filter(|(wrong, _)| *wrong != GOOD && wrong.ends_with("02"))
        .map(|(wrong, _)| format!("{wrong}\n"))
        .collect();
    assert!(errors(&line(&all)).lines().count() > 15, "all at once");
    let nothing = errors(&line("TH-1,2022-09,A,1,,,,,,Thủ quỹ,2022-10-02"));
    assert_eq!(nothing.lines().count(), 2, "neither count nor dong: {nothing}");
}

#[test]
fn a_file_without_its_columns_or_rows_is_refused() {
    let without_role = HEADER.replace("signer_role", " ");
    assert_eq!(errors(&format!("{without_role}{GOOD}\n")), "a.csv, row 1: column signer_role is missing");
    let more = HEADER.replace("signer_role", "signer_role,signer_name,chức vụ");
    assert_eq!(
        errors(&format!("{more}{GOOD},,\n")),
        "a.csv, row 1: there is no column signer_name\na.csv, row 1: column signer_role is there twice"
    );
    assert_eq!(errors(HEADER), "a.csv, row 1: nothing is declared in it");
    assert_eq!(errors(""), "a.csv, row 1: nothing is declared in it");
    let not_files: [&[u8]; 2] = [b"PK\x03\x04 no sheet", b"\xff\xfe"];
    for bytes in not_files {
        let found = read_all(&[("x", bytes)]).expect_err("no file");
        assert_eq!(words(&found), "x, row 1: not readable as CSV in UTF-8, nor as XLSX");
    }
}

#[test]
fn mistakes_of_all_files_come_together_and_nothing_is_half_read() {
    let good = line(GOOD);
    let found =
        read_all(&[("good.csv", good.as_bytes()), ("again.csv", good.as_bytes()), ("empty.csv", b"")]);
    assert_eq!(
        words(&found.expect_err("two are wrong")),
        "empty.csv, row 1: nothing is declared in it\n\
         again.csv, row 2: this version of the institution, month and source is also in good.csv, row 2"
    );
}

fn stored(rows: &[Row]) -> Vec<Revision> {
    let revision = |row: &Row| Revision {
        institution_id: row.declaration.institution_id.clone(),
        month: row.declaration.month,
        source: row.declaration.source,
        version: row.declaration.version,
        digest: row.declaration.digest(),
    };
    rows.iter().map(revision).collect()
}

#[test]
fn a_plan_tells_new_from_revised_and_plans_nothing_twice() {
    let first = rows(&line(GOOD));
    let second = rows(&line(&GOOD.replace(",1,12,", ",2,13,")));
    let new = plan(&first, &[]).expect("nothing is stored");
    assert_eq!(
        new.lines(),
        ["+ TH-1 2022-09 declaration version 1: 12 receipts, 1250000 dong, 50000 dong given back"]
    );
    let revised = plan(&second, &stored(&first)).expect("a higher version");
    assert_eq!((revised.new.len(), revised.revised.len()), (0, 1));
    let again = Plan { unchanged: 1, ..Plan::default() };
    let both: Vec<Row> = second.iter().chain(&first).cloned().collect();
    assert_eq!(plan(&first, &stored(&both)), Ok(again), "an older revision that is stored is known");
    let history = plan(&both, &[]).expect("a month and its revision");
    let versions: Vec<u32> = history.declarations().map(|one| one.version).collect();
    assert_eq!(versions, [1, 2]);
}

#[test]
fn a_taken_version_is_told_with_the_next_one() {
    let first = rows(&line(GOOD));
    let other = rows(&line(&GOOD.replace(",1,12,", ",1,13,")));
    let third = rows(&line(&GOOD.replace(",1,12,", ",3,13,")));
    let refused = |rows: &[Row], stored: &[Revision]| words(&plan(rows, stored).expect_err("taken"));
    assert_eq!(
        refused(&other, &stored(&first)),
        "a.csv, row 2: version 1 is taken: what is stored says something else; the next version is 2"
    );
    assert!(refused(&first, &stored(&third)).ends_with("the next version is 4"));
}
