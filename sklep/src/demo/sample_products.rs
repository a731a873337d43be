//! What the demonstration sells: `goods.json` says what each product costs over a year, and when more of it is bought.

use std::collections::BTreeMap;

use anyhow::Context as _;
use domain::Decimal;
use serde::{Deserialize, Deserializer, de::Error as _};

/// A month of the demonstration, counted from its first January, 0.
pub(super) type Month = u32;

const MONTHS_OF_A_YEAR: u32 = 12;
/// From one year to the next everything gets dearer, in percent of the first year's price.
const DEARER: i128 = 4;
/// After so many years prices repeat those of the year before: a long demonstration stays a plausible one.
const YEARS: u32 = 5;

/// One product of the demonstration.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Good {
    pub(super) id: String,
    pub(super) name: String,
    #[serde(rename = "type")]
    pub(super) product_type: String,
    pub(super) sold: Sold,
    /// The months of a year, from 1, at which its price changes, and what it is then in hundredths.
    #[serde(deserialize_with = "hundredths")]
    prices: BTreeMap<u32, i128>,
    /// The months of a year in which more or less of it is bought, in percent.
    #[serde(default)]
    season: BTreeMap<u32, u64>,
}

/// How a product is sold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Sold {
    Piece,
    Weight,
}

/// All products, in the order in which they are priced.
pub(super) fn goods() -> anyhow::Result<Vec<Good>> {
    serde_json::from_str(include_str!("goods.json")).context("goods.json")
}

impl Good {
    /// What one costs in this month, in hundredths.
    pub(super) fn price(&self, month: Month) -> anyhow::Result<i128> {
        let year = month / MONTHS_OF_A_YEAR;
        let since_january = self.prices.range(..=of_its_year(month)).next_back();
        let (_, first) = since_january.with_context(|| format!("{}: no price", self.id))?;
        let percent = DEARER.saturating_mul(year.min(YEARS).into()).saturating_add(100);
        Ok(first.saturating_mul(percent).saturating_add(50) / 100)
    }

    /// The price, when it is another than that of the month before.
    pub(super) fn new_price(&self, month: Month) -> anyhow::Result<Option<i128>> {
        let price = self.price(month)?;
        Ok(match month.checked_sub(1) {
            Some(before) if self.price(before)? == price => None,
            Some(_) | None => Some(price),
        })
    }

    /// How much it is wanted in this month: twice as cheap is four times as tempting.
    pub(super) fn demand(&self, month: Month) -> anyhow::Result<u64> {
        let season = self.season.get(&of_its_year(month)).copied().unwrap_or(100);
        let usual = self.price(month.saturating_sub(month % MONTHS_OF_A_YEAR))?;
        let ratio = usual.saturating_mul(100).checked_div(self.price(month)?).unwrap_or_default();
        let tempting = u64::try_from(ratio.saturating_mul(ratio) / 100).unwrap_or_default();
        Ok(season.saturating_mul(tempting) / 100)
    }
}

/// Prices as people write them.
fn hundredths<'de, D: Deserializer<'de>>(json: D) -> Result<BTreeMap<u32, i128>, D::Error> {
    let written: BTreeMap<u32, String> = BTreeMap::deserialize(json)?;
    let read = |(month, price): (u32, String)| {
        let price: Decimal = price.parse().map_err(D::Error::custom)?;
        let price = price.in_units_of(2).ok_or_else(|| D::Error::custom("two places at most"))?;
        Ok((month, price))
    };
    written.into_iter().map(read).collect()
}

/// Which month of its year it is, from 1.
fn of_its_year(month: Month) -> u32 {
    (month % MONTHS_OF_A_YEAR).saturating_add(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good(id: &str) -> Good {
        goods().unwrap().into_iter().find(|good| good.id == id).unwrap()
    }

    #[test]
    fn a_price_stands_until_the_next_and_rises_from_year_to_year() {
        let bread = good("demo-chleb-1");
        let year = |year: u32| (0..12).map(move |month| year * 12 + month);
        let prices = |of| year(of).map(|month| bread.price(month).unwrap()).collect::<Vec<_>>();
        assert_eq!(prices(0), [650, 650, 650, 650, 650, 650, 690, 690, 690, 690, 690, 690]);
        assert_eq!(prices(1)[..1], [676]);
        assert_eq!(prices(6), prices(5));
        assert_eq!(bread.new_price(0).unwrap(), Some(650));
        assert_eq!(bread.new_price(1).unwrap(), None);
        assert_eq!(bread.new_price(6).unwrap(), Some(690));
    }

    #[test]
    fn what_is_cheap_and_what_is_in_season_is_wanted_more() {
        let chocolate = good("demo-czekolada-1");
        let of = |month: u32| chocolate.demand(month - 1).unwrap();
        assert_eq!(of(1), 100);
        assert!(of(2) > of(3), "cheaper in February, and Valentine's day");
        assert!(of(12) > 150, "Christmas, though it is dearer");
    }

    #[test]
    fn every_product_has_a_price_from_january_and_moves() {
        for good in goods().unwrap() {
            let changes = (0..12).filter(|month| good.new_price(*month).unwrap().is_some()).count();
            assert!(changes >= 2, "{}", good.id);
            assert!(good.id.starts_with("demo-"), "{}", good.id);
        }
    }
}
