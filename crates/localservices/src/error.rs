//! The one error of this crate: a variant per thing a caller, or the person at the terminal, can do about it.

use std::io;
use std::path::{Path, PathBuf};

/// Why a service could not be installed, started or stopped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A program of the operating system is absent; the text says what to install.
    #[error("`{tool}` was not found on PATH: {remedy}")]
    MissingTool {
        /// The program's name.
        tool: &'static str,
        /// What to install.
        remedy: &'static str,
    },

    /// There is a Java, but one that cannot run the broker.
    #[error(
        "Java 17 or newer is needed, but `java -version` says {found:?}: install a newer one or set JAVA_HOME"
    )]
    JavaTooOld {
        /// The version line, as printed.
        found: String,
    },

    /// A package manager could not fetch a pinned package. Trying again later may help.
    #[error("could not fetch {what}: {detail}")]
    Fetch {
        /// The package.
        what: &'static str,
        /// The last lines the package manager wrote.
        detail: String,
    },

    /// What was fetched is not what was pinned. Nothing of it is kept, and trying again is only wise once the reason is known.
    #[error("checksum of {file} is {found}, pinned is {pinned}")]
    Checksum {
        /// The file's name.
        file: String,
        /// The hexadecimal digest in this crate.
        pinned: String,
        /// The hexadecimal digest of the file, or a word for its absence.
        found: String,
    },

    /// The service ended while it was being started.
    #[error("{service} ended while starting; the end of {log}:\n{tail}", log = .log.display())]
    Ended {
        /// The service's name.
        service: &'static str,
        /// Where its whole log was.
        log: PathBuf,
        /// The last lines of that log.
        tail: String,
    },

    /// The service runs but did not become ready within its bound.
    #[error("{service} was not ready after {patience_seconds} s; the end of {log}:\n{tail}", log = .log.display())]
    NotReady {
        /// The service's name.
        service: &'static str,
        /// How long we waited.
        patience_seconds: u64,
        /// Where its whole log was.
        log: PathBuf,
        /// The last lines of that log.
        tail: String,
    },

    /// Other programs took each port that was tried; or the port a restart has to come back on.
    #[error("{service} found its port taken, {attempts} times over")]
    PortsTaken {
        /// The service's name.
        service: &'static str,
        /// How many times a start was tried.
        attempts: u32,
    },

    /// The keeper process does not answer as one.
    #[error("the keeper of {service} failed: {detail}")]
    Keeper {
        /// The service's name.
        service: &'static str,
        /// What went wrong.
        detail: String,
    },

    /// An operation on a file or process failed.
    #[error("could not {action} {path}", path = .path.display())]
    Io {
        /// What was tried, as a verb.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
}

impl Error {
    /// For `map_err`: names what was tried on which path.
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
        let path = path.to_path_buf();
        move |source| Error::Io { action, path, source }
    }
}
