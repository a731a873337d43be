//! Random search: a seed makes a world, its clients and everything that befalls them.
//!
//! Each seed draws how likely each kind of action is, so that some worlds are calm, some are all crashes, and
//! some all duplicates; and which processes pause for how long.

mod clients;
mod operators;
mod weights;

use command::writer::Fault;
use rand::{RngExt as _, SeedableRng as _, rngs::Xoshiro256PlusPlus};

use self::{
    clients::Clients,
    operators::Operators,
    weights::{Weights, elsewhere},
};
use super::{Action, Budget, Replies, Trace, World};

/// What became of a seed.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The seed.
    pub seed: u64,
    /// How many actions were done, healing aside.
    pub steps: usize,
    /// How many calls were made.
    pub calls: usize,
    /// How many records the partition has in the end.
    pub records: u64,
    /// What the writers replied.
    pub replies: Replies,
    /// Everything that is wrong.
    pub violations: Vec<String>,
}

/// A fixed generator, so that a seed means the same everywhere and for ever.
type Chance = Xoshiro256PlusPlus;

/// Runs one seed.
pub fn run(seed: u64, fault: Option<Fault>, notes: &mut Trace) -> Outcome {
    let mut chance = Chance::seed_from_u64(seed);
    let mut world = draw_world(&mut chance, fault);
    let mut clients = Clients::draw(&mut chance);
    let weights = Weights::draw(&mut chance);
    let mut operators = Operators::draw(seed);
    let mut paused = vec![false; world.processes.len()];
    let steps = chance.random_range(40..400);
    for _ in 0..steps {
        let p = chance.random_range(0..paused.len());
        if chance.random_ratio(weights.pause, 100) {
            paused[p] = !paused[p];
            notes.add(|| {
                let what = if paused[p] { "pauses" } else { "goes on" };
                format!("{} {what}", super::trace::process(p))
            });
        }
        if let Some(action) = operators.next(&world).filter(|action| !waits(action, &paused)) {
            world.apply(&action, notes);
        }
        if let Some(action) = draw_action(&world, &weights, &paused, &mut clients, &mut chance) {
            world.apply(&action, notes);
        }
    }
    lose_some(&mut world, &mut chance, notes);
    let owner = chance.random_range(0..world.processes.len());
    let wrong = world.quiesce(owner, notes).err();
    let findings = world.audit();
    let found = findings.violations.iter().map(ToString::to_string);
    Outcome {
        seed,
        steps,
        calls: world.calls.len(),
        records: findings.tally.records,
        replies: world.replies,
        violations: wrong.into_iter().chain(found).collect(),
    }
}

fn draw_world(chance: &mut Chance, fault: Option<Fault>) -> World {
    let processes = if chance.random_ratio(1, 3) { 3 } else { 2 };
    let apart = [0, 0, 50, 5000][chance.random_range(0..4)];
    let skews: Vec<i64> = (0..processes).map(|_| chance.random_range(-apart..=apart)).collect();
    let room = (chance.random_range(2..16), chance.random_range(1..6));
    let mut world = World::new(&skews, room, fault);
    world.sparing = chance.random_ratio(1, 2);
    let always = u16::MAX;
    // Time passes by its own action here.
    world.budget = Budget {
        assign: always,
        revoke: always,
        crash: always,
        fail: always,
        resend: always,
        expire: 0,
    };
    world
}

fn draw_action(
    world: &World,
    weights: &Weights,
    paused: &[bool],
    clients: &mut Clients,
    chance: &mut Chance,
) -> Option<Action> {
    let mut actions: Vec<(u32, Action)> = world
        .possible()
        .into_iter()
        .chain(elsewhere(world, chance))
        .filter(|action| !waits(action, paused))
        .map(|action| (weights.of(&action), action))
        .collect();
    if let Some(ask) = clients.next(world, chance) {
        actions.push((weights.ask, ask));
    }
    let total: u32 = actions.iter().map(|(weight, _)| weight).sum();
    let mut drawn = chance.random_range(0..total.max(1));
    for (weight, action) in actions {
        match drawn.checked_sub(weight) {
            Some(rest) => drawn = rest,
            None => return Some(action),
        }
    }
    None
}

/// Whether the action is an input of a process that pauses.
fn waits(action: &Action, paused: &[bool]) -> bool {
    match action {
        Action::Assign(p)
        | Action::Revoke(p)
        | Action::TellEnd(p)
        | Action::TellCatalogue(p)
        | Action::Resume(p)
        | Action::Read(p)
        | Action::Acknowledge(p, ..)
        | Action::Fail(p, _)
        | Action::Tick(p)
        | Action::Ask(p, _)
        | Action::Forward(_, p) => paused[*p],
        Action::Crash(_)
        | Action::HangUp(_)
        | Action::LookUpEnd(_)
        | Action::Store(_)
        | Action::Lose(_)
        | Action::Resend(_)
        | Action::Break(_)
        | Action::LoseHandover(_)
        | Action::PassTime(_)
        | Action::SetClock(..)
        | Action::Foreign
        | Action::Intrude(_) => false,
    }
}

/// Of what is still under way some will arrive after all has healed, and some never.
fn lose_some(world: &mut World, chance: &mut Chance, notes: &mut Trace) {
    let mut copy = 0;
    while let Some(found) = world.partition.copies().get(copy) {
        if found.stray && chance.random_ratio(1, 2) {
            world.apply(&Action::Lose(copy), notes);
        } else {
            copy += 1;
        }
    }
}
