//! The Java machine that runs the broker and the schema registry.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use sha2::{Digest, Sha256};

use crate::Error;
use crate::install::{Tool, hexadecimal};

const MAJOR_MIN: u32 = 17;

/// For short-lived work on few cores: starts quicker and needs less memory than the defaults, at the same throughput.
pub(crate) const LIGHT_FLAGS: [&str; 4] =
    ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto", "-Djava.awt.headless=true"];

/// A Java machine that is new enough.
#[derive(Debug, Clone)]
pub(crate) struct Java {
    pub(crate) program: PathBuf,
    /// Differs between builds, to which class-data archives are bound.
    pub(crate) build: String,
}

impl Java {
    /// In `JAVA_HOME` if that is set, else on PATH.
    pub(crate) fn find() -> Result<Self, Error> {
        let in_home = env::var_os("JAVA_HOME").map(|home| PathBuf::from(home).join("bin/java"));
        let program = match in_home.filter(|program| program.is_file()) {
            Some(program) => program,
            None => Tool::Java.find()?,
        };
        let output = Command::new(&program).arg("-version").output().map_err(Error::io("run", &program))?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        if major_version(&said).is_none_or(|major| major < MAJOR_MIN) {
            return Err(Error::JavaTooOld { found: said.lines().next().unwrap_or_default().to_owned() });
        }
        let build = hexadecimal(&Sha256::digest(said.as_bytes())[..6]);
        Ok(Self { program, build })
    }
}

/// `17` of `openjdk version "17.0.15" 2025-04-15`, `8` of `java version "1.8.0_402"`.
fn major_version(said: &str) -> Option<u32> {
    let version = said.split('"').nth(1)?;
    let mut numbers = version.split(|character: char| !character.is_ascii_digit()).map(str::parse::<u32>);
    match numbers.next()?.ok()? {
        1 => numbers.next()?.ok(),
        major => Some(major),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read_in_the_old_and_the_new_manner() {
        for (said, expected) in [
            ("openjdk version \"17.0.15\" 2025-04-15\nOpenJDK …", Some(17)),
            ("openjdk version \"21\" 2023-09-19", Some(21)),
            ("openjdk version \"25-ea\" 2025-09-16", Some(25)),
            ("java version \"1.8.0_402\"", Some(8)),
            ("Error: could not find libjvm", None),
        ] {
            assert_eq!(major_version(said), expected, "{said}");
        }
    }
}
