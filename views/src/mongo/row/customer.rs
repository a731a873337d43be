use mongodb::bson::{DateTime, Decimal128};
use serde::{Deserialize, Serialize};

use super::{Row, date, timestamp};
use crate::{
    Customer, Document,
    mongo::{amount, collections::View},
};

/// A document of `customers`.
#[derive(Debug, Serialize, Deserialize)]
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

    fn write(customer: &Customer) -> Option<Self> {
        let customer = customer.clone();
        Some(Self {
            spent: amount::money(customer.spent, customer.currency.as_deref())?,
            id: customer.id,
            first_name: customer.first_name,
            last_name: customer.last_name,
            address: customer.address,
            search_name: customer.search_name,
            search_address: customer.search_address,
            created_at: date(customer.created_at),
            purchases: i64::try_from(customer.purchases).ok()?,
            currency: customer.currency,
            last: i64::try_from(customer.last).ok()?,
        })
    }

    fn read(self) -> Option<Customer> {
        Some(Customer {
            spent: amount::minor(self.spent, self.currency.as_deref())?,
            id: self.id,
            first_name: self.first_name,
            last_name: self.last_name,
            address: self.address,
            search_name: self.search_name,
            search_address: self.search_address,
            created_at: timestamp(self.created_at),
            purchases: u64::try_from(self.purchases).ok()?,
            currency: self.currency,
            last: u64::try_from(self.last).ok()?,
        })
    }

    fn document(customer: Customer) -> Document {
        Document::Customer(customer)
    }
}
