//! The view `purchases`.

use domain::{ProductPurchased, composed};
use views::{Document, PURCHASES_IN_BUCKET, PurchaseBucket, PurchaseLine};

use super::{ApplyAt, CannotApply};

pub(super) fn can_be_listed(
    event: &ProductPurchased,
    bucket: u64,
    before: Option<&Document>,
) -> Result<(), CannotApply> {
    let id = &event.purchase_id;
    let purchases = match before {
        Some(Document::Bucket(bucket)) => bucket.purchases.as_slice(),
        Some(_) | None => &[],
    };
    let expected = match purchases.last() {
        Some(last) => last.number.checked_add(1),
        None => bucket.checked_mul(PURCHASES_IN_BUCKET).and_then(|before| before.checked_add(1)),
    };
    if expected == Some(id.number) {
        return Ok(());
    }
    Err(CannotApply::new(format!(
        "purchase {id} does not follow the {} purchases of its bucket",
        purchases.len()
    )))
}

pub(super) fn list(
    event: &ProductPurchased,
    number: u64,
    at: ApplyAt,
    document: &mut Option<Document>,
) {
    let empty = || {
        let customer_id = event.purchase_id.customer.to_string();
        let purchases = Vec::new();
        Document::Bucket(PurchaseBucket { customer_id, number, purchases, last: at.last })
    };
    if let Document::Bucket(bucket) = document.get_or_insert_with(empty) {
        bucket.purchases.push(line(event, at));
        bucket.last = bucket.last.max(at.last);
    }
}

fn line(event: &ProductPurchased, at: ApplyAt) -> PurchaseLine {
    PurchaseLine {
        number: event.purchase_id.number,
        product_id: event.product_id.to_string(),
        product_name: event.product_name.to_string(),
        product_type: composed(event.product_type.as_str()).into_owned(),
        unit_price: event.unit_price.money().minor(),
        currency: event.total.currency(),
        quantity: event.quantity.thousandths(),
        total: event.total.minor(),
        price_version: event.price_version,
        purchased_at: at.time,
    }
}
