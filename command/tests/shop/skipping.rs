//! Stories about events that cannot be taken in, and giving them up.

use command::{SkipOutcome, SkipRequest};
use domain::testing::{customer_created, product_priced};
use event_log::{
    Envelope, EventSkipped, NewRecord, Offset, codec, partition_of,
    testing::{Form, store_as_another},
};

use super::*;

/// A newer program's record.
fn newer(envelope: &Envelope, log: LogId) -> NewRecord {
    let mut record = codec::encode(envelope, log);
    record.headers.set("ce_dataversion", Some(b"99"));
    record
}

fn skipped(partition: Partition, offset: Offset, key: &str) -> EventSkipped {
    let place = RecordId { partition, offset };
    EventSkipped { place, key: key.into(), by: "ola".into(), reason: "a broken import".into() }
}

impl Stage {
    async fn skip(&self, key: &str, offset: Offset) -> SkipOutcome {
        let partition = partition_of(key.as_bytes(), self.identity.partitions);
        let skip = skipped(partition, offset, key);
        let order =
            SkipRequest { skip, event_id: Uuid::from_u128(77), within: CommandRequest::WITHIN };
        self.commands.skip(order).await.unwrap()
    }

    async fn bought_at(&self, customer: &str) -> String {
        let (bought, ..) = stored(self.submit(order(purchase(customer, "chleb_1", "1"))).await);
        let Content::Event(Event::ProductPurchased(event)) = &bought.envelope.content else {
            panic!("{bought:?}")
        };
        format!("{} at {}", event.purchase_id, event.unit_price)
    }
}

#[tokio::test]
async fn a_product_whose_newest_price_cannot_be_read_is_sold_at_the_one_before_once_that_is_skipped()
 {
    let shop = Stage::open(Arc::new(MemoryLog::new(3))).await;
    stored(shop.submit(order(create_customer("anna"))).await);
    stored(shop.submit(order(price_product("chleb_1", "0.36"))).await);
    let partition = partition_of(b"chleb_1", 3);
    let price = Content::Event(product_priced("chleb_1", "0.40"));
    let offsets = store_as_another(&shop.log, shop.identity, partition, &[(price, newer)]).await;
    let position = Position::after(shop.identity.id, RecordId { partition, offset: offsets[0] });
    let wish =
        CommandRequest { at_least: Some(position), ..order(purchase("anna", "chleb_1", "1")) };
    assert_eq!(shop.submit(wish).await, Err(Failure::Unavailable));
    let changed = shop.submit(order(price_product("chleb_1", "0.50"))).await;
    assert_eq!(changed, Err(Failure::Unavailable));

    assert!(matches!(
        shop.skip("chleb_1", offsets[0]).await,
        SkipOutcome::Skipped { repeated: false, .. }
    ));
    assert_eq!(shop.bought_at("anna").await, "anna:1 at 0.36 PLN");
    stored(shop.submit(order(price_product("chleb_1", "0.50"))).await);
    assert_eq!(shop.bought_at("anna").await, "anna:2 at 0.50 PLN");
}

#[tokio::test]
async fn others_buy_and_sell_while_a_customer_is_held_up() {
    let shop = Stage::open(Arc::new(MemoryLog::new(1))).await;
    for customer in ["anna", "jan"] {
        stored(shop.submit(order(create_customer(customer))).await);
    }
    stored(shop.submit(order(price_product("chleb_1", "0.36"))).await);
    let strange: (Content, Form) = (Content::Event(customer_created("anna")), newer);
    let offsets = store_as_another(&shop.log, shop.identity, Partition(0), &[strange]).await;
    assert_eq!(shop.bought_at("jan").await, "jan:1 at 0.36 PLN");
    let held_up = shop.submit(order(purchase("anna", "chleb_1", "1"))).await;
    assert_eq!(held_up, Err(Failure::Unavailable));
    let other = shop.skip("jan", offsets[0]).await;
    assert_eq!(other, SkipOutcome::NotParked { held_by: None });
}

#[tokio::test]
async fn what_an_older_program_could_not_read_and_somebody_skipped_stays_skipped() {
    let log: Arc<MemoryLog> = Arc::new(MemoryLog::new(1));
    let shop = Stage::open(Arc::clone(&log)).await;
    stored(shop.submit(order(create_customer("anna"))).await);
    stored(shop.submit(order(price_product("chleb_1", "0.36"))).await);
    assert_eq!(shop.bought_at("anna").await, "anna:1 at 0.36 PLN");
    let (second, ..) = stored(shop.submit(order(price_product("chleb_1", "0.40"))).await);
    let end = shop.end(Partition(0)).await;
    let skip = |offset, key| -> (Content, Form) {
        (Content::EventSkipped(skipped(Partition(0), offset, key)), codec::encode)
    };
    let skips = [skip(second.place.offset, "chleb_1"), skip(second.place.offset - 1, "anna")];
    assert_eq!(end, second.place.offset + 1);
    store_as_another(&shop.log, shop.identity, Partition(0), &skips).await;

    assert_eq!(shop.bought_at_last("anna").await, "anna:1 at 0.36 PLN");
    let again = Stage::open(log).await;
    assert_eq!(again.bought_at_last("anna").await, "anna:2 at 0.36 PLN");
}

impl Stage {
    /// Buys as soon as the customer's events were read once more.
    async fn bought_at_last(&self, customer: &str) -> String {
        while self.submit(order(price_product("chleb_1", "0.36"))).await
            == Err(Failure::Unavailable)
        {
            tokio::task::yield_now().await;
        }
        while self.submit(order(create_customer(customer))).await == Err(Failure::Unavailable) {
            tokio::task::yield_now().await;
        }
        self.bought_at(customer).await
    }
}
