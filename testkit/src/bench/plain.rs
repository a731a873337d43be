//! What the embedded log's appends cost at the very least: 400 bytes and an fsync of a plain file.

use std::{fs::File, io::Write as _, path::Path, time::Instant};

use anyhow::Result;

use super::load::{Span, Turn};

const RECORD: [u8; 400] = [b'x'; 400];

/// Appends one after another.
pub(super) fn appends(folder: &Path, length: std::time::Duration) -> Result<Turn> {
    let mut file = File::options().create(true).append(true).open(folder.join("plain"))?;
    let span = Span::after_warm_up(length)?;
    let mut times = Vec::new();
    loop {
        let begun = Instant::now();
        if begun >= span.end {
            return Ok(Turn::of(times, span.length()));
        }
        file.write_all(&RECORD)?;
        file.sync_data()?;
        if begun >= span.begin {
            times.push(begun.elapsed());
        }
    }
}
