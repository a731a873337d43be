//! The view `customers`.

use domain::{CustomerCreated, ProductPurchased};
use views::{Customer, Document, full_name, searchable};

use super::{ApplyAt, CannotApply};

pub(super) fn can_be_registered(
    event: &CustomerCreated,
    before: Option<&Document>,
) -> Result<(), CannotApply> {
    if before.is_none() {
        return Ok(());
    }
    Err(CannotApply::new(format!("customer {} is there already", event.customer_id)))
}

pub(super) fn register(event: &CustomerCreated, at: ApplyAt, document: &mut Option<Document>) {
    let (first, last) = (event.first_name.as_str(), event.last_name.as_str());
    *document = Some(Document::Customer(Customer {
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
        last: at.last,
    }));
}

pub(super) fn can_buy(
    event: &ProductPurchased,
    before: Option<&Document>,
) -> Result<(), CannotApply> {
    let id = &event.purchase_id;
    let Some(Document::Customer(customer)) = before else {
        return Err(CannotApply::new(format!("purchase {id} is of a customer who is not there")));
    };
    if customer.purchases.checked_add(1) == Some(id.number) {
        return Ok(());
    }
    Err(CannotApply::new(format!(
        "purchase {id} does not follow purchase number {} of that customer",
        customer.purchases
    )))
}

pub(super) fn buy(event: &ProductPurchased, at: ApplyAt, document: &mut Option<Document>) {
    let Some(Document::Customer(customer)) = document else { return };
    customer.purchases = event.purchase_id.number;
    // A total is below 2^63 and there are less than 2^64 purchases, so that no sum reaches 2^127.
    customer.spent = customer.spent.saturating_add(i128::from(event.total.minor()));
    customer.currency = Some(event.total.currency());
    customer.last = customer.last.max(at.last);
}
