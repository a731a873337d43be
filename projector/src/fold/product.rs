//! The views `products` and `prices`.

use domain::ProductPriced;
use views::{Document, Key, Price, Product, searchable};

use super::{At, Unfoldable};

pub(super) fn priced(
    event: &ProductPriced,
    at: At,
    key: &Key,
    before: Option<&Document>,
) -> Result<Document, Unfoldable> {
    match key {
        Key::Product(_) => product(event, at, before),
        Key::Price(_, version) if *version == event.version => price(event, at, before),
        Key::Price(_, _) => ended(event, at, before),
        Key::Customer(_)
        | Key::Bucket(_, _)
        | Key::ProductSales(_, _, _)
        | Key::DaySales(_, _, _)
        | Key::Parked(_, _)
        | Key::Queue(_, _, _) => Err(Unfoldable::new(format!("a price does not change {key:?}"))),
    }
}

fn product(
    event: &ProductPriced,
    at: At,
    before: Option<&Document>,
) -> Result<Document, Unfoldable> {
    let (version, first_priced_at) = match before {
        Some(Document::Product(product)) => (product.version, product.first_priced_at),
        Some(_) | None => (0, at.time),
    };
    if version.checked_add(1) != Some(event.version) {
        return Err(Unfoldable::new(format!(
            "version {} of product {} does not follow version {version}",
            event.version, event.product_id
        )));
    }
    Ok(Document::Product(Product {
        id: event.product_id.to_string(),
        name: event.name.to_string(),
        search_name: searchable(event.name.as_str()),
        product_type: event.product_type.to_string(),
        price: event.price.money().minor(),
        currency: event.price.currency().code().to_owned(),
        priced_at: at.time,
        first_priced_at,
        version: event.version,
        last: at.offset,
    }))
}

fn price(event: &ProductPriced, at: At, before: Option<&Document>) -> Result<Document, Unfoldable> {
    if before.is_some() {
        return Err(Unfoldable::new(format!(
            "version {} of product {} is there already",
            event.version, event.product_id
        )));
    }
    Ok(Document::Price(Price {
        product_id: event.product_id.to_string(),
        version: event.version,
        name: event.name.to_string(),
        product_type: event.product_type.to_string(),
        price: event.price.money().minor(),
        previous_price: event.previous_price.map(|price| price.money().minor()),
        currency: event.price.currency().code().to_owned(),
        from: at.time,
        to: None,
        last: at.offset,
    }))
}

/// The version before ends when this one begins.
fn ended(event: &ProductPriced, at: At, before: Option<&Document>) -> Result<Document, Unfoldable> {
    let Some(Document::Price(price)) = before else {
        return Err(Unfoldable::new(format!(
            "version {} of product {} has no version before it",
            event.version, event.product_id
        )));
    };
    Ok(Document::Price(Price { to: Some(at.time), last: at.offset, ..price.clone() }))
}
