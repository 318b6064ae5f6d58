//! Fetches the services' pinned packages, once per machine directory, and checks every byte that will be run.
//!
//! A package is fetched and checked in a directory of its own beside the final one, then renamed. The final name therefore
//! exists exactly when the package is whole; an interrupted download is swept away by the next attempt. A file lock lets one
//! process fetch while others wait for it.

mod progress;

use std::env;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use sha2::{Digest, Sha256, Sha512};

pub use progress::{Progress, Silent, Terminal};

use crate::keeper::tail;
use crate::{Error, Launcher};

/// Overrides the directory that packages are installed into.
pub const DIRECTORY_VARIABLE: &str = "CASHLESS_LOCAL_SERVICES_DIR";
const DEFAULT_DIRECTORY: &str = "target/local-services";

const KAFKA: Package = Package { name: "kafka-4.4.0", title: "Apache Kafka 4.4.0 (about 45 MB)" };
const KAFKA_POM: &str = include_str!("install/kafka.pom.xml");
/// As `sha256sum *.jar` prints it.
const KAFKA_SHA256: &str = include_str!("install/kafka-4.4.0.sha256");

const CLICKHOUSE: Package = Package { name: "clickhouse-26.7.3", title: "ClickHouse 26.7 (about 180 MB)" };
/// Pinned exactly: the package's `latest` tag names an older server that lacks the options we start it with.
const CLICKHOUSE_NPM: &str = "@chdb/lib-linux-x64-gnu@26.7.3-stable.1";
const CLICKHOUSE_ARCHIVE: &str = "chdb-lib-linux-x64-gnu-26.7.3-stable.1.tgz";
/// The registry's `integrity` value, in hexadecimal.
const CLICKHOUSE_SHA512: &str = "5cff7b98caa7739b59a4a432c11f0dedc2d3b073624e61ebdf4a42e66ce8de35\
                                 a6ba48ca9f62016bad1cd81fe059435cb858ce3235a8a2b408082a81563e70a7";

const SCHEMA_REGISTRY: Package =
    Package { name: "apicurio-registry-2.6.13", title: "Apicurio Registry 2.6.13 (about 140 MB)" };
const SCHEMA_REGISTRY_MAVEN: &str = "io.apicurio:apicurio-registry-app:2.6.13.Final:tar.gz:all";
const SCHEMA_REGISTRY_ARCHIVE: &str = "apicurio-registry-app-2.6.13.Final-all.tar.gz";
const SCHEMA_REGISTRY_SHA256: &str = "3cda1b34aa020fb4ac4dd6a66018d757e81e437f97e20a1f92d366b70091c6ba";

const PROMETHEUS: Package = Package { name: "prometheus-2.42.0", title: "Prometheus 2.42 (about 20 MB)" };
/// Debian 12's. A system that offers another one has it installed by its own package manager, and is taken at its word.
const PROMETHEUS_DEBIAN: &str = "prometheus:amd64=2.42.0+ds-5+deb12u1";
const PROMETHEUS_ARCHIVE: &str = "prometheus_2.42.0+ds-5+deb12u1_amd64.deb";
const PROMETHEUS_SHA256: &str = "81d59a24fce84f7fbe97a45a4f2914b6a5881b5cd1db2a6a0e129e515e1a5f55";

const MAVEN_DEPENDENCY_PLUGIN: &str = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1";
const PARTIAL_PREFIX: &str = ".partial-";

struct Package {
    /// The directory, which carries the version so that a new pin never meets old files.
    name: &'static str,
    title: &'static str,
}

/// The two programs of Prometheus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrometheusPrograms {
    /// `prometheus`, the server.
    pub server: PathBuf,
    /// `promtool`, which checks configurations and tests rules.
    pub promtool: PathBuf,
}

/// Where packages are, how their fetching is shown, and which executable starts what is in them.
#[derive(Clone)]
pub struct Installation {
    launcher: Launcher,
    root: PathBuf,
    progress: Arc<dyn Progress>,
}

impl From<Launcher> for Installation {
    fn from(launcher: Launcher) -> Self {
        Self::new(launcher)
    }
}

impl Installation {
    /// In the directory that [`DIRECTORY_VARIABLE`] names, else under the workspace's `target/`; shown by [`Terminal`].
    #[must_use]
    pub fn new(launcher: Launcher) -> Self {
        let root = env::var_os(DIRECTORY_VARIABLE)
            .filter(|directory| !directory.is_empty())
            .map_or_else(|| workspace().join(DEFAULT_DIRECTORY), PathBuf::from);
        Self { launcher, root, progress: Arc::new(Terminal) }
    }

    /// Installs into another directory.
    #[must_use]
    pub fn at(mut self, root: impl Into<PathBuf>) -> Self {
        self.root = root.into();
        self
    }

    /// Shows steps in another way.
    #[must_use]
    pub fn with_progress(mut self, progress: impl Progress + 'static) -> Self {
        self.progress = Arc::new(progress);
        self
    }

    /// The executable that is run again as keeper.
    pub(crate) fn launcher(&self) -> &Launcher {
        &self.launcher
    }

    /// Fetches Kafka unless it is there; the directory with its jars.
    pub fn kafka(&self) -> Result<PathBuf, Error> {
        self.package(&KAFKA, &[Tool::Maven], |directory| {
            let pom = directory.join("pom.xml");
            fs::write(&pom, KAFKA_POM).map_err(Error::io("write", &pom))?;
            let mut maven = self.tool(Tool::Maven)?;
            maven
                .args(["-q", "-B", "-f"])
                .arg(&pom)
                .arg(format!("{MAVEN_DEPENDENCY_PLUGIN}:copy-dependencies"))
                .arg("-DincludeScope=runtime")
                .arg(format!("-DoutputDirectory={}", directory.display()));
            fetch(KAFKA.title, maven)?;
            check_listed::<Sha256>(directory, KAFKA_SHA256)
        })
    }

    /// Fetches ClickHouse unless it is there; the shared library that holds the server.
    pub fn clickhouse(&self) -> Result<PathBuf, Error> {
        let directory = self.package(&CLICKHOUSE, &[Tool::Npm, Tool::Tar], |directory| {
            let mut npm = self.tool(Tool::Npm)?;
            npm.args(["pack", CLICKHOUSE_NPM, "--ignore-scripts", "--loglevel=error", "--pack-destination"])
                .arg(directory);
            fetch(CLICKHOUSE.title, npm)?;
            let archive = directory.join(CLICKHOUSE_ARCHIVE);
            check::<Sha512>(&archive, CLICKHOUSE_SHA512)?;
            self.unpack(&archive, &["--strip-components=1", "package/libchdb.so"], CLICKHOUSE.title)
        })?;
        Ok(directory.join("libchdb.so"))
    }

    /// Fetches the schema registry unless it is there; the jar to run.
    pub fn schema_registry(&self) -> Result<PathBuf, Error> {
        let directory = self.package(&SCHEMA_REGISTRY, &[Tool::Maven, Tool::Tar], |directory| {
            let mut maven = self.tool(Tool::Maven)?;
            maven
                .args(["-q", "-B"])
                .arg(format!("{MAVEN_DEPENDENCY_PLUGIN}:copy"))
                .arg(format!("-Dartifact={SCHEMA_REGISTRY_MAVEN}"))
                .arg(format!("-DoutputDirectory={}", directory.display()));
            fetch(SCHEMA_REGISTRY.title, maven)?;
            let archive = directory.join(SCHEMA_REGISTRY_ARCHIVE);
            check::<Sha256>(&archive, SCHEMA_REGISTRY_SHA256)?;
            self.unpack(&archive, &[], SCHEMA_REGISTRY.title)
        })?;
        Ok(directory.join("apicurio-registry-app-2.6.13.Final-runner.jar"))
    }

    /// Prometheus as it is installed on this machine, else fetched unless it is there already. Fetching needs a Debian whose
    /// package lists have the pinned version, but no root.
    pub fn prometheus(&self) -> Result<PrometheusPrograms, Error> {
        if let (Some(server), Some(promtool)) = (on_path("prometheus"), on_path("promtool")) {
            return Ok(PrometheusPrograms { server, promtool });
        }
        let directory = self.package(&PROMETHEUS, &[Tool::AptGet, Tool::DpkgDeb], |directory| {
            let mut apt = self.tool(Tool::AptGet)?;
            // As root it would change to a user who cannot write here, and warn.
            apt.args(["-q", "-o", "APT::Sandbox::User=root", "download", PROMETHEUS_DEBIAN])
                .current_dir(directory);
            fetch(PROMETHEUS.title, apt)?;
            let archive = directory.join(PROMETHEUS_ARCHIVE);
            check::<Sha256>(&archive, PROMETHEUS_SHA256)?;
            let mut dpkg = self.tool(Tool::DpkgDeb)?;
            dpkg.arg("-x").arg(&archive).arg(directory);
            fetch(PROMETHEUS.title, dpkg)?;
            fs::remove_file(&archive).map_err(Error::io("remove", &archive))
        })?;
        let program = |name: &str| directory.join("usr/bin").join(name);
        Ok(PrometheusPrograms { server: program("prometheus"), promtool: program("promtool") })
    }

    /// The package's final directory, after `fill` has filled another one if need be.
    fn package(
        &self,
        package: &Package,
        tools: &[Tool],
        fill: impl FnOnce(&Path) -> Result<(), Error>,
    ) -> Result<PathBuf, Error> {
        let root = std::path::absolute(&self.root).map_err(Error::io("resolve", &self.root))?;
        let complete = root.join(package.name);
        if complete.is_dir() {
            return Ok(complete);
        }
        // Before anything is fetched: a missing program is then all there is to read.
        for tool in tools {
            tool.find()?;
        }
        fs::create_dir_all(&root).map_err(Error::io("create", &root))?;
        let lock_path = root.join(format!(".lock-{}", package.name));
        let lock = File::create(&lock_path).map_err(Error::io("create", &lock_path))?;
        lock.lock().map_err(Error::io("lock", &lock_path))?;
        if complete.is_dir() {
            return Ok(complete);
        }

        let prefix = format!("{PARTIAL_PREFIX}{}-", package.name);
        sweep(&root, &prefix).map_err(Error::io("clear", &root))?;
        let partial =
            tempfile::Builder::new().prefix(&prefix).tempdir_in(&root).map_err(Error::io("create", &root))?;
        self.progress.begin(&format!("installing {}", package.title));
        let filled = fill(partial.path());
        self.progress.end();
        filled?;
        fs::rename(partial.keep(), &complete).map_err(Error::io("create", &complete))?;
        Ok(complete)
    }

    fn unpack(&self, archive: &Path, members: &[&str], what: &'static str) -> Result<(), Error> {
        let mut tar = self.tool(Tool::Tar)?;
        tar.arg("-xzf").arg(archive).arg("-C").arg(archive.parent().unwrap_or(archive)).args(members);
        fetch(what, tar)?;
        fs::remove_file(archive).map_err(Error::io("remove", archive))
    }

    fn tool(&self, tool: Tool) -> Result<Command, Error> {
        self.launcher.leashed(&tool.find()?)
    }
}

impl std::fmt::Debug for Installation {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Installation")
            .field("launcher", &self.launcher)
            .field("root", &self.root)
            .finish_non_exhaustive()
    }
}

fn workspace() -> &'static Path {
    let crate_directory = Path::new(env!("CARGO_MANIFEST_DIR"));
    crate_directory.ancestors().nth(2).unwrap_or(crate_directory)
}

/// The programs of the operating system that we call.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Tool {
    Java,
    Maven,
    Npm,
    Tar,
    AptGet,
    DpkgDeb,
}

impl Tool {
    pub(crate) fn find(self) -> Result<PathBuf, Error> {
        let (tool, remedy) = match self {
            Self::Java => {
                ("java", "install Java 17 or newer (Debian, Ubuntu: apt-get install openjdk-17-jre-headless)")
            }
            Self::Maven => ("mvn", "install Maven 3.8 or newer (Debian, Ubuntu: apt-get install maven)"),
            Self::Npm => ("npm", "install Node.js with npm (Debian, Ubuntu: apt-get install npm)"),
            Self::Tar => ("tar", "install tar and gzip (Debian, Ubuntu: apt-get install tar gzip)"),
            Self::AptGet | Self::DpkgDeb => {
                let tool = if matches!(self, Self::AptGet) { "apt-get" } else { "dpkg-deb" };
                (tool, "install Prometheus with its promtool (Debian, Ubuntu: apt-get install prometheus)")
            }
        };
        on_path(tool).ok_or(Error::MissingTool { tool, remedy })
    }
}

fn on_path(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|directory| directory.join(program)).find(|candidate| candidate.is_file())
}

/// Removes what interrupted attempts left. Only called by the holder of the package's lock.
fn sweep(root: &Path, prefix: &str) -> io::Result<()> {
    for entry in fs::read_dir(root)? {
        let entry = entry?;
        if entry.file_name().to_str().is_some_and(|name| name.starts_with(prefix)) {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

/// Runs a package manager, whose own words are kept for the case that it fails.
fn fetch(what: &'static str, mut command: Command) -> Result<(), Error> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| Error::Fetch { what, detail: error.to_string() })?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    Err(Error::Fetch { what, detail: tail(&String::from_utf8_lossy(&said)) })
}

/// Every jar is listed and every listed jar is there and as pinned: one jar too many would be run too.
fn check_listed<D: Digest>(directory: &Path, list: &str) -> Result<(), Error> {
    let mut pinned: Vec<(&str, &str)> =
        list.lines().filter_map(|line| line.split_once("  ")).map(|(digest, name)| (name, digest)).collect();
    for jar in jars(directory)? {
        let name = jar.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let Some(position) = pinned.iter().position(|(listed, _)| *listed == name) else {
            return Err(Error::Checksum {
                file: name,
                pinned: "absent".to_owned(),
                found: "present".to_owned(),
            });
        };
        check::<D>(&jar, pinned.swap_remove(position).1)?;
    }
    match pinned.first() {
        None => Ok(()),
        Some((name, digest)) => {
            let (file, pinned) = ((*name).to_owned(), (*digest).to_owned());
            Err(Error::Checksum { file, pinned, found: "absent".to_owned() })
        }
    }
}

fn check<D: Digest>(path: &Path, pinned: &str) -> Result<(), Error> {
    let found = hexadecimal(&digest_of::<D>(path).map_err(Error::io("read", path))?);
    if found == pinned {
        return Ok(());
    }
    let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Err(Error::Checksum { file, pinned: pinned.to_owned(), found })
}

fn digest_of<D: Digest>(path: &Path) -> io::Result<Vec<u8>> {
    let mut file = BufReader::with_capacity(1 << 20, File::open(path)?);
    let mut digest = D::new();
    loop {
        let bytes = file.fill_buf()?;
        if bytes.is_empty() {
            return Ok(digest.finalize().to_vec());
        }
        digest.update(bytes);
        let count = bytes.len();
        file.consume(count);
    }
}

pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The jars of a directory in one fixed order: a class-data archive is bound to the order of the class path.
pub(crate) fn jars(directory: &Path) -> Result<Vec<PathBuf>, Error> {
    let list = || -> io::Result<Vec<PathBuf>> {
        let entries: Vec<PathBuf> =
            fs::read_dir(directory)?.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
        Ok(entries
            .into_iter()
            .filter(|path| path.extension().is_some_and(|extension| extension == "jar"))
            .collect())
    };
    let mut jars = list().map_err(Error::io("list", directory))?;
    jars.sort();
    Ok(jars)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OF_ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    fn verdict(files: &[(&str, &str)], list: &str) -> Result<(), String> {
        let directory = tempfile::tempdir().expect("a temporary directory");
        for (name, content) in files {
            fs::write(directory.path().join(name), content).expect("a small file");
        }
        check_listed::<Sha256>(directory.path(), list).map_err(|error| error.to_string())
    }

    #[test]
    fn only_exactly_the_pinned_jars_pass() {
        let list = format!("{OF_ABC}  a.jar\n");
        assert_eq!(verdict(&[("a.jar", "abc"), ("pom.xml", "not a jar")], &list), Ok(()));
        assert!(verdict(&[("a.jar", "abd")], &list).is_err_and(|text| text.contains(OF_ABC)));
        assert!(verdict(&[], &list).is_err_and(|text| text.contains("absent")));
        assert!(
            verdict(&[("a.jar", "abc"), ("b.jar", "abc")], &list).is_err_and(|text| text.contains("b.jar"))
        );
    }

    #[test]
    fn what_an_interrupted_attempt_left_is_not_taken_for_the_package() {
        let root = tempfile::tempdir().expect("a temporary directory");
        let leftover = root.path().join(".partial-kafka-4.4.0-killed");
        fs::create_dir(&leftover).expect("a directory");
        let installation = Installation::new(Launcher::current_exe()).at(root.path()).with_progress(Silent);

        let failed =
            installation.package(&KAFKA, &[], |_| Err(Error::MissingTool { tool: "x", remedy: "y" }));
        assert!(matches!(failed, Err(Error::MissingTool { .. })));
        assert!(!leftover.exists() && !root.path().join(KAFKA.name).exists());

        let fill =
            |directory: &Path| fs::write(directory.join("whole"), "").map_err(Error::io("write", directory));
        let complete = installation.package(&KAFKA, &[], fill).expect("the second attempt succeeds");
        assert!(complete.join("whole").exists());
        installation.package(&KAFKA, &[], |_| panic!("fetched twice")).expect("the third finds it");
    }
}
