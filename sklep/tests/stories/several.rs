//! Several processes of one shop.

use std::time::Duration;

use futures::future::join_all;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::house::{BUY, House, Stores, count};

const CUSTOMERS: usize = 4;
const ROUNDS: usize = 6;

fn stores() -> Stores {
    let database = testkit::unique("story");
    Stores::kafka().and("--mongodb", testkit::mongodb()).and("--database", &database)
}

async fn ready(house: &House) -> bool {
    house.page("/readyz").await.contains("\"ready\":true")
}

/// The message of a request that this process leaves to others.
async fn left_to_others(house: &House, query: &str, variables: Value) -> String {
    let answer = house.send(query, variables).await.unwrap();
    let error = &answer["errors"][0];
    assert_eq!(error["extensions"]["code"], "UNAVAILABLE", "{answer}");
    error["message"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn replicas_answer_queries_and_leave_mutations_to_who_decides() {
    let stores = stores();
    let shop = House::open(&stores.clone().and("--roles", "command,projector"));
    let reader = House::open(&stores.clone().and("--roles", "query"));
    let feeder = House::open(&stores.and("--roles", "query,projector"));
    shop.create_customer("anna", "Anna", "Kowalska").await;
    let priced = shop.price("chleb_1", "Chleb", "chleb", "4.80").await;
    let input = json!({ "customerId": "anna", "productId": "chleb_1", "quantity": "2" });
    let bought = shop.buy(input.clone()).await;
    let query =
        "query ($at: Position) { customer(id: \"anna\", atLeast: $at) { totalSpent { amount } } }";
    let events = "query ($after: Position) { events(after: $after) { events { __typename } } }";
    for replica in [&reader, &feeder] {
        let read = replica.ask(query, json!({ "at": bought["position"] })).await;
        assert_eq!(read["customer"]["totalSpent"]["amount"], "9.60");
        assert!(ready(replica).await);
        let said = left_to_others(replica, BUY, json!({ "input": input })).await;
        assert!(said.contains("takes no commands") && said.contains("role command"), "{said}");
        // The replica may read the purchase a moment after it was answered.
        let begun = Instant::now();
        loop {
            let since = replica.ask(events, json!({ "after": priced["position"] })).await;
            if since["events"]["events"] == json!([{ "__typename": "ProductPurchased" }]) {
                break;
            }
            assert!(begun.elapsed() < Duration::from_secs(30), "{since}");
        }
    }
    assert!(ready(&shop).await);
    let said = left_to_others(&shop, query, json!({})).await;
    assert!(said.contains("answers no queries") && said.contains("role query"), "{said}");
    // Whoever decides may go; what is there is still shown.
    shop.close();
    let read = reader.ask(query, json!({ "at": bought["position"] })).await;
    assert_eq!(read["customer"]["totalSpent"]["amount"], "9.60");
    assert!(ready(&reader).await);
    feeder.close();
    reader.close();
}

/// Buys until it is answered; the command id makes asking again safe. Gives the purchase's id.
async fn buy(house: &House, customer: usize, round: usize) -> String {
    let server = house.server.trim_start_matches("http://");
    let command_id = format!("{server}-{customer}-{round}");
    let input = json!({ "customerId": format!("customer-{customer}"), "productId": "chleb_1", "quantity": "1",
        "commandId": command_id });
    loop {
        let answer = house.send(BUY, json!({ "input": input })).await.unwrap();
        if let Some(id) = answer["data"]["purchaseProduct"]["event"]["purchaseId"].as_str() {
            return id.to_owned();
        }
        let code = answer["errors"][0]["extensions"]["code"].as_str();
        let passes = ["UNAVAILABLE", "UNKNOWN_OUTCOME", "FAILED", "OVERLOADED"];
        assert!(code.is_some_and(|code| passes.contains(&code)), "{answer}");
    }
}

async fn figure(house: &House, name: &str) -> u64 {
    let text = house.page("/metrics").await;
    let value = text.lines().find_map(|line| line.strip_prefix(name)).expect("the figure is there");
    value.trim().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_instances_that_both_decide_say_so_stay_ready_and_lose_nothing() {
    let stores = stores();
    let one = House::open(&stores.clone().and("--advertise", "one.example:8080"));
    for customer in 0..CUSTOMERS {
        one.create_customer(&format!("customer-{customer}"), "Anna", "Kowalska").await;
    }
    one.price("chleb_1", "Chleb", "chleb", "4.80").await;
    assert_eq!(figure(&one, "sklep_writers_disputed").await, 0);
    // As in a rolling update: the second becomes ready while the first still runs.
    let two = House::open(&stores);
    let clients =
        [&one, &two].into_iter().flat_map(|house| (0..CUSTOMERS).map(move |it| (house, it)));
    let purchases = clients.map(|(house, customer)| async move {
        let mut answered = Vec::new();
        for round in 0..ROUNDS {
            answered.push(buy(house, customer, round).await);
        }
        answered
    });
    let ready = async {
        for _ in 0..count("SKLEP_TEST_LOOKS", 20) {
            for house in [&one, &two] {
                assert!(ready(house).await, "{}", house.page("/readyz").await);
            }
            sleep(Duration::from_millis(250)).await;
        }
    };
    let (answered, ()) = tokio::join!(join_all(purchases), ready);
    for (house, other) in [(&one, "--advertise"), (&two, "one.example:8080")] {
        assert!(figure(house, "sklep_writers_disputed").await > 0);
        assert!(figure(house, "sklep_writer_takeovers_total").await > 0);
        assert_eq!(figure(house, "sklep_ready").await, 1);
        let status = house.say(&["status"]);
        for told in [status, house.program.output()] {
            for words in ["decides commands of this log too", other, "--roles query,projector"] {
                assert!(told.contains(words), "{words}:\n{told}");
            }
        }
    }
    two.close();
    // Once alone it decides at its usual speed again, and has everything that either has answered, once.
    let mut expected: Vec<String> = answered.into_iter().flatten().collect();
    expected.sort();
    let mut bought: Vec<String> = one
        .events()
        .iter()
        .filter(|event| event["type"] == "ProductPurchased")
        .map(|event| event["purchaseId"].as_str().unwrap().to_owned())
        .collect();
    bought.sort();
    assert_eq!(bought.len(), 2 * CUSTOMERS * ROUNDS);
    assert_eq!(bought, expected);
    one.close();
}
