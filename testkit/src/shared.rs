//! The servers that all tests of a test binary share.

use std::env;
use std::net::TcpStream;
use std::sync::OnceLock;

use anyhow::{Context as _, Result};

use crate::fetch;
use crate::{Kafka, Mongo};

/// A server's address, or what went wrong: kept, so that all tests tell it.
type Provided<T> = OnceLock<Result<Shared<T>, String>>;

#[derive(Debug)]
struct Shared<T> {
    address: String,
    /// Never dropped, as no static is: the keeper ends the server when this process ends.
    _own: Option<T>,
}

/// Gives the bootstrap address, `host:port`, of a Kafka for this test binary.
///
/// The first call starts it, in about four seconds. Topics are not made by themselves.
///
/// # Panics
///
/// With the ways to provide one, if there is none.
pub fn kafka() -> &'static str {
    static KAFKA: Provided<Kafka> = OnceLock::new();
    address(KAFKA.get_or_init(|| {
        from_environment_or("SKLEP_TEST_KAFKA", "host:port", "Java 17 or later and Maven", || {
            let kafka = Kafka::start_private()?;
            Ok(Shared { address: kafka.bootstrap().to_owned(), _own: Some(kafka) })
        })
    }))
}

/// Gives the connection string of a MongoDB replica set for this test binary.
///
/// The first call starts it, in about two seconds.
///
/// # Panics
///
/// With the ways to provide one, if there is none.
pub fn mongodb() -> &'static str {
    static MONGODB: Provided<Mongo> = OnceLock::new();
    address(MONGODB.get_or_init(|| {
        let example = "mongodb://host:port/?replicaSet=rs0";
        from_environment_or(
            "SKLEP_TEST_MONGODB",
            example,
            "Python 3 and pip on x86-64 Linux",
            || {
                let mongo = Mongo::start_private()?;
                Ok(Shared { address: mongo.uri().to_owned(), _own: Some(mongo) })
            },
        )
    }))
}

#[expect(clippy::panic, reason = "a test without its server fails; it is never skipped")]
fn address<T>(provided: &'static Result<Shared<T>, String>) -> &'static str {
    match provided {
        Ok(shared) => &shared.address,
        Err(message) => panic!("{message}"),
    }
}

fn from_environment_or<T>(
    variable: &str,
    example: &str,
    tools: &str,
    start: impl FnOnce() -> Result<Shared<T>>,
) -> Result<Shared<T>, String> {
    let own = || match env::var(variable).ok().filter(|value| !value.is_empty()) {
        Some(address) => {
            answers(&address).with_context(|| format!("{variable} does not answer"))?;
            Ok(Shared { address, _own: None })
        }
        None => start()
            .with_context(|| format!("{variable} is not set and the kit's own server failed")),
    };
    own().map_err(|error| ways(variable, example, tools, &error))
}

fn ways(variable: &str, example: &str, tools: &str, error: &anyhow::Error) -> String {
    let cache = fetch::cache().unwrap_or_else(|_| "the cache folder".into());
    format!(
        "this test needs a real server and has none: {error:#}\n\n\
         There are two ways to provide it:\n\
         1. set {variable} to a running one, as in {variable}={example}\n\
         2. leave {variable} unset: the kit fetches one into {cache} (or $SKLEP_TEST_CACHE) and\n   \
         starts it. That takes {tools}, and access to the package registry the first time.\n",
        cache = cache.display(),
    )
}

/// Connects to one of the hosts, to tell a wrong address at once rather than by time-outs.
fn answers(address: &str) -> Result<()> {
    if address.starts_with("mongodb+srv://") {
        return Ok(());
    }
    let hosts = address.trim_start_matches("mongodb://");
    let hosts = hosts.split(['/', '?']).next().unwrap_or_default();
    let hosts = hosts.rsplit('@').next().unwrap_or_default();
    let mut result = Err(anyhow::anyhow!("it names no host"));
    for host in hosts.split(',') {
        // Without a port it can only be a connection string, where 27017 is the default.
        let host = if host.contains(':') { host.to_owned() } else { format!("{host}:27017") };
        result = TcpStream::connect(&host).map(drop).context(host);
        if result.is_ok() {
            break;
        }
    }
    result
}
