//! The writer of one partition: a state machine without IO.
//!
//! It decides commands on the newest state, its own unconfirmed events included, and appends without waiting.
//! It answers only what is confirmed, which it knows as every reader does: by taking the partition's records
//! one by one through the ledger. When it no longer knows what became of an append, it drops everything
//! unconfirmed and starts again at a higher epoch; once that start is read, nothing older can count any more.
//!
//! Time, nonces and chance come in as data, so that every schedule can be tried and tried again.

mod calls;
mod command_ids;
mod confirm;
mod faults;
mod protocol;
mod recovery;
mod serve;
mod skip;
mod start;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use domain::{AggregateId, Rules, Shop};
use event_log::{Ledger, Offset, Partition, Timestamp, WriterClaim, WriterId, WriterStarted};

use calls::{Call, Pending, Waiter};
use command_ids::CommandIds;
use faults::Faults;

use crate::quarantine::Quarantine;

pub use crate::quarantine::QuarantinedEvent;
#[cfg(feature = "planted-faults")]
pub use faults::Fault;
pub use protocol::{Input, Output, ReadRecord, Reply, Request, Submission, Ticket};

/// What a writer is given for its whole life.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Settings {
    /// Which partition it writes.
    pub partition: Partition,
    /// What it says of itself and of the log when it starts.
    pub started: WriterStarted,
    /// The rules of the shop.
    pub rules: Rules,
    /// How many calls may wait; one more is [`Reply::Overloaded`].
    pub waiting: usize,
    /// How many records may be appended and not yet confirmed. One `Barrier` more is allowed.
    pub in_flight: usize,
    /// How many command ids are remembered.
    pub remembered: usize,
    /// How long a command id is remembered, in the log's own time.
    pub remembered_for: Duration,
}

/// The writer of one partition. See the module for what it does.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Writer {
    settings: Settings,
    faults: Faults,
    assigned: bool,
    phase: Phase,
    /// How often lately a start failed or another writer took over; makes the pauses grow.
    failed_starts: u32,

    /// The offset of the first record that is not yet taken: everything before it is confirmed or void.
    next: Offset,
    ledger: Ledger,
    memory: CommandIds,
    /// The confirmed event that made each aggregate what it is, purchases aside.
    in_force: BTreeMap<AggregateId, Offset>,
    /// Keys that a counted event holds up. Commands of their aggregates cannot be decided.
    quarantine: Quarantine,

    /// The newest state: everything confirmed and everything pending.
    shop: Shop,
    /// What was appended in this epoch and is not confirmed, in sequence order.
    pending: VecDeque<Pending>,
    /// Decisions without an event, made after the last append: the next record to be confirmed lets them go.
    awaiting_barrier: Vec<Waiter>,
    /// The sequence of the last `Barrier` that was appended in this epoch, or 0.
    last_barrier: u64,
    /// Calls that are not decided, in order. Those in doubt were appended by the writer named in `doubt`.
    queue: VecDeque<Call>,
    doubt: Option<WriterId>,
    /// How many calls are accepted and not answered.
    open: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Phase {
    /// Not to write: only reads.
    Idle,
    /// Has asked for the partition's end.
    AskingEnd,
    /// Reads as far as the end that was fetched.
    ReadingToEnd { end: Offset, nonce: WriterId },
    /// Has appended its `WriterStarted` and reads up to that very record.
    Announced { epoch: u64, writer: WriterId },
    /// Is the writer in force, and waits for the catalogue to be as new as that.
    ReadingCatalogue,
    /// Decides commands.
    Serving { since: Timestamp },
    /// Waits before it starts again.
    Pausing,
}

impl Writer {
    /// A writer that has read nothing and is not assigned.
    pub fn new(settings: Settings) -> Self {
        Self {
            memory: CommandIds::new(settings.remembered, settings.remembered_for),
            settings,
            faults: Faults::default(),
            assigned: false,
            phase: Phase::Idle,
            failed_starts: 0,
            next: 0,
            ledger: Ledger::default(),
            in_force: BTreeMap::new(),
            quarantine: Quarantine::default(),
            shop: Shop::default(),
            pending: VecDeque::new(),
            awaiting_barrier: Vec::new(),
            last_barrier: 0,
            queue: VecDeque::new(),
            doubt: None,
            open: 0,
        }
    }

    /// The same writer with a fault, to show that the searches find it.
    #[cfg(feature = "planted-faults")]
    #[must_use]
    pub fn with_fault(self, fault: Fault) -> Self {
        Self { faults: Faults::planted(fault), ..self }
    }

    /// Takes one input and adds to `out` what is to be done about it, in order.
    pub fn handle(&mut self, now: Timestamp, input: Input, out: &mut Vec<Output>) {
        match input {
            Input::Assigned => self.assigned(out),
            Input::Revoked => self.revoked(),
            Input::Submit(submission) => self.submit(submission, out),
            Input::EndFetched { end, nonce } => self.end_fetched(end, nonce),
            Input::CatalogueRead { epoch } => self.catalogue_read(now, epoch),
            Input::Delivered { stamp, offset } => self.delivered(now, stamp, offset, out),
            Input::AppendFailed { stamp } => self.append_failed(now, stamp, out),
            Input::Read { offset, claim, reading } => self.read(now, offset, claim, &reading, out),
            Input::ReadAgain { key, history } => self.read_again(&key, history),
            Input::Resume => self.resume(out),
            Input::Tick => self.drop_overdue(now, out),
        }
        self.go_on(now, out);
    }

    /// Does what the phase allows now.
    fn go_on(&mut self, now: Timestamp, out: &mut Vec<Output>) {
        match self.phase {
            Phase::ReadingToEnd { end, nonce } if self.next >= end => {
                self.announce(now, nonce, out);
            }
            Phase::Serving { .. } => self.serve(now, out),
            Phase::Idle => self.hand_over(out),
            Phase::ReadingToEnd { .. }
            | Phase::AskingEnd
            | Phase::Announced { .. }
            | Phase::ReadingCatalogue
            | Phase::Pausing => {}
        }
    }

    /// The offset of the first record that it still has to read or to be told of.
    pub fn next(&self) -> Offset {
        self.next
    }

    /// Whether it knows what the record of this claim says, since it has appended it itself.
    pub fn knows(&self, claim: WriterClaim) -> bool {
        self.pending.iter().any(|pending| pending.envelope.claim() == claim)
    }

    /// The state of the ledger after the records that it has taken.
    pub fn ledger(&self) -> Ledger {
        self.ledger
    }

    /// Whether it decides commands.
    pub fn serves(&self) -> bool {
        matches!(self.phase, Phase::Serving { .. })
    }

    /// How many calls it has accepted and not answered.
    pub fn open(&self) -> usize {
        self.open
    }
}
