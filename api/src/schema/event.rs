//! The events, as they are told.

use async_graphql::{ID, Interface, SimpleObject};
use domain::CommandId;
use event_log::{Content, Envelope, Token};

use super::{
    money::Money,
    scalar::{DateTime, Decimal, Position},
};

/// An event type: the fields that every event has, which async-graphql wants in each type, and those of its own,
/// each with its value made from the domain's event.
macro_rules! event {
    ($(#[$doc:meta])* $name:ident from $event:ident { $($(#[$attribute:meta])* $field:ident: $type:ty = $value:expr,)* }) => {
        $(#[$doc])*
        #[derive(Debug, SimpleObject)]
        pub(super) struct $name {
            id: ID,
            /// The event's own place; delivered by a subscription or by `events`, everything delivered before it
            /// too, so that it is a point to go on from.
            position: Position,
            /// Never goes back within a partition.
            recorded_at: DateTime,
            command_id: Option<ID>,
            correlation_id: Option<ID>,
            causation_id: Option<ID>,
            $($(#[$attribute])* $field: $type,)*
        }

        impl FromEnvelope for $name {
            fn from_envelope(envelope: &Envelope, position: Token) -> Option<Self> {
                let Content::Event(domain::Event::$name($event)) = &envelope.content else { return None };
                let given = |id: &Option<CommandId>| id.as_ref().map(|id| ID::from(id.as_str()));
                Some(Self {
                    id: ID::from(envelope.id),
                    position: Position(position),
                    recorded_at: DateTime(envelope.time),
                    command_id: given(&envelope.trace.command_id),
                    correlation_id: given(&envelope.trace.correlation_id),
                    causation_id: given(&envelope.trace.causation_id),
                    $($field: $value,)*
                })
            }
        }
    };
}

/// An event that can be told from its record.
pub(super) trait FromEnvelope: Sized {
    /// None when the record says something else.
    fn from_envelope(envelope: &Envelope, position: Token) -> Option<Self>;
}

event! {
    /// A customer was registered.
    CustomerCreated from event {
        customer_id: ID = ID::from(event.customer_id.as_str()),
        first_name: String = event.first_name.to_string(),
        last_name: String = event.last_name.to_string(),
        address: String = event.address.to_string(),
    }
}

event! {
    /// A product got its first price, or another price, name or type.
    ProductPriced from event {
        product_id: ID = ID::from(event.product_id.as_str()),
        name: String = event.name.to_string(),
        #[graphql(name = "type")]
        product_type: String = event.product_type.to_string(),
        price: Money = event.price.money().into(),
        previous_price: Option<Money> = event.previous_price.map(|price| price.money().into()),
        version: u32 = event.version,
    }
}

event! {
    /// A customer bought a product.
    ProductPurchased from event {
        purchase_id: ID = ID::from(event.purchase_id.to_string()),
        customer_id: ID = ID::from(event.purchase_id.customer.as_str()),
        product_id: ID = ID::from(event.product_id.as_str()),
        product_name: String = event.product_name.to_string(),
        product_type: String = event.product_type.to_string(),
        unit_price: Money = event.unit_price.money().into(),
        quantity: Decimal = Decimal::shown(event.quantity.to_string()),
        total: Money = event.total.into(),
        price_version: u32 = event.price_version,
    }
}

/// Something that happened.
#[derive(Debug, Interface)]
#[expect(clippy::duplicated_attributes, reason = "fields of one type are no duplicates")]
#[graphql(
    field(name = "id", ty = "&ID"),
    field(
        name = "position",
        ty = "&Position",
        desc = "The event's own place; delivered by a subscription or by `events`, everything delivered before it too, so that it is a point to go on from."
    ),
    field(name = "recorded_at", ty = "&DateTime", desc = "Never goes back within a partition."),
    field(name = "command_id", ty = "&Option<ID>"),
    field(name = "correlation_id", ty = "&Option<ID>"),
    field(name = "causation_id", ty = "&Option<ID>")
)]
pub(super) enum Event {
    CustomerCreated(CustomerCreated),
    ProductPriced(ProductPriced),
    ProductPurchased(ProductPurchased),
}

impl FromEnvelope for Event {
    fn from_envelope(envelope: &Envelope, position: Token) -> Option<Self> {
        let Content::Event(event) = &envelope.content else { return None };
        match event {
            domain::Event::CustomerCreated(_) => {
                FromEnvelope::from_envelope(envelope, position).map(Self::CustomerCreated)
            }
            domain::Event::ProductPriced(_) => {
                FromEnvelope::from_envelope(envelope, position).map(Self::ProductPriced)
            }
            domain::Event::ProductPurchased(_) => {
                FromEnvelope::from_envelope(envelope, position).map(Self::ProductPurchased)
            }
        }
    }
}
