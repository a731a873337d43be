//! What people do in the shop.

use serde_json::{Value, json};

use crate::shop::Shop;

#[tokio::test]
async fn a_customer_buys_bread_and_reads_the_purchase_back_at_its_position() {
    let shop = Shop::open().await;
    shop.create("anna", "Anna").await;
    shop.price("chleb_1", "4.80").await;
    let bought = shop.buy("anna", "chleb_1", "2.5").await;
    assert_eq!(bought["event"], json!({ "purchaseId": "anna:1", "total": { "amount": "12.00" } }));
    let query = "query($at: Position) { customer(id: \"anna\", atLeast: $at) { firstName purchaseCount \
         totalSpent { amount currency } purchases { nodes { id quantity unitPrice { amount } \
         product { id unitsSold revenue { amount } } customer { id } } } } \
         purchase(id: \"anna:1\", atLeast: $at) { productName purchasedAt } }";
    let read = shop.data(query, json!({ "at": bought["position"] })).await;
    let purchase = json!({
        "id": "anna:1", "quantity": "2.5", "unitPrice": { "amount": "4.80" },
        "product": { "id": "chleb_1", "unitsSold": "2.5", "revenue": { "amount": "12.00" } },
        "customer": { "id": "anna" },
    });
    assert_eq!(
        read["customer"],
        json!({
            "firstName": "Anna", "purchaseCount": 1,
            "totalSpent": { "amount": "12.00", "currency": "PLN" },
            "purchases": { "nodes": [purchase] },
        })
    );
    let at = read["purchase"]["purchasedAt"].as_str().unwrap();
    assert!(at.len() == 24 && at.ends_with('Z'), "{at}");
}

#[tokio::test]
async fn a_repeat_gives_the_original_event_and_says_so() {
    let shop = Shop::open().await;
    let wish = "mutation { createCustomer(input: {firstName: \"Anna\", lastName: \"Nowak\", address: \"Łódź\", \
         commandId: \"wish-1\"}) { repeated position event { id position customerId commandId } } }";
    let first = shop.data(wish, Value::Null).await["createCustomer"].take();
    let again = shop.data(wish, Value::Null).await["createCustomer"].take();
    assert_eq!((&first["repeated"], &again["repeated"]), (&json!(false), &json!(true)));
    assert_eq!(first["event"], again["event"]);
    assert_eq!(first["event"]["commandId"], "wish-1");
    assert_eq!(first["event"]["position"], first["position"]);
}

#[tokio::test]
async fn refusals_name_the_rule_and_the_field() {
    let shop = Shop::open().await;
    shop.create("anna", "Anna").await;
    shop.price("chleb_1", "4.80").await;
    let refused = |code: &str, field: &str| json!({ "code": code, "field": field });
    let rejected = |mut answer: Value| answer["rejection"].take();
    assert_eq!(
        rejected(shop.create("anna", "Ewa").await),
        refused("CUSTOMER_ALREADY_EXISTS", "id")
    );
    for (quantity, field) in [("-1", "quantity"), ("0.0001", "quantity")] {
        let answer = shop.buy("anna", "chleb_1", quantity).await;
        assert_eq!(rejected(answer), refused("INVALID_INPUT", field), "{quantity}");
    }
    let cases = [
        (shop.buy("ewa", "chleb_1", "1").await, "CUSTOMER_NOT_FOUND", "customerId"),
        (shop.buy("anna", "mleko", "1").await, "PRODUCT_NOT_FOUND", "productId"),
        (shop.buy("zażółć", "mleko", "1").await, "INVALID_INPUT", "customerId"),
        (shop.price("chleb_1", "0").await, "INVALID_INPUT", "price"),
        (shop.price("chleb_1", "1.005").await, "INVALID_INPUT", "price"),
    ];
    for (answer, code, field) in cases {
        assert_eq!(rejected(answer), refused(code, field));
    }
    let cases = [
        ("price: \"5\", currency: \"USD\"", "CURRENCY_MISMATCH", "currency"),
        ("price: \"5\", currency: \"złoty\"", "INVALID_INPUT", "currency"),
        ("price: \"5\", expectedVersion: 7", "VERSION_CONFLICT", "expectedVersion"),
        ("price: \"5\", expectedVersion: -1", "INVALID_INPUT", "expectedVersion"),
    ];
    for (input, code, field) in cases {
        let wish = format!(
            "mutation {{ priceProduct(input: {{productId: \"chleb_1\", {input}}}) {{ rejection {{ code field }} }} }}"
        );
        let mut answer = shop.data(&wish, Value::Null).await;
        assert_eq!(rejected(answer["priceProduct"].take()), refused(code, field));
    }
    let wish = "mutation { priceProduct(input: {productId: \"nowy\", price: 5}) { rejection { code field } } }";
    let mut answer = shop.data(wish, Value::Null).await;
    assert_eq!(rejected(answer["priceProduct"].take()), refused("INVALID_INPUT", "name"));
}

#[tokio::test]
async fn a_walk_shows_every_customer_once_in_either_direction() {
    let shop = Shop::open().await;
    let mut last = Value::Null;
    for number in 0..5 {
        last = shop.create(&format!("c{number}"), "Anna").await;
    }
    let at = json!({ "at": last["position"] });
    let names = |page: &Value| -> Vec<String> {
        let nodes = page["nodes"].as_array().unwrap();
        nodes.iter().map(|node| node["id"].as_str().unwrap().to_owned()).collect()
    };
    for (count, cursor, more, ends) in [
        ("first: 2", "after", "hasNextPage", "endCursor"),
        ("last: 2", "before", "hasPreviousPage", "startCursor"),
    ] {
        let (mut walked, mut from) = (Vec::new(), Value::Null);
        loop {
            let query = format!(
                "query($at: Position, $from: String) {{ customers({count}, {cursor}: $from, atLeast: $at) {{ \
                 nodes {{ id }} pageInfo {{ {more} {ends} }} }} }}"
            );
            let page =
                shop.data(&query, json!({ "at": at["at"], "from": from })).await["customers"]
                    .take();
            let found = names(&page);
            if cursor == "after" {
                walked.extend(found);
            } else {
                drop(walked.splice(0..0, found));
            }
            from = page["pageInfo"][ends].clone();
            if page["pageInfo"][more] == json!(false) {
                break;
            }
        }
        assert_eq!(walked, ["c0", "c1", "c2", "c3", "c4"], "{count}");
    }
}

#[tokio::test]
async fn the_log_is_told_page_by_page() {
    let shop = Shop::open().await;
    shop.create("anna", "Anna").await;
    shop.create("ewa", "Ewa").await;
    shop.price("chleb_1", "4.80").await;
    shop.buy("anna", "chleb_1", "1").await;
    shop.buy("ewa", "chleb_1", "2").await;
    shop.price("chleb_1", "5.10").await;
    let query = "query($after: Position) { events(first: 2, after: $after) { position hasMore events { __typename } } }";
    let (mut told, mut after) = (Vec::new(), Value::Null);
    loop {
        let page = shop.data(query, json!({ "after": after })).await["events"].take();
        told.extend(page["events"].as_array().unwrap().clone());
        after = page["position"].clone();
        if page["hasMore"] == json!(false) {
            break;
        }
    }
    let names: Vec<_> = told.iter().map(|event| event["__typename"].as_str().unwrap()).collect();
    assert_eq!(
        names,
        [
            "CustomerCreated",
            "CustomerCreated",
            "ProductPriced",
            "ProductPurchased",
            "ProductPurchased",
            "ProductPriced",
        ]
    );
    for (filter, count) in [
        ("customerId: \"anna\"", 2),
        ("productId: \"chleb_1\"", 4),
        ("types: [PRODUCT_PRICED], productId: \"chleb_1\"", 2),
        ("types: [PRODUCT_PURCHASED], customerId: \"ewa\", productId: \"chleb_1\"", 1),
        ("types: []", 0),
        ("productId: \"mleko\"", 0),
    ] {
        let query =
            format!("{{ events({filter}) {{ hasMore events {{ id position recordedAt }} }} }}");
        let page = shop.data(&query, Value::Null).await["events"].take();
        assert_eq!(page["events"].as_array().unwrap().len(), count, "{filter}");
        assert_eq!(page["hasMore"], json!(false));
    }
}

#[tokio::test]
async fn prices_have_their_history() {
    let shop = Shop::open().await;
    shop.create("anna", "Anna").await;
    shop.price("chleb_1", "4.80").await;
    shop.buy("anna", "chleb_1", "3").await;
    shop.price("chleb_1", "5.10").await;
    let bought = shop.buy("anna", "chleb_1", "1").await;
    let query = "query($at: Position) { product(id: \"chleb_1\", atLeast: $at) { version unitsSold \
         priceHistory { nodes { version price { amount } previousPrice { amount } changePercent to unitsSold \
         purchases revenue { amount } } } } }";
    let product = shop.data(query, json!({ "at": bought["position"] })).await["product"].take();
    assert_eq!((&product["version"], &product["unitsSold"]), (&json!(2), &json!("4")));
    let history = &product["priceHistory"]["nodes"];
    assert_eq!(
        history[0],
        json!({
            "version": 2, "price": { "amount": "5.10" }, "previousPrice": { "amount": "4.80" },
            "changePercent": "6.25", "to": null, "unitsSold": "1", "purchases": 1, "revenue": { "amount": "5.10" },
        })
    );
    assert_eq!(history[1]["changePercent"], Value::Null);
    assert_eq!(history[1]["revenue"]["amount"], "14.40");
    assert!(history[1]["to"].is_string());
}
