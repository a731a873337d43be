//! What people should know, on standard error.

use std::{
    fmt::Display,
    io::{Write as _, stderr},
};

/// Writes one line.
pub(crate) fn line(text: impl Display) {
    // With standard error closed there is nobody left to tell.
    let _ = writeln!(stderr().lock(), "{text}");
}
