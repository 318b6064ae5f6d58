//! `cashless plan check|diff|apply|list|retire`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use cashless_evaluation::Plan;
use cashless_registry::{Registry, UnitLevel};
use cashless_warehouse::{StoredPlan, Warehouse};
use serde_json::{Value, json};

use crate::cli::{self, JsonOutput};
use crate::commands::registry::applicant;
use crate::configuration::Configuration;
use crate::telemetry::{print, say_error};

/// Files that cannot be applied.
const INVALID_FILES: u8 = 2;

/// A plan file that was read and checked.
struct PlanFile {
    path: PathBuf,
    plan: Plan,
    document: String,
}

pub(crate) async fn run(configuration: &Configuration, command: cli::Plan) -> anyhow::Result<ExitCode> {
    let warehouse = Warehouse::new(&configuration.clickhouse);
    match command {
        cli::Plan::Check { files, output } => check(&files, output.json),
        cli::Plan::Diff { files, output } => apply(&warehouse, &files, None, &output).await,
        cli::Plan::Apply { files, note, output } => apply(&warehouse, &files, Some(&note), &output).await,
        cli::Plan::List(output) => list(&warehouse, &output).await,
        cli::Plan::Retire { plan, note, output } => retire(&warehouse, &plan, &note, &output).await,
    }
}

fn check(files: &[PathBuf], as_json: bool) -> anyhow::Result<ExitCode> {
    let (mut plans, mut errors) = (Vec::new(), Vec::new());
    for file in files {
        match Plan::parse(&text_of(file)?) {
            Ok(plan) => plans.push((file, plan)),
            Err(found) => errors.extend(found.into_iter().map(|error| (file, error))),
        }
    }
    if as_json {
        let plans: Vec<_> = plans.iter().map(|(file, plan)| summary(file, plan)).collect();
        let errors: Vec<_> = errors
            .iter()
            .map(|(file, error)| {
                json!({"file": file, "pointer": error.pointer, "problem": error.problem.to_string()})
            })
            .collect();
        print(&json!({ "plans": plans, "errors": errors }).to_string());
    } else {
        for (file, plan) in &plans {
            let (targets, pairs) = (plan.targets.len(), plan.pairs.len());
            let name = format!("{} version {}", plan.id, plan.version);
            print(&format!("{}: {name}: {targets} targets, {pairs} pairs", file.display()));
        }
        errors.iter().for_each(|(file, error)| say_error(&format!("{}: {error}", file.display())));
    }
    Ok(if errors.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(INVALID_FILES) })
}

fn summary(file: &Path, plan: &Plan) -> Value {
    json!({
        "file": file,
        "plan_id": plan.id,
        "plan_version": plan.version,
        "title_vi": plan.title_vi,
        "targets": plan.targets.iter().map(|target| &target.id).collect::<Vec<_>>(),
        "pairs": plan.pairs.iter().map(|pair| &pair.id).collect::<Vec<_>>(),
    })
}

fn text_of(file: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))
}

/// Shows what would change, and with a note makes it so. Nothing is applied if any file has a mistake.
async fn apply(
    warehouse: &Warehouse,
    files: &[PathBuf],
    note: Option<&str>,
    output: &JsonOutput,
) -> anyhow::Result<ExitCode> {
    let plans = match read(files)? {
        Ok(plans) => plans,
        Err(errors) => return Ok(show_errors(&errors, output)),
    };
    let stored = warehouse.plans().await?;
    let differing: Vec<String> = plans.iter().filter_map(|file| differs(&stored, file)).collect();
    if !differing.is_empty() {
        return Ok(show_errors(&differing, output));
    }
    let changes: Vec<(&PlanFile, Vec<String>)> =
        plans.iter().map(|file| (file, changes(&stored, file))).collect();
    let warnings = warnings(&plans, &warehouse.registry(None).await?.registry);
    if let Some(note) = note {
        let applicant = applicant(note)?;
        for (file, lines) in &changes {
            if !lines.is_empty() {
                let (id, version) = (&file.plan.id, file.plan.version);
                warehouse.apply_plan(id, version, &file.document, &applicant).await?;
            }
        }
    }
    let lines: Vec<&String> = changes.iter().flat_map(|(_, lines)| lines).collect();
    if output.json {
        let said = json!({ "changes": lines, "warnings": warnings, "applied": note.is_some() });
        print(&said.to_string());
    } else {
        warnings.iter().for_each(|warning| say_error(&format!("warning: {warning}")));
        lines.iter().for_each(|line| print(line));
        print(match (lines.is_empty(), note) {
            (true, _) => "nothing to change",
            (false, None) => "`plan apply` makes these changes",
            (false, Some(_)) => "applied; the tracker's next round evaluates it",
        });
    }
    Ok(ExitCode::SUCCESS)
}

/// Provinces that no institution can be found to be in: such a plan is evaluated, over less than is meant or over nothing.
fn warnings(plans: &[PlanFile], registry: &Registry) -> Vec<String> {
    let of_plan = |PlanFile { path, plan, .. }: &PlanFile| {
        let day = plan.reference_date;
        let is_province = |code: &&String| {
            registry.unit(code, day).is_some_and(|(_, unit)| unit.level == UnitLevel::Province)
        };
        let strange = plan.province_codes.iter().filter(|code| !is_province(code));
        let warning = |code| {
            let path = path.display();
            format!(
                "{path}: the registry's units have no province {code} on {day}; what is in it, is in no figure of the plan"
            )
        };
        strange.map(warning).collect::<Vec<_>>()
    };
    plans.iter().flat_map(of_plan).collect()
}

async fn list(warehouse: &Warehouse, output: &JsonOutput) -> anyhow::Result<ExitCode> {
    let stored = warehouse.plans().await?;
    if output.json {
        let plans: Vec<Value> = (stored.iter())
            .map(|plan| {
                json!({
                    "plan_id": plan.plan_id,
                    "plan_version": plan.plan_version,
                    "is_active": plan.is_active,
                    "changed_at": plan.applicant.at.to_string(),
                    "changed_by": plan.applicant.by,
                    "note": plan.applicant.note,
                })
            })
            .collect();
        print(&json!({ "plans": plans }).to_string());
        return Ok(ExitCode::SUCCESS);
    }
    for plan in &stored {
        let state = if plan.is_active { "active" } else { "not evaluated" };
        let StoredPlan { plan_id, plan_version, applicant, .. } = plan;
        let (at, by, note) = (applicant.at, &applicant.by, &applicant.note);
        print(&format!("{plan_id} version {plan_version}: {state} since {at}, by {by} ({note})"));
    }
    if stored.is_empty() {
        print("no plan is stored; `plan apply FILE` stores one");
    }
    Ok(ExitCode::SUCCESS)
}

async fn retire(
    warehouse: &Warehouse,
    plan: &str,
    note: &str,
    output: &JsonOutput,
) -> anyhow::Result<ExitCode> {
    let retired = warehouse.retire_plan(plan, &applicant(note)?).await?;
    if output.json {
        print(&json!({ "plan_id": plan, "retired_version": retired }).to_string());
    } else {
        print(&match retired {
            Some(version) => format!("{plan} version {version} is no longer evaluated"),
            None => format!("{plan} is not evaluated; nothing was changed"),
        });
    }
    Ok(if retired.is_some() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// All plans, or all mistakes of all files.
fn read(files: &[PathBuf]) -> anyhow::Result<Result<Vec<PlanFile>, Vec<String>>> {
    let (mut plans, mut errors): (Vec<PlanFile>, Vec<String>) = (Vec::new(), Vec::new());
    for path in files {
        let document = text_of(path)?;
        match Plan::parse(&document) {
            Ok(plan) => {
                if let Some(twin) = plans.iter().find(|file| file.plan.id == plan.id) {
                    let (path, twin) = (path.display(), twin.path.display());
                    errors.push(format!("{path}: plan {} is also in {twin}", plan.id));
                }
                plans.push(PlanFile { path: path.clone(), plan, document });
            }
            Err(found) => {
                errors.extend(found.iter().map(|error| format!("{}: {error}", path.display())));
            }
        }
    }
    Ok(if errors.is_empty() { Ok(plans) } else { Err(errors) })
}

/// Why a file cannot be applied beside what is stored.
fn differs(stored: &[StoredPlan], file: &PlanFile) -> Option<String> {
    let plan = &file.plan;
    let same = stored.iter().find(|stored| is_version(stored, plan))?;
    (same.document != file.document).then(|| {
        format!(
            "{}: plan {} version {} is stored with other content; give the changed plan a higher version",
            file.path.display(),
            plan.id,
            plan.version
        )
    })
}

fn is_version(stored: &StoredPlan, plan: &Plan) -> bool {
    (stored.plan_id.as_str(), stored.plan_version) == (plan.id.as_str(), plan.version)
}

/// What applying the file changes, member by member of the document that is active now. Empty = nothing.
fn changes(stored: &[StoredPlan], file: &PlanFile) -> Vec<String> {
    let plan = &file.plan;
    let active = stored.iter().find(|stored| stored.plan_id == plan.id && stored.is_active);
    let mut lines = Vec::new();
    match active {
        Some(active) if is_version(active, plan) => {}
        None => lines.push(format!("+ {} version {}", plan.id, plan.version)),
        Some(active) => {
            lines.push(format!("~ {}: version {} instead of {}", plan.id, plan.version, active.plan_version));
            // Both were read as plans, so both are JSON.
            let before = serde_json::from_str(&active.document).unwrap_or_default();
            let after = serde_json::from_str(&file.document).unwrap_or_default();
            compare("", &before, &after, &mut lines);
        }
    }
    lines
}

/// Lines for the members that differ, by their place. Members of a list that have ids are found by them.
fn compare(place: &str, before: &Value, after: &Value, lines: &mut Vec<String>) {
    match (members(before), members(after)) {
        (Some(before), Some(after)) => {
            for (name, old) in &before {
                let place = format!("{place}/{name}");
                match after.iter().find(|(other, _)| other == name) {
                    Some((_, new)) => compare(&place, old, new, lines),
                    None => lines.push(format!("  - {place}: {old}")),
                }
            }
            let is_new = |name: &String| before.iter().all(|(other, _)| other != name);
            for (name, new) in after.iter().filter(|(name, _)| is_new(name)) {
                lines.push(format!("  + {place}/{name}: {new}"));
            }
        }
        _ if before == after => {}
        _ => lines.push(format!("  ~ {place}: {before} → {after}")),
    }
}

fn members(value: &Value) -> Option<Vec<(String, &Value)>> {
    match value {
        Value::Object(members) => Some(members.iter().map(|(name, value)| (name.clone(), value)).collect()),
        Value::Array(entries) => {
            let id = |entry: &Value| Some(entry.get("id")?.as_str()?.to_owned());
            entries.iter().map(|entry| Some((id(entry)?, entry))).collect()
        }
        _ => None,
    }
}

fn show_errors(errors: &[String], output: &JsonOutput) -> ExitCode {
    if output.json {
        print(&json!({ "errors": errors, "applied": false }).to_string());
    } else {
        errors.iter().for_each(|error| say_error(error));
        say_error(&format!("{} errors; nothing was changed", errors.len()));
    }
    ExitCode::from(INVALID_FILES)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(before: &Value, after: &Value) -> Vec<String> {
        let mut lines = Vec::new();
        compare("", before, after, &mut lines);
        lines
    }

    #[test]
    fn only_what_differs_is_shown_and_entries_of_a_list_are_found_by_their_ids() {
        let before = json!({ "version": 1, "title_vi": "A", "targets": [
            { "id": "T1", "threshold": 40 }, { "id": "T2", "threshold": 50 } ], "codes": ["67"] });
        let after = json!({ "version": 2, "title_vi": "A", "targets": [
            { "id": "T2", "threshold": 55 }, { "id": "T3", "threshold": 60 } ], "codes": ["67", "68"] });
        assert_eq!(lines(&before, &before), Vec::<String>::new());
        let mut found = lines(&before, &after);
        found.sort();
        assert_eq!(
            found,
            [
                "  + /targets/T3: {\"id\":\"T3\",\"threshold\":60}",
                "  - /targets/T1: {\"id\":\"T1\",\"threshold\":40}",
                "  ~ /codes: [\"67\"] → [\"67\",\"68\"]",
                "  ~ /targets/T2/threshold: 50 → 55",
                "  ~ /version: 1 → 2",
            ]
        );
    }
}
