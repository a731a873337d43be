//! What the specification says of requests and answers, and async-graphql does not do.

use reqwest::{Method, header};
use serde_json::{Value, json};

use crate::shop::Shop;

const CREATE: &str = "mutation($first: CreateCustomerInput!, $second: CreateCustomerInput!) {
    a: createCustomer(input: $first) { repeated } b: createCustomer(input: $second) { repeated } }";

fn customer(id: &str) -> Value {
    json!({ "id": id, "firstName": "Anna", "lastName": "K", "address": "x" })
}

/// A shop with a purchase, and the position to read it at.
async fn bought() -> (Shop, Value) {
    let shop = Shop::open().await;
    shop.create("anna", "Anna").await;
    shop.price("chleb", "0.36").await;
    let at = shop.buy("anna", "chleb", "1").await["position"].clone();
    (shop, at)
}

#[tokio::test]
async fn of_two_mutations_none_is_stored_when_the_second_cannot_be_executed() {
    let shop = Shop::open().await;
    let mut unknown = customer("ewa");
    unknown["nothing"] = json!(1);
    for variables in [
        json!({ "first": customer("anna") }),
        json!({ "first": customer("anna"), "second": null }),
        json!({ "first": customer("anna"), "second": { "id": "ewa" } }),
        json!({ "first": customer("anna"), "second": unknown }),
    ] {
        let answer = shop.ask(CREATE, variables).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED");
        assert_eq!(answer.get("data"), None, "{answer}");
    }
    let events = shop.data("{ events { events { id } } }", Value::Null).await;
    assert_eq!(events["events"]["events"], json!([]));
}

#[tokio::test]
async fn of_two_mutations_the_second_is_executed_though_the_first_ends_in_an_error() {
    let shop = Shop::open().await;
    let place = event_log::RecordId { partition: event_log::Partition(0), offset: 0 };
    let other = event_log::LogId(uuid::Uuid::from_u128(99));
    let foreign = event_log::Token::from(event_log::Position::after(other, place)).to_string();
    let query = "mutation($at: Position, $second: CreateCustomerInput!) { a: purchaseProduct(input: {customerId: \"anna\",
        productId: \"p\", quantity: 1, atLeast: $at}) { repeated } b: createCustomer(input: $second) { repeated } }";
    let answer = shop.ask(query, json!({ "at": foreign, "second": customer("anna") })).await;
    // A payload may not be null, and so the null climbs to the top.
    assert_eq!(answer.as_object().unwrap().get("data"), Some(&Value::Null));
    assert_eq!(answer["errors"].as_array().unwrap().len(), 1);
    assert_eq!(answer["errors"][0]["path"], json!(["a"]));
    assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_POSITION");
    let events = shop.data("{ events { events { __typename } } }", Value::Null).await;
    assert_eq!(events["events"]["events"], json!([{ "__typename": "CustomerCreated" }]));
}

#[tokio::test]
async fn a_field_that_is_given_twice_is_refused_wherever_it_is_given() {
    let shop = Shop::open().await;
    let query = "query($id: ID!) { customer(id: $id) { id } }";
    let post = |body: String| {
        let request = shop.request(Method::POST, "/graphql").body(body);
        request.header(header::CONTENT_TYPE, "application/json").send()
    };
    for body in [
        format!("{{\"query\":\"{query}\",\"variables\":{{\"id\":\"a\",\"id\":\"b\"}}}}"),
        format!("{{\"query\":\"{query}\",\"query\":\"{query}\",\"variables\":{{\"id\":\"a\"}}}}"),
        format!("{{\"query\":\"{query}\",\"extensions\":{{\"a\":{{\"b\":1,\"b\":1}}}}}}"),
        format!("{{\"query\":\"{query}\",\"nothing\":{{\"b\":1,\"b\":1}}}}"),
    ] {
        let response = post(body.clone()).await.unwrap();
        assert_eq!(response.status(), 400, "{body}");
        let text = response.text().await.unwrap();
        assert!(text.contains("given twice"), "{text}");
    }
    for twice in [
        ("variables", "{\"id\":\"a\",\"id\":\"b\"}"),
        ("extensions", "{\"id\":\"a\",\"id\":\"b\"}"),
        ("query", "{ __typename }"),
    ] {
        let request = shop.request(Method::GET, "/graphql").query(&[("query", query), twice]);
        assert_eq!(request.send().await.unwrap().status(), 400, "{twice:?}");
    }
}

#[tokio::test]
async fn nothing_that_nests_ends_the_process() {
    let shop = Shop::open().await;
    let lists = format!("{{customers(filter:{{name:{}", "[".repeat(1_562));
    let request = shop.request(Method::GET, "/graphql").query(&[("query", &lists)]);
    let response = request.header("origin", "https://elsewhere.example").send().await.unwrap();
    assert!(response.text().await.unwrap().contains("nests deeper than the 64 levels"));
    for query in [
        format!("{}{}", "{ customers ".repeat(50_000), "}".repeat(50_000)),
        format!(
            "query($a: [String] = {}{}) {{ __typename }}",
            "[".repeat(9_000),
            "]".repeat(9_000)
        ),
        format!("{{ __typename @skip(if: {}1{}) }}", "{a:".repeat(9_000), "}".repeat(9_000)),
    ] {
        assert_eq!(shop.code(&query, Value::Null).await, "GRAPHQL_VALIDATION_FAILED");
    }
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let deep = format!("{}1{}", open.repeat(100_000), close.repeat(100_000));
        let body = format!("{{\"query\":\"{{__typename}}\",\"variables\":{{\"a\":{deep}}}}}");
        let request = shop.request(Method::POST, "/graphql").body(body);
        let request = request.header(header::CONTENT_TYPE, "application/json");
        assert_eq!(request.send().await.unwrap().status(), 400);
    }
    assert_eq!(shop.data("{ __typename }", Value::Null).await, json!({ "__typename": "Query" }));
}

#[tokio::test]
async fn a_default_decides_whether_a_field_is_asked_for() {
    let (shop, at) = bought().await;
    let query = "query($at: Position, $w: Boolean = true, $n: Boolean = false) { customer(id: \"anna\", atLeast: $at) {
        firstName @include(if: $w) lastName @include(if: $n) address @skip(if: $w) id @skip(if: $n) } }";
    let read = shop.data(query, json!({ "at": at })).await;
    assert_eq!(read["customer"], json!({ "firstName": "Anna", "id": "anna" }));
    let read = shop.data(query, json!({ "at": at, "w": false, "n": true })).await;
    assert_eq!(read["customer"], json!({ "lastName": "Kowalska", "address": "ul. Krótka 1" }));
}

#[tokio::test]
async fn an_object_without_fields_is_an_object() {
    let (shop, at) = bought().await;
    let query =
        "query($at: Position) { customer(id: \"anna\", atLeast: $at) { id @skip(if: true) } }";
    let read = shop.data(query, json!({ "at": at })).await;
    assert_eq!(read, json!({ "customer": {} }));
    let read = shop.data("{ customer(id: \"nobody\") { id @skip(if: true) } }", Value::Null).await;
    assert_eq!(read, json!({ "customer": null }));
    let read = shop.data("{ customer(id: \"anna\") @skip(if: true) { id } }", Value::Null).await;
    assert_eq!(read, json!({}));
    let query = "{ events { events { ... on CustomerCreated { customerId } } } }";
    let events = shop.data(query, Value::Null).await["events"]["events"].take();
    assert_eq!(events.as_array().unwrap().len(), 3);
    let mut events: Vec<_> = events.as_array().unwrap().iter().map(Value::to_string).collect();
    events.sort();
    assert_eq!(events, ["{\"customerId\":\"anna\"}", "{}", "{}"]);
    let mutation = "mutation { createCustomer(input: {id: \"anna\", firstName: \"Anna\", lastName: \"Kowalska\",
        address: \"ul. Krótka 1\"}) { event { ... on ProductPriced @skip(if: true) { name } id @skip(if: true) } rejection { code } } }";
    assert_eq!(shop.code(mutation, Value::Null).await, "GRAPHQL_VALIDATION_FAILED");
    let mutation = mutation.replace("... on ProductPriced @skip(if: true) { name }", "");
    let told = shop.data(&mutation, Value::Null).await;
    assert_eq!(told, json!({ "createCustomer": { "event": {}, "rejection": null } }));
}

#[tokio::test]
async fn a_name_of_ours_never_meets_one_of_a_clients() {
    let (shop, at) = bought().await;
    let query = "query($at: Position) { customer(id: \"anna\", atLeast: $at) { __type: firstName purchases { nodes {
        __type_: id product { __type__: name __typename } } } } events { events { __type___: __typename } } }";
    let read = shop.data(query, json!({ "at": at })).await;
    assert_eq!(read["customer"]["__type"], "Anna");
    let product = json!({ "__type__": "Chleb wiejski", "__typename": "Product" });
    let purchases = json!({ "nodes": [{ "__type_": "anna:1", "product": product }] });
    assert_eq!(read["customer"], json!({ "__type": "Anna", "purchases": purchases }));
    let mut kinds = read["events"]["events"].as_array().unwrap().clone();
    kinds.sort_by_key(Value::to_string);
    assert_eq!(kinds[0], json!({ "__type___": "CustomerCreated" }));
}

#[tokio::test]
async fn a_null_climbs_to_the_nearest_place_that_may_be_null() {
    let (shop, at) = bought().await;
    let query = "query($at: Position) { a: __typename customer(id: \"anna\", atLeast: $at) { id purchases { nodes { id product { id unitsSold } } } } }";
    shop.data(query, json!({ "at": at })).await;
    // The product's sales cannot be read: the product may be null.
    shop.views.take_away_after(3);
    let answer = shop.ask(query, Value::Null).await;
    let nodes = json!([{ "id": "anna:1", "product": null }]);
    assert_eq!(
        answer["data"],
        json!({ "a": "Query", "customer": { "id": "anna", "purchases": { "nodes": nodes } } })
    );
    assert_eq!(answer["errors"].as_array().unwrap().len(), 1);
    let error = &answer["errors"][0];
    assert_eq!(error["path"], json!(["customer", "purchases", "nodes", 0, "product", "unitsSold"]));
    assert_eq!(error["locations"], json!([{ "line": 1, "column": 114 }]));
    // All is away: the list of customers may not be null, and so there is no data.
    let answer = shop.ask("{ customers { nodes { id } } a: __typename }", Value::Null).await;
    assert_eq!(answer["data"], Value::Null);
    assert_eq!(answer.as_object().unwrap().get("data"), Some(&Value::Null));
    let answer = shop.ask("{ customer(id: \"anna\") { id } a: __typename }", Value::Null).await;
    assert_eq!(answer["data"], json!({ "customer": null, "a": "Query" }));
}

#[tokio::test]
async fn an_object_of_which_a_field_failed_is_no_null() {
    let (shop, at) = bought().await;
    let query =
        "query($at: Position) { purchase(id: \"anna:1\", atLeast: $at) { product { id } } }";
    shop.data(query, json!({ "at": at })).await;
    shop.views.take_away_after(1);
    let answer = shop.ask(query, Value::Null).await;
    assert_eq!(answer["data"], json!({ "purchase": { "product": null } }));
}
