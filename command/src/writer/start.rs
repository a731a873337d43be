//! Becoming the writer, losing the partition, and coming back.

use std::{sync::Arc, time::Duration};

use event_log::{Content, Envelope, Offset, Stamp, Timestamp, Trace, WriterId};
use uuid::Uuid;

use super::{Output, Phase, Writer, recovery::DropReason};

/// The longest first pause: many times what a start takes, so that two instances in dispute get out of step.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
/// Pauses double this often at most: up to 3.2 seconds, below the usual deadline of a command.
const MOST_DOUBLINGS: u32 = 6;
/// After so many milliseconds of serving, earlier setbacks are history.
const CALM: u64 = 60_000;

impl Writer {
    pub(super) fn assigned(&mut self, out: &mut Vec<Output>) {
        self.assigned = true;
        if self.phase == Phase::Idle {
            self.begin(out);
        }
    }

    /// A revoked writer does not start again. One that serves goes on until the new owner's start fences it, so
    /// that the partition is never without a writer for longer than it must be.
    pub(super) fn revoked(&mut self) {
        self.assigned = false;
        if !self.serves() {
            self.phase = Phase::Idle;
        }
    }

    pub(super) fn resume(&mut self, out: &mut Vec<Output>) {
        if self.phase == Phase::Pausing {
            self.begin(out);
        }
    }

    /// Starts, or starts again.
    pub(super) fn begin(&mut self, out: &mut Vec<Output>) {
        self.phase = Phase::AskingEnd;
        out.push(Output::FetchEnd);
    }

    pub(super) fn end_fetched(&mut self, end: Offset, nonce: WriterId) {
        if self.phase == Phase::AskingEnd {
            self.phase = Phase::ReadingToEnd { end, nonce };
        }
    }

    /// Everything was read up to the end that was fetched: claims the next epoch.
    pub(super) fn announce(&mut self, now: Timestamp, writer: WriterId, out: &mut Vec<Output>) {
        if self.faults.settles_from_lagging_read() {
            self.settle(out);
        }
        let epoch = self.ledger.epoch.saturating_add(1);
        let stamp = Stamp { epoch, writer, sequence: 0 };
        self.phase = Phase::Announced { epoch, writer };
        out.push(Output::Append(Arc::new(Envelope {
            id: id_of_bookkeeping(stamp),
            time: self.time_of_next(now),
            stamp,
            trace: Trace::default(),
            content: Content::WriterStarted(self.settings.started.clone()),
        })));
    }

    /// A `WriterStarted` counts: whatever older writers appended has been read or is void for ever.
    pub(super) fn writer_started(
        &mut self,
        now: Timestamp,
        epoch: u64,
        writer: WriterId,
        out: &mut Vec<Output>,
    ) {
        self.settle(out);
        match self.phase {
            Phase::Announced { epoch: own, writer: nonce } if (own, nonce) == (epoch, writer) => {
                self.last_barrier = 0;
                self.phase = Phase::ReadingCatalogue;
                out.push(Output::ReadCatalogue { epoch });
            }
            Phase::ReadingCatalogue | Phase::Serving { .. } => self.fenced(now, out),
            Phase::Idle
            | Phase::AskingEnd
            | Phase::ReadingToEnd { .. }
            | Phase::Announced { .. }
            | Phase::Pausing => {}
        }
    }

    /// A `WriterStarted` is void. When it is the own one, another writer was quicker: tries again.
    pub(super) fn start_is_void(&mut self, writer: WriterId, out: &mut Vec<Output>) {
        if matches!(self.phase, Phase::Announced { writer: nonce, .. } if nonce == writer) {
            self.begin(out);
        }
    }

    pub(super) fn catalogue_read(&mut self, now: Timestamp, epoch: u64) {
        if self.phase == Phase::ReadingCatalogue && self.ledger.epoch == epoch {
            self.phase = Phase::Serving { since: now };
        }
    }

    /// Another writer took over. What counted before its start is answered; the rest is void and waits.
    fn fenced(&mut self, now: Timestamp, out: &mut Vec<Output>) {
        self.forget_old_failed_starts(now);
        self.drop_unconfirmed(DropReason::Void);
        if self.assigned {
            self.pause(out);
        } else {
            self.phase = Phase::Idle;
        }
    }

    /// Waits before the next start, longer each time.
    pub(super) fn pause(&mut self, out: &mut Vec<Output>) {
        let up_to = FIRST_PAUSE.saturating_mul(2_u32.saturating_pow(self.failed_starts));
        self.failed_starts = self.failed_starts.saturating_add(1).min(MOST_DOUBLINGS);
        self.phase = Phase::Pausing;
        out.push(Output::Pause { up_to });
    }

    pub(super) fn forget_old_failed_starts(&mut self, now: Timestamp) {
        if let Phase::Serving { since } = self.phase
            && now > since
            && now.0.abs_diff(since.0) >= CALM
        {
            self.failed_starts = 0;
        }
    }

    /// The clock's time, unless the partition has a later one already.
    pub(super) fn time_of_next(&self, now: Timestamp) -> Timestamp {
        let last =
            self.pending.back().map_or(self.memory.newest(), |pending| pending.envelope.time);
        now.max(last)
    }
}

/// Bookkeeping records need no id from outside: their stamp is unique.
pub(super) fn id_of_bookkeeping(stamp: Stamp) -> Uuid {
    Uuid::new_v5(&stamp.writer.0, &stamp.sequence.to_be_bytes())
}
