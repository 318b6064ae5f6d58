//! A real Prometheus on loopback, with the configuration that its caller gives, and `promtool` to test rules.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::keeper::{Invocation, Keeper};
use crate::{DataDirectory, Error, Installation, ports};

const SERVICE: &str = "Prometheus";
const STOP_PATIENCE: Duration = Duration::from_secs(20);
/// What it writes when rules are loaded and it answers.
const READY: &str = "Server is ready to receive web requests.";

/// A running Prometheus. Dropping it stops it and forgets its samples.
#[derive(Debug)]
pub struct Prometheus {
    keeper: Keeper,
    pid: u32,
    port: u16,
}

impl Prometheus {
    /// Installs Prometheus if need be, starts it on a free port with this configuration file, which is read where it lies, and
    /// returns when it is ready. Samples are kept in a temporary directory. Blocks for a fraction of a second, not counting an
    /// installation.
    pub fn start(installation: impl Into<Installation>, configuration: &Path) -> Result<Self, Error> {
        let installation = installation.into();
        let server = installation.prometheus()?.server;
        let configuration =
            std::path::absolute(configuration).map_err(Error::io("resolve", configuration))?;
        let mut keeper =
            Keeper::spawn(SERVICE, installation.launcher(), &DataDirectory::Temporary, STOP_PATIENCE)?;
        let mut port = 0;
        let pid = keeper.start_on_free_ports(
            |directory, _| {
                [port] = ports::free().map_err(Error::io("find a free port for", directory))?;
                Ok(invocation(directory, &server, &configuration, port))
            },
            |log| log.contains(READY),
        )?;
        Ok(Self { keeper, pid, port })
    }

    /// `http://host:port`, without a slash at its end.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The process id of the server.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Log and samples.
    #[must_use]
    pub fn data_dir(&self) -> &Path {
        self.keeper.directory()
    }

    /// What the server writes.
    #[must_use]
    pub fn log_path(&self) -> PathBuf {
        log_path(self.data_dir())
    }

    /// Stops the server cleanly, as dropping does, but says what went wrong.
    pub fn stop(mut self) -> Result<(), Error> {
        self.keeper.stop().map(drop)
    }
}

fn invocation(directory: &Path, server: &Path, configuration: &Path, port: u16) -> Invocation {
    Invocation {
        program: server.to_path_buf(),
        arguments: vec![
            format!("--config.file={}", configuration.display()),
            format!("--storage.tsdb.path={}", directory.join("samples").display()),
            format!("--web.listen-address=127.0.0.1:{port}"),
        ],
        log: log_path(directory),
    }
}

fn log_path(directory: &Path) -> PathBuf {
    directory.join("prometheus.log")
}
