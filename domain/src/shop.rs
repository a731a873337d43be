//! The state that decisions rest on, no larger than the rules need.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::{
    Address, AggregateId, CreateCustomer, CustomerCreated, CustomerId, Event, Name, Offer,
    ProductId, ProductPriced, composed,
};

/// What the rules need to know of the customers and products of one partition.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Shop {
    customers: BTreeMap<CustomerId, Customer>,
    products: BTreeMap<ProductId, Product>,
}

/// A registered customer, without personal data.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Customer {
    /// A digest of names and address, to recognise the same wish again.
    pub digest: [u8; 16],
    /// How many purchases there are, which is the number of the last one.
    pub purchases: u64,
}

/// A product as its last `ProductPriced` left it.
pub type Product = Offer;

/// An aggregate as it was before an event, to take that event back.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Undo {
    /// A customer, or none.
    Customer(CustomerId, Option<Customer>),
    /// A product, or none.
    Product(ProductId, Option<Product>),
}

impl Shop {
    /// The customer of this id.
    pub fn customer(&self, id: &CustomerId) -> Option<&Customer> {
        self.customers.get(id)
    }

    /// The product of this id.
    pub fn product(&self, id: &ProductId) -> Option<&Product> {
        self.products.get(id)
    }

    /// Whether the event follows from this state, as everything does that `decide` lets through. What does not was
    /// written under other rules, or follows from something that is not there.
    pub fn can_apply(&self, event: &Event) -> bool {
        match event {
            Event::CustomerCreated(created) => !self.customers.contains_key(&created.customer_id),
            Event::ProductPriced(priced) => {
                let version = self.products.get(&priced.product_id).map_or(0, |it| it.version);
                version.checked_add(1) == Some(priced.version)
            }
            Event::ProductPurchased(bought) => {
                let customer = self.customers.get(&bought.purchase_id.customer);
                customer.is_some_and(|it| {
                    it.purchases.checked_add(1) == Some(bought.purchase_id.number)
                })
            }
        }
    }

    /// Takes an event into the state. Cannot fail: what could, `decide` has refused.
    pub fn evolve(&mut self, event: &Event) {
        match event {
            Event::CustomerCreated(created) => {
                let customer = Customer { digest: digest_of_created(created), purchases: 0 };
                self.customers.insert(created.customer_id.clone(), customer);
            }
            Event::ProductPriced(priced) => {
                self.products.insert(priced.product_id.clone(), Offer::from(priced));
            }
            Event::ProductPurchased(bought) => {
                if let Some(customer) = self.customers.get_mut(&bought.purchase_id.customer) {
                    customer.purchases = bought.purchase_id.number;
                }
            }
        }
    }

    /// The aggregate of `event` as it is now; given to [`Shop::revert`] it undoes that event.
    pub fn undo(&self, event: &Event) -> Undo {
        match event.aggregate() {
            AggregateId::Customer(id) => {
                let customer = self.customers.get(&id).cloned();
                Undo::Customer(id, customer)
            }
            AggregateId::Product(id) => {
                let product = self.products.get(&id).cloned();
                Undo::Product(id, product)
            }
        }
    }

    /// Puts an aggregate back to what it was. Events are taken back newest first.
    pub fn revert(&mut self, before: Undo) {
        match before {
            Undo::Customer(id, Some(customer)) => _ = self.customers.insert(id, customer),
            Undo::Customer(id, None) => _ = self.customers.remove(&id),
            Undo::Product(id, Some(product)) => _ = self.products.insert(id, product),
            Undo::Product(id, None) => _ = self.products.remove(&id),
        }
    }
}

impl From<&ProductPriced> for Offer {
    fn from(priced: &ProductPriced) -> Self {
        Self {
            name: priced.name.clone(),
            product_type: priced.product_type.clone(),
            price: priced.price,
            version: priced.version,
        }
    }
}

/// The digest of the data that a customer is to be created with.
pub(crate) fn digest_of_requested(wish: &CreateCustomer) -> [u8; 16] {
    digest(&wish.first_name, &wish.last_name, &wish.address)
}

fn digest_of_created(created: &CustomerCreated) -> [u8; 16] {
    digest(&created.first_name, &created.last_name, &created.address)
}

/// The first 16 bytes of SHA-256 over the texts, told apart by a byte that no text has (UTF-8 knows no 0xFF). Composed,
/// since an event may have been recorded in the form that its wish no longer has.
fn digest(first_name: &Name, last_name: &Name, address: &Address) -> [u8; 16] {
    let mut hash = Sha256::new();
    for text in [first_name.as_str(), last_name.as_str(), address.as_str()] {
        hash.update(composed(text).as_bytes());
        hash.update([0xFF]);
    }
    let full: [u8; 32] = hash.finalize().into();
    let mut short = [0; 16];
    short.iter_mut().zip(full).for_each(|(to, from)| *to = from);
    short
}
