//! `cashless migrate`.

use std::process::ExitCode;

use cashless_warehouse::Warehouse;
use serde_json::json;

use crate::cli::JsonOutput;
use crate::configuration::Configuration;
use crate::telemetry::print;

pub(crate) async fn run(
    configuration: &Configuration,
    dry_run: bool,
    output: &JsonOutput,
) -> anyhow::Result<ExitCode> {
    let warehouse = Warehouse::new(&configuration.clickhouse);
    let say = |line: &str| {
        if !output.json {
            print(line);
        }
    };
    let migrations = if dry_run {
        let pending = warehouse.pending_migrations().await?;
        pending.iter().for_each(|migration| say(&format!("+ {}: {}", migration.name, migration.question())));
        say(&format!("{} to apply", pending.len()));
        pending
    } else {
        let applied = warehouse.migrate(|migration| say(&format!("+ {}", migration.name))).await?;
        say(&format!("{} applied to database {}", applied.len(), warehouse.database()));
        applied
    };
    if output.json {
        let names: Vec<_> = migrations.iter().map(|migration| migration.name).collect();
        let said = json!({ "migrations": names, "applied": !dry_run, "database": warehouse.database() });
        print(&said.to_string());
    }
    Ok(ExitCode::SUCCESS)
}
