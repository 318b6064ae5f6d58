//! What the tests of this crate start and kill: an executable whose `main` begins as every user's has to.
//!
//! Without a hidden subcommand it starts Kafka and ClickHouse, prints their process ids and directories, one a line, and
//! waits until its stdin ends.

use std::io::{self, Read, Write};
use std::process::ExitCode;

use cashless_localservices::{
    ClickHouse, ClickHouseOptions, Error, Installation, Kafka, KafkaOptions, Launcher, run_hidden_subcommand,
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
    let clickhouse = ClickHouse::start(ClickHouseOptions::new(installation.clone()))?;
    let kafka = Kafka::start(KafkaOptions::new(installation))?;
    let mut stdout = io::stdout().lock();
    let _ = writeln!(stdout, "{} {}", clickhouse.pid(), clickhouse.data_dir().display())
        .and_then(|()| writeln!(stdout, "{} {}", kafka.pid(), kafka.data_dir().display()))
        .and_then(|()| stdout.flush());
    let _ = io::stdin().read_to_end(&mut Vec::new());
    kafka.stop()?;
    clickhouse.stop()
}
