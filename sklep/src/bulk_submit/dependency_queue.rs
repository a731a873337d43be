//! Whose turn it is: which wishes may be sent now.

use std::collections::{BTreeSet, HashMap};

use super::mutation::{Access, Entity};

/// The how manyth wish of a run.
pub(super) type Sequence = u64;

/// All wishes of a run that are not answered yet, and which of them wait for which.
#[derive(Debug, Default)]
pub(super) struct DependencyQueue {
    waiting: HashMap<Sequence, Waiting>,
    ready: BTreeSet<Sequence>,
    things: HashMap<Entity, Users>,
}

#[derive(Debug)]
struct Waiting {
    touches: Vec<(Entity, Access)>,
    /// How many unanswered wishes go before it.
    before: usize,
    /// The wishes that it goes before.
    after: Vec<Sequence>,
}

/// Who, of those that are not answered, came last to a thing.
#[derive(Debug, Default)]
struct Users {
    changed_by: Option<Sequence>,
    looked_at_by: BTreeSet<Sequence>,
}

impl DependencyQueue {
    /// A wish that came after all others.
    pub(super) fn add(&mut self, turn: Sequence, touches: Vec<(Entity, Access)>) {
        let mut before = BTreeSet::new();
        for (thing, touch) in &touches {
            let users = self.things.entry(thing.clone()).or_default();
            match touch {
                Access::LooksAt => {
                    before.extend(users.changed_by);
                    users.looked_at_by.insert(turn);
                }
                Access::Changes => {
                    before.extend(users.changed_by);
                    before.append(&mut users.looked_at_by);
                    users.changed_by = Some(turn);
                }
            }
        }
        for earlier in &before {
            if let Some(waiting) = self.waiting.get_mut(earlier) {
                waiting.after.push(turn);
            }
        }
        if before.is_empty() {
            self.ready.insert(turn);
        }
        self.waiting.insert(turn, Waiting { touches, before: before.len(), after: Vec::new() });
    }

    /// How many may be sent now.
    pub(super) fn ready(&self) -> usize {
        self.ready.len()
    }

    /// Takes the next one to send, the oldest first. No two that were taken and not answered concern each other.
    pub(super) fn take(&mut self) -> Option<Sequence> {
        self.ready.pop_first()
    }

    /// A wish that was taken is answered.
    pub(super) fn answered(&mut self, turn: Sequence) {
        let Some(done) = self.waiting.remove(&turn) else { return };
        for (thing, _touch) in &done.touches {
            self.leave(thing, turn);
        }
        for later in done.after {
            let Some(waiting) = self.waiting.get_mut(&later) else { continue };
            waiting.before = waiting.before.saturating_sub(1);
            if waiting.before == 0 {
                self.ready.insert(later);
            }
        }
    }

    fn leave(&mut self, thing: &Entity, turn: Sequence) {
        let Some(users) = self.things.get_mut(thing) else { return };
        users.looked_at_by.remove(&turn);
        users.changed_by = users.changed_by.filter(|user| *user != turn);
        if users.changed_by.is_none() && users.looked_at_by.is_empty() {
            self.things.remove(thing);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn customer(id: &str) -> (Entity, Access) {
        (Entity::Customer(id.parse().unwrap()), Access::Changes)
    }

    fn product(id: &str, touch: Access) -> (Entity, Access) {
        (Entity::Product(id.parse().unwrap()), touch)
    }

    fn taken(turns: &mut DependencyQueue) -> Vec<Sequence> {
        std::iter::from_fn(|| turns.take()).collect()
    }

    #[test]
    fn wishes_that_concern_each_other_go_one_after_the_other() {
        let mut turns = DependencyQueue::default();
        turns.add(0, vec![customer("anna")]);
        turns.add(1, vec![product("chleb", Access::Changes)]);
        turns.add(2, vec![customer("anna"), product("chleb", Access::LooksAt)]);
        turns.add(3, vec![customer("jan"), product("chleb", Access::LooksAt)]);
        turns.add(4, vec![product("chleb", Access::Changes)]);
        turns.add(5, vec![customer("jan")]);
        assert_eq!(taken(&mut turns), [0, 1]);
        turns.answered(1);
        assert_eq!(taken(&mut turns), [3], "anna is not registered yet");
        turns.answered(0);
        assert_eq!(taken(&mut turns), [2]);
        turns.answered(3);
        assert_eq!(taken(&mut turns), [5], "the new price waits for both purchases");
        turns.answered(2);
        assert_eq!(taken(&mut turns), [4]);
    }

    #[test]
    fn nothing_is_kept_of_what_is_answered() {
        let mut turns = DependencyQueue::default();
        for turn in 0..100 {
            turns.add(turn, vec![customer("anna"), product("chleb", Access::LooksAt)]);
        }
        for turn in 0..100 {
            assert_eq!(taken(&mut turns), [turn]);
            turns.answered(turn);
        }
        assert!(turns.waiting.is_empty() && turns.things.is_empty() && turns.ready() == 0);
    }
}
