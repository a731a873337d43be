//! The events that are rebuilt: most of them purchases, the others products whose prices change.

use anyhow::{Context as _, Result};
use domain::{
    Currency, CustomerCreated, Event, Money, Price, ProductPriced, ProductPurchased, PurchaseId,
    Quantity,
};
use event_log::{
    Content, Envelope, LogId, NewRecord, Partition, Stamp, Timestamp, Trace, WriterId,
    WriterStarted, codec, partition_of,
};
use uuid::Uuid;

/// As many as the shop has by default.
pub(super) const PARTITIONS: u16 = 12;
const CUSTOMERS: usize = 10_000;
const PRODUCTS: usize = 500;
/// 2026-11-22 at noon. An event comes every second.
const BEGIN: i64 = 1_795_348_800_000;
const SECOND: i64 = 1_000;

/// A shop's history, always the same one for the same numbers.
#[derive(Debug)]
pub(super) struct History {
    pub(super) log: LogId,
    events: u64,
    /// Of a hundred events.
    purchases: u8,
    written: u64,
    chance: u64,
    stamps: Vec<Stamp>,
    started: usize,
    /// How often each customer has bought.
    customers: Vec<u64>,
    /// Version and price of each product.
    prices: Vec<(u32, i64)>,
}

impl History {
    pub(super) fn of(events: u64, purchases: u8) -> Self {
        let stamp = |partition: u16| Stamp {
            epoch: 1,
            writer: WriterId(Uuid::from_u128(u128::from(partition).saturating_add(1))),
            sequence: 0,
        };
        Self {
            log: LogId(Uuid::from_u128(0x5c1e)),
            events,
            purchases,
            written: 0,
            chance: 0x5c1e_9a00,
            stamps: (0..PARTITIONS).map(stamp).collect(),
            started: 0,
            customers: Vec::new(),
            prices: Vec::new(),
        }
    }

    /// The next record and its partition; none at the end.
    pub(super) fn next(&mut self) -> Result<Option<(Partition, NewRecord)>> {
        if let Some(stamp) = self.stamps.get(self.started).copied() {
            let partition = Partition(u16::try_from(self.started)?);
            self.started = self.started.saturating_add(1);
            let address = None;
            let started =
                WriterStarted { log_id: self.log, partitions: PARTITIONS, address, settings: None };
            let record = self.encoded(stamp, Content::WriterStarted(started), BEGIN);
            return Ok(Some((partition, record)));
        }
        if self.written >= self.events {
            return Ok(None);
        }
        self.written = self.written.saturating_add(1);
        let event = self.event()?;
        let partition = partition_of(event.aggregate().as_str().as_bytes(), PARTITIONS);
        let stamp = self.stamps.get_mut(usize::from(partition.0)).context("a partition")?;
        stamp.sequence = stamp.sequence.saturating_add(1);
        let (stamp, time) = (*stamp, i64::try_from(self.written)?.saturating_mul(SECOND));
        let record = self.encoded(stamp, Content::Event(event), BEGIN.saturating_add(time));
        Ok(Some((partition, record)))
    }

    fn encoded(&self, stamp: Stamp, content: Content, time: i64) -> NewRecord {
        let id = Uuid::from_u128(u128::from(self.written).saturating_add(1 << 100));
        let time = Timestamp(time);
        codec::encode(&Envelope { id, time, stamp, trace: Trace::default(), content }, self.log)
    }

    fn event(&mut self) -> Result<Event> {
        if self.prices.len() < PRODUCTS {
            self.prices.push((0, 0));
            return self.priced(self.prices.len().saturating_sub(1));
        }
        if self.customers.len() < CUSTOMERS {
            self.customers.push(0);
            return created(self.customers.len().saturating_sub(1));
        }
        let set_up = u64::try_from(PRODUCTS.saturating_add(CUSTOMERS))?;
        let others =
            self.events.saturating_mul(100_u64.saturating_sub(self.purchases.into())) / 100;
        let others = others.saturating_sub(set_up);
        let left = self.events.saturating_sub(set_up).max(1);
        if self.draw(left) < others { self.changed() } else { self.bought() }
    }

    fn changed(&mut self) -> Result<Event> {
        let product = usize::try_from(self.draw(u64::try_from(PRODUCTS)?))?;
        self.priced(product)
    }

    fn priced(&mut self, product: usize) -> Result<Event> {
        let price = i64::try_from(self.draw(5_000))?.saturating_add(1);
        let held = self.prices.get_mut(product).context("a product")?;
        let before = (held.0 > 0).then_some(held.1);
        *held = (held.0.saturating_add(1), price);
        Ok(Event::ProductPriced(ProductPriced {
            product_id: product_id(product)?,
            name: format!("Chleb wiejski {product}").parse()?,
            product_type: "chleb".parse()?,
            price: zloty(price)?,
            previous_price: before.map(zloty).transpose()?,
            version: held.0,
        }))
    }

    fn bought(&mut self) -> Result<Event> {
        let customer = usize::try_from(self.draw(u64::try_from(CUSTOMERS)?))?;
        let product = usize::try_from(self.draw(u64::try_from(PRODUCTS)?))?;
        let quantity =
            Quantity::from_thousandths(i64::try_from(self.draw(9_999))?.saturating_add(1))?;
        let (price_version, price) = *self.prices.get(product).context("a product")?;
        let number = self.customers.get_mut(customer).context("a customer")?;
        *number = number.saturating_add(1);
        let unit_price = zloty(price)?;
        Ok(Event::ProductPurchased(ProductPurchased {
            purchase_id: PurchaseId {
                customer: format!("customer-{customer}").parse()?,
                number: *number,
            },
            product_id: product_id(product)?,
            product_name: format!("Chleb wiejski {product}").parse()?,
            product_type: "chleb".parse()?,
            unit_price,
            quantity,
            total: quantity.cost(unit_price).context("a total")?,
            price_version,
        }))
    }

    /// A number below this one (Steele, Lea and Flood's `SplitMix64`).
    fn draw(&mut self, below: u64) -> u64 {
        self.chance = self.chance.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.chance ^ (self.chance >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)).checked_rem(below).unwrap_or_default()
    }
}

fn created(customer: usize) -> Result<Event> {
    Ok(Event::CustomerCreated(CustomerCreated {
        customer_id: format!("customer-{customer}").parse()?,
        first_name: "Anna".parse()?,
        last_name: format!("Kowalska-{customer}").parse()?,
        address: format!("ul. Polna {customer}, 00-001 Warszawa").parse()?,
    }))
}

fn product_id(product: usize) -> Result<domain::ProductId> {
    Ok(format!("chleb_{product}").parse()?)
}

fn zloty(minor: i64) -> Result<Price> {
    Ok(Price::new(Money::new(minor, Currency::PLN))?)
}
