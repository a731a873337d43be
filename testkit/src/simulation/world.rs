//! The world, and how it changes.

use std::sync::Arc;

use command::writer::{Fault, Input, ReadRecord, Submission, Writer};
use domain::testing::RULES;
use event_log::{Content, Offset, Timestamp};

use super::{
    Action, ClientRequest, Trace,
    clients::{Call, Replies, WITHIN},
    fingerprint::fingerprint,
    partition::Partition,
    process::{Process, settings},
};
use crate::audit::{Findings, Said, Violation, audit};

/// Processes, clients, the partition and the network between them.
#[derive(Debug, Clone)]
pub struct World {
    /// What a process has when it starts.
    fresh: Arc<Writer>,
    pub(super) processes: Vec<Arc<Process>>,
    pub(super) partition: Partition,
    pub(super) clock: i64,
    pub(super) calls: Vec<Arc<Call>>,
    /// Commands that one process gave away and no other has got yet, with the first one's number.
    pub(super) handovers: Vec<(usize, Box<Submission>)>,
    /// What nobody but the world itself can see to be wrong.
    pub(super) seen: Vec<String>,
    /// Which calls were told that their event holds nothing up, the partition's length then, and what does.
    pub(super) not_parked: Vec<(usize, Offset, Option<Offset>)>,
    pub(super) budget: Budget,
    /// What the writers replied so far.
    pub(super) replies: Replies,
    /// Followers hand on what the writer needs to know, and no more.
    pub(super) sparing: bool,
    /// Processes are told ends, catalogues and ends of pauses at once, and do not read twice.
    prompt: bool,
}

/// How many misfortunes are left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Budget {
    /// Assignments.
    pub assign: u16,
    /// Revocations.
    pub revoke: u16,
    /// Crashes.
    pub crash: u16,
    /// Appends that are reported as failed.
    pub fail: u16,
    /// Times that a producer sends everything again.
    pub resend: u16,
    /// Times that all deadlines pass.
    pub expire: u16,
}

impl World {
    /// Processes with these clocks, an empty partition, and a fault or none.
    pub fn new(skews: &[i64], room: (usize, usize), fault: Option<Fault>) -> Self {
        let writer = Writer::new(settings(room.0, room.1));
        let fresh = Arc::new(match fault {
            Some(fault) => writer.with_fault(fault),
            None => writer,
        });
        let process = |(number, skew): (usize, &i64)| {
            Arc::new(Process::new(number, Writer::clone(&fresh), *skew))
        };
        Self {
            processes: skews.iter().enumerate().map(process).collect(),
            fresh,
            partition: Partition::default(),
            clock: 0,
            calls: Vec::new(),
            handovers: Vec::new(),
            seen: Vec::new(),
            not_parked: Vec::new(),
            budget: Budget::default(),
            replies: Replies::default(),
            sparing: false,
            prompt: false,
        }
    }

    /// The same world without the delays that only cost states, for the breadth-first search.
    #[must_use]
    pub fn prompt(self, budget: Budget) -> Self {
        Self { prompt: true, budget, ..self }
    }

    /// Does one action, which must be possible.
    pub fn apply(&mut self, action: &Action, notes: &mut Trace) {
        notes.add(|| action.sentence(self));
        match action {
            Action::Assign(p) => self.assign(*p, notes),
            Action::Revoke(p) => self.revoke(*p, notes),
            Action::Crash(p) => self.crash(*p),
            Action::Ask(p, wish) => self.ask(*p, wish, notes),
            Action::HangUp(call) => self.tell_client(*call, Said::Unknown),
            Action::LookUpEnd(p) => self.look_up_end(*p),
            Action::TellEnd(p) => self.tell_end(*p, notes),
            Action::TellCatalogue(p) => self.tell_catalogue(*p, notes),
            Action::Resume(p) => self.resume(*p, notes),
            Action::Read(p) => self.read(*p, notes),
            Action::Store(copy) => self.store(*copy),
            Action::Lose(copy) => _ = self.partition.lose(*copy),
            Action::Acknowledge(p, flight, at) => self.acknowledge(*p, *flight, *at, notes),
            Action::Fail(p, flight) => self.fail(*p, *flight, notes),
            Action::Break(p) => self.break_off(*p),
            Action::Resend(p) => self.resend(*p),
            Action::Forward(handover, to) => self.forward(*handover, *to, notes),
            Action::LoseHandover(handover) => self.lose_handover(*handover),
            Action::Tick(p) => self.tick(*p, notes),
            Action::PassTime(by) => self.pass_time(*by),
            Action::SetClock(p, to) => self.process(*p).skew = *to,
            Action::Foreign => self.partition.store_foreign(),
            Action::Intrude(key) => {
                let started = Content::WriterStarted(settings(1, 1).started);
                self.partition.store_strange(key, started);
            }
        }
        if self.prompt {
            self.tell_at_once(notes);
        }
    }

    /// What the auditor says to this world's history, and what the world itself has seen.
    pub fn audit(&self) -> Findings {
        let attempts: Vec<_> = self
            .calls
            .iter()
            .enumerate()
            .filter_map(|(number, call)| call.attempt(number))
            .collect();
        let mut findings = audit(&self.partition.logged(), &attempts, RULES);
        let seen = self.seen.iter().cloned().chain(self.check_strange());
        findings.violations.extend(seen.map(Violation::Seen));
        findings
    }

    /// The partition's records, one a line.
    pub fn records(&self) -> impl Iterator<Item = String> + '_ {
        self.partition.lines()
    }

    /// Equal worlds have equal fingerprints; other worlds, as far as chance goes, have others.
    pub(super) fn fingerprint(&self) -> u128 {
        let Self { processes, partition, clock, calls, handovers, budget, .. } = self;
        fingerprint(&(processes, partition, clock, calls, handovers, budget))
    }

    /// The fingerprint of what the auditor judges.
    pub(super) fn history(&self) -> u128 {
        fingerprint(&(self.partition.records(), &self.calls, &self.seen))
    }

    pub(super) fn process(&mut self, p: usize) -> &mut Process {
        Arc::make_mut(&mut self.processes[p])
    }

    pub(super) fn now(&self, p: usize) -> Timestamp {
        self.processes[p].now(self.clock)
    }

    pub(super) fn tell_client(&mut self, call: usize, said: Said) {
        let length = self.partition.end();
        Arc::make_mut(&mut self.calls[call]).tell(length, said);
    }

    fn assign(&mut self, p: usize, notes: &mut Trace) {
        self.budget.assign = self.budget.assign.saturating_sub(1);
        self.process(p).assigned = true;
        self.tell(p, Input::Assigned, notes);
    }

    fn revoke(&mut self, p: usize, notes: &mut Trace) {
        self.budget.revoke = self.budget.revoke.saturating_sub(1);
        self.process(p).assigned = false;
        self.tell(p, Input::Revoked, notes);
    }

    /// Its callers lose their connections; what it has sent may be stored all the same.
    fn crash(&mut self, p: usize) {
        self.budget.crash = self.budget.crash.saturating_sub(1);
        let session = self.processes[p].session();
        self.partition.give_up(session);
        let fresh = Writer::clone(&self.fresh);
        self.process(p).crash(fresh);
        for call in 0..self.calls.len() {
            if self.calls[call].holder == Some(p) {
                Arc::make_mut(&mut self.calls[call]).holder = None;
                self.tell_client(call, Said::Unknown);
            }
        }
    }

    fn ask(&mut self, p: usize, wish: &Arc<ClientRequest>, notes: &mut Trace) {
        let deadline = Timestamp(self.now(p).0 + WITHIN);
        let call = Call::new(Arc::clone(wish), self.partition.end(), p, deadline);
        let number = self.calls.len();
        notes.add(|| format!("    that is call {number}"));
        let submission = Box::new(call.submission(number));
        self.calls.push(Arc::new(call));
        self.tell(p, Input::Submit(submission), notes);
    }

    fn read(&mut self, p: usize, notes: &mut Trace) {
        let offset = self.processes[p].follower;
        let Some(record) = self.partition.at(offset).cloned() else { return };
        self.process(p).follower = offset + 1;
        let counts = self.partition.counts(offset);
        let writer = &self.processes[p].writer;
        let (claim, reading) = match record {
            Some(envelope) if self.sparing && (!counts || writer.knows(envelope.claim())) => {
                (Some(envelope.claim()), ReadRecord::Unread)
            }
            Some(envelope) => {
                let claim = Some(envelope.claim());
                let plain = || ReadRecord::Readable(Arc::clone(&envelope));
                let unreadable = |key: &str| ReadRecord::Unreadable {
                    key: key.to_owned(),
                    time: Some(envelope.time),
                    command_id: None,
                };
                (claim, self.partition.strange(offset).map_or_else(plain, unreadable))
            }
            None => (None, ReadRecord::Unread),
        };
        self.tell(p, Input::Read { offset, claim, reading }, notes);
    }

    fn pass_time(&mut self, by: i64) {
        self.budget.expire = self.budget.expire.saturating_sub(1);
        self.clock += by;
    }

    /// The rest of the caller's patience goes with the command.
    fn forward(&mut self, handover: usize, to: usize, notes: &mut Trace) {
        let (from, mut submission) = self.handovers.remove(handover);
        submission.deadline = Timestamp(submission.deadline.0 - self.now(from).0 + self.now(to).0);
        if let Some(call) = self.call_with(submission.ticket) {
            call.holder = Some(to);
            call.deadline = submission.deadline;
        }
        self.tell(to, Input::Submit(submission), notes);
    }

    fn lose_handover(&mut self, handover: usize) {
        let (_, submission) = self.handovers.remove(handover);
        if let Ok(call) = usize::try_from(submission.ticket.0) {
            self.tell_client(call, Said::Unknown);
        }
    }

    /// Whether the world is one of the breadth-first search.
    pub(super) fn is_prompt(&self) -> bool {
        self.prompt
    }
}
