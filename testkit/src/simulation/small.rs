//! The small worlds of the breadth-first search.

use std::sync::Arc;

use command::writer::Fault;

use super::{
    Action, Budget, ClientRequest, Trace, World,
    breadth::Start,
    client_request::{buy, create, price},
};

/// A small world, by name.
#[derive(Debug, Clone, Copy)]
pub struct Small {
    /// Its name.
    pub name: &'static str,
    /// What it is about.
    pub about: &'static str,
    before: fn() -> Vec<ClientRequest>,
    plan: fn() -> Vec<ClientRequest>,
    budget: Budget,
}

/// All of them. Two processes in each; where something was asked before, process A serves.
pub const SMALL: [Small; 6] = [
    Small {
        name: "beginning",
        about: "an empty partition, both processes assigned in any order, one customer",
        before: Vec::new,
        plan: || vec![ClientRequest::once(create("anna", "Anna"))],
        budget: Budget { assign: 2, revoke: 0, crash: 0, fail: 1, resend: 1, expire: 0 },
    },
    Small {
        name: "takeover",
        about: "B takes over while A serves; two purchases without command ids",
        before: || vec![ClientRequest::once(create("anna", "Anna"))],
        plan: || vec![ClientRequest::once(buy("anna", "1")), ClientRequest::once(buy("anna", "2"))],
        budget: Budget { assign: 1, revoke: 0, crash: 0, fail: 1, resend: 0, expire: 0 },
    },
    Small {
        name: "repeat",
        about: "a purchase and its repeat; B takes over, A is revoked or crashes",
        before: || vec![ClientRequest::once(create("anna", "Anna"))],
        plan: || {
            vec![
                ClientRequest::named("c1", buy("anna", "1")),
                ClientRequest::named("c1", buy("anna", "1")),
            ]
        },
        budget: Budget { assign: 1, revoke: 1, crash: 1, fail: 1, resend: 0, expire: 0 },
    },
    Small {
        name: "doubt",
        about: "A alone; purchases without command ids, whose appends fail or are sent again",
        before: || vec![ClientRequest::once(create("anna", "Anna"))],
        plan: || vec![ClientRequest::once(buy("anna", "1")), ClientRequest::once(buy("anna", "2"))],
        budget: Budget { assign: 0, revoke: 0, crash: 0, fail: 3, resend: 1, expire: 1 },
    },
    Small {
        name: "refusal",
        about: "a price, and another one on condition that there is none; B takes over",
        before: || vec![ClientRequest::once(create("anna", "Anna"))],
        plan: || {
            vec![
                ClientRequest::once(price("maslo", "2.00", None)),
                ClientRequest::once(price("maslo", "3.00", Some(0))),
            ]
        },
        budget: Budget { assign: 1, revoke: 0, crash: 0, fail: 1, resend: 0, expire: 0 },
    },
    Small {
        name: "agreement",
        about: "a price, and the same again, as it is already; B takes over, A is revoked",
        before: || vec![ClientRequest::once(create("anna", "Anna"))],
        plan: || {
            vec![
                ClientRequest::once(price("maslo", "2.00", None)),
                ClientRequest::once(price("maslo", "2.00", None)),
            ]
        },
        budget: Budget { assign: 1, revoke: 1, crash: 0, fail: 1, resend: 0, expire: 1 },
    },
];

impl Small {
    /// Where the search begins.
    pub fn start(&self, fault: Option<Fault>) -> Start {
        let budget = Budget { assign: 1, ..Budget::default() };
        let mut world = World::new(&[0, 0], (8, 4), fault).prompt(budget);
        let mut notes = Trace::default();
        let before = (self.before)();
        if !before.is_empty() {
            world.apply(&Action::Assign(0), &mut notes);
            // Nothing can go wrong yet; were it so, the search would find it.
            let _ = world.rest(0, &mut notes);
        }
        for wish in before {
            world.apply(&Action::Ask(0, Arc::new(wish)), &mut notes);
            let _ = world.rest(0, &mut notes);
        }
        let plan = (self.plan)().into_iter().map(Arc::new).collect();
        Start { world: world.prompt(self.budget), plan }
    }
}
