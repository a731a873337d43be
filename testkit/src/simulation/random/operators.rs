//! In every fourth world: somebody else's program that stores what nobody can read, and operators who give that up.

use std::sync::Arc;

use rand::{RngExt as _, SeedableRng as _};

use super::Chance;
use crate::simulation::{Action, World, client_request::skip};

#[derive(Debug)]
pub(super) struct Operators {
    /// Apart from the chance of everything else, so that the other worlds are what they were without this.
    chance: Option<Chance>,
}

/// Those of customers and products alike.
const KEYS: [&str; 4] = ["anna", "anna", "jan", "maslo"];

impl Operators {
    pub(super) fn draw(seed: u64) -> Self {
        Self { chance: (seed % 4 == 3).then(|| Chance::seed_from_u64(!seed)) }
    }

    /// What they do now, if anything.
    pub(super) fn next(&mut self, world: &World) -> Option<Action> {
        let chance = self.chance.as_mut()?;
        match chance.random_range(0..60) {
            0 => Some(Action::Intrude(KEYS[chance.random_range(0..KEYS.len())])),
            1..=3 => {
                let to = chance.random_range(0..world.processes.len());
                let held_up = world.held_up();
                let nothing = held_up.is_empty() || chance.random_ratio(1, 8);
                let (key, offset) = if nothing {
                    let key = KEYS[chance.random_range(0..KEYS.len())];
                    (key.to_owned(), chance.random_range(0..=world.partition.end()))
                } else {
                    held_up[chance.random_range(0..held_up.len())].clone()
                };
                Some(Action::Ask(to, Arc::new(skip(&key, offset))))
            }
            _ => None,
        }
    }
}
