//! Who comes to the demonstration's shop and what they wish for: all of it follows from the seed.

use domain::Quantity;
use rand::{Rng, RngExt as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};

use super::{
    goods::{GOODS, Good, Sold},
    polish::person,
};
use crate::deliver::{Mark, Message, Wish};

/// The visitors of one demonstration.
#[derive(Debug, Clone, Copy)]
pub(super) struct Visitors {
    pub(super) seed: u64,
    pub(super) customers: u32,
    pub(super) purchases: u32,
}

/// What a random number is for; each wish has its own, so that none depends on how many there are of another sort.
#[derive(Debug, Clone, Copy)]
enum For {
    Customer,
    Purchase,
}

impl Visitors {
    /// How many wishes there are.
    pub(super) fn count(self) -> u64 {
        let goods = u64::try_from(GOODS.len()).unwrap_or_default();
        goods.saturating_add(self.customers.into()).saturating_add(self.bought().into())
    }

    /// Without customers nobody buys.
    fn bought(self) -> u32 {
        if self.customers == 0 { 0 } else { self.purchases }
    }

    /// All wishes: the prices, then the customers, then the purchases.
    pub(super) fn wishes(self) -> impl Iterator<Item = anyhow::Result<Message>> {
        let prices = GOODS.iter().map(price);
        let customers = (0..self.customers).map(move |number| self.customer(number));
        let purchases = (0..self.bought()).map(move |number| self.purchase(number));
        let wishes = prices.chain(customers).chain(purchases);
        (1..).zip(wishes).map(|(number, wish)| {
            let mark = Mark { partition: 0, number };
            Ok(Message { mark, wish: Ok(wish?), raw: Vec::new() })
        })
    }

    fn customer(self, number: u32) -> anyhow::Result<Wish> {
        let person = person(&mut self.chance(For::Customer, number));
        Ok(Wish::CreateCustomer {
            id: self.customer_id(number).parse()?,
            first_name: person.first_name.parse()?,
            last_name: person.last_name.parse()?,
            address: person.address.parse()?,
        })
    }

    fn purchase(self, number: u32) -> anyhow::Result<Wish> {
        let chance = &mut self.chance(For::Purchase, number);
        let customer = self.customer_id(chance.random_range(0..self.customers));
        let good = GOODS.choose(chance).copied();
        let good = good.ok_or_else(|| anyhow::anyhow!("there is nothing to buy"))?;
        Ok(Wish::PurchaseProduct {
            customer: customer.parse()?,
            product: good.id.parse()?,
            quantity: quantity(good.sold, chance)?,
        })
    }

    fn customer_id(self, number: u32) -> String {
        format!("demo-{}-{}", self.seed, number.saturating_add(1))
    }

    fn chance(self, what: For, number: u32) -> StdRng {
        let what: u32 = match what {
            For::Customer => 1,
            For::Purchase => 2,
        };
        let mut seed = [0; 32];
        let parts = self
            .seed
            .to_le_bytes()
            .into_iter()
            .chain(what.to_le_bytes())
            .chain(number.to_le_bytes());
        seed.iter_mut().zip(parts).for_each(|(byte, part)| *byte = part);
        StdRng::from_seed(seed)
    }
}

fn price(good: &Good) -> anyhow::Result<Wish> {
    Ok(Wish::PriceProduct {
        id: good.id.parse()?,
        name: good.name.parse()?,
        product_type: good.product_type.parse()?,
        price: good.price.parse()?,
    })
}

/// One to six pieces, or between 50 grams and two kilograms.
fn quantity(sold: Sold, chance: &mut impl Rng) -> anyhow::Result<Quantity> {
    let thousandths = match sold {
        Sold::ByPiece => chance.random_range(1..=6_i64).saturating_mul(1000),
        Sold::ByWeight => chance.random_range(1..=40_i64).saturating_mul(50),
    };
    Ok(Quantity::from_thousandths(thousandths)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(visitors: Visitors) -> Vec<Wish> {
        visitors.wishes().map(|message| message.unwrap().wish.unwrap()).collect()
    }

    #[test]
    fn the_same_seed_makes_the_same_wishes_and_another_seed_others() {
        let visitors = Visitors { seed: 7, customers: 50, purchases: 200 };
        assert_eq!(all(visitors), all(visitors));
        assert_ne!(all(visitors), all(Visitors { seed: 8, ..visitors }));
        assert_eq!(u64::try_from(all(visitors).len()), Ok(visitors.count()));
    }

    #[test]
    fn more_purchases_come_after_the_same_ones() {
        let few = Visitors { seed: 7, customers: 5, purchases: 20 };
        let more = all(Visitors { purchases: 40, ..few });
        assert_eq!(all(few), more[..38]);
    }

    #[test]
    fn nobody_buys_in_an_empty_shop() {
        assert_eq!(all(Visitors { seed: 1, customers: 0, purchases: 10 }).len(), GOODS.len());
    }

    #[test]
    fn surnames_follow_the_person() {
        for wish in all(Visitors { seed: 3, customers: 300, purchases: 0 }) {
            let Wish::CreateCustomer { first_name, last_name, .. } = wish else { continue };
            let woman = first_name.as_str().ends_with('a');
            assert!(
                !last_name.as_str().ends_with(if woman { "ski" } else { "ska" }),
                "{first_name} {last_name}"
            );
        }
    }
}
