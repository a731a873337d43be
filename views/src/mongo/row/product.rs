use mongodb::bson::{DateTime, Decimal128};
use serde::Deserialize;

use super::{Row, bson_writer::BsonWriter, timestamp};
use crate::{Document, Product, View, mongo::amount};

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

    fn write(product: &Product, row: &mut BsonWriter) {
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
