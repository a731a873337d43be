use mongodb::bson::{DateTime, Decimal128};
use serde::{Deserialize, Serialize};

use super::{Row, date, timestamp};
use crate::{
    Document, Price, Product,
    mongo::{amount, collections::View},
};

/// A document of `products`.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::mongo) struct ProductRow {
    #[serde(rename = "_id")]
    pub(in crate::mongo) id: String,
    name: String,
    search_name: String,
    #[serde(rename = "type")]
    product_type: String,
    price: Decimal128,
    currency: String,
    search_price: i64,
    priced_at: DateTime,
    pub(in crate::mongo) first_priced_at: DateTime,
    version: i64,
    last: i64,
}

impl Row for ProductRow {
    type Document = Product;
    const VIEW: View = View::Products;
    const CHANGING: &'static [&'static str] = &[
        "name",
        "search_name",
        "type",
        "price",
        "currency",
        "search_price",
        "priced_at",
        "version",
        "last",
    ];

    fn write(product: &Product) -> Option<Self> {
        let product = product.clone();
        Some(Self {
            price: amount::money(product.price.into(), Some(&product.currency))?,
            id: product.id,
            name: product.name,
            search_name: product.search_name,
            product_type: product.product_type,
            currency: product.currency,
            search_price: product.price,
            priced_at: date(product.priced_at),
            first_priced_at: date(product.first_priced_at),
            version: product.version.into(),
            last: i64::try_from(product.last).ok()?,
        })
    }

    fn read(self) -> Option<Product> {
        Some(Product {
            price: i64::try_from(amount::minor(self.price, Some(&self.currency))?).ok()?,
            id: self.id,
            name: self.name,
            search_name: self.search_name,
            product_type: self.product_type,
            currency: self.currency,
            priced_at: timestamp(self.priced_at),
            first_priced_at: timestamp(self.first_priced_at),
            version: u32::try_from(self.version).ok()?,
            last: u64::try_from(self.last).ok()?,
        })
    }

    fn document(product: Product) -> Document {
        Document::Product(product)
    }
}

/// The key of a price.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::mongo) struct PriceKey {
    pub(in crate::mongo) product_id: String,
    pub(in crate::mongo) version: i64,
}

/// A document of `prices`.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::mongo) struct PriceRow {
    #[serde(rename = "_id")]
    pub(in crate::mongo) id: PriceKey,
    name: String,
    #[serde(rename = "type")]
    product_type: String,
    price: Decimal128,
    previous_price: Option<Decimal128>,
    currency: String,
    from: DateTime,
    to: Option<DateTime>,
    last: i64,
}

impl Row for PriceRow {
    type Document = Price;
    const VIEW: View = View::Prices;
    const CHANGING: &'static [&'static str] = &["to", "last"];

    fn write(price: &Price) -> Option<Self> {
        let price = price.clone();
        let money = |minor: i64| amount::money(minor.into(), Some(&price.currency));
        Some(Self {
            price: money(price.price)?,
            previous_price: match price.previous_price {
                Some(previous) => Some(money(previous)?),
                None => None,
            },
            id: PriceKey { product_id: price.product_id, version: price.version.into() },
            name: price.name,
            product_type: price.product_type,
            currency: price.currency,
            from: date(price.from),
            to: price.to.map(date),
            last: i64::try_from(price.last).ok()?,
        })
    }

    fn read(self) -> Option<Price> {
        let minor = |amount| i64::try_from(amount::minor(amount, Some(&self.currency))?).ok();
        Some(Price {
            price: minor(self.price)?,
            previous_price: match self.previous_price {
                Some(previous) => Some(minor(previous)?),
                None => None,
            },
            product_id: self.id.product_id,
            version: u32::try_from(self.id.version).ok()?,
            name: self.name,
            product_type: self.product_type,
            currency: self.currency,
            from: timestamp(self.from),
            to: self.to.map(timestamp),
            last: u64::try_from(self.last).ok()?,
        })
    }

    fn document(price: Price) -> Document {
        Document::Price(price)
    }
}
