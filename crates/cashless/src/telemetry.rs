//! Logs for people and machines, on stderr; stdout belongs to results.

use std::io::{IsTerminal as _, Write as _};

use serde::Deserialize;
use tracing_subscriber::EnvFilter;

/// How log lines look.
#[derive(Debug, Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Format {
    /// For people; coloured on a terminal.
    Text,
    /// One JSON object a line.
    Json,
}

/// What is logged.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// `text` or `json`.
    pub(crate) format: Format,
    /// `error`, `warn`, `info`, `debug`, or directives by module as `tracing` takes them.
    pub(crate) filter: String,
}

pub(crate) fn start(config: &Config) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&config.filter)?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let installed = match config.format {
        Format::Text => lines.with_ansi(std::io::stderr().is_terminal()).try_init(),
        Format::Json => lines.json().try_init(),
    };
    installed.map_err(|error| anyhow::anyhow!("logging cannot start: {error}"))
}

/// A line for a person on stderr. A closed stderr is no reason to fail.
pub(crate) fn say_error(line: &str) {
    drop(writeln!(std::io::stderr(), "{line}"));
}

/// A line of a result on stdout. A closed stdout ends the output, as other commands end it.
pub(crate) fn print(line: &str) {
    drop(writeln!(std::io::stdout(), "{line}"));
}
