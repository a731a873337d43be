//! Copies of a log that are made while the shop sells.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use serde_json::{Value, json};

use crate::house::{House, Stores, folder, run, say};

/// More than there are partitions, so that customers and products stand in all of them.
const EACH: usize = 16;
const EXPORTS: usize = 6;

#[tokio::test(flavor = "multi_thread")]
async fn an_export_of_a_shop_that_sells_is_one_that_a_shop_can_go_on_with() {
    let (folder, stores) = (folder(), Stores::kafka());
    let house = Arc::new(House::open(&stores));
    for number in 0..EACH {
        house.create_customer(&format!("c{number}"), "Anna", "Kowalska").await;
        house.price(&format!("p{number}"), "Chleb", "chleb", "0.36").await;
    }
    let over = Arc::new(AtomicBool::new(false));
    let clients: Vec<_> = (0..EACH)
        .map(|number| tokio::spawn(trade(Arc::clone(&house), Arc::clone(&over), number)))
        .collect();
    let mut last = None;
    for number in 0..EXPORTS {
        let file = folder.path().join(format!("export-{number}"));
        let (arguments, file_name) = (stores.clone(), file.to_str().unwrap().to_owned());
        tokio::task::spawn_blocking(move || say(&arguments.arguments(&["export", &file_name])))
            .await
            .unwrap();
        let copy = Stores::embedded(&folder.path().join(format!("copy-{number}")));
        say(&copy.arguments(&["import", file.to_str().unwrap()]));
        let found = run(&copy.arguments(&["doctor", "--json"]));
        let found: Value = serde_json::from_slice(&found.stdout).unwrap();
        assert_eq!(found["healthy"], true, "{found}");
        last = Some(copy);
    }
    over.store(true, Ordering::Relaxed);
    for client in clients {
        client.await.unwrap();
    }
    Arc::into_inner(house).unwrap().close();
    check_goes_on(&last.unwrap()).await;
}

/// Prices a product and buys another one at its newest price, again and again.
async fn trade(house: Arc<House>, over: Arc<AtomicBool>, number: usize) {
    for price in 40_u64.. {
        if over.load(Ordering::Relaxed) {
            return;
        }
        let (own, next) = (format!("p{number}"), format!("p{}", number.abs_diff(EACH - 1)));
        house.price(&own, "Chleb", "chleb", &format!("{price}.00")).await;
        for product in [own, next] {
            let customer = format!("c{number}");
            house
                .buy(json!({ "customerId": customer, "productId": product, "quantity": "1" }))
                .await;
        }
    }
}

/// No version of a price is given twice, and no purchase lacks its own.
async fn check_goes_on(copy: &Stores) {
    let house = House::open(copy);
    for number in 0..EACH {
        house.price(&format!("p{number}"), "Chleb", "chleb", "9999.00").await;
    }
    let mut given = BTreeSet::new();
    let mut named = BTreeSet::new();
    for event in house.events() {
        let version = |name: &str| {
            let product = event["productId"].as_str().unwrap().to_owned();
            (product, event[name].as_u64().unwrap_or_else(|| panic!("{event}")))
        };
        match event["type"].as_str().unwrap() {
            "ProductPriced" => assert!(given.insert(version("version")), "given twice: {event}"),
            "ProductPurchased" => drop(named.insert(version("priceVersion"))),
            _other => {}
        }
    }
    assert!(named.is_subset(&given), "{:?}", named.difference(&given).collect::<Vec<_>>());
    assert!(given.len() > 2 * EACH, "{}", given.len());
    house.close();
}
