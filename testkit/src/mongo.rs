//! A MongoDB server of one's own.

mod wire;

use std::fs;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::server::Server;
use crate::supervisor::Keeper;
use crate::{fetch, port};

/// Logged when the port is open.
const READY: &str = "Waiting for connections";
/// The only member elects itself within a second; builds may keep the machine busy.
const ELECTION: Duration = Duration::from_mins(1);

/// How to start a MongoDB.
#[derive(Clone, Debug)]
pub struct MongoOptions {
    /// Memory for the storage engine's cache, in gigabytes (`--wiredTigerCacheSizeGB`).
    pub cache_gb: String,
    /// More options for mongod.
    pub arguments: Vec<String>,
}

impl Default for MongoOptions {
    fn default() -> Self {
        Self { cache_gb: "0.5".into(), arguments: Vec::new() }
    }
}

/// A mongod for one test, which may hurt it.
///
/// Dropped, it is killed and its folder removed. All functions block.
#[derive(Debug)]
pub struct Mongo {
    address: String,
    uri: String,
    replicated: bool,
    server: Server,
}

impl Mongo {
    /// Starts a new, empty replica set of one member and waits until it takes writes.
    pub fn start_private() -> Result<Self> {
        Self::start_with(&MongoOptions::default())
    }

    /// Like [`Mongo::start_private`], with options.
    pub fn start_with(options: &MongoOptions) -> Result<Self> {
        port::with_free_ports(|| {
            let mut mongo = Self::prepare(options, &["--replSet", "rs0"])?;
            mongo.uri.push_str("/?replicaSet=rs0");
            mongo.replicated = true;
            wire::initiate(&mongo.address)?;
            mongo.wait_for_election()?;
            Ok(mongo)
        })
    }

    /// Starts a server that is not a replica set and therefore has no transactions.
    pub fn start_standalone() -> Result<Self> {
        port::with_free_ports(|| Self::prepare(&MongoOptions::default(), &[]))
    }

    /// The connection string for clients. It stays the same over restarts.
    pub fn uri(&self) -> &str {
        &self.uri
    }

    /// The address, `host:port`, to put a [`Proxy`](crate::Proxy) in front of.
    ///
    /// A client that knows the replica set goes to the address which the set names. Through a
    /// proxy, connect with `mongodb://<proxy>/?directConnection=true`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Starts it again after [`Mongo::stop`] or [`Mongo::kill`], on the same port and data.
    pub fn start(&mut self) -> Result<()> {
        self.server.start()?;
        if self.replicated { self.wait_for_election() } else { Ok(()) }
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

    /// Freezes it (`SIGSTOP`): connections stay open, nothing answers.
    pub fn pause(&self) -> Result<()> {
        self.server.pause()
    }

    /// Lets it go on after [`Mongo::pause`].
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

    fn prepare(options: &MongoOptions, mode: &[&str]) -> Result<Self> {
        let mongod = fetch::mongod()?;
        let (keeper, folder) = Keeper::with_temporary_folder()?;
        let data = folder.join("data");
        fs::create_dir(&data)?;
        let port = port::free()?;
        let mut command = Command::new(mongod);
        command.arg("--dbpath").arg(data).args(["--port", &port.to_string()]);
        command.args(["--bind_ip", "127.0.0.1", "--nounixsocket", "--quiet"]);
        command.args(["--wiredTigerCacheSizeGB", &options.cache_gb]);
        // Its flight recorder writes to the disk every second.
        command.args(["--setParameter", "diagnosticDataCollectionEnabled=false"]);
        command.args(mode).args(&options.arguments);
        let mut server = Server::new(keeper, &folder, command, READY);
        server.start()?;
        let address = format!("127.0.0.1:{port}");
        Ok(Self { uri: format!("mongodb://{address}"), address, replicated: false, server })
    }

    fn wait_for_election(&self) -> Result<()> {
        let started = Instant::now();
        while !wire::is_primary(&self.address)? {
            if started.elapsed() > ELECTION {
                bail!("mongod was not elected in {ELECTION:?}; its log:\n{}", self.log_tail());
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }
}
