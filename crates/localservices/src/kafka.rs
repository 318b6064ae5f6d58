//! A real Apache Kafka: one node, broker and controller in one process, without ZooKeeper, on loopback.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::install::jars;
use crate::java::{Java, LIGHT_FLAGS};
use crate::keeper::{Invocation, Keeper};
use crate::{DataDirectory, Error, Installation, ports, random};

const SERVICE: &str = "Kafka";
/// The port accepts connections before the broker answers on them, so only this line of its log means ready.
const READY: &str = "Kafka Server started";
/// A first stop also writes the class-data archive, which takes about 5 s.
const STOP_PATIENCE: Duration = Duration::from_secs(30);
const HEAP_MAX_MIB_DEFAULT: u32 = 512;

/// How a broker is started.
#[derive(Debug, Clone)]
pub struct KafkaOptions {
    /// What is run, and by which executable.
    pub installation: Installation,
    /// Where topics are kept; temporary by default.
    pub data: DataDirectory,
    /// A port to try first; another is taken if some other program has it. By default any free one.
    pub preferred_port: Option<u16>,
    /// The Java heap's ceiling in MiB, 512 by default; 256 is enough for tests of millions of messages.
    pub heap_max_mib: u32,
}

impl KafkaOptions {
    /// A temporary broker on a free port.
    pub fn new(installation: impl Into<Installation>) -> Self {
        Self {
            installation: installation.into(),
            data: DataDirectory::Temporary,
            preferred_port: None,
            heap_max_mib: HEAP_MAX_MIB_DEFAULT,
        }
    }
}

/// A running broker. Dropping it stops it.
#[derive(Debug)]
pub struct Kafka {
    keeper: Keeper,
    start: StartPlan,
    pid: u32,
    port: u16,
}

/// All that a start needs and a restart needs again.
#[derive(Debug)]
struct StartPlan {
    java: Java,
    jars: PathBuf,
    heap_max_mib: u32,
}

impl Kafka {
    /// Installs Kafka if need be, starts a broker and returns when it is ready. Blocks for one to two seconds, not counting
    /// an installation.
    pub fn start(options: KafkaOptions) -> Result<Self, Error> {
        let KafkaOptions { installation, data, preferred_port, heap_max_mib } = options;
        let start = StartPlan { java: Java::find()?, jars: installation.kafka()?, heap_max_mib };
        let mut keeper = Keeper::spawn(SERVICE, installation.launcher(), &data, STOP_PATIENCE)?;
        let directory = keeper.directory().to_path_buf();
        write(&directory.join("log4j2.properties"), LOG_SETTINGS)?;

        let mut port = 0;
        let mut choose_ports = |attempt: u32| -> Result<(), Error> {
            let [free, controller] = ports::free().map_err(Error::io("find a free port for", &directory))?;
            port = preferred_port.filter(|_| attempt == 0).unwrap_or(free);
            write(&settings_path(&directory), &broker_settings(&directory, port, controller))
        };
        choose_ports(0)?;
        // A formatted directory refuses to be formatted under another cluster id.
        if !directory.join("data/meta.properties").exists() {
            keeper.run_to_end(&start.format(&directory)?)?;
        }
        let pid = keeper.start_on_free_ports(
            |directory, attempt| {
                choose_ports(attempt)?;
                start.broker(directory)
            },
            is_ready,
        )?;
        Ok(Self { keeper, start, pid, port })
    }

    /// `host:port`, for a client's `bootstrap.servers`.
    #[must_use]
    pub fn bootstrap_servers(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// The process id of the Java machine.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Settings, log and topics.
    #[must_use]
    pub fn data_dir(&self) -> &Path {
        self.keeper.directory()
    }

    /// What the broker writes, of all its starts.
    #[must_use]
    pub fn log_path(&self) -> PathBuf {
        log_path(self.data_dir())
    }

    /// Kills the broker as a crash would, and keeps its data for [`restart`](Self::restart).
    pub fn kill9(&mut self) -> Result<(), Error> {
        self.keeper.kill()
    }

    /// Starts the broker again on the same data and port, after a [`kill9`](Self::kill9) or, cleanly, without one. Returns
    /// when it is ready: after a kill that takes about 4 s, because the controller first lets the old session run out.
    pub fn restart(&mut self) -> Result<(), Error> {
        self.keeper.stop()?;
        let start = &self.start;
        self.pid = self.keeper.start_on_free_ports(|directory, _| start.broker(directory), is_ready)?;
        Ok(())
    }

    /// Stops the broker cleanly, as dropping does, but says what went wrong.
    pub fn stop(mut self) -> Result<(), Error> {
        self.stop_and_keep_archive()
    }

    fn stop_and_keep_archive(&mut self) -> Result<(), Error> {
        if self.keeper.stop()? {
            self.start.publish_archive(self.keeper.directory());
        }
        Ok(())
    }
}

impl Drop for Kafka {
    fn drop(&mut self) {
        // Should this fail, the keeper still stops the broker when it is dropped next.
        let _ = self.stop_and_keep_archive();
    }
}

impl StartPlan {
    fn format(&self, directory: &Path) -> Result<Invocation, Error> {
        // 22 characters of base64 are the 16 bytes of a cluster id; the last one carries two bits only.
        let token = random::token::<21>().map_err(Error::io("read", Path::new("/dev/urandom")))?;
        let cluster_id = format!("{token}A");
        let settings = settings_path(directory);
        let arguments =
            ["kafka.tools.StorageTool", "format", "-t", &cluster_id, "-c", &settings.to_string_lossy()]
                .map(str::to_owned);
        self.invocation(directory, vec!["-Xmx128m".to_owned()], arguments)
    }

    fn broker(&self, directory: &Path) -> Result<Invocation, Error> {
        let archive = self.archive();
        let archive = if archive.exists() {
            format!("-XX:SharedArchiveFile={}", archive.display())
        } else {
            format!("-XX:ArchiveClassesAtExit={}", fresh_archive(directory).display())
        };
        let flags = vec![
            "-Xms128m".to_owned(),
            format!("-Xmx{}m", self.heap_max_mib),
            "-XX:MaxDirectMemorySize=256m".to_owned(),
            "-XX:+ExitOnOutOfMemoryError".to_owned(),
            archive,
            "-Djava.net.preferIPv4Stack=true".to_owned(),
            format!("-Dlog4j2.configurationFile={}", directory.join("log4j2.properties").display()),
        ];
        let arguments = ["kafka.Kafka".to_owned(), settings_path(directory).to_string_lossy().into_owned()];
        self.invocation(directory, flags, arguments)
    }

    fn invocation<const N: usize>(
        &self,
        directory: &Path,
        flags: Vec<String>,
        arguments: [String; N],
    ) -> Result<Invocation, Error> {
        let class_path: Vec<String> =
            jars(&self.jars)?.iter().map(|jar| jar.to_string_lossy().into_owned()).collect();
        let light = LIGHT_FLAGS.map(str::to_owned);
        let class_path = ["-cp".to_owned(), class_path.join(":")];
        Ok(Invocation {
            program: self.java.program.clone(),
            arguments: light.into_iter().chain(flags).chain(class_path).chain(arguments).collect(),
            log: log_path(directory),
        })
    }

    /// Class data of this Java build; with it every start takes about half the time.
    fn archive(&self) -> PathBuf {
        self.jars.join(format!("classes-{}.jsa", self.java.build))
    }

    /// Puts the archive that a first, clean stop has written among the jars. It only saves time, so failing is no error.
    fn publish_archive(&self, directory: &Path) {
        let fresh = fresh_archive(directory);
        if !fresh.exists() || self.archive().exists() {
            return;
        }
        // Temporary directories are often on another file system, whence a copy; the rename makes it whole or absent.
        if let Ok(staged) = tempfile::NamedTempFile::new_in(&self.jars)
            && fs::copy(&fresh, staged.path()).is_ok()
        {
            let _ = staged.persist(self.archive());
        }
        let _ = fs::remove_file(fresh);
    }
}

fn is_ready(log: &str) -> bool {
    log.contains(READY)
}

fn log_path(directory: &Path) -> PathBuf {
    directory.join("broker.log")
}

fn settings_path(directory: &Path) -> PathBuf {
    directory.join("server.properties")
}

fn fresh_archive(directory: &Path) -> PathBuf {
    directory.join("classes.jsa")
}

fn write(path: &Path, content: &str) -> Result<(), Error> {
    fs::write(path, content).map_err(Error::io("write", path))
}

fn broker_settings(directory: &Path, port: u16, controller_port: u16) -> String {
    let data = directory.join("data");
    format!(
        "process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller_port}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={data}
{SETTINGS}",
        data = data.display()
    )
}

const SETTINGS: &str = "\
# A topic that nobody has made is a mistake to be noticed.
auto.create.topics.enable=false
# There is one node to hold a replica.
default.replication.factor=1
min.insync.replicas=1
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
# The defaults of 50 partitions serve large clusters and cost seconds here.
num.partitions=1
offsets.topic.num.partitions=4
transaction.state.log.num.partitions=4
share.coordinator.state.topic.num.partitions=2
# After a crash the controller, in the same process, refuses the broker until its old session has run out.
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
# Consumers of tests join at once and may be declared dead quickly.
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
group.consumer.min.session.timeout.ms=1000
group.consumer.min.heartbeat.interval.ms=500
# Nothing expires while someone works with it.
log.retention.hours=-1
offsets.retention.minutes=525600
log.segment.delete.delay.ms=1000
# Small buffers and few threads.
num.network.threads=2
num.io.threads=4
num.recovery.threads.per.data.dir=2
log.cleaner.dedupe.buffer.size=16777216
log.segment.bytes=268435456
log.index.size.max.bytes=1048576
";

const LOG_SETTINGS: &str = "\
status=ERROR
rootLogger.level=INFO
rootLogger.appenderRef.stdout.ref=STDOUT
appender.stdout.type=Console
appender.stdout.name=STDOUT
appender.stdout.layout.type=PatternLayout
appender.stdout.layout.pattern=%d{yyyy-MM-dd HH:mm:ss,SSS} %p %m (%c{1})%n
";
