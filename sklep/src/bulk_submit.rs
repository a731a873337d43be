//! Sends any number of wishes to a running shop, many at once, as if one after the other.
//!
//! - Two wishes that touch the same customer or product keep their order: the later one is sent when the earlier
//!   one is answered, so that a purchase is charged the price that stands before it, and none that stands after it.
//! - Each wish has a command id made from its place in its source. What fails in passing is sent again with it.
//! - What an earlier run has brought to an answer is not sent again, see [`PreviousRuns`] and [`Notes`].
//! - A message that is not the one that an earlier run stored from its place ends the run, see [`Differs`].

mod content;
mod dependency_queue;
mod mutation;
mod notes;
mod previous_runs;
mod request;
mod run;
mod sending;
mod source;
mod source_id;

pub(crate) use content::Content;
pub(crate) use mutation::Mutation;
pub(crate) use notes::Notes;
pub(crate) use previous_runs::{Differs, PreviousRuns};
pub(crate) use run::{DOUBTFUL, Message, Reason, Run, Verdict};
pub(crate) use source::{Source, on_thread};
pub(crate) use source_id::{SourceId, SourcePosition};

/// How far, by number, a source is read beyond its oldest wish that has no answer yet.
///
/// This is a promise that later runs rely on, see [`PreviousRuns`]: making it smaller needs new command ids.
const WINDOW: u64 = 10_000;
