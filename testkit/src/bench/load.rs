//! The load generator: clients that ask one thing after another, each on its own connection.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use tokio::{runtime, task::JoinSet};

use super::http::Connection;

/// The generator's runtime: one thread, so that it takes one core at most.
pub(super) fn runtime() -> Result<runtime::Runtime> {
    Ok(runtime::Builder::new_current_thread().enable_all().build()?)
}

/// One turn of measuring.
#[derive(Debug, Default)]
pub(super) struct Turn {
    /// How long each request took that began after the warm-up, sorted.
    pub(super) times: Vec<Duration>,
    /// How long was measured.
    pub(super) took: Duration,
    /// Every answer, those of the warm-up too.
    pub(super) answers: Vec<Vec<u8>>,
}

impl Turn {
    pub(super) fn of(mut times: Vec<Duration>, took: Duration) -> Self {
        times.sort_unstable();
        Self { times, took, answers: Vec::new() }
    }
}

/// When a turn is measured.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub(super) begin: Instant,
    pub(super) end: Instant,
}

impl Span {
    /// A span that begins after a third of its length.
    pub(super) fn after_warm_up(length: Duration) -> Result<Self> {
        let begin = Instant::now().checked_add(length.checked_div(3).unwrap_or(length));
        let begin = begin.context("a turn that never ends")?;
        Ok(Self { begin, end: begin.checked_add(length).context("a turn that never ends")? })
    }

    pub(super) fn length(self) -> Duration {
        self.end.saturating_duration_since(self.begin)
    }
}

/// Lets as many clients as there are requests ask these requests again and again.
pub(super) async fn clients(
    address: &str,
    requests: &[Arc<[u8]>],
    length: Duration,
) -> Result<Turn> {
    let mut connections = Vec::with_capacity(requests.len());
    for request in requests {
        connections.push((Connection::open(address).await?, Arc::clone(request)));
    }
    let span = Span::after_warm_up(length)?;
    let mut running = JoinSet::new();
    for (connection, request) in connections {
        running.spawn(client(connection, request, span));
    }
    let (mut times, mut answers) = (Vec::new(), Vec::new());
    while let Some(client) = running.join_next().await {
        let (own_times, own_answers) = client??;
        times.extend(own_times);
        answers.extend(own_answers);
    }
    Ok(Turn { answers, ..Turn::of(times, span.length()) })
}

/// What one client saw: how long the measured requests took, and all answers.
type Seen = (Vec<Duration>, Vec<Vec<u8>>);

async fn client(mut connection: Connection, request: Arc<[u8]>, span: Span) -> Result<Seen> {
    let (mut times, mut answers) = (Vec::new(), Vec::new());
    loop {
        let begun = Instant::now();
        if begun >= span.end {
            return Ok((times, answers));
        }
        answers.push(connection.ask(&request).await?);
        if begun >= span.begin {
            times.push(begun.elapsed());
        }
    }
}
