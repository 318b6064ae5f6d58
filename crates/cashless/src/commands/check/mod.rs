//! `cashless check`.

mod source;
mod vectors;

use std::process::ExitCode;

use crate::cli::Check;
use crate::configuration::Configuration;

pub(crate) async fn run(configuration: &Configuration, command: Check) -> anyhow::Result<ExitCode> {
    match command {
        Check::Vectors { dir, output } => {
            tokio::task::spawn_blocking(move || vectors::run(&dir, output.json)).await?
        }
        Check::Source { name, url, amount_dong, account, output } => {
            let trial = source::Trial { name, url, amount_dong, account, json: output.json };
            source::run(configuration, trial).await
        }
    }
}
