//! The views `products` and `prices`.

use domain::{ProductPriced, composed};
use views::{Document, Price, PriceBucket, Product, VERSIONS_IN_BUCKET, searchable};

use super::{ApplyAt, CannotApply};

pub(super) fn can_be_priced(
    event: &ProductPriced,
    before: Option<&Document>,
) -> Result<(), CannotApply> {
    let version = match before {
        Some(Document::Product(product)) => product.version,
        Some(_) | None => 0,
    };
    if version.checked_add(1) == Some(event.version) {
        return Ok(());
    }
    Err(CannotApply::new(format!(
        "version {} of product {} does not follow version {version}",
        event.version, event.product_id
    )))
}

pub(super) fn price(event: &ProductPriced, at: ApplyAt, document: &mut Option<Document>) {
    let (first_priced_at, last) = match document {
        Some(Document::Product(product)) => (product.first_priced_at, product.last.max(at.last)),
        Some(_) | None => (at.time, at.last),
    };
    *document = Some(Document::Product(Product {
        id: event.product_id.to_string(),
        name: event.name.to_string(),
        search_name: searchable(event.name.as_str()),
        product_type: composed(event.product_type.as_str()).into_owned(),
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
    bucket: u32,
    before: Option<&Document>,
) -> Result<(), CannotApply> {
    let expected = match before {
        Some(Document::Prices(prices)) => next(prices),
        Some(_) | None => bucket.checked_mul(VERSIONS_IN_BUCKET).and_then(|it| it.checked_add(1)),
    };
    if expected == Some(event.version) {
        return Ok(());
    }
    Err(CannotApply::new(format!(
        "version {} of product {} does not follow the versions of its bucket",
        event.version, event.product_id
    )))
}

/// The version before ends when the new one begins.
pub(super) fn begin(
    event: &ProductPriced,
    number: u32,
    at: ApplyAt,
    document: &mut Option<Document>,
) {
    let empty = || {
        let product_id = event.product_id.to_string();
        Document::Prices(PriceBucket { product_id, number, versions: Vec::new(), last: at.last })
    };
    if let Document::Prices(prices) = document.get_or_insert_with(empty) {
        end_newest(prices, at);
        prices.versions.push(version(event, at));
    }
}

fn version(event: &ProductPriced, at: ApplyAt) -> Price {
    Price {
        version: event.version,
        name: event.name.to_string(),
        product_type: composed(event.product_type.as_str()).into_owned(),
        price: event.price.money().minor(),
        previous_price: event.previous_price.map(|price| price.money().minor()),
        currency: event.price.currency(),
        from: at.time,
        to: None,
    }
}

pub(super) fn can_end(event: &ProductPriced, before: Option<&Document>) -> Result<(), CannotApply> {
    if let Some(Document::Prices(prices)) = before
        && next(prices) == Some(event.version)
    {
        return Ok(());
    }
    Err(CannotApply::new(format!(
        "version {} of product {} has no version before it",
        event.version, event.product_id
    )))
}

/// The newest version ends when the new one begins, in the next bucket.
pub(super) fn end(at: ApplyAt, document: &mut Option<Document>) {
    if let Some(Document::Prices(prices)) = document {
        end_newest(prices, at);
    }
}

fn end_newest(prices: &mut PriceBucket, at: ApplyAt) {
    if let Some(newest) = prices.versions.last_mut() {
        newest.to = Some(at.time);
    }
    prices.last = prices.last.max(at.last);
}

/// The version that follows those of a bucket.
fn next(prices: &PriceBucket) -> Option<u32> {
    prices.versions.last()?.version.checked_add(1)
}
