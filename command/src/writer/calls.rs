//! Calls that wait, and the records that they wait for.

use std::sync::Arc;

use domain::{AggregateId, Refusal, Undo};
use event_log::{Envelope, Offset, Timestamp};

use super::{Output, Reply, Submission, Ticket, Writer};

/// A call that waits to be decided.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Call {
    pub(super) submission: Box<Submission>,
    /// How many appends of its event failed.
    pub(super) failures: u8,
    /// Its event was appended, and nobody knows yet whether it counts.
    pub(super) in_doubt: bool,
}

impl Call {
    pub(super) fn new(submission: Box<Submission>) -> Self {
        Self { submission, failures: 0, in_doubt: false }
    }

    pub(super) fn ticket(&self) -> Ticket {
        self.submission.ticket
    }

    pub(super) fn is_overdue(&self, now: Timestamp) -> bool {
        self.submission.deadline <= now
    }
}

/// A call that is decided and waits for a record to be confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Waiter {
    pub(super) call: Call,
    pub(super) due: ReplyWhenConfirmed,
}

/// What a call is answered once its record is confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum ReplyWhenConfirmed {
    /// The record is its event.
    Stored,
    /// The record is the event of an equal call with the same command id.
    Repeated,
    /// The record is the event of another wish with the same command id.
    Reused,
    /// The aggregate is as wished, in the state before the record.
    IsAlready(AggregateId),
    /// A rule says no, in the state before the record.
    Refused(Refusal),
    /// The event that was to be given up holds nothing up, in the state before the record; that one does.
    NotParked(Option<Offset>),
}

impl ReplyWhenConfirmed {
    /// Whether the call has appended an event, so that a failure is a failure of this call.
    pub(super) fn is_own_event(&self) -> bool {
        match self {
            Self::Stored => true,
            Self::Repeated
            | Self::Reused
            | Self::IsAlready(_)
            | Self::Refused(_)
            | Self::NotParked(_) => false,
        }
    }
}

/// A record that was appended and is not confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Pending {
    pub(super) envelope: Arc<Envelope>,
    /// What its event changed, to take that back; none for a barrier.
    pub(super) before: Option<Undo>,
    /// Where it is said to stand.
    pub(super) delivered: Option<Offset>,
    /// Decisions without an event that were made just before it.
    pub(super) earlier: Vec<Waiter>,
    /// Calls that wait for this record itself: first its own, then its copies.
    pub(super) own: Vec<Waiter>,
}

impl Writer {
    /// Every accepted call is answered here, once.
    pub(super) fn answer(&mut self, ticket: Ticket, reply: Reply, out: &mut Vec<Output>) {
        self.open = self.open.saturating_sub(1);
        out.push(Output::Answer(ticket, reply));
    }

    /// Answers *unknown* to every call whose deadline has passed. What was appended stays appended.
    pub(super) fn drop_overdue(&mut self, now: Timestamp, out: &mut Vec<Output>) {
        let mut overdue = Vec::new();
        for pending in &mut self.pending {
            take_overdue(&mut pending.earlier, now, &mut overdue);
            take_overdue(&mut pending.own, now, &mut overdue);
        }
        take_overdue(&mut self.awaiting_barrier, now, &mut overdue);
        self.queue.retain(|call| {
            let keep = !call.is_overdue(now);
            if !keep {
                overdue.push(call.ticket());
            }
            keep
        });
        for ticket in overdue {
            self.answer(ticket, Reply::Unknown, out);
        }
    }
}

fn take_overdue(promises: &mut Vec<Waiter>, now: Timestamp, overdue: &mut Vec<Ticket>) {
    overdue.extend(
        promises
            .extract_if(.., |promise| promise.call.is_overdue(now))
            .map(|promise| promise.call.ticket()),
    );
}
