//! `cashless decisions list|make|undo`.

mod address;
mod carry_out;
mod list;
mod make;
mod preview;

use std::process::ExitCode;

use cashless_reviewer::person::{InvalidWords, NoUndo, Refusal};
use cashless_warehouse::Warehouse;
use serde_json::json;

use crate::cli::Decisions;
use crate::configuration::Configuration;
use crate::telemetry::{print, say_error};

/// What was asked for is refused; nothing was changed.
const REFUSED: u8 = 2;

/// Why a command is not carried out.
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error(transparent)]
    Words(#[from] InvalidWords),
    #[error(transparent)]
    Address(#[from] address::NotFound),
    #[error(transparent)]
    Decision(#[from] Refusal),
    #[error(transparent)]
    Undo(#[from] NoUndo),
    /// Trouble, not a refusal.
    #[error(transparent)]
    Trouble(#[from] anyhow::Error),
}

impl From<cashless_warehouse::Error> for Refused {
    fn from(error: cashless_warehouse::Error) -> Self {
        Self::Trouble(error.into())
    }
}

pub(crate) async fn run(configuration: &Configuration, command: Decisions) -> anyhow::Result<ExitCode> {
    let warehouse = Warehouse::new(&configuration.clickhouse);
    let (outcome, as_json) = match &command {
        Decisions::List(options) => {
            return list::run(&warehouse, options).await.map(|()| ExitCode::SUCCESS);
        }
        Decisions::Make(options) => {
            (make::make(configuration, &warehouse, options).await, options.signed.output.json)
        }
        Decisions::Undo(options) => {
            (make::undo(configuration, &warehouse, options).await, options.signed.output.json)
        }
    };
    match outcome {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(Refused::Trouble(error)) => Err(error),
        Err(refused) => {
            if as_json {
                print(&json!({ "errors": [refused.to_string()], "applied": false }).to_string());
            } else {
                say_error(&format!("{refused}; nothing was changed"));
            }
            Ok(ExitCode::from(REFUSED))
        }
    }
}
