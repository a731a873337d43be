//! The data that a command was asked for, on standard output.

use std::{
    fmt::Display,
    io::{self, BufWriter, Stdout, Write as _, stdout},
};

use serde::Serialize;

/// Nobody reads standard output any more.
#[derive(Debug, thiserror::Error)]
#[error("standard output was closed")]
pub(crate) struct Closed;

/// Standard output, in large pieces.
#[derive(Debug)]
pub(crate) struct Out(BufWriter<Stdout>);

impl Out {
    /// The standard output of this process.
    pub(crate) fn new() -> Self {
        Self(BufWriter::new(stdout()))
    }

    /// Writes text as it is.
    pub(crate) fn text(&mut self, text: impl Display) -> anyhow::Result<()> {
        write!(self.0, "{text}").map_err(closed)
    }

    /// Writes one line.
    pub(crate) fn line(&mut self, text: impl Display) -> anyhow::Result<()> {
        writeln!(self.0, "{text}").map_err(closed)
    }

    /// Writes a value as one line of JSON.
    pub(crate) fn json(&mut self, value: &impl Serialize) -> anyhow::Result<()> {
        let text = serde_json::to_string(value)?;
        self.line(text)
    }

    /// Brings everything written so far to the reader.
    pub(crate) fn flush(&mut self) -> anyhow::Result<()> {
        self.0.flush().map_err(closed)
    }
}

/// What others wrote, as one line in which nothing can move a terminal's cursor or colour what follows.
pub(crate) fn harmless(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

fn closed(error: io::Error) -> anyhow::Error {
    if error.kind() == io::ErrorKind::BrokenPipe {
        Closed.into()
    } else {
        anyhow::Error::new(error).context("standard output cannot be written")
    }
}
