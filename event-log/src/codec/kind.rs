//! Sorts of records, by their `ce_type`.

use crate::Content;

/// What sort of record it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// An event: a customer was registered.
    CustomerCreated,
    /// An event: a product got a price, or another name or type.
    ProductPriced,
    /// An event: a customer bought a product.
    ProductPurchased,
    /// Bookkeeping: a writer took the partition over.
    WriterStarted,
    /// Bookkeeping: what stands before is confirmed.
    Barrier,
    /// Bookkeeping: an operator gave up an event.
    EventSkipped,
}

impl Kind {
    /// The `ce_type` as it is stored.
    pub fn ce_type(self) -> &'static str {
        match self {
            Self::CustomerCreated => "sklep.CustomerCreated",
            Self::ProductPriced => "sklep.ProductPriced",
            Self::ProductPurchased => "sklep.ProductPurchased",
            Self::WriterStarted => "sklep.WriterStarted",
            Self::Barrier => "sklep.Barrier",
            Self::EventSkipped => "sklep.EventSkipped",
        }
    }

    /// Whether it is a fact of the shop, not bookkeeping.
    pub fn is_event(self) -> bool {
        match self {
            Self::CustomerCreated | Self::ProductPriced | Self::ProductPurchased => true,
            Self::WriterStarted | Self::Barrier | Self::EventSkipped => false,
        }
    }
}

impl From<&Content> for Kind {
    fn from(content: &Content) -> Self {
        use domain::Event;
        match content {
            Content::WriterStarted(_) => Self::WriterStarted,
            Content::Barrier => Self::Barrier,
            Content::EventSkipped(_) => Self::EventSkipped,
            Content::Event(Event::CustomerCreated(_)) => Self::CustomerCreated,
            Content::Event(Event::ProductPriced(_)) => Self::ProductPriced,
            Content::Event(Event::ProductPurchased(_)) => Self::ProductPurchased,
        }
    }
}

/// The kind that a `ce_type` names; none when it is unknown.
pub(super) fn kind_of(ce_type: &[u8]) -> Option<Kind> {
    Some(match ce_type {
        b"sklep.CustomerCreated" => Kind::CustomerCreated,
        b"sklep.ProductPriced" => Kind::ProductPriced,
        b"sklep.ProductPurchased" => Kind::ProductPurchased,
        b"sklep.WriterStarted" => Kind::WriterStarted,
        b"sklep.Barrier" => Kind::Barrier,
        b"sklep.EventSkipped" => Kind::EventSkipped,
        _unknown => return None,
    })
}
