use mongodb::bson::{DateTime, Decimal128};
use serde::Deserialize;

use super::{Row, timestamp, writer::Writer};
use crate::{Document, Price, Product, View, mongo::amount};

/// A document of `products`.
#[derive(Debug, Deserialize)]
pub(in crate::mongo) struct ProductRow {
    #[serde(rename = "_id")]
    pub(in crate::mongo) id: String,
    name: String,
    search_name: String,
    #[serde(rename = "type")]
    product_type: String,
    price: Decimal128,
    currency: String,
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

    fn write(product: &Product, row: &mut Writer) {
        row.text("name", &product.name);
        row.text("search_name", &product.search_name);
        row.text("type", &product.product_type);
        row.money("price", product.price, product.currency);
        row.text("currency", product.currency.code());
        // Filters of people have minor units.
        row.long("search_price", product.price);
        row.date("priced_at", product.priced_at);
        row.date("first_priced_at", product.first_priced_at);
        row.long("version", product.version);
        row.long("last", product.last);
    }

    fn read(self) -> Option<Product> {
        let currency = self.currency.parse().ok()?;
        Some(Product {
            price: i64::try_from(amount::minor(self.price, Some(currency))?).ok()?,
            id: self.id,
            name: self.name,
            search_name: self.search_name,
            product_type: self.product_type,
            currency,
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
#[derive(Debug, Deserialize)]
pub(in crate::mongo) struct PriceKey {
    pub(in crate::mongo) product_id: String,
    pub(in crate::mongo) version: i64,
}

/// A document of `prices`.
#[derive(Debug, Deserialize)]
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

    fn write(price: &Price, row: &mut Writer) {
        row.text("name", &price.name);
        row.text("type", &price.product_type);
        row.money("price", price.price, price.currency);
        row.money_or_null("previous_price", price.previous_price, price.currency);
        row.text("currency", price.currency.code());
        row.date("from", price.from);
        row.date_or_null("to", price.to);
        row.long("last", price.last);
    }

    fn read(self) -> Option<Price> {
        let currency = self.currency.parse().ok()?;
        let minor = |amount| i64::try_from(amount::minor(amount, Some(currency))?).ok();
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
            currency,
            from: timestamp(self.from),
            to: self.to.map(timestamp),
            last: u64::try_from(self.last).ok()?,
        })
    }

    fn document(price: Price) -> Document {
        Document::Price(price)
    }
}
