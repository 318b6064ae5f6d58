//! `cashless declarations plan|apply`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use cashless_broker::{EventLog as _, KafkaLog};
use cashless_declarations::{File, FileError, Plan, Revision, plan, read};
use cashless_warehouse::{DeclaredRevision, Warehouse};
use cashless_wire::Topic;
use serde_json::json;

use crate::cli::Declarations;
use crate::commands::roles::codec;
use crate::commands::simulate::now;
use crate::configuration::Configuration;
use crate::telemetry::{print, say_error};

/// Files that cannot be applied.
const INVALID_FILES: u8 = 2;
/// Declarations that are on their way at a time; after each such part the progress is told.
const PART: usize = 1_000;

pub(crate) async fn run(configuration: &Configuration, command: Declarations) -> anyhow::Result<ExitCode> {
    let (files, applies) = match &command {
        Declarations::Plan(files) => (files, false),
        Declarations::Apply(files) => (files, true),
    };
    let plan = match compare(&Warehouse::new(&configuration.clickhouse), &files.files).await? {
        Ok(plan) => plan,
        Err(errors) => {
            show_errors(&errors, files.output.json);
            return Ok(ExitCode::from(INVALID_FILES));
        }
    };
    let Plan { new, revised, unchanged } = &plan;
    let figures = json!({
        "new": new.len(), "revised": revised.len(), "unchanged": unchanged, "changes": plan.lines(), "applied": applies,
    });
    if !files.output.json {
        plan.lines().iter().for_each(|line| print(line));
    }
    if applies {
        append(configuration, &plan, files.output.json).await?;
    }
    if files.output.json {
        print(&figures.to_string());
    } else {
        let what = match (new.len() + revised.len(), applies) {
            (0, _) => "nothing to append",
            (_, false) => "`declarations apply` appends them",
            (_, true) => "appended; a running aggregator stores them",
        };
        print(&format!("{} new, {} revised, {unchanged} unchanged; {what}", new.len(), revised.len()));
    }
    Ok(ExitCode::SUCCESS)
}

/// What the files would add, or everything wrong with them.
async fn compare(warehouse: &Warehouse, paths: &[PathBuf]) -> anyhow::Result<Result<Plan, Vec<FileError>>> {
    let mut contents = Vec::with_capacity(paths.len());
    for path in paths {
        let bytes = std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
        contents.push((path.display().to_string(), bytes));
    }
    let files: Vec<File<'_>> = contents.iter().map(|(name, bytes)| File { name, bytes }).collect();
    let registry = warehouse.registry(None).await?.registry;
    let rows = match read(&files, |id| registry.institutions.contains_key(id), now()?) {
        Ok(rows) => rows,
        Err(errors) => return Ok(Err(errors)),
    };
    let months = || rows.iter().map(|row| row.declaration.month);
    let (Some(first), Some(last)) = (months().min(), months().max()) else { return Ok(Ok(Plan::default())) };
    let stored = warehouse.declared_revisions(first, last.first_of_next_month()).await?;
    let stored: Vec<Revision> = stored.into_iter().map(revision).collect();
    Ok(plan(&rows, &stored))
}

fn revision(stored: DeclaredRevision) -> Revision {
    let DeclaredRevision { institution_id, month, source, version, digest } = stored;
    Revision { institution_id, month, source, version, digest }
}

async fn append(configuration: &Configuration, plan: &Plan, is_quiet: bool) -> anyhow::Result<()> {
    let declarations: Vec<_> = plan.declarations().collect();
    if declarations.is_empty() {
        return Ok(());
    }
    let (encoder, _) = codec(configuration).await?;
    let topic = Topic::CashDeclarations.prefixed(&configuration.topics.prefix);
    let log = KafkaLog::new(&configuration.kafka, &configuration.producer)?;
    let mut appended = 0;
    for part in declarations.chunks(PART) {
        let mut acknowledgements = Vec::with_capacity(part.len());
        for declaration in part {
            let mut record = Vec::new();
            encoder.encode_declaration(declaration, &mut record)?;
            acknowledgements.push(log.append(&topic, declaration.institution_id.as_bytes(), &record));
        }
        for acknowledgement in acknowledgements {
            acknowledgement.await.with_context(|| {
                let all = declarations.len();
                format!("{appended} of {all} declarations were appended; apply again, which repeats nothing that is stored")
            })?;
            appended += 1;
        }
        if !is_quiet {
            say_error(&format!("{appended} of {} appended", declarations.len()));
        }
    }
    Ok(())
}

fn show_errors(errors: &[FileError], as_json: bool) {
    let words: Vec<_> = errors.iter().map(ToString::to_string).collect();
    if as_json {
        print(&json!({ "errors": words, "applied": false }).to_string());
    } else {
        words.iter().for_each(|line| say_error(line));
        say_error(&format!("{} errors; nothing was appended", errors.len()));
    }
}
