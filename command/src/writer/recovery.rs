//! Doubt about what is stored, and how it ends.

use std::{mem, sync::Arc};

use event_log::{Envelope, Offset, Stamp, Timestamp};

use super::{Call, Output, Phase, Reply, Waiter, Writer};

/// A command whose event could not be appended this often is answered *failed*.
const MOST_FAILURES: u8 = 2;

/// What becomes of pending records that are dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DropReason {
    /// Another writer has started: they do not count, now or later.
    Void,
    /// An append failed: nobody knows.
    InDoubt,
}

impl Writer {
    pub(super) fn append_failed(&mut self, now: Timestamp, stamp: Stamp, out: &mut Vec<Output>) {
        match self.phase {
            Phase::Announced { epoch, writer }
                if stamp == (Stamp { epoch, writer, sequence: 0 }) =>
            {
                self.pause(out);
            }
            Phase::Serving { .. }
                if self.pending.iter().any(|pending| pending.envelope.stamp == stamp) =>
            {
                self.in_doubt(now, stamp, out);
            }
            Phase::Idle
            | Phase::AskingEnd
            | Phase::ReadingToEnd { .. }
            | Phase::Announced { .. }
            | Phase::ReadingCatalogue
            | Phase::Serving { .. }
            | Phase::Pausing => {}
        }
    }

    /// Nobody knows what of the pending records is stored: keeps what is confirmed, and starts again.
    fn in_doubt(&mut self, now: Timestamp, stamp: Stamp, out: &mut Vec<Output>) {
        self.forget_old_failed_starts(now);
        self.drop_unconfirmed(DropReason::InDoubt);
        self.doubt = Some(stamp.writer);
        if self.assigned {
            self.begin(out);
        } else {
            self.phase = Phase::Idle;
        }
    }

    /// Takes everything unconfirmed back, newest first, and puts its calls before those that wait already.
    pub(super) fn drop_unconfirmed(&mut self, fate: DropReason) {
        let unbarred = mem::take(&mut self.awaiting_barrier);
        self.wait_again(unbarred, fate);
        while let Some(pending) = self.pending.pop_back() {
            if let Some(before) = pending.before {
                self.shop.revert(before);
            }
            if let Some(id) = &pending.envelope.trace.command_id {
                self.memory.dropped(id);
            }
            self.wait_again(pending.own, fate);
            self.wait_again(pending.earlier, fate);
        }
    }

    fn wait_again(&mut self, promises: Vec<Waiter>, fate: DropReason) {
        for Waiter { mut call, due } in promises.into_iter().rev() {
            if due.is_own_event() && fate == DropReason::InDoubt {
                call.in_doubt = true;
                call.failures = call.failures.saturating_add(1);
            }
            self.queue.push_front(call);
        }
    }

    /// A record of an older epoch counts. When a call is in doubt about it, that call is answered.
    pub(super) fn resolve_doubt(
        &mut self,
        offset: Offset,
        envelope: &Arc<Envelope>,
        out: &mut Vec<Output>,
    ) {
        if self.doubt != Some(envelope.stamp.writer) {
            return;
        }
        let waits = |call: &Call| call.in_doubt && call.submission.event_id == envelope.id;
        if let Some(call) =
            self.queue.iter().position(waits).and_then(|index| self.queue.remove(index))
        {
            let reply = Reply::Stored { offset, envelope: Arc::clone(envelope), repeated: false };
            self.answer(call.ticket(), reply, out);
        }
    }

    /// No older record that was not read can count any more: whatever was not found is not stored.
    pub(super) fn settle(&mut self, out: &mut Vec<Output>) {
        if self.doubt.take().is_none() {
            return;
        }
        for call in mem::take(&mut self.queue) {
            if call.failures >= MOST_FAILURES {
                self.answer(call.ticket(), Reply::Failed, out);
            } else {
                self.queue.push_back(Call { in_doubt: false, ..call });
            }
        }
    }

    /// Gives all calls away that are not in doubt; those wait until they are not, or until their deadline.
    pub(super) fn hand_over(&mut self, out: &mut Vec<Output>) {
        for call in mem::take(&mut self.queue) {
            if call.in_doubt {
                self.queue.push_back(call);
            } else {
                self.open = self.open.saturating_sub(1);
                out.push(Output::Handover(call.submission));
            }
        }
    }
}
