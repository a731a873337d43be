//! Clients who ask, ask again, and ask for impossible things.

use std::sync::Arc;

use domain::{Command, PurchaseProduct};
use rand::RngExt as _;

use super::Chance;
use crate::{
    audit::Said,
    simulation::{
        Action, ClientRequest, World,
        client_request::{buy, create, price},
    },
};

#[derive(Debug)]
pub(super) struct Clients {
    /// How many calls are made at most.
    most: usize,
    /// How many of a hundred calls have a command id.
    named: u32,
    /// How many of a hundred calls repeat an earlier one.
    repeating: u32,
    ids: u32,
}

impl Clients {
    pub(super) fn draw(chance: &mut Chance) -> Self {
        Self {
            most: chance.random_range(2..20),
            named: [0, 50, 80, 100][chance.random_range(0..4)],
            repeating: [0, 20, 40, 70][chance.random_range(0..4)],
            ids: 0,
        }
    }

    /// A call that may be made now; it counts as made only with luck, since another action may be drawn.
    pub(super) fn next(&mut self, world: &World, chance: &mut Chance) -> Option<Action> {
        if world.calls.len() >= self.most {
            return None;
        }
        let to = chance.random_range(0..world.processes.len());
        let again = chance.random_ratio(self.repeating, 100);
        let wish = again.then(|| earlier(world, chance)).flatten();
        Some(Action::Ask(to, wish.unwrap_or_else(|| Arc::new(self.wish(chance)))))
    }

    fn wish(&mut self, chance: &mut Chance) -> ClientRequest {
        let command = command(chance);
        if !chance.random_ratio(self.named, 100) {
            return ClientRequest::once(command);
        }
        // Now and then an id is used that stands for something else already.
        if !chance.random_ratio(1, 20) {
            self.ids += 1;
        }
        ClientRequest::named(&format!("c{}", self.ids), command)
    }
}

/// An earlier call with a command id, and rather one without a certain answer.
fn earlier(world: &World, chance: &mut Chance) -> Option<Arc<ClientRequest>> {
    let named = world.calls.iter().filter(|call| call.wish.command_id.is_some());
    let (open, all): (Vec<_>, Vec<_>) = named.partition(|call| {
        matches!(&call.answer, None | Some((_, Said::Unknown | Said::NotStored)))
    });
    let from = if open.is_empty() || chance.random_ratio(1, 3) { all } else { open };
    if from.is_empty() {
        return None;
    }
    Some(Arc::clone(&from[chance.random_range(0..from.len())].wish))
}

fn command(chance: &mut Chance) -> Command {
    let customer = ["anna", "anna", "jan"][chance.random_range(0..3)];
    let product = ["maslo", "maslo", "mleko"][chance.random_range(0..3)];
    let amount = ["1.00", "2.00", "3.33"][chance.random_range(0..3)];
    let units = ["1", "2.5", "0.125"][chance.random_range(0..3)];
    match chance.random_range(0..12) {
        0..=2 => create(customer, "Anna"),
        3 => create(customer, "Ewa"),
        4..=6 => buy(customer, units),
        7 => without_offer(buy(customer, units)),
        8..=10 => price(product, amount, None),
        _ => price(product, amount, Some(chance.random_range(0..4))),
    }
}

/// The catalogue knows no such product.
fn without_offer(command: Command) -> Command {
    match command {
        Command::PurchaseProduct(wish) => {
            Command::PurchaseProduct(PurchaseProduct { offer: None, ..wish })
        }
        other @ (Command::CreateCustomer(_) | Command::PriceProduct(_)) => other,
    }
}
