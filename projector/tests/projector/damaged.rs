//! A view that somebody has damaged by hand, and a good event that meets it.

use std::sync::Arc;

use domain::testing::customer_created;
use event_log::Partition;
use mongodb::{
    Client, Collection, Database,
    bson::{Document, doc},
};
use projector::Projector;
use views::{Key, MongoViews, ViewStore};

use crate::{
    currency::bought,
    given::{Writer, caught_up, projector, until},
    history::PARTITIONS,
    rebuild::rebuilt,
    verify::verified,
};

const HERE: Partition = Partition(0);

/// A shop in which Anna has bought once, and Jan is there too; nobody feeds its views.
struct Shop {
    writer: Writer,
    store: Arc<dyn ViewStore>,
    database: Database,
}

impl Shop {
    async fn new() -> Self {
        let uri = tokio::task::spawn_blocking(testkit::mongodb).await.unwrap();
        let name = testkit::unique("damaged");
        let store: Arc<dyn ViewStore> = MongoViews::open(uri, &name).await.unwrap();
        let database = Client::with_uri_str(uri).await.unwrap().database(&name);
        let mut writer = Writer::new();
        for event in [customer_created("anna"), customer_created("jan"), bought("anna", 1, "PLN")] {
            writer.event(HERE, event);
        }
        let projector = projector(&writer, &store, "one");
        caught_up(&writer, &*store, 0..PARTITIONS).await;
        projector.stop().await;
        Self { writer, store, database }
    }

    async fn customers(&self) -> Collection<Document> {
        let live = self.store.control().await.unwrap().unwrap().live;
        self.database.collection(&format!("customers_{live}"))
    }

    /// A projector that says why it stopped.
    async fn stopped(&self) -> (Projector, String) {
        let projector = projector(&self.writer, &self.store, "two");
        until(|| async { projector.status().stopped() }).await;
        let reason = projector.status().trouble().unwrap();
        (projector, reason)
    }

    async fn check_mended(self) {
        rebuilt(&self.writer, &self.store, "three").await;
        let projector = projector(&self.writer, &self.store, "four");
        caught_up(&self.writer, &*self.store, 0..PARTITIONS).await;
        let verdict = verified(&self.writer, &self.store, 1 << 20).await.unwrap();
        assert_eq!((verdict.differences.len(), verdict.parked.len()), (0, 0));
        let live = self.store.control().await.unwrap().unwrap().live;
        let found = self.store.load(&live, &[Key::Customer("anna".into())]).await.unwrap();
        let views::Document::Customer(anna) = &found[0] else { panic!("{found:?}") };
        assert_eq!((anna.purchases, anna.spent), (2, 2_000));
        projector.stop().await;
    }
}

/// The damage, and what comes of Anna's second purchase.
async fn check(damage: impl AsyncFn(&Collection<Document>)) {
    let mut shop = Shop::new().await;
    damage(&shop.customers().await).await;
    shop.writer.event(HERE, bought("anna", 2, "PLN"));
    let (projector, reason) = shop.stopped().await;
    for part in ["views of anna are damaged", "good one", "sklep verify", "sklep rebuild"] {
        assert!(reason.contains(part), "{part}: {reason}");
    }
    let live = shop.store.control().await.unwrap().unwrap().live;
    assert!(shop.store.parked(&live).await.unwrap().is_empty());
    projector.stop().await;
    shop.check_mended().await;
}

#[tokio::test]
async fn a_customer_that_is_missing_is_no_fault_of_the_next_purchase() {
    check(async |customers| {
        customers.delete_one(doc! { "_id": "anna" }).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_number_that_cannot_be_is_no_fault_of_the_next_purchase() {
    check(async |customers| {
        let change = doc! { "$set": { "purchases": 7_i64 } };
        customers.update_one(doc! { "_id": "anna" }, change).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn an_event_that_the_log_does_not_lead_to_is_parked_all_the_same() {
    let mut shop = Shop::new().await;
    shop.writer.event(HERE, bought("anna", 9, "PLN"));
    shop.writer.event(HERE, bought("jan", 1, "PLN"));
    let projector = projector(&shop.writer, &shop.store, "two");
    caught_up(&shop.writer, &*shop.store, 0..PARTITIONS).await;
    let live = shop.store.control().await.unwrap().unwrap().live;
    let parked = shop.store.parked(&live).await.unwrap();
    assert_eq!(parked.iter().map(|it| it.key.as_str()).collect::<Vec<_>>(), ["anna"]);
    projector.stop().await;
}
