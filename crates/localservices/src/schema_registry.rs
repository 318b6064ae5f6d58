//! A Confluent-compatible schema registry, Apicurio, with its schemas in memory and on loopback.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::java::{Java, LIGHT_FLAGS};
use crate::keeper::{Invocation, Keeper};
use crate::{DataDirectory, Error, Installation, ports};

const SERVICE: &str = "registry";
const API: &str = "/apis/ccompat/v7";
const STOP_PATIENCE: Duration = Duration::from_secs(10);
const HTTP_PATIENCE: Duration = Duration::from_secs(5);

/// A running registry. Dropping it stops it and forgets its schemas.
#[derive(Debug)]
pub struct SchemaRegistry {
    keeper: Keeper,
    pid: u32,
    port: u16,
}

impl SchemaRegistry {
    /// Installs the registry if need be, starts it on a free port and returns when it answers and refuses, by default,
    /// schemas that are not backward compatible. Blocks for about five seconds, not counting an installation.
    pub fn start(installation: impl Into<Installation>) -> Result<Self, Error> {
        let installation = installation.into();
        let java = Java::find()?;
        let jar = installation.schema_registry()?;
        let mut keeper =
            Keeper::spawn(SERVICE, installation.launcher(), &DataDirectory::Temporary, STOP_PATIENCE)?;
        let port = std::cell::Cell::new(0);
        let pid = keeper.start_on_free_ports(
            |directory, _| {
                let [free] = ports::free().map_err(Error::io("find a free port for", directory))?;
                port.set(free);
                Ok(invocation(directory, &java, &jar, free))
            },
            |_| request(port.get(), "GET", "/subjects", "").is_ok(),
        )?;
        let port = port.get();
        // Apicurio checks nothing at first, where Confluent's registry starts with BACKWARD.
        request(port, "PUT", "/config", r#"{"compatibility":"BACKWARD"}"#)
            .map_err(|error| Error::Keeper { service: SERVICE, detail: error.to_string() })?;
        Ok(Self { keeper, pid, port })
    }

    /// With its path and without a slash at its end: a client must be able to take a URL that has a path.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://127.0.0.1:{}{API}", self.port)
    }

    /// The process id of the Java machine.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// What the registry writes.
    #[must_use]
    pub fn log_path(&self) -> PathBuf {
        log_path(self.keeper.directory())
    }

    /// Stops the registry, as dropping does, but says what went wrong.
    pub fn stop(mut self) -> Result<(), Error> {
        self.keeper.stop().map(drop)
    }
}

fn invocation(directory: &Path, java: &Java, jar: &Path, port: u16) -> Invocation {
    let mut arguments: Vec<String> = LIGHT_FLAGS.iter().map(|flag| (*flag).to_owned()).collect();
    arguments.extend([
        "-Xmx256m".to_owned(),
        format!("-Dquarkus.http.port={port}"),
        "-Dquarkus.http.host=127.0.0.1".to_owned(),
        "-jar".to_owned(),
        jar.to_string_lossy().into_owned(),
    ]);
    Invocation { program: java.program.clone(), arguments, log: log_path(directory) }
}

fn log_path(directory: &Path) -> PathBuf {
    directory.join("registry.log")
}

/// One HTTP exchange, of which only the status matters.
fn request(port: u16, method: &str, path: &str, body: &str) -> io::Result<()> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut stream = TcpStream::connect_timeout(&address, HTTP_PATIENCE)?;
    stream.set_read_timeout(Some(HTTP_PATIENCE))?;
    write!(
        stream,
        "{method} {API}{path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let status = answer.lines().next().unwrap_or_default();
    if status.starts_with("HTTP/1.1 200") {
        Ok(())
    } else {
        Err(io::Error::other(format!("{method} {API}{path} was answered {status:?}")))
    }
}
