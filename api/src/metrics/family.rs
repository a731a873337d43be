//! Metrics of one name, in the text format.

use std::fmt::{self, Write as _};

/// What a figure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Only grows while the process runs; its name ends with `_total`.
    Counter,
    /// Goes up and down.
    Gauge,
    /// How often something took how long: `_bucket`, `_sum` and `_count`.
    Histogram,
}

/// Figures of one name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Family {
    name: &'static str,
    kind: Kind,
    help: &'static str,
    samples: Vec<Sample>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Sample {
    /// What follows the family's name, for histograms.
    suffix: &'static str,
    labels: Vec<(&'static str, String)>,
    value: String,
}

impl Family {
    /// Figures of this name, none yet; `help` says in a sentence what they are, with the unit.
    pub fn new(name: &'static str, kind: Kind, help: &'static str) -> Self {
        Self { name, kind, help, samples: Vec::new() }
    }

    /// Adds a whole number under these labels.
    #[must_use]
    pub fn with(self, labels: &[(&'static str, &dyn fmt::Display)], value: u64) -> Self {
        self.sample("", labels, value.to_string())
    }

    pub(super) fn sample(
        mut self,
        suffix: &'static str,
        labels: &[(&'static str, &dyn fmt::Display)],
        value: String,
    ) -> Self {
        let labels = labels.iter().map(|(name, value)| (*name, value.to_string())).collect();
        self.samples.push(Sample { suffix, labels, value });
        self
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, kind, help, samples } = self;
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        writeln!(f, "# HELP {name} {help}\n# TYPE {name} {kind}")?;
        samples.iter().try_for_each(|Sample { suffix, labels, value }| {
            write!(f, "{name}{suffix}")?;
            let mut open = '{';
            for (label, value) in labels {
                write!(f, "{open}{label}=\"")?;
                escape(f, value)?;
                f.write_char('"')?;
                open = ',';
            }
            f.write_str(if labels.is_empty() { " " } else { "} " })?;
            writeln!(f, "{value}")
        })
    }
}

fn escape(f: &mut fmt::Formatter<'_>, value: &str) -> fmt::Result {
    value.chars().try_for_each(|c| match c {
        '\\' => f.write_str("\\\\"),
        '"' => f.write_str("\\\""),
        '\n' => f.write_str("\\n"),
        other => f.write_char(other),
    })
}
