//! Whether the counted events follow from one another: counted here by hand, not by the shop's own folds.

use std::collections::HashMap;

use domain::{
    CustomerCreated, CustomerId, Event, Price, ProductId, ProductPriced, ProductPurchased,
};

use super::{Counted, Violation};

#[derive(Default)]
struct Facts {
    /// How many purchases each customer has.
    customers: HashMap<CustomerId, u64>,
    /// The last event of each product.
    products: HashMap<ProductId, ProductPriced>,
    /// Every price that each product had, by version.
    prices: HashMap<(ProductId, u32), Price>,
}

pub(super) fn check(counted: &[Counted], violations: &mut Vec<Violation>) {
    let mut facts = Facts::default();
    for record in counted {
        let Some(event) = record.event() else { continue };
        if let Err(why) = facts.take(event) {
            let aggregate = event.aggregate();
            violations.push(Violation::NotAFold { offset: record.offset, aggregate, why });
        }
    }
}

impl Facts {
    fn take(&mut self, event: &Event) -> Result<(), &'static str> {
        match event {
            Event::CustomerCreated(created) => self.created(created),
            Event::ProductPriced(priced) => self.priced(priced),
            Event::ProductPurchased(bought) => self.bought(bought),
        }
    }

    fn created(&mut self, created: &CustomerCreated) -> Result<(), &'static str> {
        match self.customers.insert(created.customer_id.clone(), 0) {
            None => Ok(()),
            Some(_) => Err("the customer exists already"),
        }
    }

    fn priced(&mut self, priced: &ProductPriced) -> Result<(), &'static str> {
        let before = self.products.insert(priced.product_id.clone(), priced.clone());
        self.prices.insert((priced.product_id.clone(), priced.version), priced.price);
        let expected = before.as_ref().map_or(Some(1), |before| before.version.checked_add(1));
        if Some(priced.version) != expected {
            return Err("the version is not the next one");
        }
        if priced.previous_price != before.as_ref().map(|before| before.price) {
            return Err("the previous price is not the one before");
        }
        match before {
            Some(before)
                if (before.price, &before.name, &before.product_type)
                    == (priced.price, &priced.name, &priced.product_type) =>
            {
                Err("nothing changed")
            }
            Some(_) | None => Ok(()),
        }
    }

    fn bought(&mut self, bought: &ProductPurchased) -> Result<(), &'static str> {
        let customer = &bought.purchase_id.customer;
        let Some(purchases) = self.customers.get_mut(customer) else {
            return Err("the customer does not exist");
        };
        let expected = purchases.checked_add(1);
        *purchases = bought.purchase_id.number;
        if Some(bought.purchase_id.number) != expected {
            return Err("the purchase's number is not the next one");
        }
        if total_of(bought) != Some(i128::from(bought.total.minor())) {
            return Err("the total is not price times quantity");
        }
        // The price's own partition may be another one.
        let charged = self.prices.get(&(bought.product_id.clone(), bought.price_version));
        if charged.is_some_and(|price| *price != bought.unit_price) {
            return Err("the price of that version is another one");
        }
        Ok(())
    }
}

/// Price times quantity in minor units, rounded half up; quantities are in thousandths.
fn total_of(bought: &ProductPurchased) -> Option<i128> {
    let price = i128::from(bought.unit_price.money().minor());
    let thousandths = price.checked_mul(i128::from(bought.quantity.thousandths()))?;
    thousandths.checked_add(500).map(|up| up.div_euclid(1000))
}
