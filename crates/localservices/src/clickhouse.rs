//! A real ClickHouse server with HTTP and native listeners on loopback.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::clickhouse_host::{self, listening_path};
use crate::install::hexadecimal;
use crate::keeper::{Invocation, Keeper, OWN_EXECUTABLE};
use crate::{DataDirectory, Error, Installation, ports, random};

const SERVICE: &str = "ClickHouse";
/// A stop under load has been seen to take 10 s; usually it takes a fifth of a second.
const STOP_PATIENCE: Duration = Duration::from_secs(20);
const MEMORY_MAX_BYTES_DEFAULT: u64 = 4 << 30;

/// Owns all databases but `default`.
const USER: &str = "cashless";
/// Reads them, as a dashboard would.
const ANALYST: &str = "cashless_analyst";

const ANALYST_READS_ALL: [&str; 2] = ["GRANT SHOW, SELECT, dictGet ON *.*", "REVOKE ALL ON default.*"];

/// How a server is started.
#[derive(Debug, Clone)]
pub struct ClickHouseOptions {
    /// What is run, and by which executable.
    pub installation: Installation,
    /// Where tables are kept; temporary by default.
    pub data: DataDirectory,
    /// A port to try first for HTTP; another is taken if some other program has it. By default any free one.
    pub preferred_port: Option<u16>,
    /// Of both users; by default a new random one, which suits temporary data.
    pub password: Option<String>,
    /// What the analyst may read, as `database.table`, whether it is there yet or not; by default everything.
    pub analyst_may_read: Option<Vec<String>>,
    /// `max_server_memory_usage` in bytes, 4 GiB by default; queries beyond it fail, the server goes on.
    pub memory_max_bytes: u64,
}

impl ClickHouseOptions {
    /// A temporary server on free ports with a random password.
    pub fn new(installation: impl Into<Installation>) -> Self {
        Self {
            installation: installation.into(),
            data: DataDirectory::Temporary,
            preferred_port: None,
            password: None,
            analyst_may_read: None,
            memory_max_bytes: MEMORY_MAX_BYTES_DEFAULT,
        }
    }
}

/// A running server. Dropping it stops it.
#[derive(Debug)]
pub struct ClickHouse {
    keeper: Keeper,
    library: PathBuf,
    ports: Ports,
    pid: u32,
    password: String,
}

#[derive(Debug, Clone, Copy)]
struct Ports {
    http: u16,
    tcp: u16,
}

impl ClickHouse {
    /// Installs ClickHouse if need be, starts a server and returns when it listens. Blocks for a fraction of a second, not
    /// counting an installation.
    pub fn start(options: ClickHouseOptions) -> Result<Self, Error> {
        let ClickHouseOptions {
            installation,
            data,
            preferred_port,
            password,
            analyst_may_read,
            memory_max_bytes,
        } = options;
        let password = match password {
            Some(password) => password,
            None => random::token::<24>().map_err(Error::io("read", Path::new("/dev/urandom")))?,
        };
        let library = installation.clickhouse()?;
        let mut keeper = Keeper::spawn(SERVICE, installation.launcher(), &data, STOP_PATIENCE)?;
        let directory = keeper.directory().to_path_buf();
        write_configuration(&directory, &password, analyst_may_read.as_deref(), memory_max_bytes)?;

        let mut ports = Ports { http: 0, tcp: 0 };
        let pid = keeper.start_on_free_ports(
            |directory, attempt| {
                let [http, tcp] = ports::free().map_err(Error::io("find a free port for", directory))?;
                ports = Ports { http: preferred_port.filter(|_| attempt == 0).unwrap_or(http), tcp };
                invocation(directory, &library, ports)
            },
            |_| is_listening(&directory),
        )?;
        Ok(Self { keeper, library, ports, pid, password })
    }

    /// `http://host:port`, without a slash at its end.
    #[must_use]
    pub fn http_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports.http)
    }

    /// The port of the native protocol.
    #[must_use]
    pub fn tcp_port(&self) -> u16 {
        self.ports.tcp
    }

    /// The user who may create, read and write every database but `default`.
    #[must_use]
    pub fn user(&self) -> &'static str {
        USER
    }

    /// A user who may only read, with settings of its own choice.
    #[must_use]
    pub fn analyst(&self) -> &'static str {
        ANALYST
    }

    /// The password of both users.
    #[must_use]
    pub fn password(&self) -> &str {
        &self.password
    }

    /// The process id of the server.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Configuration, log and tables.
    #[must_use]
    pub fn data_dir(&self) -> &Path {
        self.keeper.directory()
    }

    /// What the server writes, of all its starts: warnings and errors only.
    #[must_use]
    pub fn log_path(&self) -> PathBuf {
        log_path(self.data_dir())
    }

    /// Kills the server as a crash would, and keeps its data for [`restart`](Self::restart).
    pub fn kill9(&mut self) -> Result<(), Error> {
        self.keeper.kill()
    }

    /// Starts the server again on the same data and ports, after a [`kill9`](Self::kill9) or, cleanly, without one.
    pub fn restart(&mut self) -> Result<(), Error> {
        self.keeper.stop()?;
        let directory = self.keeper.directory().to_path_buf();
        let invoke = |directory: &Path, _| invocation(directory, &self.library, self.ports);
        self.pid = self.keeper.start_on_free_ports(invoke, |_| is_listening(&directory))?;
        Ok(())
    }

    /// Stops the server cleanly, as dropping does, but says what went wrong.
    pub fn stop(mut self) -> Result<(), Error> {
        self.keeper.stop().map(drop)
    }
}

fn invocation(directory: &Path, library: &Path, ports: Ports) -> Result<Invocation, Error> {
    // Else the file of the start before could be taken for that of this one.
    let listening = listening_path(directory);
    match fs::remove_file(&listening) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(Error::io("remove", &listening)(error));
        }
        _ => {}
    }
    let path = |path: &Path| path.to_string_lossy().into_owned();
    Ok(Invocation {
        program: PathBuf::from(OWN_EXECUTABLE),
        arguments: vec![
            clickhouse_host::SUBCOMMAND.to_owned(),
            path(library),
            path(directory),
            path(&config_path(directory)),
            ports.http.to_string(),
            ports.tcp.to_string(),
        ],
        log: log_path(directory),
    })
}

/// The server ends the file with a line feed once both listeners are up.
fn is_listening(directory: &Path) -> bool {
    fs::read_to_string(listening_path(directory)).is_ok_and(|text| text.ends_with('\n'))
}

fn log_path(directory: &Path) -> PathBuf {
    directory.join("clickhouse.log")
}

fn config_path(directory: &Path) -> PathBuf {
    directory.join("conf/config.xml")
}

/// Written anew by each start, so that a changed password or limit holds from then on.
fn write_configuration(
    directory: &Path,
    password: &str,
    analyst_may_read: Option<&[String]>,
    memory_max_bytes: u64,
) -> Result<(), Error> {
    let conf = directory.join("conf");
    fs::DirBuilder::new().recursive(true).mode(0o700).create(&conf).map_err(Error::io("create", &conf))?;
    let password_sha256 = hexadecimal(&Sha256::digest(password.as_bytes()));
    let grant = |granted: &str| format!("<query>{granted}</query>");
    let analyst_grants = match analyst_may_read {
        None => ANALYST_READS_ALL.map(grant).concat(),
        Some(tables) => tables.iter().map(|table| grant(&format!("GRANT SELECT ON {table}"))).collect(),
    };
    let users =
        USERS.replace("{password_sha256}", &password_sha256).replace("{analyst_grants}", &analyst_grants);
    let config = CONFIG.replace("{memory_max_bytes}", &memory_max_bytes.to_string());
    for (path, content) in [(conf.join("users.xml"), users), (config_path(directory), config)] {
        fs::OpenOptions::new()
            .create(true)
            .write(true)
            .truncate(true)
            .mode(0o600)
            .open(&path)
            .and_then(|mut file| file.write_all(content.as_bytes()))
            .map_err(Error::io("write", &path))?;
    }
    Ok(())
}

const CONFIG: &str = include_str!("clickhouse/config.xml");
const USERS: &str = include_str!("clickhouse/users.xml");
