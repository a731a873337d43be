//! Waiting for a server that does not answer, and telling people so.

use std::{
    fmt::Display,
    time::{Duration, Instant},
};

use crate::{stages::Span, stderr};

/// Between two lines about the same wait.
const BETWEEN_LINES: Duration = Duration::from_secs(15);

/// One wait, told on standard error: at once, and then every 15 seconds with how long it has taken and what to look at.
#[derive(Debug)]
pub(crate) struct Wait {
    what: String,
    look_at: &'static str,
    since: Instant,
    told: Option<Instant>,
}

impl Wait {
    /// A wait for `what`. `look_at` is a question that leads to the usual causes.
    pub(crate) fn new(what: impl Into<String>, look_at: &'static str) -> Self {
        Self { what: what.into(), look_at, since: Instant::now(), told: None }
    }

    /// It did not answer again, for this reason.
    pub(crate) fn failed(&mut self, why: impl Display) {
        let Self { what, look_at, since, told } = self;
        match told {
            None => stderr::line(format_args!("waiting for {what}: {why}")),
            Some(last) if last.elapsed() >= BETWEEN_LINES => {
                let waited = Span(since.elapsed().as_secs());
                stderr::line(format_args!(
                    "still waiting for {what}, for {waited} now: {why}. {look_at}"
                ));
            }
            Some(_recently) => return,
        }
        self.told = Some(Instant::now());
    }
}
