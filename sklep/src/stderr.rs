//! What people should know, on standard error.

use std::{
    fmt::Display,
    io::{Write as _, stderr},
};

use crate::{escape_control::lines, logging};

/// Writes one line, or several; what a terminal would obey is written as its escape. Where the log is JSON, it is an
/// entry of the log.
pub(crate) fn line(text: impl Display) {
    if logging::is_json() {
        tracing::warn!("{text}");
        return;
    }
    // With standard error closed there is nobody left to tell.
    let _ = writeln!(stderr().lock(), "{}", lines(&text.to_string()));
}
