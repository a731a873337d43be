//! The view `sales`, by price version and by day.

use domain::ProductPurchased;
use views::{Amounts, DaySales, Document, ProductSales};

use super::{At, Unfoldable, day};

pub(super) fn by_price(
    event: &ProductPurchased,
    at: At,
    before: Option<&Document>,
) -> Result<Document, Unfoldable> {
    let sold = match before {
        Some(Document::ProductSales(sales)) => sales.sold,
        Some(_) | None => Amounts::default(),
    };
    Ok(Document::ProductSales(ProductSales {
        product_id: event.product_id.to_string(),
        version: event.price_version,
        partition: at.partition,
        price: event.unit_price.money().minor(),
        currency: event.total.currency().code().to_owned(),
        sold: with(sold, event)?,
        last: at.offset,
    }))
}

pub(super) fn by_day(
    event: &ProductPurchased,
    at: At,
    before: Option<&Document>,
) -> Result<Document, Unfoldable> {
    let sold = match before {
        Some(Document::DaySales(sales)) => sales.sold,
        Some(_) | None => Amounts::default(),
    };
    Ok(Document::DaySales(DaySales {
        day: day(at.time),
        product_id: event.product_id.to_string(),
        partition: at.partition,
        product_type: event.product_type.to_string(),
        currency: event.total.currency().code().to_owned(),
        sold: with(sold, event)?,
        last: at.offset,
    }))
}

fn with(sold: Amounts, event: &ProductPurchased) -> Result<Amounts, Unfoldable> {
    let sum = || {
        Some(Amounts {
            units: sold.units.checked_add(i128::from(event.quantity.thousandths()))?,
            revenue: sold.revenue.checked_add(i128::from(event.total.minor()))?,
            purchases: sold.purchases.checked_add(1)?,
        })
    };
    sum().ok_or_else(|| Unfoldable::new("the sales do not fit into 128 bits"))
}
