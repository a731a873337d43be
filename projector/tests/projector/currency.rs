//! An event in another currency than the log's, from a shop that was once run in two.

use std::sync::Arc;

use domain::{
    Event, Money, Price, ProductPurchased, PurchaseId,
    testing::{customer_created, name, quantity},
};
use event_log::Partition;
use views::{Document, Key, MemoryViews, ViewStore};

use crate::{
    given::{Writer, caught_up, projector},
    history::PARTITIONS,
    verify::verified,
};

pub(crate) fn bought(customer: &str, number: u64, currency: &str) -> Event {
    let money = Money::new(1_000, currency.parse().unwrap());
    Event::ProductPurchased(ProductPurchased {
        purchase_id: PurchaseId { customer: customer.parse().unwrap(), number },
        product_id: "chleb_1".parse().unwrap(),
        product_name: name("Chleb wiejski"),
        product_type: name("chleb"),
        unit_price: Price::new(money).unwrap(),
        quantity: quantity("1"),
        total: money,
        price_version: 1,
    })
}

#[tokio::test]
async fn two_currencies_are_never_added() {
    let mut writer = Writer::new();
    let partition = Partition(0);
    for event in [
        customer_created("anna"),
        customer_created("jan"),
        bought("anna", 1, "PLN"),
        bought("jan", 1, "PLN"),
        bought("anna", 2, "JPY"),
        bought("anna", 3, "PLN"),
        bought("jan", 2, "PLN"),
    ] {
        writer.event(partition, event);
    }
    let store: Arc<dyn ViewStore> = Arc::new(MemoryViews::new());
    let projector = projector(&writer, &store, "one");
    caught_up(&writer, &*store, 0..PARTITIONS).await;
    let live = store.control().await.unwrap().unwrap().live;
    let keys = ["anna", "jan"].map(|id| Key::Customer(id.into()));
    let mut found = store.load(&live, &keys).await.unwrap();
    found.sort_by_key(Document::key);
    let spent = found.iter().filter_map(|document| {
        let Document::Customer(customer) = document else { return None };
        Some((customer.purchases, customer.spent))
    });
    assert_eq!(spent.collect::<Vec<_>>(), [(1, 1_000), (2, 2_000)]);
    let sales = store.product_sales(&live, &["chleb_1".into()]).await.unwrap();
    assert_eq!(sales[0].prices[0].sold.revenue, 3_000);
    let parked = store.parked(&live).await.unwrap();
    let reason = &parked[0].lasting().unwrap().reason;
    assert_eq!((parked.len(), parked[0].key.as_str(), parked[0].waiting), (1, "anna", 1));
    assert!(reason.contains("in JPY, and the shop's currency is PLN"), "{reason}");
    assert!(verified(&writer, &store, 1 << 20).await.unwrap().differences.is_empty());
    projector.stop().await;
}
