//! Random histories that the decider allows.

use std::collections::BTreeMap;

use domain::{
    AggregateId, Command, CreateCustomer, Decision, Event, PriceProduct, Shop, decide,
    testing::{RULES, name, offered, purchase, zloty},
};
use event_log::{Partition, RecordId, Timestamp};
use projector::fold::RecordedEvent;
use proptest::prelude::*;

/// The partitions of the histories.
pub(crate) const PARTITIONS: u16 = 3;

/// 2026-11-22 at noon, and then on.
const BEGIN: i64 = 1_795_348_800_000;

/// A wish, or time that goes by.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    Create(u8),
    Price { product: u8, grosze: u16, name: u8 },
    Buy { customer: u8, product: u8, thousandths: u32 },
    Wait { minutes: u16 },
}

/// Steps of which about half are purchases.
pub(crate) fn steps(most: usize) -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        2 => (0..6_u8).prop_map(Step::Create),
        2 => (0..4_u8, 1..500_u16, 0..3_u8)
            .prop_map(|(product, grosze, name)| Step::Price { product, grosze, name }),
        5 => (0..6_u8, 0..4_u8, 1..5_000_u32)
            .prop_map(|(customer, product, thousandths)| Step::Buy { customer, product, thousandths }),
        1 => (0..2_000_u16).prop_map(|minutes| Step::Wait { minutes }),
    ];
    prop::collection::vec(step, 0..most)
}

/// A history of one customer who buys a lot, so that buckets fill.
pub(crate) fn many_purchases(count: u32) -> Vec<Step> {
    let begin = [Step::Create(0), Step::Price { product: 0, grosze: 36, name: 0 }];
    let buy = |n| Step::Buy { customer: 0, product: 0, thousandths: 1_000 + n };
    begin.into_iter().chain((0..count).map(buy)).collect()
}

/// A history of so many customers who buy in turn, each so often.
pub(crate) fn many_customers(customers: u8, purchases: u32) -> Vec<Step> {
    let begin = (0..customers).map(Step::Create);
    let price = Step::Price { product: 0, grosze: 36, name: 0 };
    let buy = |customer| Step::Buy { customer, product: 0, thousandths: 1_000 };
    let turns = (0..purchases).flat_map(|_| (0..customers).map(buy));
    begin.chain([price]).chain(turns).collect()
}

/// A history of one product whose price changes a lot, and that is bought at each of its prices.
pub(crate) fn many_prices(count: u16) -> Vec<Step> {
    let change = |n| Step::Price { product: 0, grosze: 36 + n, name: u8::from(n % 2 == 0) };
    let buy = Step::Buy { customer: 0, product: 0, thousandths: 1_000 };
    let turns = (0..count).flat_map(|n| [change(n), buy.clone()]);
    [Step::Create(0)].into_iter().chain(turns).collect()
}

/// What comes of the steps: the facts, in the order they happened.
pub(crate) fn history(steps: &[Step]) -> Vec<RecordedEvent> {
    let mut shop = Shop::default();
    let mut ends = BTreeMap::<Partition, u64>::new();
    let mut time = BEGIN;
    let mut facts = Vec::new();
    for step in steps {
        if let Step::Wait { minutes } = step {
            time += i64::from(*minutes) * 60_000;
        }
        let decision = command(step).map(|command| decide(&shop, RULES, &offered(&shop, command)));
        if let Some(Ok(Decision::Emit(event))) = decision {
            shop.evolve(&event);
            let partition = partition_of(&event);
            // Offset 0 is its writer's start.
            let offset = ends.entry(partition).or_insert(0);
            *offset += 1;
            time += 1;
            let place = RecordId { partition, offset: *offset };
            facts.push(RecordedEvent { event, place, time: Timestamp(time) });
        }
    }
    facts
}

fn command(step: &Step) -> Option<Command> {
    Some(match step {
        Step::Create(customer) => Command::CreateCustomer(CreateCustomer {
            customer_id: format!("c{customer}").parse().unwrap(),
            first_name: name(["Anna", "Łucja", "Żaneta"][usize::from(customer % 3)]),
            last_name: name("Kowalska"),
            address: format!("ul. Krótka {customer}, Żywiec").parse().unwrap(),
        }),
        Step::Price { product, grosze, name: of } => Command::PriceProduct(PriceProduct {
            product_id: format!("p{product}").parse().unwrap(),
            name: Some(name(["Chleb wiejski", "Chleb żytni", "Bułka"][usize::from(*of)])),
            product_type: Some(name(["chleb", "chleb", "bułki"][usize::from(*of)])),
            price: zloty(&format!("{}.{:02}", grosze / 100, grosze % 100)),
            expected_version: None,
        }),
        Step::Buy { customer, product, thousandths } => {
            let units = format!("{}.{:03}", thousandths / 1_000, thousandths % 1_000);
            purchase(&format!("c{customer}"), &format!("p{product}"), &units)
        }
        Step::Wait { .. } => return None,
    })
}

fn partition_of(event: &Event) -> Partition {
    let (AggregateId::Customer(_) | AggregateId::Product(_)) = event.aggregate();
    let digit = event.aggregate().as_str().bytes().last().unwrap() - b'0';
    Partition(u16::from(digit) % PARTITIONS)
}
