//! What a shop's events mean is the log's to say, and no option's.

use std::time::Instant;

use serde_json::{Value, json};

use crate::house::{House, SOON, Stores, folder, refused, run, say, sklep};

const SPENT: &str = r#"{ customer(id: "anna") { totalSpent { amount currency } } }"#;

/// A shop in yen, in which Anna has bought for 1,000.
async fn yen(stores: &Stores) {
    let house = House::open(&stores.clone().and("--currency", "JPY"));
    house.create_customer("anna", "Anna", "Kowalska").await;
    house.price("melon_1", "Melon", "melon", "1000").await;
    let bought =
        house.buy(json!({ "customerId": "anna", "productId": "melon_1", "quantity": "1" }));
    assert_eq!(bought.await["event"]["total"], json!({ "amount": "1000", "currency": "JPY" }));
    house.close();
}

/// It is opened again without a word about the currency, and sells on in yen.
async fn check(stores: &Stores) {
    yen(stores).await;
    let told =
        refused(&stores.arguments(&["serve", "--listen", "127.0.0.1:0", "--currency", "PLN"]), 1);
    for part in ["sells in JPY", "wants PLN", "leave the option away", "another --"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    let house = House::open(stores);
    let spent = house.ask(SPENT, json!({})).await["customer"]["totalSpent"].clone();
    assert_eq!(spent, json!({ "amount": "1000", "currency": "JPY" }));
    let priced = house.price("melon_1", "Melon", "melon", "1100").await;
    let bought = house.buy(json!({
        "customerId": "anna", "productId": "melon_1", "quantity": "1", "atLeast": priced["position"],
    }));
    assert_eq!(bought.await["event"]["total"], json!({ "amount": "1100", "currency": "JPY" }));
    let status: Value = serde_json::from_str(&house.say(&["status", "--json"])).unwrap();
    assert_eq!(status["system"]["log"]["currency"], "JPY", "{status}");
    assert!(house.say(&["status"]).contains(", in JPY"));
    house.close();
    assert!(say(&stores.arguments(&["doctor"])).contains("its currency is JPY"));
}

#[tokio::test]
async fn a_folder_keeps_its_currency() {
    let folder = folder();
    let stores = Stores::embedded(&folder.path().join("shop"));
    check(&stores).await;
    // So does a copy of it.
    let (file, copy) = (folder.path().join("export"), folder.path().join("copy"));
    let copy = Stores::embedded(&copy);
    say(&stores.arguments(&["export", file.to_str().unwrap()]));
    say(&copy.arguments(&["import", file.to_str().unwrap()]));
    let told = run(&copy.arguments(&["serve", "--listen", "127.0.0.1:0", "--currency", "PLN"]));
    assert_eq!(told.status.code(), Some(1));
}

#[tokio::test]
async fn a_topic_keeps_its_currency_and_every_process_knows_it() {
    let stores = Stores::kafka();
    check(&stores).await;
    let mongodb = stores.and("--mongodb", testkit::mongodb());
    let mongodb = mongodb.and("--database", &testkit::unique("currency"));
    let with = |roles| {
        let arguments = ["serve", "--listen", "127.0.0.1:0", "--roles", roles];
        House::start(&sklep(&mongodb.arguments(&arguments)))
    };
    let (feeds, house) = (with("projector"), with("command,query"));
    let filtered = r#"{ products(filter: { minPrice: "1100" }) { nodes { price { currency } } } }"#;
    let shown = json!([{ "price": { "currency": "JPY" } }]);
    let begun = Instant::now();
    while house.ask(filtered, json!({})).await["products"]["nodes"] != shown {
        assert!(begun.elapsed() < SOON, "{}", house.program.output());
    }
    house.close();
    feeds.close();
}
