//! People who come to the demonstration's shop, made of the names and towns of `people.json`.

use anyhow::Context as _;
use rand::{Rng, RngExt as _, seq::IndexedRandom as _};
use serde::Deserialize;

/// Names, streets and towns. Surnames such as Kowalski and Kowalska follow the person.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct People {
    women: Names,
    men: Names,
    streets: Vec<String>,
    towns: Vec<Town>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Names {
    first_names: Vec<String>,
    last_names: Vec<String>,
}

/// A town, with how its postcodes begin.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Town {
    name: String,
    postcode: String,
}

/// Somebody who comes to the shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Person {
    pub(super) first_name: String,
    pub(super) last_name: String,
    pub(super) address: String,
}

impl People {
    /// Reads the names.
    pub(super) fn read() -> anyhow::Result<Self> {
        serde_json::from_str(include_str!("people.json")).context("people.json")
    }

    /// Somebody, as chance has it.
    pub(super) fn person(&self, chance: &mut impl Rng) -> anyhow::Result<Person> {
        let names = if chance.random_bool(0.5) { &self.women } else { &self.men };
        Ok(Person {
            first_name: one_of(&names.first_names, chance)?.clone(),
            last_name: one_of(&names.last_names, chance)?.clone(),
            address: self.address(chance)?,
        })
    }

    /// Street and number, postcode and town, as on an envelope.
    fn address(&self, chance: &mut impl Rng) -> anyhow::Result<String> {
        let street = one_of(&self.streets, chance)?;
        let house = chance.random_range(1..=120);
        let flat = if chance.random_bool(0.4) {
            format!("/{}", chance.random_range(1..=60))
        } else {
            String::new()
        };
        let Town { name, postcode } = one_of(&self.towns, chance)?;
        let last = chance.random_range(0..100);
        Ok(format!("ul. {street} {house}{flat}\n{postcode}{last:02} {name}"))
    }
}

fn one_of<'a, T>(all: &'a [T], chance: &mut impl Rng) -> anyhow::Result<&'a T> {
    all.choose(chance).context("people.json has an empty list")
}
