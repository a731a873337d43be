//! A MongoDB that goes away for a while.

use std::time::Duration;

use serde_json::json;
use testkit::Mongo;

use crate::house::{House, Stores, folder};

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
