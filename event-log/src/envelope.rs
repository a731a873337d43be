//! What is stored round an event.

use domain::{CommandId, Event};
use uuid::Uuid;

use crate::{LogId, LogSettings, RecordId, Stamp, Timestamp, WriterClaim};

/// One record of Sklep with its meaning.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Envelope {
    /// Identifies what happened: the same when a doubtful append is tried again.
    pub id: Uuid,
    /// When it was decided; never goes back within a partition's counted records, but for a `WriterStarted`: its
    /// writer set the time before it could read what the writer before it stored last.
    pub time: Timestamp,
    /// Whose record it is. A `WriterStarted` has sequence 0.
    pub stamp: Stamp,
    /// What led to it.
    pub trace: Trace,
    /// What it says.
    pub content: Content,
}

impl Envelope {
    /// What the ledger judges.
    pub fn claim(&self) -> WriterClaim {
        match self.content {
            Content::WriterStarted(_) => {
                WriterClaim::Starts { epoch: self.stamp.epoch, writer: self.stamp.writer }
            }
            Content::Barrier | Content::EventSkipped(_) | Content::Event(_) => {
                WriterClaim::Follows(self.stamp)
            }
        }
    }
}

/// What led to a record.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Trace {
    /// The wish it follows from, when the caller gave that an id.
    pub command_id: Option<CommandId>,
    /// Ties everything together that one cause brought about.
    pub correlation_id: Option<CommandId>,
    /// What directly led to it.
    pub causation_id: Option<CommandId>,
}

/// What a record says.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Content {
    /// A writer took the partition over.
    WriterStarted(WriterStarted),
    /// Nothing happened; what stands before is confirmed.
    Barrier,
    /// An operator gave up an event that nobody can take.
    EventSkipped(EventSkipped),
    /// A fact of the shop.
    Event(Event),
}

/// A writer took the partition over.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct WriterStarted {
    /// The log that it takes itself to write.
    pub log_id: LogId,
    /// How many partitions that log has.
    pub partitions: u16,
    /// Where commands for this partition are to be sent; none when there is no other instance.
    pub address: Option<String>,
    /// What the log was begun with besides; none where an earlier program wrote it.
    pub settings: Option<LogSettings>,
}

/// An operator gave up an event that nobody can take; later events of its key flow again.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EventSkipped {
    /// Which record.
    pub place: RecordId,
    /// The key of that record, as [`crate::codec::key`] gives it: whose event it is, where that can be said.
    pub key: String,
    /// Who decided it.
    pub by: String,
    /// Why.
    pub reason: String,
}
