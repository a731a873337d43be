//! Names and addresses, found as people type them.

use serde_json::{Value, json};

use crate::shop::Shop;

const CREATE: &str = "mutation($id: ID!, $name: String!, $at: String!) { createCustomer(input: {id: $id, firstName: $name, \
     lastName: \"Öztürk\", address: $at, commandId: $id}) { position repeated rejection { code field } \
     event { firstName } } }";

async fn create(shop: &Shop, id: &str, name: &str, at: &str) -> Value {
    let variables = json!({ "id": id, "name": name, "at": at });
    shop.data(CREATE, variables).await["createCustomer"].take()
}

#[tokio::test]
async fn customers_are_found_without_accents_and_in_either_form_of_unicode() {
    let shop = Shop::open().await;
    create(&shop, "zofia", "Zo\u{301}sia", "Łódź, ul. Krótka 1").await;
    let last = create(&shop, "ibrahim", "İbrahim", "İstanbul,\nPlatíkos\u{A0}Γιώργος").await;
    let query = "query($at: Position, $filter: CustomerFilter) { \
         customers(atLeast: $at, filter: $filter) { nodes { id } } }";
    for (filter, expected) in [
        (json!({ "name": "Zósia" }), &["zofia"][..]),
        (json!({ "name": "ZO\u{301}SIA" }), &["zofia"]),
        (json!({ "name": "  zosia   OZTURK " }), &["zofia"]),
        (json!({ "name": "ibrahim" }), &["ibrahim"]),
        (json!({ "address": "lodz" }), &["zofia"]),
        (json!({ "address": "istanbul, platikos ΓΙΩΡΓΟΣ" }), &["ibrahim"]),
        (json!({ "name": "zofia" }), &[]),
        (json!({ "name": " \u{A0} ", "address": "" }), &["zofia", "ibrahim"]),
    ] {
        let found = shop.data(query, json!({ "at": last["position"], "filter": filter })).await;
        let nodes = found["customers"]["nodes"].as_array().unwrap();
        let ids: Vec<_> = nodes.iter().map(|it| it["id"].as_str().unwrap()).collect();
        assert_eq!(ids, expected, "{filter}");
    }
}

#[tokio::test]
async fn products_are_found_by_their_type_in_either_form_of_unicode() {
    let shop = Shop::open().await;
    let price = "mutation { priceProduct(input: {productId: \"c\", name: \"Chleb z\u{307}ytni\", \
         type: \"z\u{307}ytnie\", price: \"1\"}) { position } }";
    let last = shop.data(price, Value::Null).await;
    let query = "query($at: Position, $filter: ProductFilter) { \
         products(atLeast: $at, filter: $filter) { nodes { name type } } }";
    let at = &last["priceProduct"]["position"];
    for filter in [
        json!({ "type": "żytnie" }),
        json!({ "type": "z\u{307}ytnie", "name": "Żytni" }),
        json!({ "name": "chleb zytni" }),
    ] {
        let found = shop.data(query, json!({ "at": at, "filter": filter })).await;
        let bread = json!([{ "name": "Chleb żytni", "type": "żytnie" }]);
        assert_eq!(found["products"]["nodes"], bread, "{filter}");
    }
    // Exactly means exactly.
    let filter = json!({ "at": at, "filter": { "type": "zytnie" } });
    assert_eq!(shop.data(query, filter).await["products"]["nodes"], json!([]));
}

#[tokio::test]
async fn the_same_customer_in_the_other_form_of_unicode_is_a_repeat() {
    let shop = Shop::open().await;
    let first = create(&shop, "zofia", "Zo\u{301}sia", "Łódź").await;
    assert_eq!(first["event"]["firstName"], "Zósia");
    for (name, at) in [("Zósia", "Łódź"), ("Zo\u{301}sia", "Ło\u{301}dz\u{301}")] {
        let again = create(&shop, "zofia", name, at).await;
        assert_eq!(
            (&again["repeated"], &again["rejection"]),
            (&json!(true), &Value::Null),
            "{again}"
        );
    }
    let other = create(&shop, "zofia", "Zosia", "Łódź").await;
    assert_eq!(other["rejection"]["code"], "COMMAND_ID_REUSED", "{other}");
}
