//! `cashless registry plan|apply`.
use std::process::ExitCode;
use crate::cli::Registry;
use crate::configuration::Configuration;
pub(crate) async fn run(_configuration: &Configuration, _command: Registry) -> anyhow::Result<ExitCode> {
    anyhow::bail!("being written")
}
