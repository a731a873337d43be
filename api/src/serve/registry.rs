//! All open connections: how many there may be, which of them must go, and how they end.

use std::{
    cmp::Reverse,
    collections::BTreeMap,
    convert::Infallible,
    fmt::Display,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    body::Body,
    http::{HeaderMap, Request, Response, StatusCode},
};
use futures::FutureExt as _;
use http_body::Body as _;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::TcpStream,
    time::{Instant, sleep, sleep_until},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower_service::Service as _;

use super::{
    App, Limits,
    body::Bodies,
    connection::{AnswerBody, Connection},
    stream::Watched,
};
use crate::{plain_error::plain_error, schema::Code};

/// How often it is looked whether a connection has become free, or a stopping one has nothing more to do.
const POLL: Duration = Duration::from_millis(20);
/// How long a connection that stops may take to send what was handed over.
const LAST_BYTES: Duration = Duration::from_millis(200);
/// A connection that has been idle for less may have a request under way.
const UNDER_WAY: Duration = Duration::from_millis(500);
/// A request that takes longer to arrive gives way when connections are short.
const SLOW_REQUEST: Duration = Duration::from_secs(5);
/// When connections are short, one in so many is closed at once.
const SHARE_AT_ONCE: usize = 16;
/// Between two complaints about the same.
const BETWEEN_COMPLAINTS: Duration = Duration::from_secs(10);
/// What hyper may hold of a request's header, in bytes; also the longest header.
const HEADER: usize = 64 << 10;

/// All open connections of a listener.
pub(super) struct Registry {
    limits: Limits,
    bodies: Arc<Bodies>,
    open: Arc<Mutex<Open>>,
    tasks: TaskTracker,
    stopping: CancellationToken,
    complained: Mutex<Option<Instant>>,
}

#[derive(Debug, Default)]
struct Open {
    next: u64,
    connections: BTreeMap<u64, Arc<Connection>>,
}

impl Registry {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            bodies: Arc::new(Bodies::new()),
            open: Arc::default(),
            tasks: TaskTracker::new(),
            stopping: CancellationToken::new(),
            complained: Mutex::new(None),
        }
    }

    /// Waits until one more connection may be opened; closes an idle one when there are too many.
    pub(super) async fn free_slot(&self) {
        while self.open() >= self.limits.connections {
            self.complain(
                "all connections are in use",
                &format_args!("{} of them", self.limits.connections),
            );
            for connection in self.dispensable() {
                connection.cut.cancel();
            }
            sleep(POLL).await;
        }
    }

    /// Serves one connection on a task of its own.
    pub(super) fn spawn(&self, stream: TcpStream, app: App) {
        // Answers are small: waiting for more to send (Nagle) would only delay them.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection keeps its delay");
        }
        let connection = Arc::new(Connection::new());
        let entry = Entry::add(&self.open, &connection);
        let served = serve_one(
            Watched::new(stream, Arc::clone(&connection)),
            Arc::clone(&connection),
            Exchanger { app, bodies: Arc::clone(&self.bodies), limits: self.limits },
            self.stopping.clone(),
        );
        self.tasks.spawn(async move {
            tokio::select! {
                () = served => {}
                () = connection.cut.cancelled() => {}
            }
            drop(entry);
        });
    }

    /// Closes the connections that have used up their time.
    pub(super) fn close_overdue(&self) {
        for connection in self.all() {
            if connection.is_overdue(&self.limits) {
                connection.cut.cancel();
            }
        }
    }

    /// Ends all connections: those that have asked something when it is answered, the others at once.
    pub(super) async fn drain(self) {
        self.stopping.cancel();
        self.tasks.close();
        let until = Instant::now().checked_add(self.limits.stop);
        let until = until.unwrap_or_else(Instant::now);
        let finish = async {
            loop {
                for connection in self.all() {
                    if connection.receiving().is_some_and(|since| since > LAST_BYTES) {
                        connection.cut.cancel();
                    }
                }
                sleep(POLL).await;
            }
        };
        tokio::select! {
            () = self.tasks.wait() => {}
            () = finish => {}
            () = sleep_until(until) => {
                let left = self.all();
                tracing::warn!(connections = left.len(), "answers that take too long are left behind");
                for connection in left {
                    connection.cut.cancel();
                }
                self.tasks.wait().await;
            }
        }
    }

    /// Says what is wrong with connections, unless that was just said.
    pub(super) fn complain(&self, what: &str, why: &dyn Display) {
        let mut last = self.complained.lock().unwrap_or_else(PoisonError::into_inner);
        if last.is_none_or(|last| last.elapsed() >= BETWEEN_COMPLAINTS) {
            *last = Some(Instant::now());
            drop(last);
            tracing::warn!(
                "{what} ({why}); idle ones are closed for new ones. The limit is --max-connections, and that of open \
                 files (`ulimit -n`)"
            );
        }
    }

    /// The connections that are missed least: those that have been idle for longest, or else the one that asks too slowly.
    /// Several at a time, since whoever opens many to keep others out goes on doing so.
    fn dispensable(&self) -> Vec<Arc<Connection>> {
        let all = self.all();
        let open = || all.iter().filter(|it| !it.cut.is_cancelled());
        let idle = open().filter_map(|it| Some((it.idle()?, it)));
        let mut idle: Vec<_> = idle.filter(|(idle, _)| *idle > UNDER_WAY).collect();
        idle.sort_by_key(|(idle, _)| Reverse(*idle));
        let at_once = self.limits.connections.div_ceil(SHARE_AT_ONCE);
        let slow = || {
            let receiving = open().filter_map(|it| Some((it.receiving()?, it)));
            receiving.filter(|(since, _)| *since > SLOW_REQUEST).max_by_key(|(since, _)| *since)
        };
        if idle.is_empty() {
            idle.extend(slow());
        }
        idle.into_iter().take(at_once).map(|(_, connection)| Arc::clone(connection)).collect()
    }

    fn open(&self) -> usize {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).connections.len()
    }

    fn all(&self) -> Vec<Arc<Connection>> {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.connections.values().cloned().collect()
    }
}

/// The place of a connection among the open ones, until it is dropped.
struct Entry {
    open: Arc<Mutex<Open>>,
    number: u64,
}

impl Entry {
    fn add(open: &Arc<Mutex<Open>>, connection: &Arc<Connection>) -> Self {
        let mut locked = open.lock().unwrap_or_else(PoisonError::into_inner);
        let number = locked.next;
        locked.next = locked.next.wrapping_add(1);
        locked.connections.insert(number, Arc::clone(connection));
        drop(locked);
        Self { open: Arc::clone(open), number }
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.connections.remove(&self.number);
    }
}

/// Answers the requests of one connection.
#[derive(Debug, Clone)]
struct Exchanger {
    app: App,
    bodies: Arc<Bodies>,
    limits: Limits,
}

impl Exchanger {
    async fn exchange(
        self,
        connection: Arc<Connection>,
        request: Request<Incoming>,
    ) -> Response<AnswerBody> {
        let mut exchange = Connection::begin(&connection);
        let (parts, incoming) = request.into_parts();
        let received = if incoming.is_end_stream() {
            Ok(Body::empty())
        } else {
            self.bodies.receive(incoming, self.limits.body).await.map(Body::from)
        };
        let response = match received {
            Ok(body) => {
                exchange.arrived();
                let headers = parts.headers.clone();
                let answered = self.app.router().call(Request::from_parts(parts, body));
                match AssertUnwindSafe(answered).catch_unwind().await {
                    Ok(Ok(response)) => response,
                    // It is in the log: whoever panics says so.
                    Err(_panicked) => fault(&headers),
                }
            }
            Err(refused) => refused.response(&parts.headers),
        };
        response.map(|body| AnswerBody { body, _exchange: exchange })
    }
}

fn fault(asked: &HeaderMap) -> Response<Body> {
    let text = "the request could not be answered by a fault of the shop";
    plain_error(asked, StatusCode::INTERNAL_SERVER_ERROR, Code::Internal, text)
}

async fn serve_one(
    stream: Watched,
    connection: Arc<Connection>,
    exchanger: Exchanger,
    stopping: CancellationToken,
) {
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).max_buf_size(HEADER);
    let service = service_fn(move |request| {
        let answered = exchanger.clone().exchange(Arc::clone(&connection), request);
        async { Ok::<_, Infallible>(answered.await) }
    });
    let served = builder.serve_connection(TokioIo::new(stream), service).with_upgrades();
    let mut served = std::pin::pin!(served);
    let ended = tokio::select! {
        ended = &mut served => ended,
        () = stopping.cancelled() => {
            served.as_mut().graceful_shutdown();
            served.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}
