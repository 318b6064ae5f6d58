//! The parent's side of a keeper: a small process that looks after one service and outlives us just long enough to clear up.
//!
//! A keeper is our own executable, run again with a hidden subcommand, in a process group of its own so that a Ctrl-C in the
//! terminal does not reach it. It reads orders from a pipe of which only we hold the other end. However we end, by returning,
//! panicking or `kill -9`, the kernel closes that end; the keeper reads end-of-file, stops the service, removes the data
//! directory if that was temporary, and goes. The service itself dies with its keeper by the kernel's parent-death signal.

mod process;

use std::env;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::Error;

pub(crate) use process::{keep, run_leashed};

/// The running executable, found even after a rebuild has replaced or removed its file.
pub(crate) const OWN_EXECUTABLE: &str = "/proc/self/exe";
pub(crate) const KEEPER_SUBCOMMAND: &str = "local-services-keeper";
pub(crate) const LEASH_SUBCOMMAND: &str = "local-services-leash";

/// How often a condition is looked at while we wait for it.
pub(crate) const GLANCE: Duration = Duration::from_millis(10);
const START_PATIENCE: Duration = Duration::from_secs(60);
/// So many starts are tried on a port that somebody else turns out to hold.
pub(crate) const PORT_ATTEMPTS_MAX: u32 = 5;
/// What is printed when a port is taken: by Kafka and ClickHouse, by Prometheus, and by the schema registry.
const PORT_TAKEN: [&str; 3] =
    ["Address already in use", "address already in use", "seems to be in use by another process"];
const TAIL_LINES: usize = 20;

/// Which executable is run again as keeper and as ClickHouse host. Its `main` must begin with
/// [`run_hidden_subcommand`](crate::run_hidden_subcommand).
#[derive(Debug, Clone)]
pub struct Launcher {
    program: PathBuf,
}

impl Launcher {
    /// The executable that is running now.
    #[must_use]
    pub fn current_exe() -> Self {
        Self { program: PathBuf::from(OWN_EXECUTABLE) }
    }

    /// Another executable: a test, whose own `main` belongs to the test harness, names one built beside it.
    pub fn program(path: impl Into<PathBuf>) -> Self {
        Self { program: path.into() }
    }

    /// A program that the kernel kills when the thread that starts it ends: a helper to wait for, or, started by the main
    /// thread, a process that must not outlive us.
    ///
    /// # Errors
    /// The running executable is itself one of these helpers.
    pub fn leashed(&self, program: &Path) -> Result<Command, Error> {
        let mut command = self.hidden("a helper", LEASH_SUBCOMMAND)?;
        command.arg(std::process::id().to_string()).arg(program);
        Ok(command)
    }

    /// An executable that forgets [`run_hidden_subcommand`](crate::run_hidden_subcommand) would start services when started
    /// as their keeper, and so on without end; its second generation is refused here.
    fn hidden(&self, service: &'static str, subcommand: &str) -> Result<Command, Error> {
        let ours = env::args_os().nth(1).unwrap_or_default();
        if ours == KEEPER_SUBCOMMAND || ours == LEASH_SUBCOMMAND {
            let detail = "the main function does not begin with run_hidden_subcommand".to_owned();
            return Err(Error::Keeper { service, detail });
        }
        let mut command = Command::new(&self.program);
        command.arg(subcommand);
        Ok(command)
    }
}

/// Where a service keeps its data.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum DataDirectory {
    /// A new directory under the system's temporary one, removed when the service is stopped or we end.
    #[default]
    Temporary,
    /// This directory, created if absent and left in place.
    At(PathBuf),
}

/// What a keeper is told, one JSON object a line.
#[derive(Debug, Serialize, Deserialize)]
enum Order {
    Start { program: PathBuf, arguments: Vec<String>, log: PathBuf },
    Poll,
    Stop,
    Kill,
}

/// What a keeper answers, one JSON object per order, and one `Ready` at first.
#[derive(Debug, Serialize, Deserialize)]
enum Reply {
    Ready { temporary: Option<PathBuf> },
    Running { pid: u32 },
    Ended { success: bool },
    Failed { detail: String },
}

/// A program, its arguments, and the file both its outputs are appended to.
#[derive(Debug, Clone)]
pub(crate) struct Invocation {
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<String>,
    pub(crate) log: PathBuf,
}

/// How an attempt to start a service ended, where that is not an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Start {
    Ready { pid: u32 },
    PortTaken,
}

/// Dropping it stops the service.
#[derive(Debug)]
pub(crate) struct Keeper {
    service: &'static str,
    process: Child,
    /// The pipe whose closing the keeper acts upon; `None` only while dropping.
    orders: Option<ChildStdin>,
    replies: BufReader<ChildStdout>,
    directory: PathBuf,
}

impl Keeper {
    /// Starts a keeper that grants its service `stop_patience` between SIGTERM and SIGKILL.
    pub(crate) fn spawn(
        service: &'static str,
        launcher: &Launcher,
        data: &DataDirectory,
        stop_patience: Duration,
    ) -> Result<Self, Error> {
        let mut command = launcher.hidden(service, KEEPER_SUBCOMMAND)?;
        command.arg(service).arg(stop_patience.as_millis().to_string());
        if *data == DataDirectory::Temporary {
            command.arg("temporary");
        }
        let mut process = command
            .arg0(format!("keeper of {service}"))
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // Nobody may be left to read it: an inherited stderr would hold a caller's pipe open after our end.
            .stderr(Stdio::null())
            .spawn()
            .map_err(Error::io("run", &launcher.program))?;
        let orders = process.stdin.take();
        let replies = BufReader::new(process.stdout.take().expect("stdout was asked to be a pipe"));
        let mut keeper = Self { service, process, orders, replies, directory: PathBuf::new() };
        let Reply::Ready { temporary } = keeper.reply()? else {
            return Err(keeper.failure("it did not say that it is ready"));
        };
        keeper.directory = match (data, temporary) {
            (DataDirectory::At(path), _) => {
                let path = std::path::absolute(path).map_err(Error::io("resolve", path))?;
                std::fs::create_dir_all(&path).map_err(Error::io("create", &path))?;
                path
            }
            (DataDirectory::Temporary, Some(path)) => path,
            (DataDirectory::Temporary, None) => return Err(keeper.failure("it made no temporary directory")),
        };
        Ok(keeper)
    }

    /// The service's directory, always absolute.
    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    /// Starts the service and waits until `is_ready`, which is shown what the log has gained since, says so.
    pub(crate) fn start(
        &mut self,
        invocation: &Invocation,
        is_ready: impl Fn(&str) -> bool,
    ) -> Result<Start, Error> {
        let log_start = std::fs::metadata(&invocation.log).map_or(0, |metadata| metadata.len());
        let deadline = Instant::now() + START_PATIENCE;
        let Reply::Running { pid } = self.order(&order_to_start(invocation))? else {
            return Err(self.failure("it did not start the program"));
        };
        loop {
            // In this order: what a program wrote before it ended is in the log by the time it is seen to have ended.
            let has_ended = matches!(self.order(&Order::Poll)?, Reply::Ended { .. });
            let log = read_from(&invocation.log, log_start);
            if PORT_TAKEN.iter().any(|words| log.contains(words)) {
                self.kill()?;
                return Ok(Start::PortTaken);
            }
            if has_ended {
                let (log, tail) = (invocation.log.clone(), tail(&log));
                return Err(Error::Ended { service: self.service, log, tail });
            }
            if is_ready(&log) {
                return Ok(Start::Ready { pid });
            }
            if Instant::now() >= deadline {
                self.kill()?;
                let (log, tail) = (invocation.log.clone(), tail(&log));
                let patience_seconds = START_PATIENCE.as_secs();
                return Err(Error::NotReady { service: self.service, patience_seconds, log, tail });
            }
            thread::sleep(GLANCE);
        }
    }

    /// Starts a service, and again where a port turns out to be taken: `invocation` is told which attempt it is for, so that
    /// it can choose other ports.
    pub(crate) fn start_on_free_ports(
        &mut self,
        mut invocation: impl FnMut(&Path, u32) -> Result<Invocation, Error>,
        is_ready: impl Fn(&str) -> bool,
    ) -> Result<u32, Error> {
        for attempt in 0..PORT_ATTEMPTS_MAX {
            let invocation = invocation(&self.directory, attempt)?;
            if let Start::Ready { pid } = self.start(&invocation, &is_ready)? {
                return Ok(pid);
            }
        }
        Err(Error::PortsTaken { service: self.service, attempts: PORT_ATTEMPTS_MAX })
    }

    /// Runs a program that ends by itself, under the same protection as the service.
    pub(crate) fn run_to_end(&mut self, invocation: &Invocation) -> Result<(), Error> {
        let mut reply = self.order(&order_to_start(invocation))?;
        while let Reply::Running { .. } = reply {
            thread::sleep(GLANCE);
            reply = self.order(&Order::Poll)?;
        }
        match reply {
            Reply::Ended { success: true } => Ok(()),
            _ => Err(Error::Ended {
                service: self.service,
                log: invocation.log.clone(),
                tail: tail(&read_from(&invocation.log, 0)),
            }),
        }
    }

    /// SIGTERM, a bounded wait, then SIGKILL. Says whether the service ended by itself and in good order.
    pub(crate) fn stop(&mut self) -> Result<bool, Error> {
        Ok(matches!(self.order(&Order::Stop)?, Reply::Ended { success: true }))
    }

    /// SIGKILL; the data stays. Returns when the process is gone.
    pub(crate) fn kill(&mut self) -> Result<(), Error> {
        self.order(&Order::Kill).map(drop)
    }

    fn order(&mut self, order: &Order) -> Result<Reply, Error> {
        let mut line = serde_json::to_string(order).map_err(|error| self.failure(&error.to_string()))?;
        line.push('\n');
        let pipe = self.orders.as_mut().expect("the pipe is given up only when dropping");
        pipe.write_all(line.as_bytes()).map_err(|error| self.failure(&error.to_string()))?;
        self.reply()
    }

    fn reply(&mut self) -> Result<Reply, Error> {
        let mut line = String::new();
        self.replies.read_line(&mut line).map_err(|error| self.failure(&error.to_string()))?;
        match serde_json::from_str(&line) {
            Ok(Reply::Failed { detail }) => Err(self.failure(&detail)),
            Ok(reply) => Ok(reply),
            Err(_) => Err(self.failure(&format!(
                "it said {:?}; does the main function of the launcher's program begin with run_hidden_subcommand?",
                line.trim_end()
            ))),
        }
    }

    fn failure(&self, detail: &str) -> Error {
        Error::Keeper { service: self.service, detail: detail.to_owned() }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        drop(self.orders.take());
        // The keeper bounds its own clearing up, so this ends. There is nobody to tell about a failure.
        let _ = self.process.wait();
    }
}

fn order_to_start(invocation: &Invocation) -> Order {
    let Invocation { program, arguments, log } = invocation.clone();
    Order::Start { program, arguments, log }
}

/// What a log holds from a position on; a log that is not there yet is empty.
fn read_from(path: &Path, position: u64) -> String {
    let read = || -> io::Result<Vec<u8>> {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(position))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    String::from_utf8_lossy(&read().unwrap_or_default()).into_owned()
}

pub(crate) fn tail(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n")
}
