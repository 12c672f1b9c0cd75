//! A real Apache Kafka (one node that is its own controller, and more that join it) for tests, on loopback.
//!
//! Its jars come with Maven, once for each version of `kafka/pom.xml`, into the scratch folder of the target folder.

use std::fs::{File, create_dir_all, read_to_string, write};
use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use crate::place;

const POM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/kafka/pom.xml");
/// A cold JVM on two busy cores.
const START: Duration = Duration::from_mins(2);
const READY: &str = "Kafka Server started";
/// Sixteen bytes in the alphabet of URLs, as `kafka-storage.sh random-uuid` writes them.
const CLUSTER: &str = "c21hcnRldGwtdGVzdHMtMQ";

/// A broker with a folder and ports of its own. Stops when it is dropped.
#[derive(Debug)]
pub struct Broker {
    /// `127.0.0.1:port`
    pub address: String,
    controller: u16,
    folder: tempfile::TempDir,
    process: Option<Child>,
    starts: u32,
}

/// What a broker is like.
#[derive(Clone, Debug)]
pub struct Setup {
    pub port: u16,
    /// What clients are told to come by.
    pub advertised: u16,
    pub cluster: String,
    /// How clients speak to it.
    pub protocol: String,
    /// More properties, one a line; they win over the usual ones.
    pub properties: String,
    /// What else its storage is given when it is made: `--add-scram` and the like.
    pub storage: Vec<String>,
}

impl Default for Setup {
    fn default() -> Self {
        let port = free_port();
        Self {
            port,
            advertised: port,
            cluster: CLUSTER.to_owned(),
            protocol: "PLAINTEXT".to_owned(),
            properties: String::new(),
            storage: Vec::new(),
        }
    }
}

impl Broker {
    /// Starts an empty broker and waits until it answers.
    ///
    /// # Panics
    /// When Java or Maven is missing, or the broker does not start: the message says why and what to do.
    pub fn start() -> Self {
        Self::of(&Setup::default())
    }

    /// The broker that the tests of this process share; what a test makes there, it names after itself.
    ///
    /// # Panics
    /// As [`Broker::start`].
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Broker> = OnceLock::new();
        SHARED.get_or_init(|| {
            let (to, from) = std::sync::mpsc::channel();
            // The broker dies with the thread that started it, and so with this process.
            std::thread::spawn(move || {
                // Nobody listens where the test failed meanwhile.
                let _ = to.send(Self::start());
                loop {
                    std::thread::park();
                }
            });
            from.recv().expect("the broker starts")
        })
    }

    /// The same on this port, telling clients to come by another one: that of a proxy.
    ///
    /// # Panics
    /// As [`Broker::start`].
    pub fn behind(port: u16, advertised: u16) -> Self {
        Self::of(&Setup {
            port,
            advertised,
            ..Setup::default()
        })
    }

    /// The same as it is set up.
    ///
    /// # Panics
    /// As [`Broker::start`].
    pub fn of(setup: &Setup) -> Self {
        let controller = free_port();
        let roles = format!(
            "process.roles=broker,controller\n\
             node.id=1\n\
             listeners={}://127.0.0.1:{},CONTROLLER://127.0.0.1:{controller}\n",
            setup.protocol, setup.port
        );
        Self::with(setup, controller, &roles)
    }

    /// Starts another broker, which joins the cluster of this one; its number is at least 2.
    ///
    /// # Panics
    /// As [`Broker::start`].
    #[must_use]
    pub fn joined(&self, node: u16, setup: &Setup) -> Self {
        let roles = format!(
            "process.roles=broker\n\
             node.id={node}\n\
             listeners={}://127.0.0.1:{}\n",
            setup.protocol, setup.port
        );
        Self::with(setup, self.controller, &roles)
    }

    fn with(setup: &Setup, controller: u16, roles: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder for the broker");
        let address = format!("127.0.0.1:{}", setup.advertised);
        let protocol = &setup.protocol;
        let properties = format!(
            "{roles}\
             controller.quorum.voters=1@127.0.0.1:{controller}\n\
             advertised.listeners={protocol}://{address}\n\
             controller.listener.names=CONTROLLER\n\
             inter.broker.listener.name={protocol}\n\
             listener.security.protocol.map={protocol}:{protocol},CONTROLLER:PLAINTEXT\n\
             log.dirs={}\n\
             offsets.topic.replication.factor=1\n\
             offsets.topic.num.partitions=3\n\
             transaction.state.log.replication.factor=1\n\
             transaction.state.log.min.isr=1\n\
             share.coordinator.state.topic.replication.factor=1\n\
             share.coordinator.state.topic.min.isr=1\n\
             group.initial.rebalance.delay.ms=0\n\
             auto.create.topics.enable=false\n\
             message.max.bytes=33554432\n\
             replica.fetch.max.bytes=33554432\n\
             log.retention.check.interval.ms=1000\n\
             {}",
            folder.path().join("data").display(),
            setup.properties
        );
        write(folder.path().join("server.properties"), properties)
            .expect("the broker's properties can be written");
        write(
            folder.path().join("log4j2.properties"),
            "rootLogger.level=INFO\nrootLogger.appenderRef.out.ref=out\nappender.out.type=Console\nappender.out.name=out\n\
             appender.out.layout.type=PatternLayout\nappender.out.layout.pattern=%d %p %m (%c)%n\n",
        )
        .expect("the broker's log settings can be written");
        let mut broker = Self {
            address,
            controller,
            folder,
            process: None,
            starts: 0,
        };
        let format = broker
            .java("kafka.tools.StorageTool")
            .args(["format", "-t", &setup.cluster, "-c"])
            .arg(broker.folder.path().join("server.properties"))
            .args(&setup.storage)
            .output()
            .expect("java can be run");
        assert!(
            format.status.success(),
            "the broker's folder cannot be prepared: {}",
            String::from_utf8_lossy(&format.stderr)
        );
        broker.start_again();
        broker
    }

    fn java(&self, class: &str) -> Command {
        // So that no broker outlives its test, however that ends.
        let mut command = Command::new("setpriv");
        command
            .args(["--pdeathsig", "KILL", "java"])
            .args([
                "-Xmx384m",
                "-Xss512k",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
            ])
            .arg(format!(
                "-Dlog4j2.configurationFile={}",
                self.folder.path().join("log4j2.properties").display()
            ))
            .arg("-cp")
            .arg(format!("{}/*", jars().display()))
            .arg(class)
            .stdin(Stdio::null());
        command
    }

    /// Starts it on the folder and the port that it had.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start_again(&mut self) {
        self.starts += 1;
        let told = self.folder.path().join(format!("log-{}", self.starts));
        let out = File::create(&told).expect("the broker's log");
        let err = out.try_clone().expect("the broker's log");
        let mut command = self.java("kafka.Kafka");
        command
            .arg(self.folder.path().join("server.properties"))
            .stdout(out)
            .stderr(err)
            // Signals for the test are not for it.
            .process_group(0);
        let mut process = command.spawn().expect("java can be run");
        let began = Instant::now();
        loop {
            let text = read_to_string(&told).unwrap_or_default();
            if text.contains(READY) {
                break;
            }
            let ended = process.try_wait().expect("the broker is a child");
            assert!(
                ended.is_none() && began.elapsed() < START,
                "the broker did not start:\n{}",
                last_lines(&text)
            );
            std::thread::sleep(Duration::from_millis(50));
        }
        self.process = Some(process);
    }

    /// The process, for signals.
    ///
    /// # Panics
    /// When it was killed.
    pub fn pid(&self) -> u32 {
        self.process.as_ref().expect("the broker runs").id()
    }

    /// `kill -9`.
    ///
    /// # Panics
    /// When it cannot be killed.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().expect("the broker can be killed");
            process.wait().expect("the broker is a child");
        }
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take() {
            // Nobody needs its data.
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

/// A port that is free now.
///
/// # Panics
/// When loopback has none.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
    listener.local_addr().expect("it is bound").port()
}

fn last_lines(text: &str) -> String {
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(30)..].join("\n")
}

/// The folder with Kafka's jars; Maven brings them once.
fn jars() -> PathBuf {
    let pom = std::fs::read(POM).expect("the pom of the broker");
    let folder = place::scratch().join(format!("kafka-{:016x}", xxhash_rust::xxh3::xxh3_64(&pom)));
    let ready = folder.join("READY");
    if ready.is_file() {
        return folder;
    }
    create_dir_all(place::scratch()).expect("the scratch folder can be made");
    let lock = File::create(folder.with_extension("lock")).expect("the lock of the jars");
    lock.lock().expect("the jars can be locked");
    if !ready.is_file() {
        fetch(&folder);
        write(&ready, "").expect("the folder of the jars can be written");
    }
    folder
}

fn fetch(folder: &Path) {
    let fetched = Command::new("mvn")
        .args([
            "-B",
            "-q",
            "-f",
            POM,
            "dependency:copy-dependencies",
            "-DincludeScope=runtime",
        ])
        .arg(format!("-DoutputDirectory={}", folder.display()))
        .stdin(Stdio::null())
        .output();
    match fetched {
        Err(error) => panic!(
            "Maven cannot be run ({error}): install maven and a Java 17 runtime; `make test` does"
        ),
        Ok(fetched) => assert!(
            fetched.status.success(),
            "Maven does not bring Kafka's jars:\n{}{}",
            String::from_utf8_lossy(&fetched.stdout),
            String::from_utf8_lossy(&fetched.stderr)
        ),
    }
}
