//! The product's executable as a library, so that the tests run the very same `main`.
//!
//! Alone in knowing the environment and the process: configuration, tracing, signals, exporters, wiring.

mod admin;
mod cli;
mod commands;
pub mod comparison;
mod configuration;
mod schema_registry;
mod telemetry;

use std::process::ExitCode;

use clap::Parser as _;

/// Runs the command line of this process.
#[must_use]
pub fn main() -> ExitCode {
    // Local services run under keepers that are this executable again; they must begin before any thread does.
    if let Some(code) = cashless_localservices::run_hidden_subcommand() {
        return code;
    }
    let cli = cli::Cli::parse();
    match commands::run(cli) {
        Ok(code) => code,
        Err(error) => {
            telemetry::say_error(&format!("cashless: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
