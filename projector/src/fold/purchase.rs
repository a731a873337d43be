//! The view `purchases`.

use domain::ProductPurchased;
use views::{Document, PURCHASES_IN_BUCKET, PurchaseBucket, PurchaseLine, bucket_of};

use super::{At, Unfoldable};

pub(super) fn purchased(
    event: &ProductPurchased,
    at: At,
    before: Option<&Document>,
) -> Result<Document, Unfoldable> {
    let id = &event.purchase_id;
    let number = bucket_of(id.number)
        .ok_or_else(|| Unfoldable::new(format!("{id} is no number of a purchase")))?;
    let mut purchases = match before {
        Some(Document::Bucket(bucket)) => bucket.purchases.clone(),
        Some(_) | None => Vec::new(),
    };
    let expected = match purchases.last() {
        Some(last) => last.number.checked_add(1),
        None => number.checked_mul(PURCHASES_IN_BUCKET).and_then(|before| before.checked_add(1)),
    };
    if expected != Some(id.number) {
        return Err(Unfoldable::new(format!(
            "purchase {id} does not follow the {} purchases of its bucket",
            purchases.len()
        )));
    }
    purchases.push(line(event, at));
    let customer_id = id.customer.to_string();
    Ok(Document::Bucket(PurchaseBucket { customer_id, number, purchases, last: at.offset }))
}

fn line(event: &ProductPurchased, at: At) -> PurchaseLine {
    PurchaseLine {
        number: event.purchase_id.number,
        product_id: event.product_id.to_string(),
        product_name: event.product_name.to_string(),
        product_type: event.product_type.to_string(),
        unit_price: event.unit_price.money().minor(),
        currency: event.total.currency().code().to_owned(),
        quantity: event.quantity.thousandths(),
        total: event.total.minor(),
        price_version: event.price_version,
        purchased_at: at.time,
    }
}
