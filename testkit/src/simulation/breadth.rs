//! Breadth-first search: every action in every state, level by level, so that the first trace is a shortest one.

use std::{collections::HashSet, sync::Arc};

use super::{Action, ClientRequest, Trace, World};

/// A small world, and what its clients are going to ask for, in this order, each of any process at any time.
#[derive(Debug, Clone)]
pub struct Start {
    /// Where the search begins.
    pub world: World,
    /// What is asked.
    pub plan: Vec<Arc<ClientRequest>>,
}

/// How far to search.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// So many actions after each other.
    pub depth: usize,
    /// Goes no deeper once it has seen so many states.
    pub states: usize,
    /// Every so manyth state is healed too, to see that everybody is answered; 0 for none.
    pub heal_every: usize,
}

/// What a search found.
#[derive(Debug, Clone, Default)]
pub struct Explored {
    /// Different states.
    pub states: usize,
    /// Actions done.
    pub transitions: usize,
    /// To this depth every state was seen.
    pub depth: usize,
    /// Whether there was nothing deeper.
    pub exhausted: bool,
    /// Different histories, each judged by the auditor.
    pub histories: usize,
    /// States that were healed.
    pub healed: usize,
    /// The first violation, with a shortest trace to it.
    pub violation: Option<String>,
}

/// How a state was reached: from which other, by what.
struct Step {
    from: usize,
    action: Action,
}

struct Search<'a> {
    start: &'a Start,
    limits: Limits,
    steps: Vec<Step>,
    seen: HashSet<u128>,
    histories: HashSet<u128>,
    explored: Explored,
}

/// Searches from `start` until a violation, the limits, or the end of everything.
pub fn search(start: &Start, limits: Limits) -> Explored {
    let mut search = Search {
        start,
        limits,
        steps: Vec::new(),
        seen: HashSet::from([start.world.fingerprint()]),
        histories: HashSet::new(),
        explored: Explored { states: 1, ..Explored::default() },
    };
    // Steps are numbered from 1; 0 is the start.
    let mut level = vec![(start.world.clone(), 0)];
    while search.explored.depth < limits.depth && search.explored.states < limits.states {
        let mut next = Vec::new();
        for (world, from) in level {
            if let Err(violation) = search.expand(&world, from, &mut next) {
                search.explored.violation = Some(violation);
                return search.explored;
            }
        }
        search.explored.depth += 1;
        if next.is_empty() {
            search.explored.exhausted = true;
            break;
        }
        level = next;
    }
    search.explored
}

impl Search<'_> {
    fn expand(
        &mut self,
        world: &World,
        from: usize,
        next: &mut Vec<(World, usize)>,
    ) -> Result<(), String> {
        for action in self.actions(world) {
            let mut after = world.clone();
            after.apply(&action, &mut Trace::default());
            self.explored.transitions += 1;
            if self.seen.insert(after.fingerprint()) {
                self.explored.states += 1;
                self.steps.push(Step { from, action });
                let step = self.steps.len();
                self.judge(&after, step)?;
                next.push((after, step));
            }
        }
        Ok(())
    }

    fn actions(&self, world: &World) -> Vec<Action> {
        let mut actions = world.possible();
        let asked = world.calls.len() - self.start.world.calls.len();
        if let Some(wish) = self.start.plan.get(asked) {
            let processes = 0..world.processes.len();
            actions.extend(processes.map(|p| Action::Ask(p, Arc::clone(wish))));
        }
        actions
    }

    fn judge(&mut self, world: &World, step: usize) -> Result<(), String> {
        if self.histories.insert(world.history()) {
            self.explored.histories += 1;
            if let Some(violation) = world.audit().violations.first() {
                return Err(self.trace(step, &violation.to_string(), None));
            }
        }
        let due = self.explored.states.checked_rem(self.limits.heal_every) == Some(0);
        if due {
            self.explored.healed += 1;
            let owner = step % world.processes.len();
            let mut healed = world.clone();
            let wrong = healed
                .quiesce(owner, &mut Trace::default())
                .err()
                .or_else(|| healed.audit().violations.first().map(ToString::to_string));
            if let Some(wrong) = wrong {
                return Err(self.trace(step, &wrong, Some(owner)));
            }
        }
        Ok(())
    }

    /// Does the actions to this step again, with notes.
    fn trace(&self, mut step: usize, wrong: &str, healed_by: Option<usize>) -> String {
        let mut actions = Vec::new();
        while let Some(reached) = step.checked_sub(1).and_then(|index| self.steps.get(index)) {
            actions.push(&reached.action);
            step = reached.from;
        }
        let mut notes = Trace::taken();
        let mut world = self.start.world.clone();
        world.records().for_each(|line| notes.add(|| line));
        notes.add(|| format!("-- so far; now {} steps", actions.len()));
        for action in actions.into_iter().rev() {
            world.apply(action, &mut notes);
        }
        if let Some(owner) = healed_by {
            // What is wrong is known already; this is for its notes.
            let _ = world.quiesce(owner, &mut notes);
        }
        notes.add(|| format!("== {wrong}"));
        notes.text()
    }
}
