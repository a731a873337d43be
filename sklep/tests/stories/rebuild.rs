//! Views that are made again while everybody goes on.
//!
//! `SKLEP_TEST_PURCHASES` says how many purchases the shop has seen that is rebuilt while it sells (2000),
//! `SKLEP_TEST_ASKING` and `SKLEP_TEST_BUYING` how many clients it has (4 and 2).

mod by_the_shop;
mod clients;
mod killed;
mod upgrade;

use std::time::Duration;

use mongodb::bson::{Document, doc};
use serde_json::{Value, json};
use testkit::Program;

use crate::house::{House, SOON, Stores, count, folder, refused, run, say, sklep, tell, unread};
use clients::{Clients, Saved};

/// A topic and a database of one's own.
struct Place {
    stores: Stores,
    database: String,
}

impl Place {
    fn new() -> Self {
        Self::on(testkit::mongodb())
    }

    fn on(mongodb: &str) -> Self {
        let database = testkit::unique("story");
        let stores = Stores::kafka().and("--mongodb", mongodb).and("--database", &database);
        Self { stores, database }
    }

    async fn database(&self) -> mongodb::Database {
        let client = mongodb::Client::with_uri_str(testkit::mongodb()).await.unwrap();
        client.database(&self.database)
    }

    /// What a command on these stores prints as JSON.
    #[track_caller]
    fn json(&self, command: &[&str]) -> Value {
        let text = say(&self.stores.arguments(&[command, &["--json"]].concat()));
        serde_json::from_str(&text).unwrap()
    }

    fn orphans(&self) -> Value {
        self.json(&["status"])["system"]["views"]["orphans"].clone()
    }

    /// The generations and what each is there for, newest first.
    fn generations(&self) -> Vec<(u64, String)> {
        let status = self.json(&["status"]);
        let all = status["system"]["views"]["generations"].as_array().unwrap().clone();
        let told =
            |it: &Value| (it["number"].as_u64().unwrap(), it["part"].as_str().unwrap().into());
        all.iter().map(told).collect()
    }
}

/// Runs a command beside what else goes on, to its good end.
async fn beside(stores: &Stores, command: &'static [&'static str]) -> String {
    let stores = stores.clone();
    tokio::task::spawn_blocking(move || say(&stores.arguments(command))).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_that_sells_is_rebuilt_and_rolled_back_and_nobody_notices() {
    let place = Place::new();
    let house = House::open(&place.stores);
    let purchases = count("SKLEP_TEST_PURCHASES", 2000);
    let customers = purchases.div_ceil(100).max(150).to_string();
    // A long history is faster to write while nobody feeds the views, and they catch up faster afterwards.
    let is_long = purchases > 20_000;
    if is_long {
        beside(&place.stores, &["projector", "--pause"]).await;
    }
    house.say(&["demo", "--customers", &customers, "--purchases", &purchases.to_string()]);
    if is_long {
        beside(&place.stores, &["projector", "--resume"]).await;
    }
    see_everything(&house).await;
    let (asking, buying) = (count("SKLEP_TEST_ASKING", 4), count("SKLEP_TEST_BUYING", 2));
    let clients = Clients::start(&house, asking, buying).await;

    let told = beside(&place.stores, &["rebuild"]).await;
    assert!(told.contains("is live") && told.contains("events in"), "{told}");
    clients.see_generation(2).await;
    tell(&told);
    assert_eq!(place.generations(), [(2, "LIVE".into()), (1, "BACK".into())]);
    beside(&place.stores, &["verify"]).await;

    let told = beside(&place.stores, &["rollback"]).await;
    assert!(told.contains("is live again"), "{told}");
    clients.see_generation(1).await;
    assert_eq!(place.generations(), [(2, "BACK".into()), (1, "LIVE".into())]);
    let told = beside(&place.stores, &["verify"]).await;
    assert!(told.contains("is what the log says"), "{told}");

    tell(&format!("{told}{}", clients.stop().await));
    assert_eq!(place.orphans(), json!([]));
    house.close();
}

/// Waits until the views show all that is in the log; their lag must go on falling.
async fn see_everything(house: &House) {
    let lag = || async {
        let told = house.ask("{ projections { lag } }", json!({})).await;
        told["projections"][0]["lag"].as_str().unwrap().parse::<u64>().unwrap()
    };
    let (mut least, mut since) = (lag().await, std::time::Instant::now());
    while least > 0 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let now = lag().await;
        if now < least {
            (least, since) = (now, std::time::Instant::now());
        }
        assert!(since.elapsed() < SOON, "{now} events to go");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_command_brings_back_views_that_somebody_dropped() {
    let place = Place::new();
    let house = House::open(&place.stores);
    house.say(&["demo", "--customers", "60", "--purchases", "1500"]);
    let saved = Saved::ask(&house, 200).await;
    place.database().await.drop().await.unwrap();
    let answer = house.send("{ products { nodes { id } } }", json!({})).await.unwrap();
    let code = &answer["errors"][0]["extensions"]["code"];
    assert!(code == "UNAVAILABLE" || answer["data"]["products"].is_object(), "{answer}");
    // Never empty, but unavailable as soon as the shop has seen it.
    let unavailable = || async {
        let answer = house.send("{ products { nodes { id } } }", json!({})).await.unwrap();
        answer["errors"][0]["extensions"]["code"] == "UNAVAILABLE"
    };
    let begun = std::time::Instant::now();
    while !unavailable().await {
        assert!(begun.elapsed() < SOON);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    beside(&place.stores, &["rebuild"]).await;
    saved.check_again(&house).await;
    house.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_is_paused_resumed_and_cancelled_from_elsewhere() {
    let place = Place::new();
    let house = House::open(&place.stores);
    house.say(&["demo", "--customers", "20", "--purchases", "2000"]);
    let error = refused(&place.stores.arguments(&["rebuild", "--pause"]), 1);
    assert!(error.contains("no rebuild is in progress"), "{error}");
    let start =
        || Program::start(&sklep(&place.stores.arguments(&["rebuild", "--throttle", "200"])));
    let mut job = start().unwrap();
    job.wait_for("filling", SOON).unwrap();
    beside(&place.stores, &["rebuild", "--pause"]).await;
    job.wait_for("paused", SOON).unwrap();
    let projections = "{ projections { state rebuild { generation phase percent } } }";
    let told = house.ask(projections, json!({})).await["projections"][0].clone();
    assert_eq!(told["state"], "REBUILDING", "{told}");
    assert_eq!(told["rebuild"]["generation"], 2, "{told}");
    // The job says so to others about every second.
    let begun = std::time::Instant::now();
    while !house.say(&["status"]).contains("paused, ") {
        assert!(begun.elapsed() < SOON, "{}", house.say(&["status"]));
    }
    let status = house.say(&["status"]);
    assert!(status.contains("generation 2_") && !status.contains(" left"), "{status}");
    beside(&place.stores, &["rebuild", "--resume", "--throttle", "150"]).await;
    let throttle = place.database().await.collection::<Document>("sklep_control");
    let throttle = throttle.find_one(doc! {}).await.unwrap().unwrap().to_string();
    assert!(throttle.contains("\"throttle\": 150"), "{throttle}");
    beside(&place.stores, &["rebuild", "--cancel"]).await;
    assert_eq!(job.wait(SOON).unwrap().code(), Some(1), "{}", job.output());
    assert!(job.output().contains("cancelled"), "{}", job.output());
    assert_eq!(place.generations(), [(1, "LIVE".into())]);

    // Ctrl-C leaves it to be gone on with, and says so.
    let mut job = start().unwrap();
    job.wait_for("filling", SOON).unwrap();
    job.interrupt().unwrap();
    assert_eq!(job.wait(SOON).unwrap().code(), Some(1));
    assert!(job.output().contains("`sklep rebuild` goes on with it"), "{}", job.output());
    beside(&place.stores, &["rebuild", "--throttle", "1000000"]).await;
    house.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn old_generations_and_orphans_are_listed_and_dropped() {
    let place = Place::new();
    let house = House::open(&place.stores);
    house.say(&["demo", "--customers", "5", "--purchases", "20"]);
    beside(&place.stores, &["rebuild"]).await;
    // What a process that was paused for long may leave behind.
    let database = place.database().await;
    database
        .collection::<Document>("customers_9_lost")
        .insert_one(doc! { "_id": "x" })
        .await
        .unwrap();
    assert_eq!(place.orphans(), json!(["9_lost"]));
    let told = beside(&place.stores, &["rebuild", "--drop-orphans"]).await;
    assert!(told.contains("9_lost"), "{told}");
    assert_eq!(place.orphans(), json!([]));
    beside(&place.stores, &["rebuild", "--drop-old"]).await;
    assert_eq!(place.generations(), [(2, "LIVE".into())]);
    let error = refused(&place.stores.arguments(&["rollback"]), 1);
    assert!(error.contains("no earlier generation"), "{error}");
    house.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_hand_has_changed_is_found_and_a_rebuild_mends_it() {
    let place = Place::new();
    let house = House::open(&place.stores);
    house.say(&["demo", "--customers", "20", "--purchases", "300"]);
    let saved = Saved::ask(&house, 40).await;
    let equal = place.json(&["verify"]);
    assert_eq!(equal["equal"], true, "{equal}");
    assert_eq!(equal["views"][0]["documents"], 20, "{equal}");

    let generation = equal["generation"].as_str().unwrap();
    let database = place.database().await;
    let of = |view: &str| database.collection::<Document>(&format!("{view}_{generation}"));
    let anybody = of("customers").find_one(doc! {}).await.unwrap().unwrap();
    let id = anybody.get_str("_id").unwrap();
    let change = doc! { "$set": { "address": "somewhere else" } };
    of("customers").update_one(doc! { "_id": id }, change).await.unwrap();
    of("products").delete_one(doc! {}).await.unwrap();
    let output = run(&place.stores.arguments(&["verify"]));
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(3), "{text}");
    assert!(text.contains("address is \"somewhere else\", and the log says"), "{text}");
    assert!(text.contains("is missing") && text.contains(id), "{text}");
    assert_eq!(unread(&place.stores.arguments(&["verify"])), Some(3));

    beside(&place.stores, &["rebuild"]).await;
    assert_eq!(place.json(&["verify"])["equal"], true);
    saved.check_again(&house).await;
    house.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_projector_leaves_the_views_as_they_are() {
    let place = Place::new();
    let house = House::open(&place.stores);
    house.create_customer("anna", "Anna", "Kowalska").await;
    let priced = house.price("chleb_2", "Chleb wiejski", "chleb", "0.36").await;
    let count = "query ($at: Position) { customer(id: \"anna\", atLeast: $at) { purchaseCount } }";
    house.ask(count, json!({ "at": priced["position"] })).await;
    beside(&place.stores, &["projector", "--pause"]).await;
    house.program.wait_for("leaves the views as they are", SOON).unwrap();
    let bread = json!({ "customerId": "anna", "productId": "chleb_2", "quantity": "1" });
    let bought = house.buy(bread).await;
    assert_eq!(bought["event"]["purchaseId"], "anna:1", "{bought}");
    let stale = house.send(count, json!({ "at": bought["position"] })).await.unwrap();
    assert_eq!(stale["errors"][0]["extensions"]["code"], "STALE_READ", "{stale}");
    let seen = house.ask(count, json!({})).await;
    assert_eq!(seen["customer"]["purchaseCount"], 0, "{seen}");
    let told = house.ask("{ projections { state lag } }", json!({})).await;
    assert_eq!(told["projections"][0]["state"], "PAUSED", "{told}");
    assert!(house.page("/readyz").await.contains("\"ready\":true"));
    beside(&place.stores, &["projector", "--resume"]).await;
    let seen = house.ask(count, json!({ "at": bought["position"] })).await;
    assert_eq!(seen["customer"]["purchaseCount"], 1, "{seen}");
    house.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn views_in_memory_are_rebuilt_by_the_shop_itself() {
    let folder = folder();
    let house = House::open(&Stores::embedded(folder.path()));
    house.say(&["demo", "--customers", "30", "--purchases", "500"]);
    let saved = Saved::ask(&house, 50).await;
    let told: Value = serde_json::from_str(&house.say(&["rebuild", "--json"])).unwrap();
    assert!(told["generation"].as_str().unwrap().starts_with("2_"), "{told}");
    saved.check_again(&house).await;
    let told = house.ask("{ projections { generation } viewsJob { kind state } }", json!({})).await;
    assert_eq!(told["projections"][0]["generation"], 2, "{told}");
    assert_eq!(told["viewsJob"], json!({ "kind": "REBUILD", "state": "DONE" }));
    house.say(&["rollback"]);
    saved.check_again(&house).await;
    let verdict: Value = serde_json::from_str(&house.say(&["verify", "--json"])).unwrap();
    assert_eq!(verdict["equal"], true, "{verdict}");
    let error = refused(&house.against(&["rebuild", "--cancel"]), 1);
    assert!(error.contains("no rebuild is in progress"), "{error}");
    // Beside the shop there is no way to them.
    let output = run(&["status", "--server", &house.server]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("views in memory") && text.contains("is live"), "{text}");
    house.close();
}
