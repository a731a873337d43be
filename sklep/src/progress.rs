//! How far long work is: a bar on a terminal, plain lines elsewhere. On standard error.

use std::{
    fmt::{self, Display},
    io::{IsTerminal as _, stderr},
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressStyle};

use crate::{
    stages::{Grouped, Span},
    stderr,
};

/// Between two plain lines: often enough to see life, rarely enough to keep a log readable.
const BETWEEN_LINES: Duration = Duration::from_secs(5);

/// How far one piece of work is.
#[derive(Debug)]
pub(crate) struct Progress {
    what: &'static str,
    total: Option<u64>,
    bar: Option<ProgressBar>,
    begun: Instant,
    told: Instant,
}

impl Progress {
    /// Begins to show the progress of so many (when known) of `what`.
    pub(crate) fn start(what: &'static str, total: Option<u64>) -> Self {
        let bar = stderr().is_terminal().then(|| bar(total));
        let now = Instant::now();
        Self { what, total, bar, begun: now, told: now }
    }

    /// So many are done.
    pub(crate) fn at(&mut self, done: u64) {
        let figures =
            Figures { done, total: self.total, what: self.what, taken: self.begun.elapsed() };
        if let Some(bar) = &self.bar {
            bar.set_position(done);
            bar.set_message(figures.to_string());
        } else if self.told.elapsed() >= BETWEEN_LINES {
            self.told = Instant::now();
            stderr::line(figures);
        }
    }

    /// Says something without spoiling the bar.
    pub(crate) fn say(&self, text: impl Display) {
        match &self.bar {
            Some(bar) => bar.suspend(|| stderr::line(text)),
            None => stderr::line(text),
        }
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// `431 000 of 1 000 000 records, 152 000/s, 4 s left`.
struct Figures {
    done: u64,
    total: Option<u64>,
    what: &'static str,
    taken: Duration,
}

impl Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { done, total, what, taken } = self;
        match total {
            Some(total) => write!(f, "{} of {} {what}", Grouped(*done), Grouped(*total))?,
            None => write!(f, "{} {what}", Grouped(*done))?,
        }
        let Some(rate) = done.checked_div(taken.as_secs()).filter(|rate| *rate > 0) else {
            return Ok(());
        };
        write!(f, ", {}/s", Grouped(rate))?;
        let left = total.and_then(|total| total.checked_sub(*done)?.checked_div(rate));
        left.map_or(Ok(()), |left| write!(f, ", {} left", Span(left)))
    }
}

fn bar(total: Option<u64>) -> ProgressBar {
    let (bar, form) = match total {
        Some(total) => (ProgressBar::new(total), "{bar:30} {msg}"),
        None => (ProgressBar::new_spinner(), "{spinner} {msg}"),
    };
    // The form is a constant; should it be wrong, the plain bar does.
    let style = ProgressStyle::with_template(form).unwrap_or_else(|_| ProgressStyle::default_bar());
    bar.with_style(style)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_told_as_people_read_them() {
        let told = |done, total, seconds| {
            let taken = Duration::from_secs(seconds);
            Figures { done, total, what: "records", taken }.to_string()
        };
        assert_eq!(told(0, None, 0), "0 records");
        assert_eq!(told(12_345, None, 10), "12 345 records, 1 234/s");
        let whole = "431 000 of 1 000 000 records, 143 666/s, 3 s left";
        assert_eq!(told(431_000, Some(1_000_000), 3), whole);
        assert_eq!(told(10, Some(5), 1), "10 of 5 records, 10/s");
    }
}
