//! A role in a process of its own, and what the system says of a process.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use cashless_localservices::Launcher;

/// `/proc` counts processor time in hundredths of a second on every Linux.
const TICKS_PER_SECOND: f64 = 100.0;
const START_PATIENCE: Duration = Duration::from_secs(20);
const GLANCE: Duration = Duration::from_millis(20);

/// This executable, run again. Dropping it kills the process; however we end, it does not outlive us.
pub(crate) struct Process(Child);

impl Process {
    /// Runs this executable with a configuration file. Call it from the main thread: the system ends the process
    /// together with the thread that started it.
    pub(crate) fn start(configuration: &Path, arguments: &[&str]) -> anyhow::Result<Self> {
        let mut command = Launcher::current_exe().leashed(Path::new("/proc/self/exe"))?;
        command.arg("--config").arg(configuration).args(arguments).stdin(Stdio::null()).stdout(Stdio::null());
        Ok(Self(command.spawn().context("this executable cannot be run again")?))
    }

    /// Returns when something listens at the address.
    pub(crate) async fn listening(&mut self, address: SocketAddr) -> anyhow::Result<()> {
        let deadline = Instant::now() + START_PATIENCE;
        while tokio::net::TcpStream::connect(address).await.is_err() {
            self.still_running()?;
            if Instant::now() > deadline {
                bail!("nothing listens at {address} after {START_PATIENCE:?}");
            }
            tokio::time::sleep(GLANCE).await;
        }
        Ok(())
    }

    pub(crate) fn still_running(&mut self) -> anyhow::Result<()> {
        match self.0.try_wait()? {
            Some(status) => bail!("a measured process ended by itself: {status}"),
            None => Ok(()),
        }
    }

    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself, which was reported where it was noticed.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Processor time of a process so far, in seconds, in its own code and in the system's.
pub(crate) fn cpu_seconds(pid: u32) -> anyhow::Result<f64> {
    let path = format!("/proc/{pid}/stat");
    let text = fs::read_to_string(&path).with_context(|| path.clone())?;
    // The name in parentheses may hold anything; the fields behind it are numbers. User and system time are the
    // 14th and 15th of all.
    let behind = text.rsplit_once(')').map_or("", |(_, behind)| behind);
    let ticks =
        |nth: usize| behind.split_ascii_whitespace().nth(nth - 3).and_then(|field| field.parse::<f64>().ok());
    let (Some(user), Some(system)) = (ticks(14), ticks(15)) else { bail!("{path} has no processor times") };
    Ok((user + system) / TICKS_PER_SECOND)
}

/// The most memory a process ever held, in MiB.
pub(crate) fn peak_rss_mib(pid: u32) -> anyhow::Result<f64> {
    let path = format!("/proc/{pid}/status");
    let text = fs::read_to_string(&path).with_context(|| path.clone())?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib =
        line.and_then(|line| line.split_ascii_whitespace().next()).and_then(|kib| kib.parse::<f64>().ok());
    Ok(kib.with_context(|| format!("{path} has no VmHWM"))? / 1024.0)
}

/// An address nobody listens at just now.
pub(crate) fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_tells_of_this_very_process() {
        let own = std::process::id();
        assert!(cpu_seconds(own).expect("readable") >= 0.0);
        assert!(peak_rss_mib(own).expect("readable") > 0.1);
    }
}
