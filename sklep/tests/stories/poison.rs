//! Records that nobody can take in, among good traffic, on real Kafka and MongoDB.

mod records;

use std::{process::Command, sync::Arc};

use event_log::{EventLog, KafkaLog, KafkaSettings, LogIdentity, Token, codec, identity};
use projector::{Verdict, VerifySettings};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use views::{MongoViews, ViewStore};

use crate::house::{BUY, House, Stores, refused, say, sklep};

/// The stores of one shop, as the test itself reaches them.
struct Ground {
    topic: String,
    database: String,
    log: Arc<dyn EventLog>,
    identity: LogIdentity,
}

impl Ground {
    fn stores(&self) -> Stores {
        self.stores_in(&self.database)
    }

    fn stores_in(&self, database: &str) -> Stores {
        Stores::topic(&self.topic).and("--mongodb", testkit::mongodb()).and("--database", database)
    }

    /// The shop shows everything that the log has now.
    async fn is_shown(&self, house: &House) {
        let at = Token::from(records::end(&*self.log, self.identity).await).to_string();
        let query = "query ($at: Position) { customers(first: 1, atLeast: $at) { nodes { id } } }";
        house.ask(query, json!({ "at": at })).await;
    }

    /// What is held up, as the command line lists it, with how many events wait.
    fn held_up(&self) -> Vec<(String, u64)> {
        held(&say(&self.stores().arguments(&["quarantine", "list", "--json"])))
    }

    async fn verified(&self, database: &str) -> Verdict {
        let store = MongoViews::open(testkit::mongodb(), database).await.unwrap();
        let store: Arc<dyn ViewStore> = store;
        let settings = VerifySettings { memory: 1 << 28, at_once: 2, generation: None, all: true };
        let (progress, shutdown) = (watch::Sender::default(), CancellationToken::new());
        projector::verify(&self.log, self.identity, &store, settings, progress, &shutdown)
            .await
            .unwrap()
    }
}

fn held(list: &str) -> Vec<(String, u64)> {
    let held = list.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let mut held: Vec<_> = held
        .map(|it| (it["key"].as_str().unwrap().to_owned(), it["waiting"].as_u64().unwrap()))
        .collect();
    held.sort();
    held
}

fn all_held_up() -> Vec<(String, u64)> {
    [("", 0), ("anna", 1), ("chleb_2", 0), ("ewa", 0), ("jan", 1), ("nikt", 0)]
        .map(|(key, waiting)| (key.to_owned(), waiting))
        .to_vec()
}

/// The program after this one, which reads what this one cannot.
fn later(mut command: Command) -> Command {
    command.env("SKLEP_LATER_FORMS", "1");
    command
}

async fn purchases(house: &House, customer: &str) -> Value {
    let query = "query ($id: ID!) { customer(id: $id) { purchaseCount } }";
    house.ask(query, json!({ "id": customer })).await["customer"]["purchaseCount"].clone()
}

async fn is_unavailable(house: &House, customer: &str, product: &str) {
    let input = json!({ "customerId": customer, "productId": product, "quantity": "1" });
    let answer = house.send(BUY, json!({ "input": input })).await.unwrap();
    assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAVAILABLE", "{answer}");
}

async fn buys(house: &House, customer: &str, product: &str) -> String {
    let input = json!({ "customerId": customer, "productId": product, "quantity": "1" });
    let bought = house.buy(input).await;
    let (id, price) = (&bought["event"]["purchaseId"], &bought["event"]["unitPrice"]["amount"]);
    format!("{} at {}", id.as_str().unwrap(), price.as_str().unwrap())
}

/// Everything that the views show.
async fn everything(house: &House) -> Value {
    let query = "{ customers(first: 100) { nodes { id firstName purchaseCount totalSpent { amount }
        purchases(first: 50) { nodes { id quantity purchasedAt total { amount } } } } }
        products(first: 100) { nodes { id price { amount } version unitsSold revenue { amount } } } }";
    house.ask(query, Value::Null).await
}

async fn begin() -> (Ground, House) {
    let (topic, database) = (testkit::unique("poison"), testkit::unique("poison"));
    let stores = Stores::topic(&topic).and("--mongodb", testkit::mongodb());
    let house = House::open(&stores.and("--database", &database));
    for (id, first) in [("anna", "Anna"), ("jan", "Jan"), ("ewa", "Ewa"), ("zofia", "Zofia")] {
        house.create_customer(id, first, "Nowak").await;
    }
    house.price("chleb_1", "Chleb wiejski", "chleb", "0.36").await;
    house.price("chleb_2", "Chleb żytni", "chleb", "0.50").await;
    assert_eq!(buys(&house, "anna", "chleb_1").await, "anna:1 at 0.36");
    let log = KafkaLog::open(KafkaSettings::new(testkit::kafka(), &topic)).await.unwrap();
    let log: Arc<dyn EventLog> = log;
    let identity = identity::read(&*log).await.unwrap().unwrap();
    (Ground { topic, database, log, identity }, house)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_can_take_in_holds_up_its_own_customer_until_it_is_read_or_given_up() {
    let (ground, house) = begin().await;
    records::store(&ground.log, ground.identity).await;
    let house = holds_up_nobody_else(&ground, house).await;
    let house = is_retried_by_a_later_program(&ground, house).await;
    is_skipped(&ground, &house).await;
    views_are_what_the_log_says(&ground, house).await;
}

async fn holds_up_nobody_else(ground: &Ground, mut house: House) -> House {
    others_go_on(ground, &house).await;
    is_listed_and_shown(ground, &house);
    // Killed and taken over, nothing of it is lost or doubled.
    house.program.kill().unwrap();
    let house = House::open(&ground.stores());
    ground.is_shown(&house).await;
    assert_eq!(ground.held_up(), all_held_up());
    house
}

async fn others_go_on(ground: &Ground, house: &House) {
    house.create_customer("piotr", "Piotr", "Nowak").await;
    assert_eq!(buys(house, "zofia", "chleb_1").await, "zofia:1 at 0.36");
    assert_eq!(buys(house, "piotr", "chleb_1").await, "piotr:1 at 0.36");
    ground.is_shown(house).await;
    assert_eq!(purchases(house, "zofia").await, 1);
    assert_eq!(purchases(house, "anna").await, 1);
    // Of the eight that count, those that can be read are in the list.
    let bought = house.events().into_iter().filter(|event| event["type"] == "ProductPurchased");
    assert_eq!(bought.count(), 6);
    for (customer, product) in
        [("anna", "chleb_1"), ("jan", "chleb_1"), ("ewa", "chleb_1"), ("zofia", "chleb_2")]
    {
        is_unavailable(house, customer, product).await;
    }
}

fn is_listed_and_shown(ground: &Ground, house: &House) {
    assert_eq!(ground.held_up(), all_held_up());
    assert_eq!(held(&house.say(&["quarantine", "list", "--json"])), all_held_up());
    let shown = say(&ground.stores().arguments(&["quarantine", "show", "anna"]));
    for part in ["unknown ce_dataversion 2", "ce_dataversion: 2", "\"channel\":\"till\""] {
        assert!(shown.contains(part), "{part} is not in\n{shown}");
    }
    let shown = house.say(&["quarantine", "show", "nikt"]);
    assert!(shown.contains("is of a customer who is not there"), "{shown}");
}

async fn is_retried_by_a_later_program(ground: &Ground, house: House) -> House {
    let stores = ground.stores();
    let retry = stores.arguments(&["quarantine", "retry", "anna"]);
    let error = refused(&retry, 1);
    assert!(error.contains("still cannot be taken in, and 1 wait behind it"), "{error}");
    let output = later(sklep(&retry)).output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(told.contains("2 events of anna are taken in"), "{told}{output:?}");
    assert_eq!(purchases(&house, "anna").await, 3);
    let error = refused(&retry, 1);
    assert!(error.contains("nothing is in quarantine"), "{error}");
    is_unavailable(&house, "anna", "chleb_1").await;
    // Until the shop itself is the later program.
    house.close();
    let house =
        House::start(&later(sklep(&stores.arguments(&["serve", "--listen", "127.0.0.1:0"]))));
    assert_eq!(buys(&house, "anna", "chleb_1").await, "anna:4 at 0.36");
    house
}

async fn is_skipped(ground: &Ground, house: &House) {
    let stores = ground.stores();
    for key in ["", "chleb_2", "ewa", "jan", "nikt"] {
        let skip = ["quarantine", "skip", key, "--reason", "a broken import", "--by", "ola"];
        let skip = stores.arguments(&skip);
        assert!(house.say(&skip).contains("is skipped"), "{key}");
    }
    assert_eq!(ground.held_up(), []);
    let nobody = house.against(&["quarantine", "skip", "jan", "--reason", "again", "--by", "ola"]);
    let error = refused(&nobody, 1);
    assert!(error.contains("jan is not held up"), "{error}");
    assert_eq!(purchases(house, "jan").await, 1);
    assert_eq!(buys(house, "jan", "chleb_2").await, "jan:2 at 0.50");
    assert_eq!(buys(house, "ewa", "chleb_1").await, "ewa:1 at 0.36");
    house.create_customer("nikt", "Ktoś", "Nowak").await;
    assert_eq!(buys(house, "nikt", "chleb_1").await, "nikt:1 at 0.36");
}

/// Also when they are made anew from nothing, by the later program and by the earlier one.
async fn views_are_what_the_log_says(ground: &Ground, house: House) {
    ground.is_shown(&house).await;
    let shown = everything(&house).await;
    codec::test_v2::understand(true);
    let verdict = ground.verified(&ground.database).await;
    assert_eq!((verdict.differences, verdict.parked), (vec![], vec![]));
    house.close();

    let anew = testkit::unique("poison");
    let stores = ground.stores_in(&anew);
    let house =
        House::start(&later(sklep(&stores.arguments(&["serve", "--listen", "127.0.0.1:0"]))));
    ground.is_shown(&house).await;
    assert_eq!(everything(&house).await, shown);
    let verdict = ground.verified(&anew).await;
    let released: Vec<_> = verdict.parked.iter().filter(|it| it.lasting().is_some()).collect();
    assert_eq!((verdict.differences, released), (vec![], vec![]));
    house.close();

    codec::test_v2::understand(false);
    let anew = testkit::unique("poison");
    let house = House::open(&ground.stores_in(&anew));
    ground.is_shown(&house).await;
    assert_eq!(purchases(&house, "anna").await, 1);
    let verdict = ground.verified(&anew).await;
    assert_eq!(verdict.differences, []);
    house.close();
}
