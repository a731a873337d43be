//! Tuesday's log beside Wednesday's views.

use std::time::Instant;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    house::{BUY, House, SOON, Stores, folder, refused, say, sklep},
    probes::free_address,
};

const COUNTS: &str = "{ customers { nodes { id purchaseCount } } }";

/// A shop whose views are of Wednesday, and a copy of its log as it was on Tuesday.
struct Copies {
    folder: TempDir,
    views: [String; 2],
}

impl Copies {
    async fn new() -> Self {
        let views = [testkit::mongodb().to_owned(), testkit::unique("older")];
        let copies = Self { folder: folder(), views };
        let house = House::open(&copies.beside_the_views("shop"));
        house.create_customer("anna", "Anna", "Kowalska").await;
        house.create_customer("jan", "Jan", "Nowak").await;
        let priced = house.price("chleb_1", "Chleb", "chleb", "0.36").await;
        buy(&house, "anna", 2, &priced["position"]).await;
        house.close();
        let tuesday = copies.folder.path().join("tuesday");
        let tuesday = tuesday.to_str().unwrap();
        say(&copies.stores("shop").arguments(&["export", tuesday]));
        let house = House::open(&copies.beside_the_views("shop"));
        let last = buy(&house, "anna", 3, &Value::Null).await;
        buy(&house, "jan", 4, &last).await;
        house.close();
        say(&copies.stores("copy").arguments(&["import", tuesday]));
        copies
    }

    fn stores(&self, name: &str) -> Stores {
        Stores::embedded(&self.folder.path().join(name))
    }

    fn beside_the_views(&self, name: &str) -> Stores {
        let [mongodb, database] = &self.views;
        self.stores(name).and("--mongodb", mongodb).and("--database", database)
    }
}

/// So many purchases; waits until the views have them, and gives the last one's position.
async fn buy(house: &House, customer: &str, times: u64, after: &Value) -> Value {
    let mut position = after.clone();
    for _ in 0..times {
        let input = json!({
            "customerId": customer, "productId": "chleb_1", "quantity": "1", "atLeast": position,
        });
        let bought = house.ask(BUY, json!({ "input": input })).await["purchaseProduct"].clone();
        assert!(bought["rejection"].is_null(), "{bought}");
        position = bought["position"].clone();
    }
    let query = "query ($at: Position) { customers(atLeast: $at) { nodes { id } } }";
    house.ask(query, json!({ "at": position })).await;
    position
}

async fn counts(house: &House) -> Vec<(String, u64)> {
    let nodes = house.ask(COUNTS, json!({})).await["customers"]["nodes"].clone();
    let count =
        |it: &Value| (it["id"].as_str().unwrap().to_owned(), it["purchaseCount"].as_u64().unwrap());
    let mut counts: Vec<_> = nodes.as_array().unwrap().iter().map(count).collect();
    counts.sort();
    counts
}

fn of(anna: u64, jan: u64) -> Vec<(String, u64)> {
    vec![("anna".into(), anna), ("jan".into(), jan)]
}

/// Asks until the answer is as it should be.
async fn see(house: &House, query: &str, holds: impl Fn(&Value) -> bool) -> Value {
    let begun = Instant::now();
    loop {
        let answer = house.send(query, json!({})).await.unwrap();
        if holds(&answer) {
            return answer;
        }
        assert!(begun.elapsed() < SOON, "{answer}\n{}", house.program.output());
    }
}

/// What everybody says of it.
async fn check_named(house: &House) {
    let failed = |it: &Value| it["data"]["projections"][0]["state"] == "FAILED";
    see(house, "{ projections { state } }", failed).await;
    let answer = house.send(COUNTS, json!({})).await.unwrap();
    assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAVAILABLE", "{answer}");
    assert!(house.page("/readyz").await.contains("older copy"));
    let status = house.ask("{ system { troubles } }", json!({})).await.to_string();
    assert!(status.contains("older copy"), "{status}");
}

/// It is named until a rebuild mends it, and what is sold meanwhile is not lost.
async fn check(stores: &Stores, mended: Vec<(String, u64)>) {
    let told = refused(&stores.arguments(&["verify"]), 1);
    assert!(told.contains("older copy") && told.contains("sklep rebuild"), "{told}");
    let address = free_address();
    let serve = stores.arguments(&["serve", "--listen", &address]);
    let house = House::start_telling(&sklep(&serve), &address, "older copy").put_together().await;
    check_named(&house).await;
    let input = json!({ "customerId": "jan", "productId": "chleb_1", "quantity": "1" });
    let bought = house.buy(input).await;
    assert!(bought["rejection"].is_null(), "{bought}");
    house.say(&["rebuild"]);
    see(&house, COUNTS, |answer| !answer["data"].is_null()).await;
    assert_eq!(counts(&house).await, mended);
    buy(&house, "anna", 1, &bought["position"]).await;
    house.close();
    assert!(say(&stores.arguments(&["verify"])).contains("is what the log says"));
    // The generation before is of the newer log.
    let told = refused(&stores.arguments(&["rollback"]), 1);
    assert!(told.contains("older copy"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_ends_before_the_views_is_named_until_they_are_rebuilt() {
    let copies = Copies::new().await;
    check(&copies.beside_the_views("copy"), of(2, 1)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_has_grown_past_the_views_is_named_until_they_are_rebuilt() {
    let copies = Copies::new().await;
    let house = House::open(&copies.stores("copy"));
    buy(&house, "jan", 20, &Value::Null).await;
    buy(&house, "anna", 20, &Value::Null).await;
    house.close();
    check(&copies.beside_the_views("copy"), of(22, 21)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_that_may_rebuild_its_views_when_needed_does_it_by_itself() {
    let copies = Copies::new().await;
    let stores = copies.beside_the_views("copy");
    let serve = stores.arguments(&["serve", "--listen", "127.0.0.1:0", "--rebuild-when-needed"]);
    let house = House::start(&sklep(&serve));
    assert_eq!(counts(&house).await, of(2, 0));
    house.close();
    // The log that was whole all the time meets views of the copy, and they are mended the same way.
    let stores = copies.beside_the_views("shop");
    let serve = stores.arguments(&["serve", "--listen", "127.0.0.1:0", "--rebuild-when-needed"]);
    let house = House::start(&sklep(&serve));
    assert_eq!(counts(&house).await, of(5, 4));
    house.close();
}
