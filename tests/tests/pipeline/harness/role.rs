//! A role as a process.

use std::fs::File;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError, mpsc};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::http::{self, Answer};
use super::{EXECUTABLE, until};

/// How much of a log is shown where a test fails.
const TAIL_LINES: usize = 40;

/// A running role. Dropping it kills it.
pub(crate) struct Role {
    name: String,
    child: Child,
    admin: SocketAddr,
    log: PathBuf,
}

/// An address that nothing else on this machine uses, so that a role comes back on its port after a kill: every
/// process has loopback addresses of its own.
pub(crate) fn own_address() -> SocketAddr {
    static PORT: AtomicU16 = AtomicU16::new(10_000);
    let [_, high, middle, low] = std::process::id().to_be_bytes();
    let address = Ipv4Addr::new(127, 64 | high & 63, middle, low);
    SocketAddr::new(IpAddr::V4(address), PORT.fetch_add(1, Ordering::Relaxed))
}

type Spawned = io::Result<Child>;

/// Starts a process that the kernel kills when this one ends. The kernel does so already when the thread that started
/// it ends, so one thread, which never does, starts them all.
fn spawn(command: Command) -> Spawned {
    type Starter = mpsc::Sender<(Command, mpsc::SyncSender<Spawned>)>;
    static STARTER: OnceLock<Mutex<Starter>> = OnceLock::new();
    let starter = STARTER.get_or_init(|| {
        let (orders, receiver) = mpsc::channel::<(Command, mpsc::SyncSender<Spawned>)>();
        std::thread::spawn(move || {
            for (mut command, answer) in receiver {
                drop(answer.send(command.spawn()));
            }
        });
        Mutex::new(orders)
    });
    let (answer, spawned) = mpsc::sync_channel(1);
    let order = starter.lock().unwrap_or_else(PoisonError::into_inner).send((command, answer));
    order.map_err(|_| io::Error::other("nobody starts processes"))?;
    spawned.recv().map_err(io::Error::other)?
}

/// The product on a leash: see [`spawn`].
fn leashed(arguments: &[&str]) -> Command {
    let mut command = Command::new(EXECUTABLE);
    command.args(["local-services-leash", &std::process::id().to_string(), EXECUTABLE]).args(arguments);
    command.stdin(Stdio::null()).env_remove("CASHLESS_CONFIG").env_remove("CASHLESS_FAILPOINT");
    command
}

/// Runs an operator's command to its end.
pub(crate) fn run_command(config: &Path, arguments: &[&str]) -> Output {
    let config = config.to_string_lossy();
    let all: Vec<&str> = ["--config", &config].into_iter().chain(arguments.iter().copied()).collect();
    let mut command = leashed(&all);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    spawn(command).and_then(Child::wait_with_output).expect("the command runs")
}

impl Role {
    /// Starts a role. `failpoint` is where it is to abort, if anywhere.
    pub(crate) fn start(
        role: &str,
        name: &str,
        config: &Path,
        admin: SocketAddr,
        failpoint: Option<&str>,
    ) -> Self {
        let log = config.with_file_name(format!("{name}.log"));
        let file = File::options().create(true).append(true).open(&log).expect("a log");
        let (config, listen) = (config.to_string_lossy(), admin.to_string());
        let mut command = leashed(&["--config", &config, role, "--admin-listen", &listen]);
        command.stdout(Stdio::null()).stderr(file).envs(failpoint.map(|at| ("CASHLESS_FAILPOINT", at)));
        let child = spawn(command).expect("the role starts");
        Self { name: name.to_owned(), child, admin, log }
    }

    /// Starts a command that needs no configuration and ends when it is told to; what it prints is its log, too.
    pub(crate) fn start_command(arguments: &[&str], log: PathBuf) -> Self {
        let file = || File::options().create(true).append(true).open(&log).expect("a log");
        let mut command = leashed(arguments);
        command.stdout(file()).stderr(file());
        let child = spawn(command).expect("the command starts");
        Self { name: arguments.join(" "), child, admin: own_address(), log }
    }

    /// Where it answers `/metrics`.
    pub(crate) fn admin(&self) -> SocketAddr {
        self.admin
    }

    pub(crate) fn log_path(&self) -> &Path {
        &self.log
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).expect("a log")
    }

    /// What it answers at `/metrics`, `/livez` or `/readyz`.
    pub(crate) fn ask(&self, path: &str) -> Option<Answer> {
        http::get(&format!("http://{}{path}", self.admin))
    }

    /// The value of a metric, summed over all series whose labels contain every given text.
    pub(crate) fn metric(&self, name: &str, labels: &[&str]) -> Option<f64> {
        let text = self.ask("/metrics")?.body;
        let series = text.lines().filter_map(|line| line.rsplit_once(' ')).filter(|(series, _)| {
            series.split('{').next() == Some(name) && labels.iter().all(|label| series.contains(label))
        });
        let values: Vec<f64> = series.filter_map(|(_, value)| value.parse().ok()).collect();
        (!values.is_empty()).then(|| values.iter().sum())
    }

    pub(crate) async fn ready(&mut self) {
        let what = format!("{} is ready", self.name);
        let mut said = String::new();
        until(&what, async || {
            self.assert_alive();
            let answer = self.ask("/readyz")?;
            if answer.status != 200 && answer.body != said {
                // Why it was not, where a test fails of it.
                eprintln!("{} is not ready: {}", self.name, answer.body);
                said.clone_from(&answer.body);
            }
            (answer.status == 200).then_some(())
        })
        .await;
    }

    /// Waits until it says, as one who is not ready, something that contains `sentence`.
    pub(crate) async fn halted(&mut self, sentence: &str) {
        let what = format!("{} halts, saying: {sentence}", self.name);
        until(&what, async || {
            self.assert_alive();
            self.ask("/readyz").filter(|answer| answer.status == 503 && answer.body.contains(sentence))
        })
        .await;
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).expect("a process id"));
        kill(pid, signal).expect("the role is there to hear it");
    }

    /// Ends it without a chance to finish anything.
    pub(crate) fn kill9(mut self) {
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it ends");
    }

    /// Ends it as an operator does, and waits.
    pub(crate) async fn terminate(mut self) {
        self.assert_alive();
        self.signal(Signal::SIGTERM);
        let status = self.ended().await;
        assert!(status.success(), "{} ended with {status}", self.name);
    }

    /// Waits for it to end by itself.
    pub(crate) async fn ended(&mut self) -> ExitStatus {
        let what = format!("{} ends", self.name);
        until(&what, async || self.child.try_wait().expect("a child of ours")).await
    }

    pub(crate) fn assert_alive(&mut self) {
        let status = self.child.try_wait().expect("a child of ours");
        assert!(status.is_none(), "{} ended by itself: {status:?}", self.name);
    }
}

impl Drop for Role {
    fn drop(&mut self) {
        // It may have ended already, and may be stopped: SIGKILL ends that, too.
        let _ended_before = self.child.kill().is_err();
        let _status = self.child.wait();
        if std::thread::panicking() {
            let log = std::fs::read_to_string(&self.log).unwrap_or_default();
            let lines: Vec<&str> = log.lines().collect();
            let tail = &lines[lines.len().saturating_sub(TAIL_LINES)..];
            eprintln!("--- the end of the log of {}:\n{}", self.name, tail.join("\n"));
        }
    }
}
