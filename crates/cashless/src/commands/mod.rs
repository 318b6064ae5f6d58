//! One module a command.

mod bench;
mod check;
mod classes;
mod decisions;
mod declarations;
mod demo;
mod migrate;
mod plan;
mod registry;
pub(crate) mod roles;
mod simulate;
mod topics;
mod year;

use std::process::ExitCode;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};

use crate::cli::{Cli, Command};
use crate::configuration::Configuration;
use crate::telemetry;

const END_PATIENCE: Duration = Duration::from_secs(5);

/// Runs a command to its exit code.
pub(crate) fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let configuration = Configuration::read(cli.config.as_deref())?;
    let mut log = configuration.log.clone();
    let is_for_people = matches!(cli.command, Command::Demo(_) | Command::Bench(_) | Command::Check(_));
    if is_for_people && cli.config.is_none() {
        // A table or an answer is on the screen: only what a person has to know may break into it.
        log.filter = "error".to_owned();
    }
    telemetry::start(&log)?;
    let runtime = runtime()?;
    let ended = runtime.block_on(async {
        match cli.command {
            Command::Collector(role) => roles::collector(&configuration, role.admin_listen).await,
            Command::Aggregator(role) => roles::aggregator(&configuration, role.admin_listen).await,
            Command::Tracker(role) => roles::tracker(&configuration, role.admin_listen).await,
            Command::Migrate { dry_run, output } => migrate::run(&configuration, dry_run, &output).await,
            Command::Topics(command) => topics::run(&configuration, command).await,
            Command::Registry(command) => registry::run(&configuration, command).await,
            Command::Plan(command) => plan::run(&configuration, command).await,
            Command::Classes(command) => classes::run(&configuration, command).await,
            Command::Declarations(command) => declarations::run(&configuration, command).await,
            Command::Decisions(command) => decisions::run(&configuration, command).await,
            Command::Check(command) => check::run(&configuration, command).await,
            Command::Simulate(command) => simulate::run(command).await,
            Command::Demo(options) => demo::run(cli.config.as_deref(), options).await,
            Command::Bench(command) => bench::run(&configuration, command, cli.config.is_some()).await,
        }
    });
    // A call into a Kafka client that has lost its cluster may never return; what is durable is durable.
    runtime.shutdown_timeout(END_PATIENCE);
    ended
}

fn runtime() -> std::io::Result<Runtime> {
    Builder::new_multi_thread().enable_all().build()
}
