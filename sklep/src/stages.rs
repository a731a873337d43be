//! How far a job on the views is: a bar on a terminal, plain lines elsewhere. On standard error.

use std::{
    fmt,
    io::{IsTerminal as _, stderr},
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressStyle};

use crate::stderr;

/// Between two plain lines of one stage.
const BETWEEN_LINES: Duration = Duration::from_secs(5);

/// How far a job is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct JobProgress {
    /// What it does, in a word or two; nothing is shown of a job that has not begun.
    pub(crate) phase: String,
    pub(crate) done: u64,
    pub(crate) total: u64,
    /// In a second.
    pub(crate) rate: u64,
    pub(crate) seconds_left: Option<u64>,
    /// What is in its way.
    pub(crate) waits_for: Option<String>,
}

/// Shows the stages of one job.
#[derive(Debug)]
pub(crate) struct ProgressView {
    bar: Option<ProgressBar>,
    told: Instant,
    shown: JobProgress,
}

impl ProgressView {
    /// Begins to show a job.
    pub(crate) fn start() -> Self {
        let bar = stderr().is_terminal().then(bar);
        Self { bar, told: Instant::now(), shown: JobProgress::default() }
    }

    /// Shows how far it is.
    pub(crate) fn show(&mut self, stage: &JobProgress) {
        if stage.phase.is_empty() {
            return;
        }
        if let Some(bar) = &self.bar {
            bar.set_length(stage.total.max(1));
            bar.set_position(stage.done.min(stage.total));
            bar.set_prefix(stage.phase.clone());
            bar.set_message(Figures(stage).to_string());
        } else if self.is_news(stage) {
            self.told = Instant::now();
            stderr::line(format_args!("{}: {}", stage.phase, Figures(stage)));
        }
        self.shown.clone_from(stage);
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    fn is_news(&self, stage: &JobProgress) -> bool {
        stage.phase != self.shown.phase
            || stage.waits_for != self.shown.waits_for
            || self.told.elapsed() >= BETWEEN_LINES
    }
}

/// `43 %, 431 000 of 1 000 000 events, 152 000/s, 4 s left`.
struct Figures<'a>(&'a JobProgress);

impl fmt::Display for Figures<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let JobProgress { done, total, rate, seconds_left, waits_for, .. } = self.0;
        if let Some(reason) = waits_for {
            return write!(f, "waiting: {reason}");
        }
        if *total == 0 {
            // Nobody has said yet how much there is.
            return f.write_str("…");
        }
        if done > total {
            // With little memory the log is read more than once, and nobody knows how often.
            write!(f, "{} events", Grouped(*done))?;
        } else {
            let percent = done.saturating_mul(100).checked_div(*total).unwrap_or_default();
            write!(f, "{percent} %, {} of {} events", Grouped(*done), Grouped(*total))?;
        }
        if *rate > 0 {
            write!(f, ", {}/s", Grouped(*rate))?;
        }
        match seconds_left {
            Some(seconds) if done < total => write!(f, ", {} left", Span(*seconds)),
            Some(_) | None => Ok(()),
        }
    }
}

/// A number with a space before every three digits.
pub(crate) struct Grouped(pub(crate) u64);

impl fmt::Display for Grouped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        let groups: Vec<&str> = digits
            .as_bytes()
            .rchunks(3)
            .rev()
            .map(|group| str::from_utf8(group).unwrap_or_default())
            .collect();
        f.write_str(&groups.join(" "))
    }
}

/// Seconds as people say them: `4 s`, `2 min 5 s`, `1 h 3 min`.
pub(crate) struct Span(pub(crate) u64);

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = |unit: u64| {
            (
                self.0.checked_div(unit).unwrap_or_default(),
                self.0.checked_rem(unit).unwrap_or_default(),
            )
        };
        match (parts(3_600), parts(60)) {
            ((0, _), (0, seconds)) => write!(f, "{seconds} s"),
            ((0, _), (minutes, seconds)) => write!(f, "{minutes} min {seconds} s"),
            ((hours, rest), _) => {
                write!(f, "{hours} h {} min", rest.checked_div(60).unwrap_or_default())
            }
        }
    }
}

fn bar() -> ProgressBar {
    // The form is a constant; should it be wrong, the plain bar does.
    let style = ProgressStyle::with_template("{prefix:<11} {bar:30} {msg}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(1).with_style(style)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_told_as_people_read_them() {
        let stage = JobProgress {
            phase: "filling".into(),
            done: 431_000,
            total: 1_000_000,
            rate: 152_000,
            seconds_left: Some(4),
            waits_for: None,
        };
        assert_eq!(
            Figures(&stage).to_string(),
            "43 %, 431 000 of 1 000 000 events, 152 000/s, 4 s left"
        );
        let again = JobProgress { total: 21_026, seconds_left: Some(0), ..stage.clone() };
        assert_eq!(Figures(&again).to_string(), "431 000 events, 152 000/s");
        let waits = JobProgress { waits_for: Some("MongoDB is away".into()), ..stage };
        assert_eq!(Figures(&waits).to_string(), "waiting: MongoDB is away");
        assert_eq!(Figures(&JobProgress::default()).to_string(), "…");
        let spans = [(0, "0 s"), (59, "59 s"), (125, "2 min 5 s"), (3_780, "1 h 3 min")];
        for (seconds, told) in spans {
            assert_eq!(Span(seconds).to_string(), told);
        }
        for (number, told) in [(7, "7"), (1_000, "1 000"), (1_234_567, "1 234 567")] {
            assert_eq!(Grouped(number).to_string(), told);
        }
    }
}
