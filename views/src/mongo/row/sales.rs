use event_log::Partition;
use mongodb::bson::Decimal128;
use serde::Deserialize;

use super::{Row, writer::Writer};
use crate::{Amounts, DaySales, Document, ProductSales, View, mongo::amount};

/// The key of sales by price.
#[derive(Debug, Deserialize)]
pub(in crate::mongo) struct ProductSalesKey {
    pub(in crate::mongo) product_id: String,
    pub(in crate::mongo) version: i64,
    pub(in crate::mongo) partition: i64,
}

/// A document of `sales`, shown by `sales_by_price`.
#[derive(Debug, Deserialize)]
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

    fn write(sales: &ProductSales, row: &mut Writer) {
        let places = amount::places(Some(&sales.currency));
        row.money("price", sales.price, places);
        row.text("currency", &sales.currency);
        row.quantity("units", sales.sold.units);
        row.money("revenue", sales.sold.revenue, places);
        row.long("purchases", sales.sold.purchases);
        row.long("last", sales.last);
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
#[derive(Debug, Deserialize)]
pub(in crate::mongo) struct DaySalesKey {
    pub(in crate::mongo) day: String,
    pub(in crate::mongo) product_id: String,
    pub(in crate::mongo) partition: i64,
}

/// A document of `sales`, shown by `sales_by_day`.
#[derive(Debug, Deserialize)]
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

    fn write(sales: &DaySales, row: &mut Writer) {
        row.text("type", &sales.product_type);
        row.text("currency", &sales.currency);
        row.quantity("units", sales.sold.units);
        row.money("revenue", sales.sold.revenue, amount::places(Some(&sales.currency)));
        row.long("purchases", sales.sold.purchases);
        row.long("last", sales.last);
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
