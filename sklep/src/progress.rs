//! How far long work is: a bar on a terminal, plain lines elsewhere. On standard error.

use std::{
    fmt::Display,
    io::{IsTerminal as _, stderr},
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressStyle};

use crate::say;

/// Between two plain lines: often enough to see life, rarely enough to keep a log readable.
const BETWEEN_LINES: Duration = Duration::from_secs(5);

/// How far one piece of work is.
#[derive(Debug)]
pub(crate) struct Progress {
    what: &'static str,
    total: Option<u64>,
    bar: Option<ProgressBar>,
    told: Instant,
}

impl Progress {
    /// Begins to show the progress of so many (when known) of `what`.
    pub(crate) fn start(what: &'static str, total: Option<u64>) -> Self {
        let bar = stderr().is_terminal().then(|| bar(what, total));
        Self { what, total, bar, told: Instant::now() }
    }

    /// So many are done.
    pub(crate) fn at(&mut self, done: u64) {
        if let Some(bar) = &self.bar {
            bar.set_position(done);
        } else if self.told.elapsed() >= BETWEEN_LINES {
            self.told = Instant::now();
            let what = self.what;
            match self.total {
                Some(total) => say::line(format_args!("{done} of {total} {what}")),
                None => say::line(format_args!("{done} {what}")),
            }
        }
    }

    /// Says something without spoiling the bar.
    pub(crate) fn say(&self, text: impl Display) {
        match &self.bar {
            Some(bar) => bar.suspend(|| say::line(text)),
            None => say::line(text),
        }
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn bar(what: &'static str, total: Option<u64>) -> ProgressBar {
    let (bar, form) = match total {
        Some(total) => (
            ProgressBar::new(total),
            "{wide_bar} {human_pos} of {human_len} {msg}, {per_sec}, {eta} left",
        ),
        None => (ProgressBar::new_spinner(), "{spinner} {human_pos} {msg}, {per_sec}"),
    };
    // The form is a constant; should it be wrong, the plain bar does.
    let style = ProgressStyle::with_template(form).unwrap_or_else(|_| ProgressStyle::default_bar());
    bar.with_style(style).with_message(what)
}
