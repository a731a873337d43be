//! What clients of the simulated shop wish for.

use command::writer;
use domain::{
    Command, CommandId, CreateCustomer, PriceProduct, PurchaseProduct,
    testing::{create_customer, name, offer, price_product, purchase},
};
use event_log::{EventSkipped, Offset, Partition, RecordId};

/// A wish as a client sends it, once or many times.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ClientRequest {
    /// What.
    pub wish: writer::Request,
    /// The command id, so that it can be repeated.
    pub command_id: Option<CommandId>,
}

impl ClientRequest {
    /// Without a command id.
    pub fn once(command: Command) -> Self {
        Self { wish: writer::Request::Command(command), command_id: None }
    }

    /// With a command id.
    #[expect(clippy::missing_panics_doc, clippy::unwrap_used, reason = "ids here are our own")]
    pub fn named(id: &str, command: Command) -> Self {
        Self { wish: writer::Request::Command(command), command_id: Some(id.parse().unwrap()) }
    }
}

/// An operator gives an event up.
pub fn skip(key: &str, offset: Offset) -> ClientRequest {
    let place = RecordId { partition: Partition(0), offset };
    let (by, reason) = ("ola".into(), "nobody can read it".into());
    let skip = EventSkipped { place, key: key.into(), by, reason };
    ClientRequest { wish: writer::Request::Skip(skip), command_id: None }
}

/// Anna, or somebody else under the same id.
pub fn create(id: &str, first_name: &str) -> Command {
    match create_customer(id) {
        Command::CreateCustomer(wish) => {
            Command::CreateCustomer(CreateCustomer { first_name: name(first_name), ..wish })
        }
        other @ (Command::PriceProduct(_) | Command::PurchaseProduct(_)) => other,
    }
}

/// Bread, which another partition prices at 1.00.
pub fn buy(customer: &str, units: &str) -> Command {
    match purchase(customer, "chleb", units) {
        Command::PurchaseProduct(wish) => {
            Command::PurchaseProduct(PurchaseProduct { offer: Some(offer("1.00")), ..wish })
        }
        other @ (Command::PriceProduct(_) | Command::CreateCustomer(_)) => other,
    }
}

/// A price of a product of this partition, on condition of its version.
pub fn price(product: &str, amount: &str, expected_version: Option<u32>) -> Command {
    match price_product(product, amount) {
        Command::PriceProduct(wish) => {
            Command::PriceProduct(PriceProduct { expected_version, ..wish })
        }
        other @ (Command::CreateCustomer(_) | Command::PurchaseProduct(_)) => other,
    }
}
