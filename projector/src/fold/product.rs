//! The views `products` and `prices`.

use domain::ProductPriced;
use views::{Document, Price, Product, searchable};

use super::{At, Unfoldable};

pub(super) fn can_be_priced(
    event: &ProductPriced,
    before: Option<&Document>,
) -> Result<(), Unfoldable> {
    let version = match before {
        Some(Document::Product(product)) => product.version,
        Some(_) | None => 0,
    };
    if version.checked_add(1) == Some(event.version) {
        return Ok(());
    }
    Err(Unfoldable::new(format!(
        "version {} of product {} does not follow version {version}",
        event.version, event.product_id
    )))
}

pub(super) fn price(event: &ProductPriced, at: At, document: &mut Option<Document>) {
    let (first_priced_at, last) = match document {
        Some(Document::Product(product)) => (product.first_priced_at, product.last.max(at.last)),
        Some(_) | None => (at.time, at.last),
    };
    *document = Some(Document::Product(Product {
        id: event.product_id.to_string(),
        name: event.name.to_string(),
        search_name: searchable(event.name.as_str()),
        product_type: event.product_type.to_string(),
        price: event.price.money().minor(),
        currency: event.price.currency(),
        priced_at: at.time,
        first_priced_at,
        version: event.version,
        last,
    }));
}

pub(super) fn can_begin(
    event: &ProductPriced,
    before: Option<&Document>,
) -> Result<(), Unfoldable> {
    if before.is_none() {
        return Ok(());
    }
    Err(Unfoldable::new(format!(
        "version {} of product {} is there already",
        event.version, event.product_id
    )))
}

pub(super) fn begin(event: &ProductPriced, at: At, document: &mut Option<Document>) {
    *document = Some(Document::Price(Price {
        product_id: event.product_id.to_string(),
        version: event.version,
        name: event.name.to_string(),
        product_type: event.product_type.to_string(),
        price: event.price.money().minor(),
        previous_price: event.previous_price.map(|price| price.money().minor()),
        currency: event.price.currency(),
        from: at.time,
        to: None,
        last: at.last,
    }));
}

pub(super) fn can_end(event: &ProductPriced, before: Option<&Document>) -> Result<(), Unfoldable> {
    if matches!(before, Some(Document::Price(_))) {
        return Ok(());
    }
    Err(Unfoldable::new(format!(
        "version {} of product {} has no version before it",
        event.version, event.product_id
    )))
}

/// The version before ends when the new one begins.
pub(super) fn end(at: At, document: &mut Option<Document>) {
    let Some(Document::Price(price)) = document else { return };
    price.to = Some(at.time);
    price.last = price.last.max(at.last);
}
