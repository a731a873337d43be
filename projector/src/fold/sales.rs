//! The view `sales`, by price version and by day: fed by all customers of a partition.
//!
//! Customers are released from quarantine on their own, so that purchases come in any order: what is not a sum is
//! decided by the purchases themselves.

use domain::{ProductPurchased, composed};
use views::{Amounts, DaySales, Document, PriceSales, ProductSales};

use super::{ApplyAt, CannotApply, day};

pub(super) fn can_be_summed(
    event: &ProductPurchased,
    before: Option<&Document>,
) -> Result<(), CannotApply> {
    let sold = match before {
        Some(Document::ProductSales(sales)) => place(sales, event.price_version)
            .ok()
            .and_then(|place| sales.prices.get(place))
            .map_or_else(Amounts::default, |it| it.sold),
        Some(Document::DaySales(sales)) => sales.sold,
        Some(_) | None => Amounts::default(),
    };
    let fits = sold.units.checked_add(i128::from(event.quantity.thousandths())).is_some()
        && sold.revenue.checked_add(i128::from(event.total.minor())).is_some()
        && sold.purchases.checked_add(1).is_some();
    if fits { Ok(()) } else { Err(CannotApply::new("the sales do not fit into 128 bits")) }
}

pub(super) fn sell_at_price(
    event: &ProductPurchased,
    number: u32,
    at: ApplyAt,
    document: &mut Option<Document>,
) {
    let empty = || {
        let product_id = event.product_id.to_string();
        let (partition, last) = (at.partition, at.last);
        Document::ProductSales(ProductSales { product_id, number, partition, prices: vec![], last })
    };
    if let Document::ProductSales(sales) = document.get_or_insert_with(empty) {
        let price = event.unit_price.money().minor();
        let currency = event.total.currency();
        let version = event.price_version;
        let first = PriceSales { version, price, currency, sold: Amounts::default() };
        let place = place(sales, version).unwrap_or_else(|place| {
            sales.prices.insert(place, first);
            place
        });
        if let Some(sales) = sales.prices.get_mut(place) {
            sales.sold = with(sales.sold, event);
            (sales.price, sales.currency) = (sales.price, sales.currency).max((price, currency));
        }
        sales.last = sales.last.max(at.last);
    }
}

pub(super) fn sell_on_day(event: &ProductPurchased, at: ApplyAt, document: &mut Option<Document>) {
    let first = || {
        Document::DaySales(DaySales {
            day: day(at.time),
            product_id: event.product_id.to_string(),
            partition: at.partition,
            product_type: composed(event.product_type.as_str()).into_owned(),
            currency: event.total.currency(),
            sold: Amounts::default(),
            newest: at.offset,
            last: at.last,
        })
    };
    if let Document::DaySales(sales) = document.get_or_insert_with(first) {
        sales.sold = with(sales.sold, event);
        if at.offset > sales.newest {
            sales.newest = at.offset;
            set(&mut sales.product_type, &composed(event.product_type.as_str()));
            sales.currency = event.total.currency();
        }
        sales.last = sales.last.max(at.last);
    }
}

/// Where a version is, or belongs.
fn place(sales: &ProductSales, version: u32) -> Result<usize, usize> {
    // Nearly always it is the newest.
    match sales.prices.last() {
        Some(newest) if newest.version < version => Err(sales.prices.len()),
        Some(_) | None => sales.prices.binary_search_by_key(&version, |it| it.version),
    }
}

/// Nearly always it is the same text: then nothing is copied.
fn set(field: &mut String, text: &str) {
    if field != text {
        text.clone_into(field);
    }
}

fn with(sold: Amounts, event: &ProductPurchased) -> Amounts {
    Amounts {
        units: sold.units.saturating_add(i128::from(event.quantity.thousandths())),
        revenue: sold.revenue.saturating_add(i128::from(event.total.minor())),
        purchases: sold.purchases.saturating_add(1),
    }
}
