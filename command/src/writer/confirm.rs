//! Taking the partition's records one by one, and answering what they confirm.

use std::sync::Arc;

use domain::Event;
use event_log::{Content, Envelope, Offset, Stamp, Timestamp, Verdict, WriterClaim};

use super::{
    Output, Phase, ReadRecord, Reply, Writer,
    calls::{Pending, ReplyWhenConfirmed, Waiter},
};

impl Writer {
    /// Takes the next record. One that was taken unread comes by again and is passed over.
    pub(super) fn read(
        &mut self,
        now: Timestamp,
        offset: Offset,
        claim: Option<WriterClaim>,
        reading: &ReadRecord,
        out: &mut Vec<Output>,
    ) {
        if offset == self.next {
            self.take(now, claim, reading, out);
            self.take_delivered(now, out);
        }
    }

    /// Notes where an own record of this epoch is said to stand. That is not to be trusted across a gap: the
    /// record may be stored twice, and the first copy is the one that counts.
    pub(super) fn delivered(
        &mut self,
        now: Timestamp,
        stamp: Stamp,
        offset: Option<Offset>,
        out: &mut Vec<Output>,
    ) {
        if self.faults.serves_on_acknowledgement() {
            self.serve_unread(now, stamp, out);
        }
        if let Some(pending) =
            self.pending.iter_mut().find(|pending| pending.envelope.stamp == stamp)
        {
            pending.delivered = offset;
            self.take_delivered(now, out);
        }
    }

    /// Takes own records unread, each only when it stands at exactly the next offset.
    fn take_delivered(&mut self, now: Timestamp, out: &mut Vec<Output>) {
        while let Some(Pending { envelope, delivered: Some(offset), .. }) = self.pending.front()
            && (*offset == self.next || self.faults.answers_across(*offset, self.next))
        {
            let envelope = Arc::clone(envelope);
            self.next = *offset;
            self.take(now, Some(envelope.claim()), &ReadRecord::Readable(envelope), out);
        }
    }

    /// Gives the record at the next offset to the ledger, and does what follows from its verdict.
    fn take(
        &mut self,
        now: Timestamp,
        claim: Option<WriterClaim>,
        reading: &ReadRecord,
        out: &mut Vec<Output>,
    ) {
        let offset = self.next;
        self.next = offset.saturating_add(1);
        let verdict = self.faults.judge(&mut self.ledger, claim);
        match (claim, verdict) {
            (Some(WriterClaim::Starts { epoch, writer }), Verdict::Counts) => {
                if let ReadRecord::Readable(envelope) = reading {
                    self.memory.counted(envelope.time, None, offset);
                }
                self.writer_started(now, epoch, writer, out);
            }
            (Some(WriterClaim::Starts { writer, .. }), Verdict::Void) => {
                self.start_is_void(writer, out);
            }
            (Some(WriterClaim::Follows(stamp)), Verdict::Counts) => match self.pop_pending(stamp) {
                Some(pending) => self.confirm(offset, pending, out),
                None => self.apply_foreign(offset, reading, out),
            },
            // A pending record that stands before the one it should follow: even if that one is stored yet, nobody
            // will store this one again. It has failed as if the log had said so.
            (Some(WriterClaim::Follows(stamp)), Verdict::Void) => {
                self.append_failed(now, stamp, out);
            }
            (Some(_), Verdict::Foreign)
            | (None, Verdict::Counts | Verdict::Void | Verdict::Foreign) => {}
        }
    }

    /// The pending record of this stamp, which can only be the oldest one.
    fn pop_pending(&mut self, stamp: Stamp) -> Option<Pending> {
        let index = self.pending.iter().position(|pending| pending.envelope.stamp == stamp)?;
        self.pending.remove(index)
    }

    /// An own record counts. Before it is taken in, the confirmed state is exactly the one on which the decisions
    /// just before it were made: that is what makes them true at this moment.
    fn confirm(&mut self, offset: Offset, pending: Pending, out: &mut Vec<Output>) {
        self.keep_promises(pending.earlier, offset, &pending.envelope, out);
        self.remember(offset, &pending.envelope);
        match &pending.envelope.content {
            Content::Event(event) => self.is_in_force(offset, event),
            Content::EventSkipped(skipped) => self.skipped(offset, skipped, out),
            Content::WriterStarted(_) | Content::Barrier => {}
        }
        self.keep_promises(pending.own, offset, &pending.envelope, out);
    }

    fn keep_promises(
        &mut self,
        promises: Vec<Waiter>,
        offset: Offset,
        envelope: &Arc<Envelope>,
        out: &mut Vec<Output>,
    ) {
        for Waiter { call, due } in promises {
            let reply = self.reply(due, offset, envelope);
            self.answer(call.ticket(), reply, out);
        }
    }

    fn reply(&self, due: ReplyWhenConfirmed, offset: Offset, envelope: &Arc<Envelope>) -> Reply {
        match due {
            ReplyWhenConfirmed::Stored => {
                Reply::Stored { offset, envelope: Arc::clone(envelope), repeated: false }
            }
            ReplyWhenConfirmed::Repeated => {
                Reply::Stored { offset, envelope: Arc::clone(envelope), repeated: true }
            }
            ReplyWhenConfirmed::Reused => Reply::Refused(domain::Refusal::CommandIdReused),
            ReplyWhenConfirmed::Refused(refusal) => Reply::Refused(refusal),
            ReplyWhenConfirmed::NotParked(held_by) => Reply::NotParked { held_by },
            ReplyWhenConfirmed::IsAlready(aggregate) => {
                // An aggregate that is as wished has an event; without one nobody can say anything.
                self.in_force
                    .get(&aggregate)
                    .map_or(Reply::Unknown, |offset| Reply::IsAlready { offset: *offset })
            }
        }
    }

    /// A record of another writer, or of this one before it started again, counts.
    fn apply_foreign(&mut self, offset: Offset, reading: &ReadRecord, out: &mut Vec<Output>) {
        match reading {
            ReadRecord::Readable(envelope) => {
                self.remember(offset, envelope);
                match &envelope.content {
                    Content::Event(event) => {
                        self.arrives(event.aggregate().as_str(), offset, Some(event));
                    }
                    Content::EventSkipped(skipped) => self.skipped(offset, skipped, out),
                    Content::WriterStarted(_) | Content::Barrier => {}
                }
                self.resolve_doubt(offset, envelope, out);
            }
            ReadRecord::Unreadable { key, time, command_id } => {
                self.arrives(key, offset, None);
                let time = time.unwrap_or_else(|| self.memory.newest());
                self.memory.counted(time, command_id.as_ref(), offset);
            }
            ReadRecord::Unread => {}
        }
    }

    /// Takes in the time of a counted record, and the command id of an event.
    fn remember(&mut self, offset: Offset, envelope: &Envelope) {
        let id = match &envelope.content {
            Content::Event(_) => envelope.trace.command_id.as_ref(),
            Content::WriterStarted(_) | Content::Barrier | Content::EventSkipped(_) => None,
        };
        self.memory.counted(envelope.time, id, offset);
    }

    /// Notes which event made an aggregate what it is.
    pub(super) fn is_in_force(&mut self, offset: Offset, event: &Event) {
        match event {
            Event::CustomerCreated(_) | Event::ProductPriced(_) => {
                self.in_force.insert(event.aggregate(), offset);
            }
            Event::ProductPurchased(_) => {}
        }
    }

    /// The planted fault of serving on the acknowledgement of the own `WriterStarted`.
    fn serve_unread(&mut self, now: Timestamp, stamp: Stamp, out: &mut Vec<Output>) {
        if let Phase::Announced { epoch, writer } = self.phase
            && stamp == (Stamp { epoch, writer, sequence: 0 })
        {
            self.ledger.judge(Some(WriterClaim::Starts { epoch, writer }));
            self.writer_started(now, epoch, writer, out);
        }
    }
}
