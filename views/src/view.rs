//! The views of a generation, each stored on its own.

use crate::{Document, Key};

/// A view of a generation, which is one collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum View {
    /// Customers.
    Customers,
    /// Purchases, in buckets.
    Purchases,
    /// Products as they are now.
    Products,
    /// Every version of every price.
    Prices,
    /// By price and by day in one, so that a purchase needs one command for both.
    Sales,
    /// What is in quarantine: keys, and the offsets that wait behind them.
    Parked,
}

impl View {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Customers, Self::Purchases, Self::Products, Self::Prices, Self::Sales, Self::Parked];

    /// Those that show the shop, and not what is wrong with its log.
    pub const OF_THE_SHOP: [Self; 5] =
        [Self::Customers, Self::Purchases, Self::Products, Self::Prices, Self::Sales];

    /// Its name, such as `customers`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Customers => "customers",
            Self::Purchases => "purchases",
            Self::Products => "products",
            Self::Prices => "prices",
            Self::Sales => "sales",
            Self::Parked => "parked",
        }
    }

    /// Where the document of this name belongs.
    pub fn of(key: &Key) -> Self {
        match key {
            Key::Customer(_) => Self::Customers,
            Key::Bucket(_, _) => Self::Purchases,
            Key::Product(_) => Self::Products,
            Key::Prices(_, _) => Self::Prices,
            Key::ProductSales(_, _, _) | Key::DaySales(_, _, _) => Self::Sales,
            Key::Parked(_, _) | Key::Queue(_, _, _) => Self::Parked,
        }
    }

    /// Where a document belongs.
    pub fn of_document(document: &Document) -> Self {
        match document {
            Document::Customer(_) => Self::Customers,
            Document::Bucket(_) => Self::Purchases,
            Document::Product(_) => Self::Products,
            Document::Prices(_) => Self::Prices,
            Document::ProductSales(_) | Document::DaySales(_) => Self::Sales,
            Document::Parked(_) | Document::Queue(_) => Self::Parked,
        }
    }
}
