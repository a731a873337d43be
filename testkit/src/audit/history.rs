//! What callers did and saw.

use domain::{Command, CommandId, Event, Refusal};
use event_log::Offset;
use uuid::Uuid;

/// One call on a partition.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Attempt {
    /// What was wished for. A refused purchase needs the offer that it was decided with, or none if it had none.
    pub command: Command,
    /// The id that makes it safe to repeat.
    pub command_id: Option<CommandId>,
    /// The id of its event, which no other attempt has; none when the caller cannot know.
    pub event_id: Option<Uuid>,
    /// When it was called.
    pub asked: Moment,
    /// What it was told; none when it was told nothing.
    pub answer: Option<Answered>,
}

/// The answer to an attempt.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Answered {
    /// When.
    pub at: Moment,
    /// What.
    pub said: Said,
}

/// A moment of the history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Moment {
    /// Its number in one order of all calls and answers: a step, or nanoseconds of one clock.
    pub time: u64,
    /// How many records the partition had then, where that is known. Otherwise the auditor takes the bounds
    /// that follow from the order of calls and answers.
    pub length: Option<Offset>,
}

/// What an attempt was told.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Said {
    /// It is as wished since the event at this offset.
    Stored {
        /// Where.
        offset: Offset,
        /// The event that was shown, where one was.
        event: Option<Event>,
        /// Nothing was stored by this attempt: the event is from another one.
        repeated: bool,
    },
    /// A rule said no.
    Refused(Refusal),
    /// Nothing of it is stored: the log did not take it, too many waited, or nobody decided.
    NotStored,
    /// Nobody could say.
    Unknown,
}
