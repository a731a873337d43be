//! What goes into a writer and what comes out of it.

use std::{sync::Arc, time::Duration};

use domain::{Command, CommandId, Refusal};
use event_log::{Envelope, EventSkipped, Offset, Stamp, Timestamp, Trace, WriterClaim, WriterId};
use uuid::Uuid;

use crate::quarantine::QuarantinedEvent;

/// Which call waits for an answer; whoever submits chooses it and uses it once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// What a writer is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Request {
    /// Something of the shop; a purchase with its offer.
    Command(Command),
    /// To give up an event that holds up its key.
    Skip(EventSkipped),
}

/// One attempt at a wish.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Submission {
    /// Who waits for the answer.
    pub ticket: Ticket,
    /// What is wished for.
    pub wish: Request,
    /// The id that its event gets; no other attempt has it.
    pub event_id: Uuid,
    /// What led to it, with the command id.
    pub trace: Trace,
    /// From this moment on nobody waits for it, and it is no longer decided.
    pub deadline: Timestamp,
}

/// What a writer is told.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Input {
    /// This instance is to write the partition.
    Assigned,
    /// Another instance is to write it.
    Revoked,
    /// Somebody asks for something.
    Submit(Box<Submission>),
    /// The answer to [`Output::FetchEnd`].
    EndFetched {
        /// How many records the partition had when it was asked.
        end: Offset,
        /// A nonce that nobody has used.
        nonce: WriterId,
    },
    /// The answer to [`Output::ReadCatalogue`].
    CatalogueRead {
        /// The epoch that asked.
        epoch: u64,
    },
    /// An append was acknowledged, with the record's offset where it is known.
    Delivered {
        /// Which record.
        stamp: Stamp,
        /// Where it is said to stand.
        offset: Option<Offset>,
    },
    /// An append failed or timed out: the record may be stored, now or later, or not.
    AppendFailed {
        /// Which record.
        stamp: Stamp,
    },
    /// The partition's record at this offset; they come in order, and again where they were taken unread.
    Read {
        /// Where it stands.
        offset: Offset,
        /// What it claims to be; none for a foreign record.
        claim: Option<WriterClaim>,
        /// What it says.
        reading: ReadRecord,
    },
    /// The answer to [`Output::ReadAgain`].
    ReadAgain {
        /// The key.
        key: String,
        /// Its events that count, in order, below the offset that was asked for.
        history: Vec<QuarantinedEvent>,
    },
    /// The pause of [`Output::Pause`] is over.
    Resume,
    /// Time has passed.
    Tick,
}

/// What a record that was read says. It matters only when the record counts.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ReadRecord {
    /// This.
    Readable(Arc<Envelope>),
    /// Nobody here knows: it was written by a newer program or is damaged.
    Unreadable {
        /// The text of the record's key.
        key: String,
        /// When it was decided, where the record says so.
        time: Option<Timestamp>,
        /// The id of the command that it follows from, where the record names one.
        command_id: Option<CommandId>,
    },
    /// Nobody looked, as it does not count.
    Unread,
}

/// What a writer wants done.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Output {
    /// Ask how many records the partition has now; tell with [`Input::EndFetched`].
    FetchEnd,
    /// Read the catalogue to the ends of all partitions as they are now; tell with [`Input::CatalogueRead`].
    ReadCatalogue {
        /// The epoch that asks.
        epoch: u64,
    },
    /// Read everything once more that stands under this key; tell with [`Input::ReadAgain`].
    ReadAgain {
        /// The key.
        key: String,
        /// Up to this offset (exclusive).
        below: Offset,
    },
    /// Append this record; tell with [`Input::Delivered`] or [`Input::AppendFailed`].
    Append(Arc<Envelope>),
    /// Answer a call.
    Answer(Ticket, Reply),
    /// Wait a random time up to this; tell with [`Input::Resume`].
    Pause {
        /// The longest wait.
        up_to: Duration,
    },
    /// Give a command that is not stored, and will not be, to the partition's new owner.
    Handover(Box<Submission>),
}

/// What a writer answers to a call.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Reply {
    /// The command's event counts at this offset.
    Stored {
        /// Where.
        offset: Offset,
        /// The event's record.
        envelope: Arc<Envelope>,
        /// It is the event of another call with the same command id and the same wish.
        repeated: bool,
    },
    /// The command id stands for the event at this offset. Whoever answers the caller reads it, and refuses with
    /// [`Refusal::CommandIdReused`] when the command is not met by it.
    Repeats {
        /// Where.
        offset: Offset,
    },
    /// Everything is as wished since the event at this offset.
    IsAlready {
        /// Where.
        offset: Offset,
    },
    /// A rule says no; no event of this call counts, now or later.
    Refused(Refusal),
    /// The event that was to be given up does not hold up its key; nothing of this call counts, now or later.
    NotParked {
        /// The event that does, if one does.
        held_by: Option<Offset>,
    },
    /// The log did not take the event, twice; no event of this call counts, now or later.
    Failed,
    /// Nobody can say yet.
    Unknown,
    /// Too many calls wait; this one was not looked at.
    Overloaded,
    /// The aggregate is held up by an event that cannot be taken in; this call was not decided.
    Unavailable,
}
