//! A MongoDB, or a Kafka, that goes away for a while.

use std::time::{Duration, Instant};

use serde_json::json;
use testkit::{Kafka, Mongo};

use crate::house::{House, SOON, Stores, folder};

#[tokio::test(flavor = "multi_thread")]
async fn without_mongodb_purchases_go_on_and_the_views_catch_up() {
    let folder = folder();
    let mut mongo = Mongo::start_private().unwrap();
    let house = House::open(&Stores::embedded(folder.path()).and("--mongodb", mongo.uri()));
    house.create_customer("anna", "Anna", "Kowalska").await;
    house.price("chleb_2", "Chleb wiejski", "chleb", "0.36").await;
    let buy =
        || house.buy(json!({ "customerId": "anna", "productId": "chleb_2", "quantity": "1" }));
    for _ in 0..20 {
        buy().await;
    }
    mongo.stop().unwrap();
    for number in 21..=120 {
        let bought = buy().await;
        assert_eq!(bought["event"]["purchaseId"], format!("anna:{number}"), "{bought}");
    }
    let query = "query ($at: Position) { customer(id: \"anna\", atLeast: $at) { purchaseCount totalSpent { amount } } }";
    let answer = house.send(query, json!({})).await.unwrap();
    let text = answer.to_string();
    assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAVAILABLE", "{text}");
    assert!(!text.contains("mongo") && !text.contains("27017"), "{text}");
    mongo.start().unwrap();
    let last = buy().await;
    let at = json!({ "at": last["position"] });
    let mut seen = json!(null);
    for _ in 0..120 {
        let answer = house.send(query, at.clone()).await.unwrap();
        if answer["errors"].is_null() {
            seen = answer["data"]["customer"].clone();
            break;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    assert_eq!(seen, json!({ "purchaseCount": 121, "totalSpent": { "amount": "43.56" } }));
    house.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn without_kafka_the_shop_is_not_ready_and_sells_again_when_it_is_back() {
    let mut kafka = Kafka::start_private().unwrap();
    let house = House::open(&Stores::default().and("--kafka", kafka.bootstrap()));
    house.create_customer("anna", "Anna", "Kowalska").await;
    house.price("chleb_2", "Chleb wiejski", "chleb", "0.36").await;
    kafka.stop().unwrap();
    let not_ready = readiness(&house, false, Duration::from_secs(15)).await;
    assert!(not_ready.contains("the log: it cannot be reached"), "{not_ready}");
    // Longer than it takes to believe that the topic was deleted.
    tokio::time::sleep(Duration::from_secs(12)).await;
    kafka.start().unwrap();
    readiness(&house, true, SOON).await;
    let bought =
        house.buy(json!({ "customerId": "anna", "productId": "chleb_2", "quantity": "1" })).await;
    assert_eq!(bought["event"]["purchaseId"], "anna:1", "{bought}");
    house.close();
}

/// Waits until `/readyz` says so; each answer must come at once.
async fn readiness(house: &House, ready: bool, within: Duration) -> String {
    let begun = Instant::now();
    loop {
        let asked = Instant::now();
        let told = house.page("/readyz").await;
        assert!(asked.elapsed() < Duration::from_secs(1), "{:?}", asked.elapsed());
        if told.contains(&format!("\"ready\":{ready}")) {
            return told;
        }
        assert!(begun.elapsed() < within, "{told}\n{}", house.program.output());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
