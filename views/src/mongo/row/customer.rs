use domain::Currency;
use mongodb::bson::{DateTime, Decimal128};
use serde::Deserialize;

use super::{Row, bson_writer::BsonWriter, timestamp};
use crate::{Customer, Document, View, mongo::amount};

/// A document of `customers`.
#[derive(Debug, Deserialize)]
pub(in crate::mongo) struct CustomerRow {
    #[serde(rename = "_id")]
    pub(in crate::mongo) id: String,
    first_name: String,
    last_name: String,
    address: String,
    search_name: String,
    search_address: String,
    pub(in crate::mongo) created_at: DateTime,
    purchases: i64,
    spent: Decimal128,
    currency: Option<String>,
    last: i64,
}

impl Row for CustomerRow {
    type Document = Customer;
    const VIEW: View = View::Customers;
    const CHANGING: &'static [&'static str] = &["purchases", "spent", "currency", "last"];

    fn write(customer: &Customer, row: &mut BsonWriter) {
        row.text("first_name", &customer.first_name);
        row.text("last_name", &customer.last_name);
        row.text("address", &customer.address);
        row.text("search_name", &customer.search_name);
        row.text("search_address", &customer.search_address);
        row.date("created_at", customer.created_at);
        row.long("purchases", customer.purchases);
        row.money("spent", customer.spent, customer.currency);
        row.text_or_null("currency", customer.currency.map(Currency::code));
        row.long("last", customer.last);
    }

    fn read(self) -> Option<Customer> {
        let currency = self.currency.map(|code| code.parse()).transpose().ok()?;
        Some(Customer {
            spent: amount::minor(self.spent, currency)?,
            id: self.id,
            first_name: self.first_name,
            last_name: self.last_name,
            address: self.address,
            search_name: self.search_name,
            search_address: self.search_address,
            created_at: timestamp(self.created_at),
            purchases: u64::try_from(self.purchases).ok()?,
            currency,
            last: u64::try_from(self.last).ok()?,
        })
    }

    fn document(customer: Customer) -> Document {
        Document::Customer(customer)
    }
}
