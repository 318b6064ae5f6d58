//! `cashless registry plan|apply`.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use cashless_domain::IdKey;
use cashless_registry::{FileError, Files, Plan, PlanOptions, plan, read};
use cashless_warehouse::{Applicant, Warehouse};
use serde_json::json;

use crate::cli::{Registry, RegistryFiles};
use crate::commands::simulate::now;
use crate::configuration::Configuration;
use crate::telemetry::{print, say_error};

/// Files that cannot be applied.
const INVALID_FILES: u8 = 2;

pub(crate) async fn run(configuration: &Configuration, command: Registry) -> anyhow::Result<ExitCode> {
    let (files, note) = match &command {
        Registry::Plan(files) => (files, None),
        Registry::Apply { files, note } => (files, Some(note.as_str())),
    };
    let warehouse = Warehouse::new(&configuration.clickhouse);
    let plan = match compare(&warehouse, &configuration.id_key()?, files).await? {
        Ok(plan) => plan,
        Err(errors) => {
            show_errors(&errors, files.output.json);
            return Ok(ExitCode::from(INVALID_FILES));
        }
    };
    let version = match note {
        Some(note) => warehouse.apply_registry(&plan, &applicant(note)?).await?,
        None => plan.base_version,
    };
    let (lines, applied) = (plan.lines(), note.is_some());
    if files.output.json {
        print(&json!({ "changes": lines, "applied": applied, "registry_version": version }).to_string());
    } else {
        lines.iter().for_each(|line| print(line));
        let what = match (lines.len(), applied) {
            (0, _) => "nothing to change".to_owned(),
            (changes, false) => format!("{changes} changes; `registry apply` makes them"),
            (changes, true) => format!("{changes} changes made"),
        };
        print(&format!("{what}; registry version {version}"));
    }
    Ok(ExitCode::SUCCESS)
}

/// Applies files without a word, for a stage that is being set.
pub(crate) async fn apply(
    warehouse: &Warehouse,
    id_key: &IdKey,
    institutions: &Path,
    identifiers: &Path,
    note: &str,
) -> anyhow::Result<()> {
    let (institutions, identifiers) = (text_of(institutions)?, text_of(identifiers)?);
    let wanted = read(&Files { institutions: &institutions, identifiers: &identifiers }, id_key)
        .map_err(|errors| anyhow::anyhow!("{}", words(&errors)))?;
    let current = warehouse.registry(None).await?;
    let plan = plan(current.version, &current.registry, &wanted, PlanOptions::default());
    warehouse.apply_registry(&plan, &applicant(note)?).await?;
    Ok(())
}

/// What the files would change, or everything wrong with them.
async fn compare(
    warehouse: &Warehouse,
    id_key: &IdKey,
    files: &RegistryFiles,
) -> anyhow::Result<Result<Plan, Vec<FileError>>> {
    let (institutions, identifiers) = (text_of(&files.institutions)?, text_of(&files.identifiers)?);
    let wanted = match read(&Files { institutions: &institutions, identifiers: &identifiers }, id_key) {
        Ok(wanted) => wanted,
        Err(errors) => return Ok(Err(errors)),
    };
    let current = warehouse.registry(None).await?;
    Ok(Ok(plan(current.version, &current.registry, &wanted, PlanOptions { prune: files.prune })))
}

fn text_of(file: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))
}

pub(crate) fn applicant(note: &str) -> anyhow::Result<Applicant> {
    let by = std::env::var("USER").unwrap_or_else(|_| "unknown".to_owned());
    Ok(Applicant { by, note: note.to_owned(), at: now()? })
}

fn show_errors(errors: &[FileError], as_json: bool) {
    if as_json {
        let errors: Vec<_> = errors.iter().map(ToString::to_string).collect();
        print(&json!({ "errors": errors, "applied": false }).to_string());
    } else {
        say_error(&words(errors));
        say_error(&format!("{} errors; nothing was changed", errors.len()));
    }
}

fn words(errors: &[FileError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}
