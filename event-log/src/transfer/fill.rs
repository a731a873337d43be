//! Telling a log that is being filled from a whole one.

use std::fmt;

use futures::future::BoxFuture;

use crate::{EventLog, LogError};

/// A log that can be marked as unfinished, so that whoever opens it meanwhile does not take it for a whole one.
///
/// The mark is in the store itself, where the records are: it outlives the process that set it.
pub trait Fill: EventLog {
    /// Whether the log is marked.
    fn is_unfinished(&self) -> BoxFuture<'_, Result<bool, LogError>>;

    /// Marks the log. When this returns without an error, whoever looks finds the mark.
    fn mark_unfinished(&self) -> BoxFuture<'_, Result<(), LogError>>;

    /// Takes the mark away. When this returns without an error, whoever looks finds none.
    fn mark_finished(&self) -> BoxFuture<'_, Result<(), LogError>>;
}

/// What whoever meets an unfinished log is told, but for `options`, which say where it is.
pub(crate) fn unfinished(what: impl fmt::Display, options: impl fmt::Display) -> String {
    format!(
        "{what} holds an unfinished `sklep import`: records of the log are still missing. Let the import that is running \
         come to its end, or run the same import again, which goes on with it: `sklep import FILE {options}`"
    )
}
