//! What the tests of this crate start and kill: an executable whose `main` begins as every user's has to.
//!
//! Without a hidden subcommand it starts the services named as arguments, prints their process ids and directories, one a
//! line, then a line `ready`, and waits until its stdin ends.

use std::io::{self, Read, Write};
use std::path::Path;
use std::process::ExitCode;

use cashless_localservices::{
    ClickHouse, ClickHouseOptions, Error, Installation, Kafka, KafkaOptions, Launcher, Prometheus,
    run_hidden_subcommand,
};

fn main() -> ExitCode {
    if let Some(code) = run_hidden_subcommand() {
        return code;
    }
    match start_and_wait() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

fn start_and_wait() -> Result<(), Error> {
    let installation = Installation::from(Launcher::current_exe());
    let is_wanted = |service: &str| std::env::args().any(|argument| argument == service);
    let start_clickhouse = || ClickHouse::start(ClickHouseOptions::new(installation.clone()));
    let start_kafka = || Kafka::start(KafkaOptions::new(installation.clone()));
    // An empty configuration: it scrapes nothing.
    let start_prometheus = || Prometheus::start(installation.clone(), Path::new("/dev/null"));
    let clickhouse = is_wanted("clickhouse").then(start_clickhouse).transpose()?;
    let kafka = is_wanted("kafka").then(start_kafka).transpose()?;
    let prometheus = is_wanted("prometheus").then(start_prometheus).transpose()?;

    if let Some(clickhouse) = &clickhouse {
        say(&format!("{} {}", clickhouse.pid(), clickhouse.data_dir().display()));
    }
    if let Some(kafka) = &kafka {
        say(&format!("{} {}", kafka.pid(), kafka.data_dir().display()));
    }
    if let Some(prometheus) = &prometheus {
        say(&format!("{} {}", prometheus.pid(), prometheus.data_dir().display()));
    }
    say("ready");
    let _ = io::stdin().read_to_end(&mut Vec::new());
    prometheus.map_or(Ok(()), Prometheus::stop)?;
    kafka.map_or(Ok(()), Kafka::stop)?;
    clickhouse.map_or(Ok(()), ClickHouse::stop)
}

/// A test that has gone does not listen any more.
fn say(line: &str) {
    let _ = writeln!(io::stdout(), "{line}");
}
