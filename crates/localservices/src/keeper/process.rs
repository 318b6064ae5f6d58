//! The keeper's own side, and the leash by which what it starts dies with it.
//!
//! A keeper has one thread. That matters twice: the parent-death signal fires when the *thread* that started the child ends,
//! and orders are carried out one after the other without a lock.

use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io::{self, BufRead, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitCode, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::prctl;
use nix::sys::signal::{SigSet, Signal, kill};
use nix::unistd::{Pid, getppid};

use super::{GLANCE, LEASH_SUBCOMMAND, OWN_EXECUTABLE, Order, Reply};

/// Zero, and what a Java machine gives after it has run its shutdown hooks for SIGTERM.
const ORDERLY_EXITS: [i32; 2] = [0, 128 + 15];

/// `local-services-keeper SERVICE STOP_PATIENCE_MS [temporary]`
pub(crate) fn keep(arguments: &[OsString]) -> ExitCode {
    let text = |index: usize| arguments.get(index).and_then(|argument| argument.to_str());
    let (Some(service), Some(patience_ms)) = (text(0), text(1).and_then(|text| text.parse().ok())) else {
        return ExitCode::FAILURE;
    };
    let _ = prctl::set_name(c"local-keeper");
    // Whoever signals every process of ours means the parent; we go when it has gone, and not before clearing up.
    let polite: SigSet =
        [Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP, Signal::SIGQUIT].into_iter().collect();
    let _ = polite.thread_block();

    let mut temporary = None;
    if text(2).is_some() {
        match tempfile::Builder::new().prefix(&format!("cashless-{}-", service.to_lowercase())).tempdir() {
            Ok(directory) => temporary = Some(directory),
            Err(error) => {
                answer(&Reply::Failed { detail: format!("no temporary directory: {error}") });
                return ExitCode::FAILURE;
            }
        }
    }
    answer(&Reply::Ready { temporary: temporary.as_ref().map(|directory| directory.path().to_path_buf()) });

    let mut ward = Ward { child: None, stop_patience: Duration::from_millis(patience_ms) };
    for line in io::stdin().lock().lines() {
        let Ok(line) = line else { break };
        answer(&match serde_json::from_str(&line) {
            Ok(order) => ward.obey(order).unwrap_or_else(|error| Reply::Failed { detail: error.to_string() }),
            Err(error) => Reply::Failed { detail: error.to_string() },
        });
    }
    let stopped = ward.stop();
    let removed = temporary.map_or(Ok(()), tempfile::TempDir::close);
    if stopped.is_ok() && removed.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// A parent that is gone reads no answers; its end shows as end-of-file where orders are read.
fn answer(reply: &Reply) {
    if let Ok(mut line) = serde_json::to_string(reply) {
        line.push('\n');
        let mut stdout = io::stdout().lock();
        let _ = stdout.write_all(line.as_bytes()).and_then(|()| stdout.flush());
    }
}

/// The process being kept, if any.
struct Ward {
    child: Option<Child>,
    stop_patience: Duration,
}

impl Ward {
    fn obey(&mut self, order: Order) -> io::Result<Reply> {
        match order {
            Order::Start { program, arguments, log } => {
                self.kill()?;
                let child = spawn_leashed(&program, &arguments, &log)?;
                let pid = child.id();
                self.child = Some(child);
                Ok(Reply::Running { pid })
            }
            Order::Poll => match &mut self.child {
                Some(child) => match child.try_wait()? {
                    Some(status) => Ok(self.ended(Some(status))),
                    None => Ok(Reply::Running { pid: child.id() }),
                },
                None => Ok(self.ended(None)),
            },
            Order::Stop => self.stop(),
            Order::Kill => self.kill(),
        }
    }

    fn stop(&mut self) -> io::Result<Reply> {
        if let Some(child) = &mut self.child
            && child.try_wait()?.is_none()
        {
            kill(pid_of(child), Signal::SIGTERM)?;
            let deadline = Instant::now() + self.stop_patience;
            while child.try_wait()?.is_none() && Instant::now() < deadline {
                thread::sleep(GLANCE);
            }
        }
        self.kill()
    }

    fn kill(&mut self) -> io::Result<Reply> {
        let Some(child) = &mut self.child else { return Ok(self.ended(None)) };
        child.kill()?;
        let status = child.wait()?;
        Ok(self.ended(Some(status)))
    }

    fn ended(&mut self, status: Option<ExitStatus>) -> Reply {
        self.child = None;
        Reply::Ended {
            success: status
                .and_then(|status| status.code())
                .is_some_and(|code| ORDERLY_EXITS.contains(&code)),
        }
    }
}

fn spawn_leashed(program: &Path, arguments: &[String], log: &Path) -> io::Result<Child> {
    let log = OpenOptions::new().create(true).append(true).open(log)?;
    Command::new(OWN_EXECUTABLE)
        .arg(LEASH_SUBCOMMAND)
        .arg(std::process::id().to_string())
        .arg(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .spawn()
}

/// `local-services-leash PARENT_PID PROGRAM ARGUMENTS…`: becomes PROGRAM, which the kernel kills when our parent dies.
///
/// A step of its own because the request survives `exec`, while making it between `fork` and `exec` would need `unsafe`.
pub(crate) fn run_leashed(arguments: &[OsString]) -> ExitCode {
    let [parent, program, arguments @ ..] = arguments else { return ExitCode::FAILURE };
    let bound = prctl::set_pdeathsig(Signal::SIGKILL);
    // The parent may have died before the kernel knew that we care.
    if bound.is_err() || parent.to_str() != Some(&getppid().to_string()) {
        return ExitCode::FAILURE;
    }
    let _ = SigSet::all().thread_unblock();
    let error = Command::new(program).args(arguments).exec();
    let _ = writeln!(io::stderr(), "could not run {}: {error}", program.display());
    ExitCode::FAILURE
}

fn pid_of(child: &Child) -> Pid {
    Pid::from_raw(child.id().cast_signed())
}
