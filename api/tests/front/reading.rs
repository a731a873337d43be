//! What a reader may rely on.

use serde_json::{Value, json};

use crate::shop::{Parts, Shop};

#[tokio::test]
async fn a_page_of_purchases_with_products_costs_the_same_for_one_and_for_fifty() {
    let shop = Shop::open().await;
    shop.create("anna", "Anna").await;
    for number in 0..50 {
        shop.price(&format!("p{number}"), "1").await;
    }
    let mut last = shop.buy("anna", "p0", "1").await;
    let query = "query($at: Position) { customer(id: \"anna\", atLeast: $at) { purchases(first: 100) { nodes { \
         customer { firstName } product { name unitsSold revenue { amount } } } } } }";
    shop.views.asked();
    shop.data(query, json!({ "at": last["position"] })).await;
    let for_one = shop.views.asked();
    for number in 0..50 {
        last = shop.buy("anna", &format!("p{number}"), "1").await;
    }
    let read = shop.data(query, json!({ "at": last["position"] })).await;
    assert_eq!(read["customer"]["purchases"]["nodes"].as_array().unwrap().len(), 51);
    // The customer, the purchases, their products, the products' sales; the customer is not read again.
    assert_eq!((shop.views.asked(), for_one), (4, 4));
}

#[tokio::test]
async fn a_position_that_is_not_reached_in_time_says_how_far_the_views_are() {
    let shop = Shop::open().await;
    let created = shop.create("anna", "Anna").await;
    let far = event_log::RecordId { partition: event_log::Partition(1), offset: 1_000_000 };
    let far = event_log::Token::from(event_log::Position::after(shop.identity.id, far)).to_string();
    let query = "query($at: Position) { customer(id: \"anna\", atLeast: $at) { id } }";
    shop.data(query, json!({ "at": created["position"] })).await;
    let answer = shop.ask(query, json!({ "at": far })).await;
    let extensions = &answer["errors"][0]["extensions"];
    assert_eq!(extensions["code"], "STALE_READ");
    let seen: event_log::Token = extensions["position"].as_str().unwrap().parse().unwrap();
    let created: event_log::Token = created["position"].as_str().unwrap().parse().unwrap();
    assert!(seen.needs().covers(created.needs()));
}

#[tokio::test]
async fn a_position_of_another_log_is_refused_wherever_it_is_given() {
    let shop = Shop::open().await;
    shop.create("anna", "Anna").await;
    let other = event_log::LogId(uuid::Uuid::from_u128(99));
    let place = event_log::RecordId { partition: event_log::Partition(0), offset: 0 };
    let foreign = event_log::Token::from(event_log::Position::after(other, place)).to_string();
    let beside = event_log::RecordId { partition: event_log::Partition(77), offset: 0 };
    let beside =
        event_log::Token::from(event_log::Position::after(shop.identity.id, beside)).to_string();
    let buy = "mutation($at: Position) { purchaseProduct(input: {customerId: \"anna\", productId: \"p\", \
         quantity: 1, atLeast: $at}) { repeated } }";
    for query in [
        "query($at: Position) { customer(id: \"anna\", atLeast: $at) { id } }",
        "query($at: Position) { customers(atLeast: $at) { nodes { id } } }",
        "query($at: Position) { product(id: \"p\", atLeast: $at) { id } }",
        "query($at: Position) { products(atLeast: $at) { nodes { id } } }",
        "query($at: Position) { purchase(id: \"anna:1\", atLeast: $at) { id } }",
        "query($at: Position) { events(after: $at) { hasMore } }",
        buy,
    ] {
        for position in [foreign.as_str(), beside.as_str(), "bread"] {
            let code = shop.code(query, json!({ "at": position })).await;
            assert_eq!(code, "BAD_POSITION", "{query} {position}");
        }
    }
}

#[tokio::test]
async fn events_after_more_than_there_is_are_refused() {
    let shop = Shop::open().await;
    let created = shop.create("anna", "Anna").await;
    let query = "query($at: Position) { events(after: $at) { events { __typename } hasMore } }";
    let read = shop.data(query, json!({ "at": created["position"] })).await;
    assert_eq!(read["events"], json!({ "events": [], "hasMore": false }));
    let place = event_log::RecordId { partition: event_log::Partition(0), offset: 1_000 };
    let far =
        event_log::Token::from(event_log::Position::after(shop.identity.id, place)).to_string();
    assert_eq!(shop.code(query, json!({ "at": far })).await, "BAD_POSITION");
}

#[tokio::test]
async fn views_that_nobody_has_begun_are_unavailable_and_not_empty() {
    let shop = Shop::with(Parts { projector: false, ..Parts::default() }).await;
    shop.create("anna", "Anna").await;
    assert_eq!(shop.code("{ customer(id: \"anna\") { id } }", Value::Null).await, "UNAVAILABLE");
    assert_eq!(shop.code("{ customers { nodes { id } } }", Value::Null).await, "UNAVAILABLE");
    assert_eq!(shop.data("{ __typename }", Value::Null).await, json!({ "__typename": "Query" }));
    let events = shop.data("{ events { events { __typename } } }", Value::Null).await;
    assert_eq!(events["events"]["events"], json!([{ "__typename": "CustomerCreated" }]));
}

#[tokio::test]
async fn what_a_broken_store_says_never_reaches_a_client() {
    let shop = Shop::open().await;
    let created = shop.create("anna", "Anna").await;
    let query =
        "query($at: Position) { customer(id: \"anna\", atLeast: $at) { id } projections { name } }";
    shop.data(query, json!({ "at": created["position"] })).await;
    shop.views.take_away();
    let answer = shop.ask(query, Value::Null).await;
    assert!(!answer.to_string().contains("hunter2"), "{answer}");
    for error in answer["errors"].as_array().unwrap() {
        assert_eq!(error["extensions"]["code"], "UNAVAILABLE");
    }
    assert_eq!(shop.buy("anna", "p", "1").await["rejection"]["code"], "PRODUCT_NOT_FOUND");
}

#[tokio::test]
async fn a_request_whose_generation_is_dropped_begins_again() {
    let shop = Shop::open().await;
    let created = shop.create("anna", "Anna").await;
    let query = "query($at: Position) { customer(id: \"anna\", atLeast: $at) { firstName } }";
    shop.data(query, json!({ "at": created["position"] })).await;
    shop.views.drop_generation_once();
    let read = shop.data(query, json!({ "at": created["position"] })).await;
    assert_eq!(read["customer"]["firstName"], "Anna");
}

#[tokio::test]
async fn a_part_that_is_not_here_is_unavailable() {
    let shop = Shop::with(Parts { commands: false, ..Parts::default() }).await;
    let wish = "mutation { purchaseProduct(input: {customerId: \"a\", productId: \"p\", quantity: 1}) { repeated } }";
    assert_eq!(shop.code(wish, Value::Null).await, "UNAVAILABLE");
    let shop = Shop::with(Parts { queries: false, ..Parts::default() }).await;
    assert_eq!(shop.code("{ customers { nodes { id } } }", Value::Null).await, "UNAVAILABLE");
    assert_eq!(shop.code("{ events { hasMore } }", Value::Null).await, "UNAVAILABLE");
}

#[tokio::test]
async fn projections_say_how_far_they_are() {
    let shop = Shop::open().await;
    let created = shop.create("anna", "Anna").await;
    let at = json!({ "at": created["position"] });
    shop.data("query($at: Position) { customer(id: \"anna\", atLeast: $at) { id } }", at).await;
    let read = shop
        .data("{ projections { name generation state position rebuild { percent } } }", Value::Null)
        .await;
    let names: Vec<_> = read["projections"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["customers", "purchases", "products", "prices", "sales"]);
    let first = &read["projections"][0];
    assert_eq!((&first["generation"], &first["state"]), (&json!(1), &json!("LIVE")));
    let seen: event_log::Token = first["position"].as_str().unwrap().parse().unwrap();
    let created: event_log::Token = created["position"].as_str().unwrap().parse().unwrap();
    assert!(seen.needs().covers(created.needs()));
}
