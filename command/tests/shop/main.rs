//! Stories about the command role on a real log: the one in memory, and the embedded one.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "small numbers, and what must not happen fails the test"
)]

mod skipping;
mod stage;
#[cfg(test)]
mod takeovers;

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use command::{CommandRequest, Failure, Settings};
use domain::{
    Command, Event, Refusal,
    testing::{create_customer, price_product, purchase, zloty},
};
use event_log::{Content, EmbeddedLog, LogId, MemoryLog, Partition, Position, RecordId};
use futures::future::join_all;
use stage::{Flaky, Stage, order, order_as, refused, stored};
use uuid::Uuid;

#[tokio::test]
async fn a_customer_buys_a_bread() {
    let shop = Stage::open(Arc::new(MemoryLog::new(3))).await;
    stored(shop.submit(order(create_customer("anna"))).await);
    let (priced, priced_at, _) = stored(shop.submit(order(price_product("chleb_1", "0.36"))).await);
    let (bought, position, repeated) =
        stored(shop.submit(order(purchase("anna", "chleb_1", "6"))).await);
    assert!(!repeated);
    let Content::Event(Event::ProductPurchased(event)) = &bought.envelope.content else {
        panic!("{bought:?}")
    };
    assert_eq!(
        (event.purchase_id.to_string(), event.total.to_string()),
        ("anna:1".into(), "2.16 PLN".into())
    );
    assert!(position.covers(&priced_at), "whoever reads that far sees the price too");
    assert!(position.covers(&Position::after(position.log(), bought.place)));
    assert_ne!(priced.place, bought.place);
}

#[tokio::test]
async fn a_writer_that_ends_by_a_fault_is_named() {
    let log = Flaky::new(3);
    let shop = Stage::open(Arc::clone(&log)).await;
    assert_eq!(shop.commands.fault().await, None);
    log.panic_next();
    assert!(shop.submit(order(create_customer("anna"))).await.is_err(), "nobody knows");
    let fault = loop {
        if let Some(fault) = shop.commands.fault().await {
            break fault;
        }
        tokio::task::yield_now().await;
    };
    assert!(fault.starts_with("the writer of partition"), "{fault}");
}

#[tokio::test]
async fn sixty_four_clients_buy_at_once_and_each_event_is_stored_once_where_it_was_answered() {
    let folder = tempfile::tempdir().unwrap();
    let log = EmbeddedLog::open(folder.path(), Some(3)).unwrap();
    let shop = Stage::open(log).await;
    stored(shop.submit(order(price_product("chleb_1", "0.36"))).await);
    let clients = (0..64).map(|client| {
        let shop = &shop;
        async move {
            // Four customers for all, so that their purchases meet.
            let customer = format!("customer_{}", client % 4);
            stored(shop.submit(order(create_customer(&customer))).await);
            let mut places = Vec::new();
            for _ in 0..10 {
                let (bought, ..) =
                    stored(shop.submit(order(purchase(&customer, "chleb_1", "1"))).await);
                places.push((bought.place, bought.envelope.id));
            }
            places
        }
    });
    let answered: Vec<_> = join_all(clients).await.into_iter().flatten().collect();
    let mut purchases = BTreeSet::new();
    for (place, id) in &answered {
        let (envelope, counts) = shop.at(*place).await;
        assert!(counts);
        let Content::Event(Event::ProductPurchased(event)) = envelope.content else {
            panic!("{place:?}")
        };
        assert_eq!(envelope.id, *id);
        purchases.insert(event.purchase_id);
    }
    let expected = (0..4)
        .flat_map(|customer| (1..=160).map(move |number| format!("customer_{customer}:{number}")));
    assert_eq!(purchases, expected.map(|id| id.parse().unwrap()).collect());
    shop.close().await;
}

#[tokio::test]
async fn a_repeat_gives_the_first_event_also_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let wish = || order_as("c1", create_customer("anna"));
    let first = {
        let shop = Stage::open(EmbeddedLog::open(folder.path(), Some(1)).unwrap()).await;
        let (first, _, repeated) = stored(shop.submit(wish()).await);
        assert!(!repeated);
        assert_eq!(
            stored(shop.submit(wish()).await),
            (first.clone(), position_of(&shop, first.place), true)
        );
        shop.close().await;
        first
    };
    let shop = Stage::open(EmbeddedLog::open(folder.path(), Some(1)).unwrap()).await;
    assert_eq!(
        stored(shop.submit(wish()).await),
        (first.clone(), position_of(&shop, first.place), true)
    );
    for other in [create_customer("jan"), purchase("anna", "chleb_1", "1")] {
        assert_eq!(refused(shop.submit(order_as("c1", other)).await), Refusal::CommandIdReused);
    }
}

fn position_of(shop: &Stage, place: RecordId) -> Position {
    Position::after(shop.identity.id, place)
}

#[tokio::test]
async fn the_same_data_again_is_answered_with_the_event_in_force() {
    let shop = Stage::open(Arc::new(MemoryLog::new(1))).await;
    let (first, ..) = stored(shop.submit(order(price_product("chleb_1", "0.36"))).await);
    let (again, _, repeated) = stored(shop.submit(order(price_product("chleb_1", "0.36"))).await);
    assert_eq!((again, repeated), (first, true));
}

#[tokio::test]
async fn a_refusal_is_answered_after_a_barrier_in_the_log() {
    let shop = Stage::open(Arc::new(MemoryLog::new(1))).await;
    assert_eq!(
        refused(shop.submit(order(purchase("anna", "chleb_1", "1"))).await),
        Refusal::CustomerNotFound
    );
    let last = shop.end(Partition(0)).await - 1;
    let (barrier, counts) = shop.at(RecordId { partition: Partition(0), offset: last }).await;
    assert_eq!((barrier.content, counts), (Content::Barrier, true));
}

#[tokio::test]
async fn a_purchase_at_a_price_that_was_just_changed_is_not_refused_for_an_old_one() {
    let shop = Stage::open(Arc::new(MemoryLog::new(4))).await;
    stored(shop.submit(order(create_customer("anna"))).await);
    for grosze in 10..60 {
        let price = format!("0.{grosze}");
        stored(shop.submit(order(price_product("chleb_1", &price))).await);
        let (bought, ..) =
            stored(shop.submit(order(expecting(&price, purchase("anna", "chleb_1", "1")))).await);
        let Content::Event(Event::ProductPurchased(event)) = &bought.envelope.content else {
            panic!("{bought:?}")
        };
        assert_eq!(event.unit_price, zloty(&price));
    }
    let old = shop.submit(order(expecting("0.10", purchase("anna", "chleb_1", "1")))).await;
    assert_eq!(refused(old), Refusal::PriceChanged { current: zloty("0.59") });
    let unknown = shop.submit(order(purchase("anna", "chleb_2", "1"))).await;
    assert_eq!(refused(unknown), Refusal::ProductNotFound);
}

fn expecting(price: &str, command: Command) -> Command {
    let Command::PurchaseProduct(wish) = command else { panic!("{command:?}") };
    Command::PurchaseProduct(domain::PurchaseProduct {
        expected_unit_price: Some(zloty(price)),
        ..wish
    })
}

#[tokio::test]
async fn at_least_makes_a_purchase_use_the_price_just_set() {
    let shop = Stage::open(Arc::new(MemoryLog::new(4))).await;
    stored(shop.submit(order(create_customer("anna"))).await);
    for version in 1..50_u32 {
        let (_, position, _) =
            stored(shop.submit(order(price_product("chleb_1", &format!("1.{version:02}")))).await);
        let wish =
            CommandRequest { at_least: Some(position), ..order(purchase("anna", "chleb_1", "1")) };
        let (bought, ..) = stored(shop.submit(wish).await);
        let Content::Event(Event::ProductPurchased(event)) = &bought.envelope.content else {
            panic!("{bought:?}")
        };
        assert_eq!(event.price_version, version);
    }
}

#[tokio::test]
async fn a_position_of_another_log_or_beyond_the_end_is_a_bad_one() {
    let shop = Stage::open(Arc::new(MemoryLog::new(2))).await;
    let place = RecordId { partition: Partition(0), offset: 0 };
    let beyond = RecordId { partition: Partition(0), offset: 1000 };
    let nowhere = RecordId { partition: Partition(2), offset: 0 };
    for position in [
        Position::after(LogId(Uuid::from_u128(77)), place),
        Position::after(shop.identity.id, beyond),
        Position::after(shop.identity.id, nowhere),
    ] {
        let wish = CommandRequest { at_least: Some(position), ..order(create_customer("anna")) };
        assert_eq!(shop.submit(wish).await, Err(Failure::BadPosition));
    }
}

#[tokio::test]
async fn a_full_queue_is_told_at_once_and_what_was_accepted_is_answered() {
    let log = Flaky::new(1);
    let settings = Settings { waiting: 3, ..Settings::default() };
    let shop = Stage::open_with(Arc::clone(&log), settings).await;
    log.hold();
    let accepted = (0..3).map(|n| shop.submit(order(create_customer(&format!("customer_{n}")))));
    let too_many = async {
        log.held(3).await;
        assert_eq!(shop.submit(order(create_customer("anna"))).await, Err(Failure::Overloaded));
        log.release();
    };
    let (accepted, ()) = tokio::join!(join_all(accepted), too_many);
    for answer in accepted {
        stored(answer);
    }
}

#[tokio::test]
async fn past_its_deadline_an_order_is_unknown_and_its_repeat_tells() {
    let log = Flaky::new(1);
    let shop = Stage::open(Arc::clone(&log)).await;
    log.hold();
    let wish = CommandRequest {
        within: Duration::from_millis(50),
        ..order_as("c1", create_customer("anna"))
    };
    assert_eq!(shop.submit(wish).await, Err(Failure::Unknown));
    log.release();
    let (_, _, repeated) = stored(shop.submit(order_as("c1", create_customer("anna"))).await);
    assert!(repeated);
}

#[tokio::test]
async fn an_append_whose_acknowledgement_is_lost_is_found_and_stored_once() {
    let log = Flaky::new(1);
    let shop = Stage::open(Arc::clone(&log)).await;
    log.store_and_fail_next();
    let (first, _, repeated) = stored(shop.submit(order(create_customer("anna"))).await);
    assert!(!repeated);
    let (again, _, repeated) = stored(shop.submit(order(create_customer("anna"))).await);
    assert_eq!((again, repeated), (first, true));
}

#[tokio::test]
async fn an_append_that_fails_is_tried_once_more() {
    let log = Flaky::new(1);
    let shop = Stage::open(Arc::clone(&log)).await;
    log.lose_next();
    stored(shop.submit(order(create_customer("anna"))).await);
}

#[tokio::test]
async fn what_was_accepted_is_answered_before_the_role_stops() {
    let log = Flaky::new(1);
    let shop = Stage::open(Arc::clone(&log)).await;
    log.hold();
    let stopping = async {
        log.held(1).await;
        tokio::join!(shop.commands.stop(), async {
            tokio::task::yield_now().await;
            log.release();
        });
        assert_eq!(shop.submit(order(create_customer("jan"))).await, Err(Failure::Unavailable));
    };
    let (answer, ()) = tokio::join!(shop.submit(order(create_customer("anna"))), stopping);
    stored(answer);
    assert!(!shop.commands.ready());
}

#[tokio::test]
async fn a_log_that_can_no_longer_be_trusted_ends_the_role() {
    let log = MemoryLog::new(1);
    let shop = Stage::open(Arc::new(log.clone())).await;
    log.spoil("records were deleted");
    shop.until_it_is_not_ready().await;
    assert_eq!(shop.submit(order(create_customer("anna"))).await, Err(Failure::Unavailable));
}
