//! A year and more in the demonstration's shop: what things cost, who comes, and what they buy. All of it follows from
//! the seed.

use anyhow::Context as _;
use domain::{Decimal, Quantity};
use rand::{Rng, RngExt as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};

use super::{
    sample_people::People,
    sample_products::{Good, Month, Sold, goods},
};
use crate::bulk_submit::{Message, Mutation, SourcePosition};

/// How many the demonstration is of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Size {
    pub(super) seed: u64,
    pub(super) customers: u32,
    pub(super) purchases: u32,
}

/// The visitors of one demonstration.
#[derive(Debug, Clone)]
pub(super) struct Visitors {
    size: Size,
    goods: Vec<Good>,
    people: People,
}

/// What a random number is for; each wish has its own, so that none depends on how many there are of another sort.
#[derive(Debug, Clone, Copy)]
enum For {
    Customer,
    Purchase,
    Taste,
}

/// The fewest purchases of a month.
const FEWEST: u32 = 20;

impl Visitors {
    /// The visitors of a demonstration of this size.
    pub(super) fn new(size: Size) -> anyhow::Result<Self> {
        Ok(Self { size, goods: goods()?, people: People::read()? })
    }

    /// How many wishes there are.
    pub(super) fn count(&self) -> anyhow::Result<u64> {
        let mut count = u64::from(self.size.customers).saturating_add(self.bought().into());
        for month in 0..self.months() {
            for good in &self.goods {
                count = count.saturating_add(good.new_price(month)?.is_some().into());
            }
        }
        Ok(count)
    }

    /// Without customers nobody buys.
    fn bought(&self) -> u32 {
        if self.size.customers == 0 { 0 } else { self.size.purchases }
    }

    /// Four of five customers buy something in a month, so that a larger shop does not take more years.
    fn of_a_month(&self) -> u32 {
        (self.size.customers / 5).saturating_mul(4).max(FEWEST)
    }

    /// Enough for all purchases; and prices are there in any case.
    fn months(&self) -> Month {
        self.bought().div_ceil(self.of_a_month()).max(1)
    }

    /// All wishes, in order: each month's new prices, in the first month the customers, and the month's purchases.
    pub(super) fn wishes(self) -> impl Iterator<Item = anyhow::Result<Message>> {
        let customers = self.size.customers;
        let of_months = (0..self.months()).flat_map(move |month| {
            let arrivals = if month == 0 { 0..customers } else { 0..0 };
            let from = month.saturating_mul(self.of_a_month());
            let bought = from..self.bought().min(from.saturating_add(self.of_a_month()));
            let prices = self.goods.iter().filter_map(|good| new_price(good, month).transpose());
            let arrivals = arrivals.map(|number| self.customer(number));
            let bought = bought.map(|number| self.purchase(number, month));
            prices.chain(arrivals).chain(bought).collect::<Vec<_>>()
        });
        (1..).zip(of_months).map(|(number, wish)| {
            let mark = SourcePosition { partition: 0, number };
            Ok(Message { mark, wish: Ok(wish?), raw: Vec::new() })
        })
    }

    fn customer(&self, number: u32) -> anyhow::Result<Mutation> {
        let person = self.people.person(&mut self.chance(For::Customer, number))?;
        Ok(Mutation::CreateCustomer {
            id: self.customer_id(number).parse()?,
            first_name: person.first_name.parse()?,
            last_name: person.last_name.parse()?,
            address: person.address.parse()?,
        })
    }

    fn purchase(&self, number: u32, month: Month) -> anyhow::Result<Mutation> {
        let chance = &mut self.chance(For::Purchase, number);
        // Some come often, and some hardly ever.
        let customers = self.size.customers;
        let customer = chance.random_range(0..customers).min(chance.random_range(0..customers));
        let wanted = self.goods.iter().map(|good| {
            let liking = self.liking(customer, &good.product_type);
            Ok((good, good.demand(month)?.saturating_mul(liking)))
        });
        let wanted = wanted.collect::<anyhow::Result<Vec<_>>>()?;
        let (good, _) = wanted.choose_weighted(chance, |(_, weight)| *weight)?;
        Ok(Mutation::PurchaseProduct {
            customer: self.customer_id(customer).parse()?,
            product: good.id.parse()?,
            quantity: quantity(good.sold, chance)?,
        })
    }

    /// How much a customer likes products of a type: between 1 and 216, few of them much.
    fn liking(&self, customer: u32, product_type: &str) -> u64 {
        let types = product_type
            .bytes()
            .fold(customer, |mix, byte| mix.wrapping_mul(31).wrapping_add(u32::from(byte)));
        let liking: u64 = self.chance(For::Taste, types).random_range(1..=6);
        liking.saturating_pow(3)
    }

    fn customer_id(&self, number: u32) -> String {
        format!("demo-{}-{}", self.size.seed, number.saturating_add(1))
    }

    fn chance(&self, what: For, number: u32) -> StdRng {
        let what: u32 = match what {
            For::Customer => 1,
            For::Purchase => 2,
            For::Taste => 3,
        };
        let mut seed = [0; 32];
        let parts = self
            .size
            .seed
            .to_le_bytes()
            .into_iter()
            .chain(what.to_le_bytes())
            .chain(number.to_le_bytes());
        seed.iter_mut().zip(parts).for_each(|(byte, part)| *byte = part);
        StdRng::from_seed(seed)
    }
}

fn new_price(good: &Good, month: Month) -> anyhow::Result<Option<Mutation>> {
    let Some(hundredths) = good.new_price(month)? else { return Ok(None) };
    let thousandths = hundredths.checked_mul(10).context("a price is too large")?;
    Ok(Some(Mutation::PriceProduct {
        id: good.id.parse()?,
        name: good.name.parse()?,
        product_type: good.product_type.parse()?,
        price: Decimal::from_thousandths(thousandths),
    }))
}

/// One to six pieces, or between 50 grams and two kilograms.
fn quantity(sold: Sold, chance: &mut impl Rng) -> anyhow::Result<Quantity> {
    let thousandths = match sold {
        Sold::Piece => chance.random_range(1..=6_i64).saturating_mul(1000),
        Sold::Weight => chance.random_range(1..=40_i64).saturating_mul(50),
    };
    Ok(Quantity::from_thousandths(thousandths)?)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn all(size: Size) -> Vec<Mutation> {
        let wishes = Visitors::new(size).unwrap().wishes();
        wishes.map(|message| message.unwrap().wish.unwrap()).collect()
    }

    #[test]
    fn the_same_seed_makes_the_same_wishes_and_another_seed_others() {
        let size = Size { seed: 7, customers: 50, purchases: 200 };
        assert_eq!(all(size), all(size));
        assert_ne!(all(size), all(Size { seed: 8, ..size }));
        let count = Visitors::new(size).unwrap().count().unwrap();
        assert_eq!(u64::try_from(all(size).len()), Ok(count));
    }

    #[test]
    fn more_purchases_come_after_the_same_ones() {
        let few = Size { seed: 7, customers: 5, purchases: 50 };
        let (few, more) = (all(few), all(Size { purchases: 90, ..few }));
        assert_eq!(few, more[..few.len()]);
    }

    #[test]
    fn nobody_buys_in_an_empty_shop() {
        let wishes = all(Size { seed: 1, customers: 0, purchases: 10 });
        assert!(wishes.iter().all(|wish| matches!(wish, Mutation::PriceProduct { .. })));
        assert_eq!(wishes.len(), goods().unwrap().len());
    }

    #[test]
    fn surnames_follow_the_person() {
        for wish in all(Size { seed: 3, customers: 300, purchases: 0 }) {
            let Mutation::CreateCustomer { first_name, last_name, .. } = wish else { continue };
            let woman = first_name.as_str().ends_with('a');
            assert!(
                !last_name.as_str().ends_with(if woman { "ski" } else { "ska" }),
                "{first_name} {last_name}"
            );
        }
    }

    #[test]
    fn customers_have_taste_and_sales_answer_to_prices() {
        let mut bought: HashMap<String, HashMap<String, u32>> = HashMap::new();
        let mut butter: Vec<u32> = Vec::new();
        for wish in all(Size { seed: 1, customers: 1_000, purchases: 9_600 }) {
            match wish {
                Mutation::PriceProduct { id, .. } if id.as_str() == "demo-maslo-1" => {
                    butter.push(0);
                }
                Mutation::PurchaseProduct { customer, product, .. } => {
                    if product.as_str() == "demo-maslo-1" {
                        *butter.last_mut().unwrap() += 1;
                    }
                    let sort = product.as_str().rsplit_once('-').unwrap().0.to_owned();
                    *bought.entry(customer.to_string()).or_default().entry(sort).or_default() += 1;
                }
                Mutation::PriceProduct { .. } | Mutation::CreateCustomer { .. } => {}
            }
        }
        let of = |numbers: std::ops::RangeInclusive<u32>| {
            let found = numbers.filter_map(|number| bought.get(&format!("demo-1-{number}")));
            found
                .map(|all| (all.values().sum::<u32>(), all.values().max().unwrap()))
                .fold((0, 0), |(all, favourite), (more, most)| (all + more, favourite + most))
        };
        let ((regulars, favourites), (strangers, _)) = (of(1..=100), of(901..=1_000));
        assert!(regulars > 5 * strangers, "{regulars} {strangers}");
        assert!(favourites * 2 > regulars, "half is of five types the best liked: {favourites}");
        // In August it costs 4.99, and in the three months from September 8.49.
        assert!(butter[3] * 3 > butter[4] * 2, "{butter:?}");
    }
}
