//! A bad network between a client and a server.

use std::collections::HashMap;
use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use anyhow::Result;

use crate::port;

/// A TCP proxy on the loopback interface that can be told to misbehave.
///
/// It starts healthy. A fault lasts until [`Proxy::heal`]; refusing and stalling may go together. Dropped, it cuts all connections.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    network: Arc<Network>,
}

#[derive(Debug, Default)]
struct Network {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    closed: bool,
    refusing: bool,
    held: &'static [Direction],
    next: u64,
    /// Both ends of each living connection; a connection not in here has been cut.
    connections: HashMap<u64, [TcpStream; 2]>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Direction {
    Requests,
    Replies,
}

impl Proxy {
    /// Starts to forward connections to `upstream`, `host:port`, which need not listen yet.
    pub fn start(upstream: &str) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port::free()?))?;
        let address = listener.local_addr()?;
        let network = Arc::new(Network::default());
        let upstream = upstream.to_owned();
        let accepting = Arc::clone(&network);
        thread::spawn(move || accept(&listener, &upstream, &accepting));
        Ok(Self { address, network })
    }

    /// The address, `host:port`, for the client.
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// Cuts all connections, and drops what is on the way. New ones are still welcome.
    pub fn cut(&self) {
        self.change(State::cut);
    }

    /// Ends new connections as soon as they are made. Old ones live on.
    pub fn refuse(&self) {
        self.change(|state| state.refusing = true);
    }

    /// Holds everything back in both directions; connections stay open, as if cables were pulled.
    pub fn stall(&self) {
        self.change(|state| state.held = &[Direction::Requests, Direction::Replies]);
    }

    /// Holds back only what the server sends.
    ///
    /// Followed by [`Proxy::cut`], the server has done what it was asked and the client cannot
    /// know it.
    pub fn stall_replies(&self) {
        self.change(|state| state.held = &[Direction::Replies]);
    }

    /// Ends all faults. What was held back goes on, unless its connection was cut.
    pub fn heal(&self) {
        self.change(|state| {
            (state.refusing, state.held) = (false, &[]);
        });
    }

    /// The number of open connections.
    pub fn connections(&self) -> usize {
        self.network.lock().connections.len()
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.network.lock());
        self.network.changed.notify_all();
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.change(|state| {
            state.closed = true;
            state.cut();
        });
        // Wakes the accepting thread, which then sees that it is over.
        let _ = TcpStream::connect(self.address);
    }
}

impl Network {
    fn lock(&self) -> MutexGuard<'_, State> {
        // No change can stop half way, so the state of a panicked thread is good.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn open(&self, ends: [TcpStream; 2]) -> u64 {
        let mut state = self.lock();
        state.next = state.next.wrapping_add(1);
        let connection = state.next;
        state.connections.insert(connection, ends);
        if state.closed {
            // It was accepted just before the proxy was dropped.
            state.cut();
        }
        connection
    }

    /// Waits while the direction is stalled; false if the connection has been cut.
    fn may_pass(&self, connection: u64, direction: Direction) -> bool {
        let state =
            self.changed.wait_while(self.lock(), |state| state.holds(connection, direction));
        state.unwrap_or_else(PoisonError::into_inner).connections.contains_key(&connection)
    }
}

impl State {
    fn cut(&mut self) {
        for ends in self.connections.drain().flat_map(|(_, ends)| ends) {
            // An end that the peer has closed already cannot be closed again.
            let _ = ends.shutdown(Shutdown::Both);
        }
    }

    fn holds(&self, connection: u64, direction: Direction) -> bool {
        self.held.contains(&direction) && self.connections.contains_key(&connection)
    }
}

fn accept(listener: &TcpListener, upstream: &str, network: &Arc<Network>) {
    for client in listener.incoming() {
        let (closed, refusing) = {
            let state = network.lock();
            (state.closed, state.refusing)
        };
        if closed {
            return;
        }
        if let Ok(client) = client
            && !refusing
        {
            let (upstream, network) = (upstream.to_owned(), Arc::clone(network));
            // An upstream that does not listen ends the client's connection, as it would directly.
            thread::spawn(move || connect(client, &upstream, &network));
        }
    }
}

/// Runs one connection to its end: requests on this thread, replies on another.
fn connect(client: TcpStream, upstream: &str, network: &Arc<Network>) -> io::Result<()> {
    let server = TcpStream::connect(upstream)?;
    // A proxy must not add the delays of Nagle's algorithm to a protocol that turned it off.
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let connection = network.open([client.try_clone()?, server.try_clone()?]);
    let (from, to) = (server.try_clone()?, client.try_clone()?);
    let replying = Arc::clone(network);
    let replies =
        thread::spawn(move || forward(from, to, &replying, connection, Direction::Replies));
    forward(client, server, network, connection, Direction::Requests);
    // It can only fail if the thread panicked; the connection is over in any case.
    let _ = replies.join();
    network.lock().connections.remove(&connection);
    Ok(())
}

/// Copies one direction until its end or a cut. The end itself is held back by a stall, too.
fn forward(
    mut from: TcpStream,
    mut to: TcpStream,
    network: &Network,
    connection: u64,
    direction: Direction,
) {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        // An error on one end is passed on as the end of the stream.
        let length = from.read(&mut buffer).unwrap_or(0);
        let chunk = buffer.get(..length).unwrap_or_default();
        if !network.may_pass(connection, direction) {
            return;
        }
        if chunk.is_empty() || to.write_all(chunk).is_err() {
            // Fails if the other end has gone already.
            let _ = to.shutdown(Shutdown::Write);
            let _ = from.shutdown(Shutdown::Read);
            return;
        }
    }
}
