//! The view `sales`, by price version and by day: fed by all customers of a partition.

use domain::ProductPurchased;
use views::{Amounts, DaySales, Document, ProductSales};

use super::{At, Unfoldable, day};

pub(super) fn can_be_summed(
    event: &ProductPurchased,
    before: Option<&Document>,
) -> Result<(), Unfoldable> {
    let sold = match before {
        Some(Document::ProductSales(sales)) => sales.sold,
        Some(Document::DaySales(sales)) => sales.sold,
        Some(_) | None => Amounts::default(),
    };
    let fits = sold.units.checked_add(i128::from(event.quantity.thousandths())).is_some()
        && sold.revenue.checked_add(i128::from(event.total.minor())).is_some()
        && sold.purchases.checked_add(1).is_some();
    if fits { Ok(()) } else { Err(Unfoldable::new("the sales do not fit into 128 bits")) }
}

pub(super) fn sell_at_price(event: &ProductPurchased, at: At, document: &mut Option<Document>) {
    let first = || {
        Document::ProductSales(ProductSales {
            product_id: event.product_id.to_string(),
            version: event.price_version,
            partition: at.partition,
            price: event.unit_price.money().minor(),
            currency: event.total.currency().code().to_owned(),
            sold: Amounts::default(),
            last: at.last,
        })
    };
    if let Document::ProductSales(sales) = document.get_or_insert_with(first) {
        sales.sold = with(sales.sold, event);
        if at.offset > sales.last {
            sales.price = event.unit_price.money().minor();
            set(&mut sales.currency, event.total.currency().code());
        }
        sales.last = sales.last.max(at.last);
    }
}

pub(super) fn sell_on_day(event: &ProductPurchased, at: At, document: &mut Option<Document>) {
    let first = || {
        Document::DaySales(DaySales {
            day: day(at.time),
            product_id: event.product_id.to_string(),
            partition: at.partition,
            product_type: event.product_type.to_string(),
            currency: event.total.currency().code().to_owned(),
            sold: Amounts::default(),
            last: at.last,
        })
    };
    if let Document::DaySales(sales) = document.get_or_insert_with(first) {
        sales.sold = with(sales.sold, event);
        if at.offset > sales.last {
            set(&mut sales.product_type, event.product_type.as_str());
            set(&mut sales.currency, event.total.currency().code());
        }
        sales.last = sales.last.max(at.last);
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
