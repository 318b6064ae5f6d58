//! Real Kafka, ClickHouse, schema registry and Prometheus on a developer's machine, for demos, tests and benchmarks.
//!
//! Purpose: one call installs a pinned version, starts it on free loopback ports and returns when it is ready. No container
//! engine and no root are needed, only Linux on x86-64, Java 17, Maven and npm; for Prometheus, Debian 12's package lists or an
//! installed Prometheus of any version.
//!
//! ```no_run
//! use std::process::ExitCode;
//! use cashless_localservices::{ClickHouse, ClickHouseOptions, Installation, Kafka, KafkaOptions, Launcher};
//!
//! fn main() -> ExitCode {
//!     // First, before any thread: this executable is also the services' keeper and ClickHouse's host.
//!     if let Some(code) = cashless_localservices::run_hidden_subcommand() {
//!         return code;
//!     }
//!     let installation = Installation::from(Launcher::current_exe());
//!     let kafka = Kafka::start(KafkaOptions::new(installation.clone())).expect("Kafka starts");
//!     let clickhouse = ClickHouse::start(ClickHouseOptions::new(installation)).expect("ClickHouse starts");
//!     assert!(kafka.bootstrap_servers().starts_with("127.0.0.1:"));
//!     assert!(clickhouse.http_url().starts_with("http://127.0.0.1:"));
//!     ExitCode::SUCCESS // both are dropped, and thereby stopped
//! }
//! ```
//!
//! Promises:
//! - What is fetched has the checksums in this crate; an interrupted download is never taken for a whole one, and processes that
//!   need the same package at once fetch it once.
//! - However the calling process ends, success, panic, Ctrl-C or `kill -9`, no service and no temporary directory outlives it
//!   by more than the service's bounded stop. Only a keeper that is itself killed leaves a directory behind, though no process.
//! - A port lost to another program between choosing and binding it is replaced by another.
//! - A missing program of the operating system is one line that says what to install.
//!
//! Left to others: creating topics, databases and schemas; more than one node; TLS and authentication of Kafka; clusters for
//! production, which are ordinary ones. Calls block, so asynchronous callers give them a thread of their own.

mod clickhouse;
mod clickhouse_host;
mod error;
mod install;
mod java;
mod kafka;
mod keeper;
mod ports;
mod prometheus;
mod random;
mod schema_registry;

use std::env;
use std::ffi::OsString;
use std::process::ExitCode;

pub use clickhouse::{ClickHouse, ClickHouseOptions};
pub use error::Error;
pub use install::{DIRECTORY_VARIABLE, Installation, Progress, PrometheusPrograms, Silent, Terminal};
pub use kafka::{Kafka, KafkaOptions};
pub use keeper::{DataDirectory, Launcher};
pub use prometheus::Prometheus;
pub use schema_registry::SchemaRegistry;

/// Does the work of a keeper or of the ClickHouse host if this process was started as one; `None` in all other cases.
///
/// `main` calls this first and returns the code it gives. It has to come before any thread or runtime, because signal masks and
/// parent-death signals belong to threads.
#[must_use = "a process started as a helper has to end with this code"]
pub fn run_hidden_subcommand() -> Option<ExitCode> {
    let arguments: Vec<OsString> = env::args_os().skip(1).collect();
    let (subcommand, arguments) = arguments.split_first()?;
    match subcommand.to_str()? {
        keeper::KEEPER_SUBCOMMAND => Some(keeper::keep(arguments)),
        keeper::LEASH_SUBCOMMAND => Some(keeper::run_leashed(arguments)),
        clickhouse_host::SUBCOMMAND => Some(clickhouse_host::host(arguments)),
        _ => None,
    }
}
