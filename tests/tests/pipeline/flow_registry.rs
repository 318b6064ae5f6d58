//! The registry's commands, as an operator types them.

use std::fs;
use std::path::Path;
use std::process::Output;

use cashless_warehouse::MIGRATIONS;
use serde_json::{Value, json};

use crate::harness::{Plan, System};

fn registry(system: &System, arguments: &[&str]) -> Output {
    system.command(&[&["registry"], arguments].concat())
}

fn said(output: &Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_applied_whole_or_not_at_all_and_come_out_as_they_went_in() {
    let system = System::without_topics(Plan::new(3));
    let migrations =
        |arguments: &[&str]| said(&system.command(&[&["migrate", "--json"], arguments].concat()));
    let pending = migrations(&["--dry-run"]);
    let names: Vec<_> = MIGRATIONS.iter().map(|migration| migration.name).collect();
    assert_eq!((&pending["migrations"], &pending["applied"]), (&json!(names), &json!(false)));
    let migrated = migrations(&[]);
    assert_eq!((&migrated["migrations"], &migrated["applied"]), (&json!(names), &json!(true)));
    let directory = system.files.institutions.parent().expect("a directory").to_owned();
    let here = directory.to_string_lossy().into_owned();

    // Mistakes in three files: all of them are told, and nothing is stored.
    let broken = directory.join("broken");
    fs::create_dir(&broken).expect("made");
    let lines = |name: &str, line: &str| {
        let text = fs::read_to_string(directory.join(name)).expect("written by the simulator");
        fs::write(broken.join(name), format!("{text}{line}\n")).expect("written");
        text.lines().count() + 1
    };
    fs::copy(&system.files.institutions, broken.join("institutions.csv")).expect("copied");
    let expected = [
        format!(
            "connections.csv, line {}: state is none of",
            lines("connections.csv", "x,maybe,2021-01-01,,")
        ),
        format!(
            "payer_accounts.csv, line {}: account is empty",
            lines("payer_accounts.csv", "970405,,loan,2021-01-01,,")
        ),
        format!(
            "successions.csv, line {}: there is no",
            lines("successions.csv", "2022-01-01,close,NOBODY,,")
        ),
    ];
    let refused = registry(&system, &["apply", "--directory", &broken.to_string_lossy()]);
    assert_eq!(refused.status.code(), Some(2));
    let stderr = String::from_utf8_lossy(&refused.stderr).into_owned();
    let told: Vec<_> = stderr.lines().filter(|line| line.contains(".csv, ")).collect();
    assert_eq!(told.len(), expected.len(), "{stderr}");
    for (line, expected) in told.iter().zip(&expected) {
        assert!(line.starts_with(expected), "{line} is not {expected}");
    }
    assert_eq!(said(&registry(&system, &["show", "--json"]))["registry_version"], 0);

    let first = said(&registry(&system, &["apply", "--directory", &here, "--note", "first", "--json"]));
    assert_eq!(first["registry_version"], 1);
    let exported = directory.join("exported").to_string_lossy().into_owned();
    let export = said(&registry(&system, &["export", "--directory", &exported, "--json"]));
    let files = export["files"].as_array().expect("a list");
    assert!(files.iter().all(|file| file.as_str().is_some_and(|file| Path::new(file).exists())), "{export}");
    assert_eq!((files.len(), &export["registry_version"]), (8, &Value::from(1)));
    let again = said(&registry(&system, &["apply", "--directory", &exported, "--prune", "--json"]));
    assert_eq!((&again["changes"], &again["registry_version"]), (&json!([]), &Value::from(1)));

    // One file alone; an earlier version is shown as it was.
    let connections = directory.join("connections-of-tomorrow.csv");
    fs::write(&connections, "provider,state,valid_from,valid_to,evidence\nnew-bank,silent,2021-01-01,,\n")
        .expect("written");
    let path = connections.to_string_lossy();
    let noted = registry(&system, &["apply", "--connections", &path, "--note", "gọi 0912 345 678"]);
    let stderr = String::from_utf8_lossy(&noted.stderr).into_owned();
    assert!(!noted.status.success() && stderr.contains("--note holds a number"), "{stderr}");
    let second = said(&registry(&system, &["apply", "--connections", &path, "--json"]));
    assert_eq!(second["changes"], json!(["+ connection of new-bank: from 2021-01-01 silent"]));
    let state = |arguments: &[&str]| {
        let shown =
            said(&registry(&system, &[&["show", "--on", "2022-03-01", "--json"], arguments].concat()));
        shown["summary"]["connections"]["new-bank"].clone()
    };
    assert_eq!((state(&[]), state(&["--as-of", "1"])), (Value::from("silent"), Value::Null));
    let asked_too_high = [
        &["registry", "show", "--as-of", "3"][..],
        &["registry", "export", "--directory", &exported, "--as-of", "3"],
        &["classes", "show", "--as-of", "3"],
    ];
    for arguments in asked_too_high {
        let refused = system.command(arguments);
        let stderr = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert_eq!((refused.status.code(), refused.stdout.as_slice()), (Some(1), &b""[..]), "{arguments:?}");
        assert!(stderr.contains("no registry version 3; the newest is 2"), "{stderr}");
    }
    let id = system.province.institutions()[0].id.clone();
    let shown = said(&registry(&system, &["show", &id, "--json"]));
    assert_eq!(shown["institution"]["institution_id"], Value::from(id));
    let nobody = registry(&system, &["show", "NOBODY"]);
    assert!(!nobody.status.success() && nobody.stdout.is_empty());
    assert_eq!(registry(&system, &["plan"]).status.code(), Some(2), "no file is no question");
}
