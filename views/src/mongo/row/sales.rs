use domain::Currency;
use event_log::Partition;
use mongodb::bson::Decimal128;
use serde::Deserialize;

use super::{Row, bson_writer::BsonWriter};
use crate::{Amounts, DaySales, Document, PriceSales, ProductSales, View, mongo::amount};

/// The key of sales by price.
#[derive(Debug, Deserialize)]
pub(in crate::mongo) struct ProductSalesKey {
    product_id: String,
    bucket: i64,
    partition: i64,
}

/// A document of `sales`, shown by `sales_by_price`.
#[derive(Debug, Deserialize)]
pub(in crate::mongo) struct ProductSalesRow {
    #[serde(rename = "_id")]
    id: ProductSalesKey,
    prices: Vec<PriceSalesRow>,
    last: i64,
}

/// One version in it.
#[derive(Debug, Deserialize)]
struct PriceSalesRow {
    version: i64,
    price: Decimal128,
    currency: String,
    units: Decimal128,
    revenue: Decimal128,
    purchases: i64,
}

impl Row for ProductSalesRow {
    type Document = ProductSales;
    const VIEW: View = View::Sales;
    /// All versions together: one may come between others, and there are few.
    const CHANGING: &'static [&'static str] = &["prices", "last"];

    fn write(sales: &ProductSales, row: &mut BsonWriter) {
        row.inners("prices", &sales.prices, PriceSalesRow::write);
        row.long("last", sales.last);
    }

    fn read(self) -> Option<ProductSales> {
        Some(ProductSales {
            product_id: self.id.product_id,
            number: u32::try_from(self.id.bucket).ok()?,
            partition: Partition(u16::try_from(self.id.partition).ok()?),
            prices: self.prices.into_iter().map(PriceSalesRow::read).collect::<Option<_>>()?,
            last: u64::try_from(self.last).ok()?,
        })
    }

    fn document(sales: ProductSales) -> Document {
        Document::ProductSales(sales)
    }
}

impl PriceSalesRow {
    fn write(row: &mut BsonWriter, sales: &PriceSales) {
        row.long("version", sales.version);
        row.money("price", sales.price, sales.currency);
        write_sold(row, &sales.sold, sales.currency);
    }

    fn read(self) -> Option<PriceSales> {
        let currency = self.currency.parse().ok()?;
        Some(PriceSales {
            version: u32::try_from(self.version).ok()?,
            price: i64::try_from(amount::minor(self.price, Some(currency))?).ok()?,
            currency,
            sold: read_sold(currency, self.units, self.revenue, self.purchases)?,
        })
    }
}

fn write_sold(row: &mut BsonWriter, sold: &Amounts, currency: Currency) {
    row.text("currency", currency.code());
    row.quantity("units", sold.units);
    row.money("revenue", sold.revenue, currency);
    row.long("purchases", sold.purchases);
}

fn read_sold(
    currency: Currency,
    units: Decimal128,
    revenue: Decimal128,
    purchases: i64,
) -> Option<Amounts> {
    Some(Amounts {
        units: amount::thousandths(units)?,
        revenue: amount::minor(revenue, Some(currency))?,
        purchases: u64::try_from(purchases).ok()?,
    })
}

/// The key of sales by day.
#[derive(Debug, Deserialize)]
pub(in crate::mongo) struct DaySalesKey {
    day: String,
    product_id: String,
    partition: i64,
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
    newest: i64,
    last: i64,
}

impl Row for DaySalesRow {
    type Document = DaySales;
    const VIEW: View = View::Sales;
    const CHANGING: &'static [&'static str] =
        &["type", "currency", "units", "revenue", "purchases", "newest", "last"];

    fn write(sales: &DaySales, row: &mut BsonWriter) {
        row.text("type", &sales.product_type);
        write_sold(row, &sales.sold, sales.currency);
        row.long("newest", sales.newest);
        row.long("last", sales.last);
    }

    fn read(self) -> Option<DaySales> {
        let currency = self.currency.parse().ok()?;
        Some(DaySales {
            partition: Partition(u16::try_from(self.id.partition).ok()?),
            day: self.id.day,
            product_id: self.id.product_id,
            product_type: self.product_type,
            currency,
            sold: read_sold(currency, self.units, self.revenue, self.purchases)?,
            newest: u64::try_from(self.newest).ok()?,
            last: u64::try_from(self.last).ok()?,
        })
    }

    fn document(sales: DaySales) -> Document {
        Document::DaySales(sales)
    }
}
