//! `cashless classes plan|apply|show`.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use cashless_registry::ClassRules;
use cashless_warehouse::Warehouse;
use serde_json::json;

use crate::cli::Classes;
use crate::commands::registry::applicant;
use crate::configuration::Configuration;
use crate::telemetry::{print, say_error};

/// A file that cannot be applied.
const INVALID_FILE: u8 = 2;

pub(crate) async fn run(configuration: &Configuration, command: Classes) -> anyhow::Result<ExitCode> {
    let warehouse = Warehouse::new(&configuration.clickhouse);
    match command {
        Classes::Plan { file, output } => change(&warehouse, &file, None, output.json).await,
        Classes::Apply { file, note, output } => change(&warehouse, &file, Some(&note), output.json).await,
        Classes::Show { as_of, output } => {
            let (version, rules) = warehouse.class_rules(as_of).await?;
            if output.json {
                let words = |rule: &cashless_registry::ClassRule| {
                    let [kind, counter_cash, owner_known, purpose, evidence, class] = rule.words();
                    json!({ "kind": kind, "counter_cash": counter_cash, "owner_known": owner_known,
                            "purpose": purpose, "evidence": evidence, "class": class })
                };
                let rules: Vec<_> = rules.rules().iter().map(words).collect();
                print(&json!({ "registry_version": version, "rules": rules }).to_string());
            } else {
                print(rules.to_csv().trim_end());
            }
            Ok(ExitCode::SUCCESS)
        }
    }
}

async fn change(
    warehouse: &Warehouse,
    file: &Path,
    note: Option<&str>,
    as_json: bool,
) -> anyhow::Result<ExitCode> {
    let text = std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let wanted = match ClassRules::read(&text) {
        Ok(wanted) => wanted,
        Err(errors) => {
            let errors: Vec<_> = errors.iter().map(ToString::to_string).collect();
            if as_json {
                print(&json!({ "errors": errors, "applied": false }).to_string());
            } else {
                errors.iter().for_each(|error| say_error(error));
                say_error(&format!("{} errors; nothing was changed", errors.len()));
            }
            return Ok(ExitCode::from(INVALID_FILE));
        }
    };
    let (base_version, current) = warehouse.class_rules(None).await?;
    let changes = wanted.changes_from(&current);
    let version = match note {
        Some(note) => warehouse.apply_class_rules(base_version, &wanted, &applicant(note)?).await?,
        None => base_version,
    };
    let applied = note.is_some();
    if as_json {
        print(&json!({ "changes": changes, "applied": applied, "registry_version": version }).to_string());
        return Ok(ExitCode::SUCCESS);
    }
    changes.iter().for_each(|line| print(line));
    let what = match (changes.len(), applied) {
        (0, _) => "no class changes".to_owned(),
        (count, false) => format!("{count} combinations change class; `classes apply` makes it so"),
        (count, true) => format!("{count} combinations changed class, for all days"),
    };
    print(&format!("{what}; registry version {version}"));
    Ok(ExitCode::SUCCESS)
}
