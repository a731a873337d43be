use event_log::Partition;
use mongodb::bson::Decimal128;
use serde::{Deserialize, Serialize};

use super::Row;
use crate::{
    Amounts, DaySales, Document, ProductSales,
    mongo::{amount, collections::View},
};

/// The key of sales by price.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::mongo) struct ProductSalesKey {
    pub(in crate::mongo) product_id: String,
    pub(in crate::mongo) version: i64,
    pub(in crate::mongo) partition: i64,
}

/// A document of `sales`, shown by `sales_by_price`.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::mongo) struct ProductSalesRow {
    #[serde(rename = "_id")]
    id: ProductSalesKey,
    price: Decimal128,
    currency: String,
    units: Decimal128,
    revenue: Decimal128,
    purchases: i64,
    last: i64,
}

impl Row for ProductSalesRow {
    type Document = ProductSales;
    const VIEW: View = View::Sales;
    const CHANGING: &'static [&'static str] = &["units", "revenue", "purchases", "last"];

    fn write(sales: &ProductSales) -> Option<Self> {
        Some(Self {
            id: ProductSalesKey {
                product_id: sales.product_id.clone(),
                version: sales.version.into(),
                partition: sales.partition.0.into(),
            },
            price: amount::money(sales.price.into(), Some(&sales.currency))?,
            currency: sales.currency.clone(),
            units: amount::quantity(sales.sold.units)?,
            revenue: amount::money(sales.sold.revenue, Some(&sales.currency))?,
            purchases: i64::try_from(sales.sold.purchases).ok()?,
            last: i64::try_from(sales.last).ok()?,
        })
    }

    fn read(self) -> Option<ProductSales> {
        Some(ProductSales {
            version: u32::try_from(self.id.version).ok()?,
            partition: Partition(u16::try_from(self.id.partition).ok()?),
            product_id: self.id.product_id,
            price: i64::try_from(amount::minor(self.price, Some(&self.currency))?).ok()?,
            sold: Amounts {
                units: amount::thousandths(self.units)?,
                revenue: amount::minor(self.revenue, Some(&self.currency))?,
                purchases: u64::try_from(self.purchases).ok()?,
            },
            currency: self.currency,
            last: u64::try_from(self.last).ok()?,
        })
    }

    fn document(sales: ProductSales) -> Document {
        Document::ProductSales(sales)
    }
}

/// The key of sales by day.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::mongo) struct DaySalesKey {
    pub(in crate::mongo) day: String,
    pub(in crate::mongo) product_id: String,
    pub(in crate::mongo) partition: i64,
}

/// A document of `sales`, shown by `sales_by_day`.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::mongo) struct DaySalesRow {
    #[serde(rename = "_id")]
    id: DaySalesKey,
    #[serde(rename = "type")]
    product_type: String,
    currency: String,
    units: Decimal128,
    revenue: Decimal128,
    purchases: i64,
    last: i64,
}

impl Row for DaySalesRow {
    type Document = DaySales;
    const VIEW: View = View::Sales;
    const CHANGING: &'static [&'static str] = &["type", "units", "revenue", "purchases", "last"];

    fn write(sales: &DaySales) -> Option<Self> {
        Some(Self {
            id: DaySalesKey {
                day: sales.day.clone(),
                product_id: sales.product_id.clone(),
                partition: sales.partition.0.into(),
            },
            product_type: sales.product_type.clone(),
            currency: sales.currency.clone(),
            units: amount::quantity(sales.sold.units)?,
            revenue: amount::money(sales.sold.revenue, Some(&sales.currency))?,
            purchases: i64::try_from(sales.sold.purchases).ok()?,
            last: i64::try_from(sales.last).ok()?,
        })
    }

    fn read(self) -> Option<DaySales> {
        Some(DaySales {
            partition: Partition(u16::try_from(self.id.partition).ok()?),
            day: self.id.day,
            product_id: self.id.product_id,
            product_type: self.product_type,
            sold: Amounts {
                units: amount::thousandths(self.units)?,
                revenue: amount::minor(self.revenue, Some(&self.currency))?,
                purchases: u64::try_from(self.purchases).ok()?,
            },
            currency: self.currency,
            last: u64::try_from(self.last).ok()?,
        })
    }

    fn document(sales: DaySales) -> Document {
        Document::DaySales(sales)
    }
}
