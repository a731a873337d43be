//! The calls of clients, and the front that translates the writer's replies for them.

use std::sync::Arc;

use command::writer::{Reply, Request as Wished, Submission, Ticket};
use domain::{Event, Refusal};
use event_log::{Content, Offset, Timestamp, Trace};
use uuid::Uuid;

use super::{ClientRequest, partition::Partition};
use crate::audit::{Answered, Attempt, Moment, Said};

/// One call; its number is the writer's ticket.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Call {
    pub(super) wish: Arc<ClientRequest>,
    /// The partition's length when it was called.
    pub(super) asked: Offset,
    /// Which process it waits at; none while it is handed over, and once that process has answered or crashed.
    pub(super) holder: Option<usize>,
    /// By the holder's clock.
    pub(super) deadline: Timestamp,
    /// What the client was told, and the partition's length then.
    pub(super) answer: Option<(Offset, Said)>,
}

/// What the writer replied, for counting that every kind of answer was met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
#[expect(missing_docs, reason = "the replies of the writer, by name, how often")]
pub struct Replies {
    pub stored: usize,
    pub repeated: usize,
    pub as_it_is: usize,
    pub refused: usize,
    pub skipped: usize,
    pub not_parked: usize,
    pub failed: usize,
    pub unknown: usize,
    pub overloaded: usize,
    pub unavailable: usize,
    pub handed_over: usize,
}

impl Replies {
    pub(super) fn count(&mut self, reply: &Reply) {
        let of = match reply {
            Reply::Stored { envelope, .. }
                if matches!(envelope.content, Content::EventSkipped(_)) =>
            {
                &mut self.skipped
            }
            Reply::Stored { repeated: false, .. } => &mut self.stored,
            Reply::Stored { repeated: true, .. } | Reply::Repeats { .. } => &mut self.repeated,
            Reply::IsAlready { .. } => &mut self.as_it_is,
            Reply::Refused(_) => &mut self.refused,
            Reply::NotParked { .. } => &mut self.not_parked,
            Reply::Failed => &mut self.failed,
            Reply::Unknown => &mut self.unknown,
            Reply::Overloaded => &mut self.overloaded,
            Reply::Unavailable => &mut self.unavailable,
        };
        *of += 1;
    }

    /// Adds those of another world.
    pub fn add(&mut self, other: Self) {
        self.stored += other.stored;
        self.repeated += other.repeated;
        self.as_it_is += other.as_it_is;
        self.refused += other.refused;
        self.skipped += other.skipped;
        self.not_parked += other.not_parked;
        self.failed += other.failed;
        self.unknown += other.unknown;
        self.overloaded += other.overloaded;
        self.unavailable += other.unavailable;
        self.handed_over += other.handed_over;
    }
}

/// How long a client waits, in milliseconds.
pub(super) const WITHIN: i64 = 1000;

impl Call {
    pub(super) fn new(
        wish: Arc<ClientRequest>,
        asked: Offset,
        holder: usize,
        deadline: Timestamp,
    ) -> Self {
        Self { wish, asked, holder: Some(holder), deadline, answer: None }
    }

    pub(super) fn submission(&self, number: usize) -> Submission {
        Submission {
            ticket: Ticket(number.try_into().unwrap_or(u64::MAX)),
            wish: self.wish.wish.clone(),
            event_id: event_id(number),
            trace: Trace { command_id: self.wish.command_id.clone(), ..Trace::default() },
            deadline: self.deadline,
        }
    }

    pub(super) fn tell(&mut self, length: Offset, said: Said) {
        self.answer.get_or_insert((length, said));
    }

    /// None for a skip, which is no command of the shop.
    pub(super) fn attempt(&self, number: usize) -> Option<Attempt> {
        let Wished::Command(command) = &self.wish.wish else { return None };
        let at = |length| Moment { time: 0, length: Some(length) };
        Some(Attempt {
            command: command.clone(),
            command_id: self.wish.command_id.clone(),
            event_id: Some(event_id(number)),
            asked: at(self.asked),
            answer: self
                .answer
                .as_ref()
                .map(|(length, said)| Answered { at: at(*length), said: said.clone() }),
        })
    }
}

/// Ids of events have this in their upper half, to be none of the bookkeeping's.
const EVENTS: u64 = 0xE;

pub(super) fn event_id(call: usize) -> Uuid {
    Uuid::from_u64_pair(EVENTS, call.try_into().unwrap_or(u64::MAX))
}

/// The call whose event has this id.
pub(super) fn call_of(event_id: Uuid) -> Option<usize> {
    let (upper, call) = event_id.as_u64_pair();
    (upper == EVENTS).then(|| usize::try_from(call).ok()).flatten()
}

fn is_met(wish: &ClientRequest, event: &Event) -> bool {
    matches!(&wish.wish, Wished::Command(command) if command.is_satisfied_by(event))
}

/// What a client is told for a writer's reply. Events that the reply only names are read from the partition.
pub(super) fn said(reply: &Reply, wish: &ClientRequest, partition: &Partition) -> Said {
    let event_at = |offset| match &partition.at(offset)?.as_ref()?.content {
        Content::Event(event) => Some(event.clone()),
        Content::WriterStarted(_) | Content::Barrier | Content::EventSkipped(_) => None,
    };
    match reply {
        Reply::Stored { offset, envelope, repeated } => Said::Stored {
            offset: *offset,
            event: match &envelope.content {
                Content::Event(event) => Some(event.clone()),
                Content::WriterStarted(_) | Content::Barrier | Content::EventSkipped(_) => None,
            },
            repeated: *repeated,
        },
        Reply::Repeats { offset } => match event_at(*offset) {
            Some(event) if !is_met(wish, &event) => Said::Refused(Refusal::CommandIdReused),
            event => Said::Stored { offset: *offset, event, repeated: true },
        },
        Reply::IsAlready { offset } => {
            Said::Stored { offset: *offset, event: event_at(*offset), repeated: true }
        }
        Reply::Refused(refusal) => Said::Refused(refusal.clone()),
        Reply::NotParked { .. } | Reply::Failed | Reply::Overloaded | Reply::Unavailable => {
            Said::NotStored
        }
        Reply::Unknown => Said::Unknown,
    }
}
