//! Free ports on the loopback interface.

use std::net::{Ipv4Addr, TcpListener};

use anyhow::{Result, bail};

use crate::name::random;

/// Below Linux's range for outgoing connections (32768 and up), so that a connection of some
/// program does not take the port of a server while that server is stopped.
const FIRST: u16 = 15_000;
const COUNT: u64 = 17_000;

/// Finds a port that nobody listens on.
///
/// It is free now, not reserved: callers try again when the server finds it taken.
pub(crate) fn free() -> Result<u16> {
    for _ in 0..200 {
        let port = FIRST.saturating_add(u16::try_from(random() % COUNT)?);
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return Ok(port);
        }
    }
    bail!("found no free port on 127.0.0.1 in 200 tries")
}

/// Runs `start`, which chooses free ports, again when somebody took one before the server did.
pub(crate) fn with_free_ports<T>(start: impl Fn() -> Result<T>) -> Result<T> {
    for _ in 0..3 {
        match start() {
            Err(error) if format!("{error:#}").contains("Address already in use") => {}
            done => return done,
        }
    }
    start()
}
