//! What is asked of the shop, and what it answers.

use std::{sync::Arc, time::Duration};

use domain::{Command, CommandId, Refusal};
use event_log::{Envelope, EventSkipped, Offset, Position, RecordId, Token};
use uuid::Uuid;

/// A command with everything that its caller says about it.
#[derive(Debug, Clone)]
pub struct CommandRequest {
    /// What is wished for. A purchase comes without its offer, which the catalogue fills in.
    pub command: Command,
    /// Makes the order safe to repeat: the same id gives the original answer.
    pub command_id: Option<CommandId>,
    /// Ties everything together that one cause brought about.
    pub correlation_id: Option<CommandId>,
    /// What directly led to it.
    pub causation_id: Option<CommandId>,
    /// The id that its event gets, minted at the edge for this order alone.
    pub event_id: Uuid,
    /// The log is read at least this far before the order is decided.
    pub at_least: Option<Position>,
    /// How long the caller waits for an answer; past it the outcome is [`Failure::Unknown`].
    pub within: Duration,
}

impl CommandRequest {
    /// How long an answer is waited for unless the caller says otherwise.
    pub const WITHIN: Duration = Duration::from_secs(10);

    /// An order that says nothing but what is wished for.
    pub fn new(command: Command, event_id: Uuid) -> Self {
        Self {
            command,
            command_id: None,
            correlation_id: None,
            causation_id: None,
            event_id,
            at_least: None,
            within: Self::WITHIN,
        }
    }
}

/// An event that counts, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Where.
    pub place: RecordId,
    /// The record; its content is an event.
    pub envelope: Arc<Envelope>,
}

/// What the shop says to an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommandOutcome {
    /// It is as wished.
    Stored {
        /// The event that made it so.
        event: Recorded,
        /// Whoever reads what it needs sees the event, and of a purchase also the price that was charged. It has read
        /// whatever had happened before this answer, as far as this instance knows.
        position: Token,
        /// Nothing was stored now: the event is the one in force, from this wish's first time or from an equal one.
        repeated: bool,
    },
    /// A rule said no; nothing was stored.
    Refused(Refusal),
}

/// An operator's order to give up an event that holds up its key.
#[derive(Debug, Clone)]
pub struct SkipRequest {
    /// Which event, under which key, who gives it up, and why.
    pub skip: EventSkipped,
    /// The id that the record gets, minted at the edge for this order alone.
    pub event_id: Uuid,
    /// How long the caller waits for an answer; past it the outcome is [`Failure::Unknown`], and asking again is safe.
    pub within: Duration,
}

/// What the shop says to an order to skip an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SkipOutcome {
    /// It is given up, and what stood behind it takes its turn.
    Skipped {
        /// Whoever reads what it needs knows it.
        position: Token,
        /// It had been given up before.
        repeated: bool,
    },
    /// It does not hold up that key; nothing was stored.
    NotParked {
        /// The event that does, if one does.
        held_by: Option<Offset>,
    },
}

/// Why an order has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Too many commands wait already; nothing was stored, try again later.
    #[error("too many commands are waiting")]
    Overloaded,
    /// Nobody decides commands of this partition or aggregate now; nothing was stored.
    #[error("commands are not taken at the moment")]
    Unavailable,
    /// The log did not take the event, twice; nothing was stored.
    #[error("the event could not be stored")]
    Failed,
    /// Nobody can say yet whether the event is stored; with a command id, asking again is safe and tells.
    #[error("it is not known whether the event was stored")]
    Unknown,
    /// The position that was to be read first is none of this log.
    #[error("the position is not one of this log")]
    BadPosition,
    /// The position that was to be read first was not reached in time; nothing was stored.
    #[error("the position was not reached in time")]
    StaleRead {
        /// How far the log was read.
        reached: Position,
    },
}
