//! A program that finds the views of another version of it.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use mongodb::bson::{Document, doc};
use serde_json::{Value, json};

use super::{Place, Saved, beside};
use crate::house::{House, SOON, Stores, refused, sklep};

/// What no program has made yet.
const OTHER: i64 = 1_000_000;

/// A shop with a past, at rest.
struct Past {
    place: Place,
    address: String,
    saved: Saved,
}

impl Past {
    async fn new() -> Self {
        let place = Place::new();
        let house = House::open(&place.stores);
        house.say(&["demo", "--customers", "20", "--purchases", "300"]);
        // No lists: somebody is registered later.
        let saved = Saved::ask(&house, 3).await;
        let address = house.server.trim_start_matches("http://").to_owned();
        house.close();
        Self { place, address, saved }
    }

    /// Makes the live views those of another program, by their `fold` or `shape`.
    async fn made_by_another(&self, version: &str) {
        let control = self.place.database().await.collection::<Document>("sklep_control");
        let live = control.find_one(doc! {}).await.unwrap().unwrap();
        let live = live.get_str("live").unwrap();
        let change = doc! { "$set": { format!("gens.{live}.{version}"): OTHER } };
        control.update_one(doc! {}, change).await.unwrap();
    }

    /// Starts the shop as it is, which says this.
    async fn open_unfit(&self, told: &str) -> House {
        let arguments = self.place.stores.arguments(&["serve", "--listen", &self.address]);
        House::start_telling(&sklep(&arguments), &self.address, told).put_together().await
    }

    /// Verified, and nobody sees a difference.
    async fn is_whole(&self, house: &House, generation: u64) {
        assert_eq!(self.place.json(&["verify"])["equal"], true);
        assert_eq!(self.place.generations()[0], (generation, "LIVE".into()));
        self.saved.check_again(house).await;
    }
}

/// Registers somebody, and gives the position of that.
async fn register(house: &House, id: &str) -> Value {
    let registered = house.create_customer(id, "Anna", "Kowalska").await;
    assert!(registered["rejection"].is_null(), "{registered}");
    registered["position"].clone()
}

async fn sees(house: &House, id: &str, at: &Value) {
    let query = "query ($id: ID!, $at: Position) { customer(id: $id, atLeast: $at) { id } }";
    let seen = house.ask(query, json!({ "id": id, "at": at })).await;
    assert_eq!(seen["customer"]["id"], id, "{seen}");
}

#[tokio::test(flavor = "multi_thread")]
async fn views_of_other_folds_are_shown_as_they_are_until_they_are_rebuilt() {
    let past = Past::new().await;
    past.made_by_another("fold").await;
    let house = past.open_unfit("was folded by version 1000000 of the folds").await;
    let told = house.program.output();
    for words in ["Run `sklep rebuild`", "queries go on with it", "Purchases go on"] {
        assert!(told.contains(words), "{words} in {told}");
    }
    // All that is asked of it works, and how the views are is told elsewhere.
    house.program.wait_for("Sklep is ready", SOON).unwrap();
    assert!(house.page("/readyz").await.contains("\"ready\":true"));
    let figures = house.page("/metrics").await;
    assert!(figures.contains("sklep_projector_partitions{state=\"running\"} 0"), "{figures}");
    let status = house.say(&["status"]);
    for words in ["is ready", "FAILED", "trouble: ", "was folded by version"] {
        assert!(status.contains(words), "{words} in {status}");
    }
    let at = register(&house, "anna").await;
    past.saved.check_again(&house).await;

    beside(&past.place.stores, &["rebuild"]).await;
    sees(&house, "anna", &at).await;
    past.is_whole(&house, 2).await;
    let error = refused(&past.place.stores.arguments(&["rollback"]), 1);
    assert!(error.contains("run `sklep rollback` with that one"), "{error}");
    house.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn views_of_another_shape_are_not_shown_until_they_are_rebuilt() {
    let past = Past::new().await;
    past.made_by_another("shape").await;
    let house = past.open_unfit("have shape 1000000").await;
    let told = house.program.output();
    for words in ["Run `sklep rebuild`", "answers no queries", "Purchases go on"] {
        assert!(told.contains(words), "{words} in {told}");
    }
    let at = register(&house, "anna").await;
    let readiness = house.page("/readyz").await;
    assert!(readiness.contains("\"ready\":false"), "{readiness}");
    assert!(readiness.contains("have shape 1000000"), "{readiness}");
    let answer = house.send("{ products { nodes { id } } }", json!({})).await.unwrap();
    assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAVAILABLE", "{answer}");

    beside(&past.place.stores, &["rebuild"]).await;
    house.program.wait_for("Sklep is ready", SOON).unwrap();
    sees(&house, "anna", &at).await;
    past.is_whole(&house, 2).await;
    house.close();
}

/// Buys one thing after the other until it is over; each purchase is answered with its event. Gives the last position.
async fn buy_all_the_time(house: &House, over: &AtomicBool) -> (u64, Value) {
    for number in 1.. {
        let input = json!({ "customerId": "anna", "productId": "chleb_9", "quantity": "1" });
        let bought = house.buy(input).await;
        assert_eq!(bought["event"]["purchaseId"], format!("anna:{number}"), "{bought}");
        if over.load(Ordering::Relaxed) {
            return (number, bought["position"].clone());
        }
    }
    (0, Value::Null)
}

/// Asks until queries are answered, or until they are refused as unavailable.
async fn until_queries_are(answered: bool, house: &House) {
    let begun = Instant::now();
    loop {
        let answer = house.send("{ products { nodes { id } } }", json!({})).await.unwrap();
        if answer["errors"].is_null() == answered {
            let code = &answer["errors"][0]["extensions"]["code"];
            assert!(answered || code == "UNAVAILABLE", "{answer}");
            return;
        }
        assert!(begun.elapsed() < SOON, "{answer}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_sells_on_while_another_version_exchanges_its_views() {
    let past = Past::new().await;
    let house = House::open_at(&past.place.stores, &past.address);
    register(&house, "anna").await;
    house.price("chleb_9", "Chleb żytni", "chleb", "5.20").await;
    let over = AtomicBool::new(false);
    let exchanges = async {
        // What a rebuild of the later program ends with: views of its shape are live.
        past.made_by_another("shape").await;
        until_queries_are(false, &house).await;
        let readiness = house.page("/readyz").await;
        assert!(readiness.contains("have shape 1000000"), "{readiness}");
        // And back, in the middle of the sales: nothing of them is lost to the views.
        beside(&past.place.stores, &["rebuild"]).await;
        until_queries_are(true, &house).await;
        over.store(true, Ordering::Relaxed);
    };
    let ((sold, at), ()) = tokio::join!(buy_all_the_time(&house, &over), exchanges);
    let query = "query ($at: Position) { customer(id: \"anna\", atLeast: $at) { purchaseCount } }";
    let seen = house.ask(query, json!({ "at": at })).await;
    assert_eq!(seen["customer"]["purchaseCount"], sold);
    past.is_whole(&house, 2).await;
    house.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_that_may_rebuilds_the_views_of_another_program_by_itself() {
    let past = Past::new().await;
    for (version, generation) in [("fold", 2), ("shape", 3)] {
        past.made_by_another(version).await;
        let stores = past.place.stores.clone();
        let serve = ["serve", "--listen", "127.0.0.1:0", "--rebuild-when-needed"];
        let house = House::start(&sklep(&stores.arguments(&serve)));
        let at = register(&house, version).await;
        sees(&house, version, &at).await;
        past.is_whole(&house, generation).await;
        house.close();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_shops_on_one_database_do_not_take_the_views_from_each_other_for_ever() {
    let place = Place::new();
    let open = |stores: &Stores| {
        let serve = ["serve", "--listen", "127.0.0.1:0", "--rebuild-when-needed"];
        House::start(&sklep(&stores.arguments(&serve)))
    };
    let first = open(&place.stores);
    let at = register(&first, "anna").await;
    sees(&first, "anna", &at).await;
    let stores = Stores::kafka().and("--mongodb", testkit::mongodb());
    let second = open(&stores.and("--database", &place.database));
    first.program.wait_for("the views were built from log", SOON).unwrap();
    second.program.wait_for("Sklep is ready", SOON).unwrap();
    let at = register(&second, "jan").await;
    sees(&second, "jan", &at).await;
    // The first may go on for a moment with what it read before, and shows nobody the customers of another shop.
    let unavailable = async || loop {
        let answer = first.send("{ customers { nodes { id } } }", json!({})).await.unwrap();
        assert!(!answer.to_string().contains("jan"), "{answer}");
        if answer["errors"][0]["extensions"]["code"] == "UNAVAILABLE" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    tokio::time::timeout(SOON, unavailable()).await.expect("the first shop goes on answering");
    // Long enough for several rebuilds.
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(place.generations()[0], (2, "LIVE".into()));
    second.close();
    first.close();
}
