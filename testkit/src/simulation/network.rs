//! What the network makes of appends: stored, acknowledged, reported as failed, sent again.

use std::sync::Arc;

use command::writer::Input;
use event_log::Offset;

use super::{Acknowledged, Trace, World};

impl World {
    pub(super) fn offset_of(&self, p: usize, flight: usize, at: Acknowledged) -> Option<Offset> {
        let flight = &self.processes[p].flights[flight];
        match at {
            Acknowledged::First => flight.first,
            Acknowledged::Last => flight.last,
            Acknowledged::Nowhere => None,
        }
    }

    pub(super) fn store(&mut self, copy: usize) {
        let process = self.partition.copies()[copy].session.process;
        let (offset, envelope) = self.partition.store(copy);
        self.process(process).stored(&envelope, offset);
    }

    pub(super) fn acknowledge(
        &mut self,
        p: usize,
        flight: usize,
        at: Acknowledged,
        notes: &mut Trace,
    ) {
        let offset = self.offset_of(p, flight, at);
        let stamp = self.process(p).flights.remove(flight).envelope.stamp;
        self.tell(p, Input::Delivered { stamp, offset }, notes);
    }

    pub(super) fn fail(&mut self, p: usize, flight: usize, notes: &mut Trace) {
        self.budget.fail = self.budget.fail.saturating_sub(1);
        self.give_up(p);
        let stamp = self.process(p).flights.remove(flight).envelope.stamp;
        self.tell(p, Input::AppendFailed { stamp }, notes);
    }

    /// The producer gives its connection up; what it has sent may be stored, in whatever order.
    fn give_up(&mut self, p: usize) {
        self.partition.give_up(self.processes[p].session());
        self.process(p).session += 1;
    }

    pub(super) fn break_off(&mut self, p: usize) {
        self.budget.resend = self.budget.resend.saturating_sub(1);
        self.give_up(p);
    }

    pub(super) fn resend(&mut self, p: usize) {
        self.break_off(p);
        let process = &self.processes[p];
        for flight in &process.flights {
            self.partition.send(process.session(), Arc::clone(&flight.envelope));
        }
    }
}
