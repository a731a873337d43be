//! Which actions are possible, and how a world is brought to rest.

use std::sync::Arc;

use super::{Acknowledged, Action, Trace, World, client_request, clients::WITHIN};

/// A world that is not at rest after so many steps never will be: those of the searches need some hundreds.
const STEPS: usize = 5000;

impl World {
    /// Everything that can happen now by itself: deliveries, and misfortunes as far as the budget goes.
    pub fn possible(&self) -> Vec<Action> {
        let mut actions = Vec::new();
        for copy in 0..self.partition.copies().len() {
            if self.partition.is_storable(copy) {
                actions.push(Action::Store(copy));
            }
        }
        for p in 0..self.processes.len() {
            self.of_process(p, &mut actions);
            self.of_flights(p, &mut actions);
        }
        for (handover, (from, _)) in self.handovers.iter().enumerate() {
            let others = (0..self.processes.len()).filter(|to| to != from);
            actions.extend(others.map(|to| Action::Forward(handover, to)));
        }
        if self.budget.expire > 0 {
            actions.push(Action::PassTime(2 * WITHIN));
        }
        actions
    }

    fn of_process(&self, p: usize, actions: &mut Vec<Action>) {
        let process = &self.processes[p];
        if process.follower < self.partition.end() {
            actions.push(Action::Read(p));
        }
        if process.ends.iter().any(Option::is_none) {
            actions.push(Action::LookUpEnd(p));
        }
        if process.ends.front().is_some_and(Option::is_some) {
            actions.push(Action::TellEnd(p));
        }
        if !process.catalogues.is_empty() {
            actions.push(Action::TellCatalogue(p));
        }
        if process.pauses > 0 {
            actions.push(Action::Resume(p));
        }
        if !process.assigned && self.budget.assign > 0 {
            actions.push(Action::Assign(p));
        }
        if process.assigned && self.budget.revoke > 0 {
            actions.push(Action::Revoke(p));
        }
        if self.budget.crash > 0 {
            actions.push(Action::Crash(p));
        }
        if self.clock > 0 && process.writer.open() > 0 {
            actions.push(Action::Tick(p));
        }
    }

    fn of_flights(&self, p: usize, actions: &mut Vec<Action>) {
        let process = &self.processes[p];
        for (index, flight) in process.flights.iter().enumerate() {
            if flight.first.is_some() {
                actions.push(Action::Acknowledge(p, index, Acknowledged::First));
            }
            if flight.first != flight.last {
                actions.push(Action::Acknowledge(p, index, Acknowledged::Last));
            }
            if self.budget.fail > 0 {
                actions.push(Action::Fail(p, index));
            }
        }
        if self.budget.resend > 0 && !process.flights.is_empty() {
            actions.push(Action::Resend(p));
            actions.push(Action::Break(p));
        }
    }

    /// Ends all misfortune and lets everything arrive, with one process to write. Says what stays wrong.
    ///
    /// Time stands still meanwhile, so that nobody is answered only because a deadline passes.
    pub fn quiesce(&mut self, owner: usize, notes: &mut Trace) -> Result<(), String> {
        notes.add(|| format!("-- all heals; {} is to write", super::trace::process(owner)));
        for p in 0..self.processes.len() {
            if p != owner {
                self.apply(&Action::Revoke(p), notes);
            }
        }
        if !self.processes[owner].assigned {
            self.apply(&Action::Assign(owner), notes);
        }
        self.rest(owner, notes)?;
        self.serves_again(owner, notes)
    }

    /// Lets everything happen that is bound to happen.
    pub(super) fn rest(&mut self, owner: usize, notes: &mut Trace) -> Result<(), String> {
        for _ in 0..STEPS {
            let Some(action) = self.due(owner) else {
                return match self.calls.iter().position(|call| call.answer.is_none()) {
                    Some(call) => Err(format!("call {call} is never answered")),
                    None => Ok(()),
                };
            };
            self.apply(&action, notes);
        }
        Err("the world never comes to rest".to_owned())
    }

    fn due(&self, owner: usize) -> Option<Action> {
        if let Some(copy) =
            (0..self.partition.copies().len()).find(|copy| self.partition.is_storable(*copy))
        {
            return Some(Action::Store(copy));
        }
        for (p, process) in self.processes.iter().enumerate() {
            if process.ends.iter().any(Option::is_none) {
                return Some(Action::LookUpEnd(p));
            }
            if !process.ends.is_empty() {
                return Some(Action::TellEnd(p));
            }
            if !process.catalogues.is_empty() {
                return Some(Action::TellCatalogue(p));
            }
            if process.follower < self.partition.end() {
                return Some(Action::Read(p));
            }
            if let Some(flight) = process.flights.first() {
                return Some(if flight.first.is_some() {
                    Action::Acknowledge(p, 0, Acknowledged::Nowhere)
                } else {
                    Action::Fail(p, 0)
                });
            }
        }
        if !self.handovers.is_empty() {
            return Some(Action::Forward(0, owner));
        }
        (0..self.processes.len()).find(|p| self.processes[*p].pauses > 0).map(Action::Resume)
    }

    /// After all that, a new customer is registered as ever.
    fn serves_again(&mut self, owner: usize, notes: &mut Trace) -> Result<(), String> {
        let wish = client_request::ClientRequest::once(client_request::create("ostatni", "Ewa"));
        let call = self.calls.len();
        self.apply(&Action::Ask(owner, Arc::new(wish)), notes);
        self.rest(owner, notes)?;
        match self.calls[call].answer.as_ref().map(|(_, said)| said) {
            Some(crate::audit::Said::Stored { repeated: false, .. }) => Ok(()),
            other => Err(format!("after all has healed, a new customer gets {other:?}")),
        }
    }
}
