//! The view `customers`.

use domain::{CustomerCreated, ProductPurchased};
use views::{Customer, Document, full_name, searchable};

use super::{At, Unfoldable};

pub(super) fn created(
    event: &CustomerCreated,
    at: At,
    before: Option<&Document>,
) -> Result<Document, Unfoldable> {
    if before.is_some() {
        return Err(Unfoldable::new(format!("customer {} is there already", event.customer_id)));
    }
    let (first, last) = (event.first_name.as_str(), event.last_name.as_str());
    Ok(Document::Customer(Customer {
        id: event.customer_id.to_string(),
        first_name: first.to_owned(),
        last_name: last.to_owned(),
        address: event.address.to_string(),
        search_name: full_name(first, last),
        search_address: searchable(event.address.as_str()),
        created_at: at.time,
        purchases: 0,
        spent: 0,
        currency: None,
        last: at.offset,
    }))
}

pub(super) fn purchased(
    event: &ProductPurchased,
    at: At,
    before: Option<&Document>,
) -> Result<Document, Unfoldable> {
    let number = event.purchase_id.number;
    let Some(Document::Customer(customer)) = before else {
        let id = &event.purchase_id;
        return Err(Unfoldable::new(format!("purchase {id} is of a customer who is not there")));
    };
    if customer.purchases.checked_add(1) != Some(number) {
        return Err(Unfoldable::new(format!(
            "purchase {} does not follow purchase number {} of that customer",
            event.purchase_id, customer.purchases
        )));
    }
    Ok(Document::Customer(Customer {
        purchases: number,
        // A total is below 2^63 and there are less than 2^64 purchases, so that no sum reaches 2^127.
        spent: customer.spent.saturating_add(i128::from(event.total.minor())),
        currency: Some(event.total.currency().code().to_owned()),
        last: at.offset,
        ..customer.clone()
    }))
}
