//! Deciding commands and appending what follows.

use std::{mem, sync::Arc};

use domain::{AggregateId, Decision, Refusal, decide};
use event_log::{Content, Envelope, Stamp, Timestamp, Trace};
use uuid::Uuid;

use super::{
    Output, Reply, Request, Submission, Writer,
    calls::{Call, Pending, ReplyWhenConfirmed, Waiter},
    command_ids::Seen,
    start::id_of_bookkeeping,
};

impl Writer {
    /// Accepts a call, to be decided when its turn comes.
    pub(super) fn submit(&mut self, submission: Box<Submission>, out: &mut Vec<Output>) {
        if self.open >= self.settings.waiting {
            out.push(Output::Answer(submission.ticket, Reply::Overloaded));
            return;
        }
        self.open = self.open.saturating_add(1);
        self.queue.push_back(Call::new(submission));
    }

    /// Decides what waits, in order, as far as appends may be in flight.
    pub(super) fn serve(&mut self, now: Timestamp, out: &mut Vec<Output>) {
        while self.pending.len() < self.settings.in_flight
            && let Some(call) = self.queue.pop_front()
        {
            self.decide(now, call, out);
        }
        self.append_barrier(now, out);
    }

    fn decide(&mut self, now: Timestamp, call: Call, out: &mut Vec<Output>) {
        let ticket = call.ticket();
        if call.is_overdue(now) {
            return self.answer(ticket, Reply::Unknown, out);
        }
        let Request::Command(command) = &call.submission.wish else {
            return self.decide_skip(now, call, out);
        };
        match call.submission.trace.command_id.as_ref().and_then(|id| self.memory.find(id)) {
            Some(Seen::At(offset)) => self.answer(ticket, Reply::Repeats { offset }, out),
            Some(Seen::InFlight(sequence)) => self.share(sequence, call, out),
            None if self.quarantine.holds(command.aggregate().as_str()) => {
                self.answer(ticket, Reply::Unavailable, out);
            }
            None => match decide(&self.shop, self.settings.rules, command) {
                Ok(Decision::Emit(event)) => {
                    let (event_id, trace) =
                        (call.submission.event_id, call.submission.trace.clone());
                    let own = vec![Waiter { call, due: ReplyWhenConfirmed::Stored }];
                    self.append(now, event_id, trace, Content::Event(event), own, out);
                }
                Ok(Decision::Unchanged(aggregate)) => self.is_already(call, aggregate),
                Err(refusal) => self.refuse(call, refusal, out),
            },
        }
    }

    /// The command id's event is in flight: this call waits for the same record.
    fn share(&mut self, sequence: u64, call: Call, out: &mut Vec<Output>) {
        let found =
            self.pending.iter_mut().find(|pending| pending.envelope.stamp.sequence == sequence);
        let Some(pending) = found else {
            // Cannot be: ids in flight are those of pending records.
            return self.answer(call.ticket(), Reply::Unknown, out);
        };
        let met = match (&pending.envelope.content, &call.submission.wish) {
            (Content::Event(event), Request::Command(command)) => command.is_satisfied_by(event),
            (
                Content::Event(_)
                | Content::WriterStarted(_)
                | Content::Barrier
                | Content::EventSkipped(_),
                _,
            ) => false,
        };
        if !met && self.faults.refuses_on_unconfirmed() {
            return self.answer(call.ticket(), Reply::Refused(Refusal::CommandIdReused), out);
        }
        pending.own.push(Waiter {
            call,
            due: if met { ReplyWhenConfirmed::Repeated } else { ReplyWhenConfirmed::Reused },
        });
    }

    fn is_already(&mut self, call: Call, aggregate: AggregateId) {
        self.awaiting_barrier.push(Waiter { call, due: ReplyWhenConfirmed::IsAlready(aggregate) });
    }

    fn refuse(&mut self, call: Call, refusal: Refusal, out: &mut Vec<Output>) {
        if self.faults.refuses_on_unconfirmed() {
            return self.answer(call.ticket(), Reply::Refused(refusal), out);
        }
        self.awaiting_barrier.push(Waiter { call, due: ReplyWhenConfirmed::Refused(refusal) });
    }

    /// Appends one barrier for all decisions that wait for a record and have none coming. While a barrier is in
    /// flight they gather, so that a flood of refusals costs one barrier for each round trip.
    fn append_barrier(&mut self, now: Timestamp, out: &mut Vec<Output>) {
        if self.awaiting_barrier.is_empty() || self.last_barrier > self.ledger.sequence {
            return;
        }
        if let Some(stamp) = self.next_stamp() {
            self.last_barrier = stamp.sequence;
            self.append(
                now,
                id_of_bookkeeping(stamp),
                Trace::default(),
                Content::Barrier,
                Vec::new(),
                out,
            );
        }
    }

    pub(super) fn append(
        &mut self,
        now: Timestamp,
        id: Uuid,
        trace: Trace,
        content: Content,
        own: Vec<Waiter>,
        out: &mut Vec<Output>,
    ) {
        let Some(stamp) = self.next_stamp() else { return };
        let time = self.time_of_next(now);
        let before = match &content {
            Content::Event(event) => {
                let before = self.shop.undo(event);
                self.shop.evolve(event);
                Some(before)
            }
            Content::WriterStarted(_) | Content::Barrier | Content::EventSkipped(_) => None,
        };
        if let Some(id) = &trace.command_id {
            self.memory.appended(id, stamp.sequence);
        }
        let envelope = Arc::new(Envelope { id, time, stamp, trace, content });
        out.push(Output::Append(Arc::clone(&envelope)));
        let earlier = mem::take(&mut self.awaiting_barrier);
        self.pending.push_back(Pending { envelope, before, delivered: None, earlier, own });
    }

    /// The stamp of the next record; none before the first writer of the partition, when nobody serves.
    fn next_stamp(&self) -> Option<Stamp> {
        let last = self
            .pending
            .back()
            .map_or(self.ledger.sequence, |pending| pending.envelope.stamp.sequence);
        let sequence = last.checked_add(1)?;
        self.ledger.writer.map(|writer| Stamp { epoch: self.ledger.epoch, writer, sequence })
    }
}
