//! The first purchase, and the lists that show it.

use serde_json::json;

use crate::house::{House, Stores, folder};

#[tokio::test(flavor = "multi_thread")]
async fn the_first_purchase_needs_nothing_installed() {
    let folder = folder();
    let stores = Stores::embedded(folder.path());
    let house = House::open(&stores);
    buys_bread(&house).await;
    house.close();
    // Views in memory are gone; the log has everything.
    let again = House::open(&stores);
    shows_the_purchase(&again).await;
    again.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_purchase_on_kafka_and_mongodb() {
    let database = testkit::unique("story");
    let stores = Stores::kafka().and("--mongodb", testkit::mongodb()).and("--database", &database);
    let house = House::open(&stores);
    buys_bread(&house).await;
    house.close();
    let again = House::open(&stores);
    shows_the_purchase(&again).await;
    again.close();
}

async fn buys_bread(house: &House) {
    let ewa = house.create_customer("ewa", "Ewa", "Nowak").await;
    assert_eq!(ewa["repeated"], false, "{ewa}");
    let anna = house.create_customer("anna", "Anna", "Kowalska").await;
    assert_eq!(anna["event"]["customerId"], "anna");
    assert_eq!(house.create_customer("anna", "Anna", "Kowalska").await["repeated"], true);
    let other = house.create_customer("anna", "Anna", "Inna").await;
    assert_eq!(other["rejection"]["code"], "CUSTOMER_ALREADY_EXISTS");
    buys_six(house).await;
    shows_the_purchase(house).await;
}

async fn buys_six(house: &House) {
    let priced = house.price("chleb_2", "Chleb wiejski", "chleb", "0.36").await;
    assert_eq!(priced["event"]["version"], 1);
    let input = json!({ "customerId": "anna", "productId": "chleb_2", "quantity": "6",
        "atLeast": priced["position"], "commandId": "first" });
    let bought = house.buy(input.clone()).await;
    assert_eq!(bought["event"]["purchaseId"], "anna:1", "{bought}");
    assert_eq!(bought["event"]["total"], json!({ "amount": "2.16", "currency": "PLN" }));
    let again = house.buy(input).await;
    assert_eq!(again["repeated"], true);
    assert_eq!(again["event"], bought["event"]);
    let query =
        "query ($at: Position) { customer(id: \"anna\", atLeast: $at) { totalSpent { amount }
        purchases { nodes { id product { name } } } } }";
    let seen = house.ask(query, json!({ "at": bought["position"] })).await;
    assert_eq!(
        seen["customer"],
        json!({ "totalSpent": { "amount": "2.16" },
            "purchases": { "nodes": [{ "id": "anna:1", "product": { "name": "Chleb wiejski" } }] } })
    );
}

/// The lists, to the byte.
async fn shows_the_purchase(house: &House) {
    let query = "{ customer(id: \"anna\") { purchases { nodes { purchasedAt } } } }";
    let seen = house.ask(query, json!({})).await;
    let bought =
        seen["customer"]["purchases"]["nodes"][0]["purchasedAt"].as_str().unwrap().to_owned();
    let products = house.say(&["products"]);
    assert_eq!(products, "Produkt: \"Chleb wiejski\" (chleb, cena 0.36 zł, ID chleb_2)\n");
    let customers = house.say(&["customers"]);
    let time = warsaw(&bought);
    assert_eq!(
        customers,
        format!(
            "Ewa Nowak (ewa) - nie ma produktów.\n\
             \n\
             Anna Kowalska (anna) - ma następujące produkty:\n\
             \t* chleb (ID: chleb_2) Chleb wiejski (6 za 0.36 zł = 2.16 zł, kupione {time})\n\
             \n"
        )
    );
    let json = house.say(&["customers", "--json"]);
    let people: Vec<serde_json::Value> =
        json.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(people[0]["purchases"], json!([]));
    assert_eq!(people[1]["purchases"][0]["total"], json!({ "amount": "2.16", "currency": "PLN" }));
    assert_eq!(people[1]["totalSpent"]["amount"], "2.16");
}

/// What a clock in Warsaw shows, by way of the system's own `date`.
fn warsaw(time: &str) -> String {
    let mut date = std::process::Command::new("date");
    date.env("TZ", "Europe/Warsaw").args(["-d", time, "+%Y-%m-%d %H:%M:%S"]);
    String::from_utf8(date.output().unwrap().stdout).unwrap().trim().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn long_lists_are_shown_whole_and_in_order() {
    let folder = folder();
    let house = House::open(&Stores::embedded(folder.path()));
    let said = house.say(&["demo", "--customers", "45", "--purchases", "1500", "--seed", "7"]);
    let commands = house.events().len();
    let grouped = |number: usize| format!("{} {:03}", number / 1000, number % 1000);
    assert_eq!(said, format!("{0} commands, {0} new events\n", grouped(commands)));
    let all = house.say(&["customers", "--json"]);
    let mut purchases = 0;
    for line in all.lines() {
        let customer: serde_json::Value = serde_json::from_str(line).unwrap();
        let bought = customer["purchases"].as_array().unwrap();
        let id = customer["id"].as_str().unwrap();
        let expected: Vec<String> =
            (1..=bought.len()).map(|number| format!("{id}:{number}")).collect();
        let found: Vec<&str> = bought.iter().map(|it| it["id"].as_str().unwrap()).collect();
        assert_eq!(found, expected);
        purchases += bought.len();
    }
    assert_eq!((all.lines().count(), purchases), (45, 1500));
    assert_eq!(house.say(&["products", "--json"]).lines().count(), 13);
    // A demonstration with the same numbers adds nothing; with more purchases it adds those.
    let again = house.say(&["demo", "--customers", "45", "--purchases", "1510", "--seed", "7"]);
    assert_eq!(again, format!("{} commands, 10 new events\n", grouped(commands + 10)));
    assert_eq!(house.events().len(), commands + 10);
    house.close();
}
