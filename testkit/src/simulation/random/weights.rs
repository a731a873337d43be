//! How likely each kind of action is in one world.

use rand::RngExt as _;

use super::Chance;
use crate::simulation::{Acknowledged, Action, World};

/// Weights of single actions; the chance of a kind grows with how many of it are possible.
#[derive(Debug)]
pub(super) struct Weights {
    pub(super) ask: u32,
    /// In a hundred steps.
    pub(super) pause: u32,
    store: u32,
    read: u32,
    tell: u32,
    acknowledge: u32,
    assign: u32,
    revoke: u32,
    crash: u32,
    fail: u32,
    resend: u32,
    lose: u32,
    hang_up: u32,
    time: u32,
    set_clock: u32,
    foreign: u32,
}

impl Weights {
    pub(super) fn draw(chance: &mut Chance) -> Self {
        let mut usual = |of: [u32; 4]| of[chance.random_range(0..4)];
        Self {
            ask: usual([5, 10, 20, 40]),
            store: usual([5, 20, 40, 80]),
            read: usual([5, 20, 40, 80]),
            tell: usual([5, 20, 40, 80]),
            acknowledge: usual([0, 5, 20, 40]),
            assign: usual([1, 2, 5, 20]),
            revoke: usual([0, 0, 1, 4]),
            pause: usual([0, 0, 2, 10]),
            crash: usual([0, 0, 0, 1]),
            fail: usual([0, 1, 2, 5]),
            resend: usual([0, 0, 2, 5]),
            lose: usual([0, 0, 1, 5]),
            hang_up: usual([0, 0, 0, 2]),
            time: usual([0, 0, 1, 4]),
            set_clock: usual([0, 0, 0, 1]),
            foreign: usual([0, 0, 0, 1]),
        }
    }

    pub(super) fn of(&self, action: &Action) -> u32 {
        match action {
            Action::Assign(_) => self.assign,
            Action::Revoke(_) => self.revoke,
            Action::Crash(_) => self.crash,
            Action::Ask(..) => self.ask,
            Action::HangUp(_) => self.hang_up,
            Action::LookUpEnd(_)
            | Action::TellEnd(_)
            | Action::TellCatalogue(_)
            | Action::Resume(_) => self.tell,
            // Between processes that are not assigned a command may go to and fro for ever.
            Action::Forward(..) => 2,
            Action::Read(_) => self.read,
            Action::Store(_) => self.store,
            Action::Lose(_) | Action::LoseHandover(_) => self.lose,
            Action::Acknowledge(..) => self.acknowledge,
            Action::Fail(..) => self.fail,
            Action::Resend(_) | Action::Break(_) => self.resend,
            Action::Tick(_) | Action::PassTime(_) => self.time,
            Action::SetClock(..) => self.set_clock,
            Action::Foreign => self.foreign,
            // Drawn apart.
            Action::Intrude(_) => 0,
        }
    }
}

/// What can happen beside what is bound to: time passes, clients hang up, things are lost.
pub(super) fn elsewhere(world: &World, chance: &mut Chance) -> Vec<Action> {
    let mut actions = vec![Action::PassTime([1, 20, 300, 1500][chance.random_range(0..4)])];
    let process = chance.random_range(0..world.processes.len());
    actions.push(Action::SetClock(process, chance.random_range(-3000..=3000)));
    actions.push(Action::Foreign);
    let copies = world.partition.copies().iter().enumerate();
    actions.extend(copies.filter(|(_, copy)| copy.stray).map(|(copy, _)| Action::Lose(copy)));
    actions.extend((0..world.handovers.len()).map(Action::LoseHandover));
    let waiting = world.calls.iter().enumerate().filter(|(_, call)| call.answer.is_none());
    actions.extend(waiting.map(|(call, _)| Action::HangUp(call)).take(1));
    for (p, process) in world.processes.iter().enumerate() {
        let flights = process.flights.iter().enumerate();
        let stored = flights.filter(|(_, flight)| flight.first.is_some());
        actions.extend(
            stored.map(|(flight, _)| Action::Acknowledge(p, flight, Acknowledged::Nowhere)),
        );
    }
    actions
}
