//! A Kafka broker of one's own.

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::name::random;
use crate::proxy::Proxy;
use crate::server::{Server, run};
use crate::supervisor::Keeper;
use crate::{fetch, port};

/// Logged by the broker once its controller has let it in.
const READY: &str = "Kafka Server started";

/// How to start a Kafka.
#[derive(Clone, Debug)]
pub struct KafkaOptions {
    /// Options for the Java virtual machine. The default is small and quick to start; measure
    /// with more memory and without `TieredStopAtLevel`.
    pub jvm: Vec<String>,
    /// Lines for `server.properties`, after ours, so that the last one of a name counts.
    pub properties: Vec<String>,
}

impl Default for KafkaOptions {
    fn default() -> Self {
        let jvm = ["-Xmx400m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"];
        Self { jvm: jvm.map(str::to_owned).into(), properties: Vec::new() }
    }
}

/// A Kafka broker for one test, which may hurt it; broker and controller in one process.
///
/// Dropped, it is killed and its folder removed. All functions block.
#[derive(Debug)]
pub struct Kafka {
    bootstrap: String,
    server: Server,
}

impl Kafka {
    /// Starts a new, empty Kafka and waits until it serves.
    pub fn start_private() -> Result<Self> {
        Self::start_with(&KafkaOptions::default())
    }

    /// Like [`Kafka::start_private`], with options.
    pub fn start_with(options: &KafkaOptions) -> Result<Self> {
        port::with_free_ports(|| {
            let (broker, controller) = (port::free()?, port::free()?);
            let listeners = listeners(controller, &[Listener::direct(broker)]);
            Self::prepare(options, broker, &listeners)
        })
    }

    /// Starts a Kafka that is reached both directly and through a proxy.
    ///
    /// Kafka tells its clients the address to use, so a proxy in front of the usual one would see
    /// only the first connection. This broker listens twice: clients that bootstrap from
    /// [`Proxy::address`] stay behind the proxy, those from [`Kafka::bootstrap`] never meet it.
    pub fn start_behind_proxy() -> Result<(Self, Proxy)> {
        port::with_free_ports(|| {
            let (broker, controller, hidden) = (port::free()?, port::free()?, port::free()?);
            let proxy = Proxy::start(&format!("127.0.0.1:{hidden}"))?;
            let proxied = Listener { name: "PROXIED", port: hidden, advertised: proxy.address() };
            let listeners = listeners(controller, &[Listener::direct(broker), proxied]);
            Ok((Self::prepare(&KafkaOptions::default(), broker, &listeners)?, proxy))
        })
    }

    /// The address for clients, `host:port`. It stays the same over restarts.
    pub fn bootstrap(&self) -> &str {
        &self.bootstrap
    }

    /// Starts it again after [`Kafka::stop`] or [`Kafka::kill`], on the same port and data.
    pub fn start(&mut self) -> Result<()> {
        self.server.start()
    }

    /// Stops it in order (`SIGTERM`).
    pub fn stop(&mut self) -> Result<()> {
        self.server.stop()
    }

    /// Kills it (`SIGKILL`). What it had written stays, as the operating system lives on.
    pub fn kill(&mut self) -> Result<()> {
        self.server.kill()
    }

    /// Stops it in order and starts it again.
    pub fn restart(&mut self) -> Result<()> {
        self.stop()?;
        self.start()
    }

    /// Freezes it (`SIGSTOP`): connections stay open, nothing answers, its clocks jump on resume.
    pub fn pause(&self) -> Result<()> {
        self.server.pause()
    }

    /// Lets it go on after [`Kafka::pause`].
    pub fn resume(&self) -> Result<()> {
        self.server.resume()
    }

    /// The process id, for measurements.
    pub fn pid(&self) -> Result<u32> {
        self.server.pid()
    }

    /// The end of its log, for messages of failed tests.
    pub fn log_tail(&self) -> String {
        self.server.log_tail()
    }

    fn prepare(options: &KafkaOptions, broker: u16, listeners: &str) -> Result<Self> {
        let jars = fetch::kafka_jars()?;
        let (mut keeper, folder) = Keeper::with_temporary_folder()?;
        let properties = folder.join("server.properties");
        let data = folder.join("data");
        let own = options.properties.join("\n");
        fs::write(
            &properties,
            format!("{PROPERTIES}log.dirs={}\n{listeners}\n{own}\n", data.display()),
        )?;
        let mut format = java(&jars, &folder, &KafkaOptions::default().jvm);
        format.args(["kafka.tools.StorageTool", "format", "-t", &cluster_id(), "-c"]);
        run(&mut keeper, &folder, format.arg(&properties))?;
        let mut command = java(&jars, &folder, &options.jvm);
        command.arg("kafka.Kafka").arg(&properties);
        let mut server = Server::new(keeper, &folder, command, READY);
        server.start()?;
        Ok(Self { bootstrap: format!("127.0.0.1:{broker}"), server })
    }
}

/// One broker that is its own controller, with all replication at one. The internal topics have
/// one partition instead of 50, which saves a second at the first consumer group or transaction.
/// The cleaner, 128 MB of memory, is off: nothing here is compacted. A killed broker may
/// register again when its old session is over: 4 s here, 9 s by default. How the log is synced is
/// Kafka's default.
const PROPERTIES: &str = "\
process.roles=broker,controller
node.id=1
controller.listener.names=CONTROLLER
inter.broker.listener.name=DIRECT
listener.security.protocol.map=DIRECT:PLAINTEXT,PROXIED:PLAINTEXT,CONTROLLER:PLAINTEXT
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
group.initial.rebalance.delay.ms=0
log.cleaner.enable=false
broker.session.timeout.ms=4000
broker.heartbeat.interval.ms=1000
";

/// A port on which clients reach the broker, and the address that the broker tells them.
struct Listener {
    name: &'static str,
    port: u16,
    advertised: String,
}

impl Listener {
    fn direct(port: u16) -> Self {
        Self { name: "DIRECT", port, advertised: format!("127.0.0.1:{port}") }
    }
}

fn listeners(controller: u16, clients: &[Listener]) -> String {
    let own =
        clients.iter().map(|listener| format!("{}://127.0.0.1:{},", listener.name, listener.port));
    let told =
        clients.iter().map(|listener| format!("{}://{}", listener.name, listener.advertised));
    format!(
        "controller.quorum.voters=1@127.0.0.1:{controller}\n\
         listeners={}CONTROLLER://127.0.0.1:{controller}\n\
         advertised.listeners={}",
        own.collect::<String>(),
        told.collect::<Vec<_>>().join(","),
    )
}

/// Java's performance counters and unpacked native libraries would outlive a killed process in the
/// system's folder for temporary files, so they are turned off and sent to ours.
fn java(jars: &Path, folder: &Path, jvm: &[String]) -> Command {
    let mut command = Command::new("java");
    command.arg("-XX:-UsePerfData").arg(java_property("java.io.tmpdir", folder));
    command.args(jvm).arg("-cp").arg(jars.join("*"));
    command
}

/// A system property of Java, `-Dname=value`, whose value is a path.
pub(crate) fn java_property(name: &str, value: &Path) -> OsString {
    let mut argument = OsString::from(format!("-D{name}="));
    argument.push(value);
    argument
}

/// Kafka wants 16 bytes in base 64: 22 characters, of which the last holds two bits.
fn cluster_id() -> String {
    format!("{:016x}{:05x}A", random(), random() & 0xf_ffff)
}
