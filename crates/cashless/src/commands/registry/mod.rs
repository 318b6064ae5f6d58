//! `cashless registry plan|apply|export|show`.

mod files;
mod show;

use std::path::Path;
use std::process::ExitCode;

use anyhow::ensure;
use cashless_domain::{IdKey, holds_private_number};
use cashless_registry::{FileError, Plan, PlanOptions, Summary, plan, read};
use cashless_warehouse::{Applicant, Warehouse};
use serde_json::json;

use self::files::Contents;
pub(crate) use self::show::no_institution;
use crate::cli::{Registry, RegistryFiles};
use crate::commands::simulate::now;
use crate::configuration::Configuration;
use crate::telemetry::{print, say_error};

/// Files that cannot be applied.
const INVALID_FILES: u8 = 2;

pub(crate) async fn run(configuration: &Configuration, command: Registry) -> anyhow::Result<ExitCode> {
    let warehouse = Warehouse::new(&configuration.clickhouse);
    match command {
        Registry::Plan(files) => change(&warehouse, &configuration.id_key()?, &files, None).await,
        Registry::Apply { files, note } => {
            change(&warehouse, &configuration.id_key()?, &files, Some(&note)).await
        }
        Registry::Export { directory, as_of, output } => {
            show::write_files(&warehouse, &directory, as_of, output.json).await?;
            Ok(ExitCode::SUCCESS)
        }
        Registry::Show { institution, as_of, on, output } => {
            match institution {
                Some(id) => show::institution(&warehouse, &id, as_of, on, output.json).await?,
                None => show::summary(&warehouse, as_of, on, output.json).await?,
            }
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// Shows what the files would change, and changes it if there is a note.
async fn change(
    warehouse: &Warehouse,
    id_key: &IdKey,
    files: &RegistryFiles,
    note: Option<&str>,
) -> anyhow::Result<ExitCode> {
    let contents = Contents::read(&files.given)?;
    let options = PlanOptions { prune: files.prune };
    let (plan, warnings) = match compare(warehouse, id_key, &contents, options).await? {
        Ok((plan, wanted)) => (plan, Summary::of(&wanted, now()?.business_date()).warnings()),
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
        let said = json!({
            "changes": lines, "warnings": warnings, "applied": applied, "registry_version": version,
        });
        print(&said.to_string());
    } else {
        warnings.iter().for_each(|warning| say_error(&format!("warning: as of today, {warning}")));
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

/// Applies the files of a directory without a word, for a stage that is being set.
pub(crate) async fn apply(
    warehouse: &Warehouse,
    id_key: &IdKey,
    directory: &Path,
    note: &str,
) -> anyhow::Result<()> {
    let contents = Contents::of_directory(directory)?;
    let (plan, _) = compare(warehouse, id_key, &contents, PlanOptions::default())
        .await?
        .map_err(|errors| anyhow::anyhow!("{}", words(&errors)))?;
    warehouse.apply_registry(&plan, &applicant(note)?).await?;
    Ok(())
}

/// What the files would change, with the registry as it is then, or everything wrong with them.
async fn compare(
    warehouse: &Warehouse,
    id_key: &IdKey,
    contents: &Contents,
    options: PlanOptions,
) -> anyhow::Result<Result<(Plan, cashless_registry::Registry), Vec<FileError>>> {
    let current = warehouse.registry(None).await?;
    let wanted = read(&contents.files(), &current.registry, options, id_key);
    Ok(wanted.map(|wanted| (plan(current.version, &current.registry, &wanted), wanted)))
}

pub(crate) fn applicant(note: &str) -> anyhow::Result<Applicant> {
    ensure!(
        !holds_private_number(note),
        "--note holds a number that reads like a phone or account number; nothing personal is kept, so say it without"
    );
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
