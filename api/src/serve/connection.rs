//! What one connection is doing.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::body::Body;
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::Limits;

/// What one connection is doing; shared by the task that serves it and those who watch over it.
#[derive(Debug)]
pub(super) struct Connection {
    /// Requests whose header has arrived and whose answer was not handed over in full.
    requests: AtomicUsize,
    /// Those of them that have arrived in full.
    answering: AtomicUsize,
    progress: Mutex<Progress>,
    /// Ends the connection as it stands.
    pub(super) cut: CancellationToken,
}

#[derive(Debug, Clone, Copy)]
struct Progress {
    asked: bool,
    /// When a request began or ended, or a byte of an answer was taken.
    last: Instant,
    /// Since when the client has taken nothing of an answer that is there.
    stalled: Option<Instant>,
}

impl Connection {
    pub(super) fn new() -> Self {
        let progress = Progress { asked: false, last: Instant::now(), stalled: None };
        Self {
            requests: AtomicUsize::new(0),
            answering: AtomicUsize::new(0),
            progress: Mutex::new(progress),
            cut: CancellationToken::new(),
        }
    }

    /// A request's header has arrived.
    pub(super) fn begin(this: &Arc<Self>) -> Exchange {
        this.requests.fetch_add(1, Ordering::AcqRel);
        this.change(|progress| progress.asked = true);
        Exchange { connection: Arc::clone(this), answering: false }
    }

    /// The client took bytes of an answer, or there is nothing more to take.
    pub(super) fn taken(&self) {
        self.change(|progress| progress.stalled = None);
    }

    /// The client takes nothing of an answer that is there.
    pub(super) fn stalls(&self) {
        let mut progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        progress.stalled.get_or_insert_with(Instant::now);
    }

    /// Whether a request has arrived in full and its answer was not handed over yet.
    pub(super) fn is_answering(&self) -> bool {
        self.answering.load(Ordering::Acquire) > 0
    }

    /// How long nothing has happened on a connection on which nothing was asked that is not answered.
    pub(super) fn idle(&self) -> Option<Duration> {
        (self.requests.load(Ordering::Acquire) == 0).then(|| self.progress().last.elapsed())
    }

    /// How long a request has been arriving.
    pub(super) fn receiving(&self) -> Option<Duration> {
        (!self.is_answering()).then(|| self.progress().last.elapsed())
    }

    /// Whether the client has used up its time.
    pub(super) fn is_overdue(&self, limits: &Limits) -> bool {
        let progress = self.progress();
        let allowed = if progress.asked { limits.idle } else { limits.first_request };
        let stalled = progress.stalled.is_some_and(|it| it.elapsed() > limits.stalled_answer);
        // An answer that is being taken bit by bit is no idleness.
        let idle = progress.stalled.is_none() && self.idle().is_some_and(|idle| idle > allowed);
        stalled || idle
    }

    fn progress(&self) -> Progress {
        *self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Progress)) {
        let mut progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        progress.last = Instant::now();
        change(&mut progress);
        drop(progress);
    }
}

/// One request and its answer, from the header to the last byte that is handed over.
#[derive(Debug)]
pub(super) struct Exchange {
    connection: Arc<Connection>,
    answering: bool,
}

impl Exchange {
    /// The request has arrived in full.
    pub(super) fn arrived(&mut self) {
        if !self.answering {
            self.answering = true;
            self.connection.answering.fetch_add(1, Ordering::AcqRel);
        }
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        // The time first: who sees no request must see since when.
        self.connection.change(|_progress| {});
        if self.answering {
            self.connection.answering.fetch_sub(1, Ordering::AcqRel);
        }
        self.connection.requests.fetch_sub(1, Ordering::AcqRel);
    }
}

/// The body of an answer, which ends its exchange when it was handed over.
#[derive(Debug)]
pub(super) struct AnswerBody {
    pub(super) body: Body,
    pub(super) _exchange: Exchange,
}

impl http_body::Body for AnswerBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: std::pin::Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        std::pin::Pin::new(&mut self.get_mut().body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
