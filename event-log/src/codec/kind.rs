//! Sorts of records, by their `ce_type`.

use crate::Content;

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $ce_type:literal,)+) => {
        /// What sort of record it is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind {
            $($(#[$doc])* $kind,)+
        }

        impl Kind {
            /// The `ce_type` as it is stored.
            pub fn ce_type(self) -> &'static str {
                match self {
                    $(Self::$kind => $ce_type,)+
                }
            }

            /// The kind that a `ce_type` names; none when it is unknown.
            pub(super) fn from_ce_type(ce_type: &[u8]) -> Option<Self> {
                $(if ce_type == $ce_type.as_bytes() {
                    return Some(Self::$kind);
                })+
                None
            }
        }
    };
}

kinds! {
    /// An event: a customer was registered.
    CustomerCreated = "sklep.CustomerCreated",
    /// An event: a product got a price, or another name or type.
    ProductPriced = "sklep.ProductPriced",
    /// An event: a customer bought a product.
    ProductPurchased = "sklep.ProductPurchased",
    /// Bookkeeping: a writer took the partition over.
    WriterStarted = "sklep.WriterStarted",
    /// Bookkeeping: what stands before is confirmed.
    Barrier = "sklep.Barrier",
    /// Bookkeeping: an operator gave up an event.
    EventSkipped = "sklep.EventSkipped",
}

impl Kind {
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
