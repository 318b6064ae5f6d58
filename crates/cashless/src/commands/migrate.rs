//! `cashless migrate`.

use std::process::ExitCode;

use cashless_warehouse::Warehouse;

use crate::configuration::Configuration;
use crate::telemetry::print;

pub(crate) async fn run(configuration: &Configuration, dry_run: bool) -> anyhow::Result<ExitCode> {
    let warehouse = Warehouse::new(&configuration.clickhouse);
    if dry_run {
        let pending = warehouse.pending_migrations().await?;
        pending
            .iter()
            .for_each(|migration| print(&format!("+ {}: {}", migration.name, migration.question())));
        print(&format!("{} to apply", pending.len()));
    } else {
        let applied = warehouse.migrate(|migration| print(&format!("+ {}", migration.name))).await?;
        print(&format!("{} applied to database {}", applied.len(), warehouse.database()));
    }
    Ok(ExitCode::SUCCESS)
}
