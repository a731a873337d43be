//! Exports of a log that is written meanwhile.

#![expect(clippy::arithmetic_side_effects, reason = "an overflow in a test is a failed test")]

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use domain::{
    Event, ProductPurchased,
    testing::{product_priced, quantity},
};
use futures::future::BoxFuture;

use super::*;
use crate::{
    Content, Envelope, LogError, Offset, Receipt, RecordStream, Stamp, StoredRecord, Trace, codec,
    partition_of,
};

const PARTITIONS: u16 = 3;

/// What somebody does while a log is exported.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// Gives this product its next price.
    Price(u8),
    /// Has this customer buy this product at its newest price.
    Buy(u8, u8),
}

/// A log that is written each time somebody asks where a partition ends, before he is answered.
#[derive(Debug)]
struct Busy {
    log: MemoryLog,
    shop: Arc<Mutex<Shop>>,
}

#[derive(Debug, Default)]
struct Shop {
    versions: BTreeMap<u8, u32>,
    /// What is done before each question is answered, the first one last.
    script: Vec<Vec<Step>>,
}

impl Busy {
    fn new(before: Vec<Step>, mut script: Vec<Vec<Step>>) -> Self {
        script.reverse();
        let shop = Shop { versions: BTreeMap::new(), script };
        let busy = Self { log: MemoryLog::new(PARTITIONS), shop: Arc::new(Mutex::new(shop)) };
        busy.act(before);
        busy
    }

    fn act(&self, steps: Vec<Step>) {
        for step in steps {
            let (key, event) = self.shop.lock().unwrap().event(step);
            let content = Content::Event(event);
            let stamp = Stamp { epoch: 1, writer: WriterId(Uuid::nil()), sequence: 1 };
            let (id, time) = (Uuid::from_u128(9), Timestamp(5));
            let envelope = Envelope { id, time, stamp, trace: Trace::default(), content };
            let record = codec::encode(&envelope, LogId(Uuid::nil()));
            self.log.put(partition_of(key.as_bytes(), PARTITIONS), record).unwrap();
        }
    }
}

impl Shop {
    fn event(&mut self, step: Step) -> (String, Event) {
        match step {
            Step::Price(product) => {
                let version = self.versions.entry(product).or_default();
                *version += 1;
                let id = format!("product-{product}");
                let Event::ProductPriced(mut priced) = product_priced(&id, "0.36") else {
                    panic!("no price")
                };
                priced.version = *version;
                (id, Event::ProductPriced(priced))
            }
            Step::Buy(customer, product) => {
                if !self.versions.contains_key(&product) {
                    return self.event(Step::Price(product));
                }
                let (customer, id) = (format!("customer-{customer}"), format!("product-{product}"));
                let bought = bought(&customer, &id, self.versions[&product]);
                (customer, bought)
            }
        }
    }
}

fn bought(customer: &str, product: &str, price_version: u32) -> Event {
    let Event::ProductPriced(priced) = product_priced(product, "0.36") else { panic!("no price") };
    Event::ProductPurchased(ProductPurchased {
        purchase_id: format!("{customer}:1").parse().unwrap(),
        product_id: priced.product_id,
        product_name: priced.name,
        product_type: priced.product_type,
        unit_price: priced.price,
        quantity: quantity("1"),
        total: priced.price.money(),
        price_version,
    })
}

impl EventLog for Busy {
    fn partitions(&self) -> u16 {
        self.log.partitions()
    }

    fn append(&self, partition: Partition, record: NewRecord, receipt: Receipt) {
        self.log.append(partition, record, receipt);
    }

    fn end(&self, partition: Partition) -> BoxFuture<'_, Result<Offset, LogError>> {
        let steps = self.shop.lock().unwrap().script.pop();
        self.act(steps.unwrap_or_default());
        self.log.end(partition)
    }

    fn read(
        &self,
        partition: Partition,
        from: Offset,
        at_most: usize,
    ) -> BoxFuture<'_, Result<Vec<StoredRecord>, LogError>> {
        self.log.read(partition, from, at_most)
    }

    fn follow(&self, from: Vec<(Partition, Offset)>) -> RecordStream {
        self.log.follow(from)
    }

    fn follow_batched(&self, from: Vec<(Partition, Offset)>) -> RecordStream {
        self.log.follow_batched(from)
    }
}

/// Exports the log, restores it, and checks that each purchase has its price and nothing that was there before is lost.
async fn check(log: &Busy) {
    let mut before = 0;
    for partition in Partition::all(PARTITIONS) {
        before += log.log.end(partition).await.unwrap();
    }
    let mut file = Vec::new();
    export(log, &mut file, |_| ()).await.unwrap();
    let copy = MemoryLog::new(PARTITIONS);
    let moved = imported(&file, &copy).await.unwrap();
    assert!(moved.records >= before, "{} of {before}", moved.records);
    let (mut prices, mut named) = (BTreeSet::new(), BTreeSet::new());
    for record in records(&copy).await.into_iter().flatten() {
        match codec::decode(&record).unwrap().content {
            Content::Event(Event::ProductPriced(it)) => {
                prices.insert((it.product_id.to_string(), it.version));
            }
            Content::Event(Event::ProductPurchased(it)) => {
                named.insert((it.product_id.to_string(), it.price_version));
            }
            other @ (Content::Event(Event::CustomerCreated(_))
            | Content::WriterStarted(_)
            | Content::Barrier
            | Content::EventSkipped(_)) => panic!("{other:?}"),
        }
    }
    let lacking: Vec<_> = named.difference(&prices).collect();
    assert!(lacking.is_empty(), "bought at prices that the copy lacks: {lacking:?}");
}

/// The partition of each key is found, so that the purchase is counted after the price's partition was.
#[tokio::test]
async fn a_purchase_between_two_questions_is_exported_with_its_price() {
    let home = |key: String| partition_of(key.as_bytes(), PARTITIONS).0;
    let product = (0..9).find(|it| home(format!("product-{it}")) == 0).unwrap();
    let customer = (0..9).find(|it| home(format!("customer-{it}")) == 2).unwrap();
    let other = (0..9).find(|it| home(format!("product-{it}")) == 2).unwrap();
    // The product's partition is asked first, and the customer's in the same round when all of this was stored.
    let between = vec![Step::Price(product), Step::Buy(customer, product)];
    // What moves the first cut takes in a purchase whose own price moves another.
    let chain = vec![Step::Price(other), Step::Buy(customer, other), Step::Price(product)];
    for at in 0..12 {
        let mut script = vec![Vec::new(); at];
        script.extend([between.clone(), chain.clone(), between.clone(), chain.clone()]);
        check(&Busy::new(vec![Step::Price(product)], script)).await;
    }
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0..4_u8).prop_map(Step::Price),
        (0..6_u8, 0..4_u8).prop_map(|(customer, product)| Step::Buy(customer, product)),
    ]
}

proptest! {
    #[test]
    fn whatever_is_written_meanwhile_the_export_is_closed_under_cause(
        before in proptest::collection::vec(step(), 0..10),
        script in proptest::collection::vec(proptest::collection::vec(step(), 0..8), 0..20),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(check(&Busy::new(before, script)));
    }
}
