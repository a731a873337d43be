//! The events' data.

mod fast_path;

use std::borrow::Cow;

use domain::{Address, Currency, Decimal, Event, InvalidInput, Name};
use serde::{Deserialize, Serialize};

pub(super) use self::fast_path::FastParse;
use super::{Unreadable, in_field};

/// An amount with all places of its currency, such as `{"amount":"0.36","currency":"PLN"}`.
#[derive(Serialize, Deserialize)]
#[serde(expecting = "an object")]
struct Money<'a> {
    #[serde(borrow)]
    amount: Cow<'a, str>,
    #[serde(borrow)]
    currency: Cow<'a, str>,
}

#[derive(Serialize, Deserialize)]
#[serde(expecting = "an object")]
pub(super) struct CustomerCreated<'a> {
    #[serde(borrow)]
    customer_id: Cow<'a, str>,
    #[serde(borrow)]
    first_name: Cow<'a, str>,
    #[serde(borrow)]
    last_name: Cow<'a, str>,
    #[serde(borrow)]
    address: Cow<'a, str>,
}

#[derive(Serialize, Deserialize)]
#[serde(expecting = "an object")]
pub(super) struct ProductPriced<'a> {
    #[serde(borrow)]
    product_id: Cow<'a, str>,
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow)]
    product_type: Cow<'a, str>,
    #[serde(borrow)]
    price: Money<'a>,
    #[serde(borrow)]
    previous_price: Option<Money<'a>>,
    version: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(expecting = "an object")]
pub(in crate::codec) struct ProductPurchased<'a> {
    #[serde(borrow)]
    purchase_id: Cow<'a, str>,
    #[serde(borrow)]
    customer_id: Cow<'a, str>,
    #[serde(borrow)]
    product_id: Cow<'a, str>,
    #[serde(borrow)]
    product_name: Cow<'a, str>,
    #[serde(borrow)]
    product_type: Cow<'a, str>,
    #[serde(borrow)]
    unit_price: Money<'a>,
    #[serde(borrow)]
    quantity: Cow<'a, str>,
    #[serde(borrow)]
    total: Money<'a>,
    price_version: u32,
}

impl From<domain::Money> for Money<'_> {
    fn from(money: domain::Money) -> Self {
        Self { amount: money.amount().into(), currency: money.currency().code().into() }
    }
}

impl Money<'_> {
    fn read(&self) -> Result<domain::Money, InvalidInput> {
        let currency: Currency = self.currency.parse()?;
        domain::Money::from_decimal(self.amount.parse()?, currency)
    }

    fn read_price(&self) -> Result<domain::Price, InvalidInput> {
        domain::Price::new(self.read()?)
    }
}

impl<'a> From<&'a domain::CustomerCreated> for CustomerCreated<'a> {
    fn from(created: &'a domain::CustomerCreated) -> Self {
        Self {
            customer_id: created.customer_id.as_str().into(),
            first_name: created.first_name.as_str().into(),
            last_name: created.last_name.as_str().into(),
            address: created.address.as_str().into(),
        }
    }
}

impl CustomerCreated<'_> {
    pub(super) fn read(&self) -> Result<Event, Unreadable> {
        Ok(Event::CustomerCreated(domain::CustomerCreated {
            customer_id: self
                .customer_id
                .parse()
                .map_err(in_field::<InvalidInput>("customer_id"))?,
            first_name: Name::recorded(&self.first_name).map_err(in_field("first_name"))?,
            last_name: Name::recorded(&self.last_name).map_err(in_field("last_name"))?,
            address: Address::recorded(&self.address).map_err(in_field("address"))?,
        }))
    }
}

impl<'a> From<&'a domain::ProductPriced> for ProductPriced<'a> {
    fn from(priced: &'a domain::ProductPriced) -> Self {
        Self {
            product_id: priced.product_id.as_str().into(),
            name: priced.name.as_str().into(),
            product_type: priced.product_type.as_str().into(),
            price: priced.price.money().into(),
            previous_price: priced.previous_price.map(|price| price.money().into()),
            version: priced.version,
        }
    }
}

impl ProductPriced<'_> {
    pub(super) fn read(&self) -> Result<Event, Unreadable> {
        let previous_price = self.previous_price.as_ref().map(Money::read_price).transpose();
        Ok(Event::ProductPriced(domain::ProductPriced {
            product_id: self.product_id.parse().map_err(in_field::<InvalidInput>("product_id"))?,
            name: Name::recorded(&self.name).map_err(in_field("name"))?,
            product_type: Name::recorded(&self.product_type).map_err(in_field("product_type"))?,
            price: self.price.read_price().map_err(in_field("price"))?,
            previous_price: previous_price.map_err(in_field("previous_price"))?,
            version: from_one(self.version).map_err(in_field("version"))?,
        }))
    }
}

impl<'a> From<&'a domain::ProductPurchased> for ProductPurchased<'a> {
    fn from(bought: &'a domain::ProductPurchased) -> Self {
        Self {
            purchase_id: bought.purchase_id.to_string().into(),
            customer_id: bought.purchase_id.customer.as_str().into(),
            product_id: bought.product_id.as_str().into(),
            product_name: bought.product_name.as_str().into(),
            product_type: bought.product_type.as_str().into(),
            unit_price: bought.unit_price.money().into(),
            quantity: bought.quantity.to_string().into(),
            total: bought.total.into(),
            price_version: bought.price_version,
        }
    }
}

impl ProductPurchased<'_> {
    pub(in crate::codec) fn read(&self) -> Result<Event, Unreadable> {
        let purchase_id: domain::PurchaseId =
            self.purchase_id.parse().map_err(in_field::<InvalidInput>("purchase_id"))?;
        if purchase_id.customer.as_str() != self.customer_id {
            return Err(in_field("customer_id")("the purchase id names another customer"));
        }
        let quantity = self.quantity.parse::<Decimal>().and_then(domain::Quantity::from_decimal);
        Ok(Event::ProductPurchased(domain::ProductPurchased {
            purchase_id,
            product_id: self.product_id.parse().map_err(in_field::<InvalidInput>("product_id"))?,
            product_name: Name::recorded(&self.product_name).map_err(in_field("product_name"))?,
            product_type: Name::recorded(&self.product_type).map_err(in_field("product_type"))?,
            unit_price: self.unit_price.read_price().map_err(in_field("unit_price"))?,
            quantity: quantity.map_err(in_field("quantity"))?,
            total: self.total.read().map_err(in_field("total"))?,
            price_version: from_one(self.price_version).map_err(in_field("price_version"))?,
        }))
    }
}

fn from_one(version: u32) -> Result<u32, &'static str> {
    if version == 0 { Err("versions count from 1") } else { Ok(version) }
}
