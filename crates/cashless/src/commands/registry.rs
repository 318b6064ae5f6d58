//! `cashless registry plan|apply`.
use crate::cli::Registry;
use crate::configuration::Configuration;
use std::process::ExitCode;
pub(crate) async fn run(_configuration: &Configuration, _command: Registry) -> anyhow::Result<ExitCode> {
    anyhow::bail!("being written")
}
