//! Telling a process something, and doing what its writer wants done.

use std::sync::Arc;

use command::writer::{Input, Output, Reply, Ticket};
use event_log::{Content, Envelope};

use super::{
    Trace, World,
    clients::{Call, call_of, said},
    trace,
};

impl World {
    pub(super) fn tell(&mut self, p: usize, input: Input, notes: &mut Trace) {
        let now = self.now(p);
        let mut out = Vec::new();
        self.process(p).writer.handle(now, input, &mut out);
        for output in out {
            self.carry_out(p, output, notes);
        }
    }

    fn carry_out(&mut self, p: usize, output: Output, notes: &mut Trace) {
        match output {
            Output::FetchEnd => {
                // Looked up at once is the oldest end that it may be told.
                let end = self.is_prompt().then(|| self.partition.end());
                self.process(p).ends.push_back(end);
            }
            Output::ReadAgain { key, .. } => {
                // Only a program that reads what another one could not would want that.
                self.seen.push(format!("{key} is to be read again"));
            }
            Output::ReadCatalogue { epoch } => self.process(p).catalogues.push_back(epoch),
            Output::Append(envelope) => self.append(p, envelope, notes),
            Output::Answer(ticket, reply) => self.answer(p, ticket, &reply, notes),
            Output::Pause { .. } => self.process(p).pauses += 1,
            Output::Handover(submission) => {
                notes.add(|| {
                    format!("    {} hands call {} over", trace::process(p), submission.ticket.0)
                });
                if let Some(call) = self.call_with(submission.ticket) {
                    call.holder = None;
                }
                self.replies.handed_over += 1;
                self.handovers.push((p, submission));
            }
        }
    }

    fn append(&mut self, p: usize, envelope: Arc<Envelope>, notes: &mut Trace) {
        notes.add(|| format!("    {} appends {}", trace::process(p), trace::record(&envelope)));
        if let Content::Event(_) | Content::EventSkipped(_) = envelope.content {
            self.watch_decision(p, &envelope);
        }
        let process = self.process(p);
        let session = process.session();
        process.flights.push(super::process::Flight {
            envelope: Arc::clone(&envelope),
            first: None,
            last: None,
        });
        self.partition.send(session, envelope);
    }

    /// A call is decided by the process where it waits, while it waits.
    fn watch_decision(&mut self, p: usize, envelope: &Envelope) {
        let Some(number) = call_of(envelope.id) else {
            self.seen.push(format!("an event of no call was appended: {}", envelope.id));
            return;
        };
        let now = self.now(p);
        let call = &self.calls[number];
        if call.holder != Some(p) {
            self.seen.push(format!("call {number} was decided where it does not wait"));
        } else if call.deadline <= now {
            self.seen.push(format!("call {number} was decided past its deadline"));
        }
    }

    fn answer(&mut self, p: usize, ticket: Ticket, reply: &Reply, notes: &mut Trace) {
        notes.add(|| {
            format!("    {} answers call {}: {}", trace::process(p), ticket.0, trace::reply(reply))
        });
        let Some(number) = usize::try_from(ticket.0).ok().filter(|n| *n < self.calls.len()) else {
            return self.seen.push(format!("call {} was answered and never made", ticket.0));
        };
        self.replies.count(reply);
        if let Reply::NotParked { held_by } = reply {
            self.not_parked.push((number, self.partition.end(), *held_by));
        }
        let call = Arc::make_mut(&mut self.calls[number]);
        if call.holder.take() != Some(p) {
            self.seen.push(format!("call {number} was answered where it does not wait"));
        }
        let said = said(reply, &self.calls[number].wish, &self.partition);
        self.tell_client(number, said);
    }

    pub(super) fn call_with(&mut self, ticket: Ticket) -> Option<&mut Call> {
        self.calls.get_mut(usize::try_from(ticket.0).ok()?).map(Arc::make_mut)
    }

    pub(super) fn look_up_end(&mut self, p: usize) {
        let end = self.partition.end();
        if let Some(asked) = self.process(p).ends.iter_mut().find(|asked| asked.is_none()) {
            *asked = Some(end);
        }
    }

    pub(super) fn tell_end(&mut self, p: usize, notes: &mut Trace) {
        let process = self.process(p);
        if let Some(Some(end)) = process.ends.pop_front() {
            let nonce = process.nonce();
            self.tell(p, Input::EndFetched { end, nonce }, notes);
        }
    }

    pub(super) fn tell_catalogue(&mut self, p: usize, notes: &mut Trace) {
        if let Some(epoch) = self.process(p).catalogues.pop_front() {
            self.tell(p, Input::CatalogueRead { epoch }, notes);
        }
    }

    pub(super) fn resume(&mut self, p: usize, notes: &mut Trace) {
        self.process(p).pauses -= 1;
        self.tell(p, Input::Resume, notes);
    }

    /// Whoever looks at the clock answers everybody whose deadline has passed.
    pub(super) fn tick(&mut self, p: usize, notes: &mut Trace) {
        self.tell(p, Input::Tick, notes);
        let now = self.now(p);
        let late = |call: &Arc<Call>| call.holder == Some(p) && call.deadline <= now;
        if let Some(call) = self.calls.iter().position(late) {
            self.seen.push(format!("call {call} still waits past its deadline"));
        }
    }

    /// Tells every process what it waits for beside records; what was read already is not read again.
    pub(super) fn tell_at_once(&mut self, notes: &mut Trace) {
        for p in 0..self.processes.len() {
            while !self.processes[p].ends.is_empty() {
                self.tell_end(p, notes);
            }
            while !self.processes[p].catalogues.is_empty() {
                self.tell_catalogue(p, notes);
            }
            while self.processes[p].pauses > 0 {
                self.resume(p, notes);
                while !self.processes[p].ends.is_empty() {
                    self.tell_end(p, notes);
                }
            }
            let next = self.processes[p].writer.next();
            if self.processes[p].follower != next {
                self.process(p).follower = next;
            }
        }
    }
}
