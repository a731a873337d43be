//! What happens, told on standard error.

use std::{
    io::{self, IsTerminal as _, Write, stderr},
    sync::atomic::{AtomicBool, Ordering},
};

use clap::ValueEnum;
use tracing_subscriber::EnvFilter;

use crate::escape_control::{coloured, json, lines};

/// How a line of it looks.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Set once, before anything is logged.
static IS_JSON: AtomicBool = AtomicBool::new(false);

/// Whether every line on standard error is a JSON object.
pub(crate) fn is_json() -> bool {
    IS_JSON.load(Ordering::Relaxed)
}

/// Tells everything from `least` on, or what `RUST_LOG` says.
pub(crate) fn to_stderr(format: Format, least: &str) {
    // An empty variable is an absent one.
    let said = std::env::var(EnvFilter::DEFAULT_ENV).ok().filter(|said| !said.is_empty());
    let filter = said.and_then(|said| EnvFilter::try_new(said).ok());
    let filter = filter.unwrap_or_else(|| EnvFilter::new(least));
    let lines = tracing_subscriber::fmt().with_env_filter(filter);
    match format {
        Format::Text if stderr().is_terminal() => {
            lines.with_writer(|| Written(Form::Coloured)).with_ansi(true).init();
        }
        Format::Text => lines.with_writer(|| Written(Form::Plain)).with_ansi(false).init(),
        Format::Json => {
            lines.with_writer(|| Written(Form::Json)).json().init();
            IS_JSON.store(true, Ordering::Relaxed);
        }
    }
}

/// Standard error, where what others wrote is harmless to a terminal.
struct Written(Form);

enum Form {
    Plain,
    Coloured,
    Json,
}

impl Write for Written {
    /// A line comes as a whole.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        let safe = match self.0 {
            Form::Plain => lines(&text),
            Form::Coloured => coloured(&text),
            Form::Json => json(&text),
        };
        stderr().lock().write_all(safe.as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        stderr().flush()
    }
}
