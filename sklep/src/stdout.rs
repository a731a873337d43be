//! The data that a command was asked for, on standard output.

use std::{
    fmt::Display,
    io::{self, BufWriter, Write as _, stdout},
};

use serde::Serialize;

use crate::escape_control::{json, lines};

/// Nobody reads standard output any more.
#[derive(Debug, thiserror::Error)]
#[error("standard output was closed")]
pub(crate) struct Closed;

/// Standard output, in large pieces.
#[derive(Debug)]
pub(crate) struct Stdout(BufWriter<io::Stdout>);

impl Stdout {
    /// The standard output of this process.
    pub(crate) fn new() -> Self {
        Self(BufWriter::new(stdout()))
    }

    /// Writes text; what a terminal would obey is written as its escape.
    pub(crate) fn text(&mut self, text: impl Display) -> anyhow::Result<()> {
        write!(self.0, "{}", lines(&text.to_string())).map_err(closed)
    }

    /// Writes one line, or several, likewise.
    pub(crate) fn line(&mut self, text: impl Display) -> anyhow::Result<()> {
        writeln!(self.0, "{}", lines(&text.to_string())).map_err(closed)
    }

    /// Writes what a terminal is to obey.
    pub(crate) fn obeyed(&mut self, sequence: &'static str) -> anyhow::Result<()> {
        write!(self.0, "{sequence}").map_err(closed)
    }

    /// Writes a value as one line of JSON.
    pub(crate) fn json(&mut self, value: &impl Serialize) -> anyhow::Result<()> {
        let text = serde_json::to_string(value)?;
        writeln!(self.0, "{}", json(&text)).map_err(closed)
    }

    /// Writes a piece of JSON.
    pub(crate) fn json_piece(&mut self, text: &str) -> anyhow::Result<()> {
        write!(self.0, "{}", json(text)).map_err(closed)
    }

    /// Brings everything written so far to the reader.
    pub(crate) fn flush(&mut self) -> anyhow::Result<()> {
        self.0.flush().map_err(closed)
    }
}

fn closed(error: io::Error) -> anyhow::Error {
    if error.kind() == io::ErrorKind::BrokenPipe {
        Closed.into()
    } else {
        anyhow::Error::new(error).context("standard output cannot be written")
    }
}
