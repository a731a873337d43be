//! The listener: a bounded number of connections, each of which must ask something and take its answers in time.
//!
//! A client that keeps a connection without using it costs the shop a little memory for a while, and nobody else a
//! connection: when all are taken, the one that has been idle longest is closed.

mod app;
mod body;
mod connection;
mod limits;
mod registry;
mod stream;

use std::{future::Future, io, pin::pin, time::Duration};

use tokio::net::{TcpListener, TcpStream};

use self::registry::Registry;
pub use self::{app::App, limits::Limits};

/// How often connections that have used up their time are looked for.
const SWEEP: Duration = Duration::from_millis(500);

/// After a connection could not be accepted: the system is short of something, mostly of file descriptors.
const AFTER_FAILURE: Duration = Duration::from_millis(100);

/// Serves until `shutdown` is done, then takes no more connections, answers what was asked, and returns.
///
/// A stop does not wait for clients that have asked nothing, or whose request has not arrived in full.
pub async fn serve(
    listener: TcpListener,
    app: App,
    limits: Limits,
    shutdown: impl Future<Output = ()> + Send,
) -> io::Result<()> {
    let registry = Registry::new(limits);
    let mut shutdown = pin!(shutdown);
    let mut sweep = tokio::time::interval(SWEEP);
    loop {
        tokio::select! {
            biased;
            () = &mut shutdown => break,
            _ = sweep.tick() => registry.close_overdue(),
            stream = accept(&listener, &registry) => registry.spawn(stream, app.clone()),
        }
    }
    // Whoever connects from now on is told so at once.
    drop(listener);
    registry.drain().await;
    Ok(())
}

async fn accept(listener: &TcpListener, registry: &Registry) -> TcpStream {
    loop {
        registry.free_slot().await;
        match listener.accept().await {
            Ok((stream, _peer)) => return stream,
            Err(error) => {
                registry.complain("a connection cannot be accepted", &error);
                tokio::time::sleep(AFTER_FAILURE).await;
            }
        }
    }
}

#[cfg(test)]
mod tests;
