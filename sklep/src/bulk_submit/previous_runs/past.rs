//! What the log held when an earlier run answered a message without an event, and whether that explains the answer.

use std::collections::HashMap;

use domain::{CustomerId, ProductId};

use super::super::{
    Content, Mutation, SourcePosition,
    content::{Fingerprint, Logged},
    mutation::Entity,
};

/// The customers of the log and the versions of its products, in the log's order, with the messages they came from.
#[derive(Debug, Default)]
pub(super) struct Past {
    customers: HashMap<CustomerId, Origin>,
    products: HashMap<ProductId, Vec<Version>>,
}

/// The message of the source that an event came from; none for an event that came from elsewhere.
type Origin = Option<SourcePosition>;

#[derive(Debug)]
struct Version {
    origin: Origin,
    content: Fingerprint,
}

impl Past {
    /// Takes in the next event of the log.
    pub(super) fn take_in(&mut self, event: &Logged, content: Fingerprint, origin: Origin) {
        match event.state_of() {
            Some(Entity::Customer(id)) => {
                self.customers.entry(id).or_insert(origin);
            }
            Some(Entity::Product(id)) => {
                self.products.entry(id).or_default().push(Version { origin, content });
            }
            None => {}
        }
    }

    /// Whether a message that says this can have been answered without an event at that place.
    ///
    /// A price can when the product had it already, and a purchase when its customer or product was not there yet. Of
    /// what came from elsewhere nobody can tell whether it was there. A customer is asked for again in any case.
    pub(super) fn explains(&self, mark: SourcePosition, wish: &Mutation) -> bool {
        match wish {
            Mutation::CreateCustomer { .. } => true,
            Mutation::PriceProduct { id, .. } => {
                let content = Content::from(wish).fingerprint();
                self.in_force(mark, id).iter().any(|version| version.content == content)
            }
            Mutation::PurchaseProduct { customer, product, .. } => {
                let product = self.products.get(product).and_then(|versions| versions.first());
                let product = product.map(|version| version.origin);
                let customer = self.customers.get(customer).copied();
                [customer, product].iter().any(|origin| origin.is_none_or(|it| is_behind(it, mark)))
            }
        }
    }

    /// The versions of which one was in force when the message there was answered.
    fn in_force(&self, mark: SourcePosition, product: &ProductId) -> &[Version] {
        let versions = self.products.get(product).map_or(&[][..], Vec::as_slice);
        let first = versions.iter().rposition(|version| is_before(version.origin, mark));
        let end = versions.iter().position(|version| is_behind(version.origin, mark));
        versions.get(first.unwrap_or(0)..end.unwrap_or(versions.len())).unwrap_or_default()
    }
}

fn is_before(origin: Origin, mark: SourcePosition) -> bool {
    origin.is_some_and(|it| it.partition == mark.partition && it.number < mark.number)
}

fn is_behind(origin: Origin, mark: SourcePosition) -> bool {
    origin.is_some_and(|it| it.partition == mark.partition && it.number > mark.number)
}
