//! GraphQL over HTTP.

use reqwest::{Method, header};
use serde_json::{Value, json};

use crate::shop::{Parts, Shop};

const MODERN: &str = "application/graphql-response+json";
const PLAIN: &str = "application/json";

struct Seen {
    status: u16,
    content_type: String,
    allow: Option<String>,
    body: Value,
}

async fn send(request: reqwest::RequestBuilder) -> Seen {
    let response = request.send().await.unwrap();
    let header = |name| response.headers().get(name).map(|it| it.to_str().unwrap().to_owned());
    let content_type = header(header::CONTENT_TYPE).unwrap_or_default();
    let allow = header(header::ALLOW);
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
    Seen { status, content_type, allow, body }
}

fn post(shop: &Shop, content_type: &str, accept: &str, body: &str) -> reqwest::RequestBuilder {
    shop.request(Method::POST, "/graphql")
        .header(header::CONTENT_TYPE, content_type)
        .header(header::ACCEPT, accept)
        .body(body.to_owned())
}

/// A request and what becomes of it.
struct Case {
    content_type: &'static str,
    body: String,
    /// The status under the modern media type.
    modern: u16,
    /// The status under the plain one.
    plain: u16,
    /// What `extensions.code` is, empty where there is no error.
    code: &'static str,
}

fn case(content_type: &'static str, body: &str, statuses: (u16, u16), code: &'static str) -> Case {
    Case { content_type, body: body.to_owned(), modern: statuses.0, plain: statuses.1, code }
}

/// A body that holds this query.
fn query(query: &str, statuses: (u16, u16), code: &'static str) -> Case {
    case(PLAIN, &json!({ "query": query }).to_string(), statuses, code)
}

const FINE: &str = "{\"query\":\"{ __typename }\"}";

fn well_formed() -> Vec<Case> {
    let float = "mutation { priceProduct(input: {productId: \"p\", price: 0.36}) { repeated } }";
    let (ok, not_executed, invalid) = ((200, 200), (400, 200), "GRAPHQL_VALIDATION_FAILED");
    vec![
        query("{ __typename }", ok, ""),
        case("application/json; charset=UTF-8", FINE, ok, ""),
        case("application/json; charset=utf8", FINE, ok, ""),
        case("application/json;charset=\"UTF8\"", FINE, ok, ""),
        query("{ events(first: 0) { hasMore } }", ok, "BAD_USER_INPUT"),
        query("{", not_executed, "GRAPHQL_PARSE_FAILED"),
        query("{ nothing }", not_executed, invalid),
        query(float, not_executed, invalid),
        query("query A { __typename } query B { __typename }", not_executed, invalid),
        query("subscription { events { id } }", not_executed, invalid),
    ]
}

fn malformed() -> Vec<Case> {
    let code = "BAD_REQUEST";
    vec![
        case(PLAIN, "{ \"query", (400, 400), code),
        case(PLAIN, "", (400, 400), code),
        case(PLAIN, &format!("[{FINE}]"), (400, 400), code),
        case(PLAIN, "{\"query\": 7}", (400, 400), code),
        case(PLAIN, &" ".repeat(2 << 20), (413, 413), code),
        case("text/plain", FINE, (415, 415), code),
        case("application/graphql", "{ __typename }", (415, 415), code),
        case("application/json; charset=latin1", FINE, (415, 415), code),
        case("multipart/form-data; boundary=x", "--x--", (415, 415), code),
    ]
}

#[tokio::test]
async fn the_status_says_what_became_of_the_request() {
    let shop = Shop::with(Parts { projector: false, ..Parts::default() }).await;
    for case in well_formed().into_iter().chain(malformed()) {
        for (accept, status) in [(MODERN, case.modern), (PLAIN, case.plain)] {
            let shown: String = case.body.chars().take(60).collect();
            let seen = send(post(&shop, case.content_type, accept, &case.body)).await;
            assert_eq!(seen.status, status, "{} {shown} {accept}", case.content_type);
            assert_eq!(seen.content_type, format!("{accept}; charset=utf-8"), "{shown}");
            let code = &seen.body["errors"][0]["extensions"]["code"];
            assert_eq!(code.as_str().unwrap_or_default(), case.code, "{shown}");
            let executed = case.code.is_empty() || case.code == "BAD_USER_INPUT";
            assert_eq!(seen.body.get("data").is_some(), executed, "{shown}");
        }
    }
}

#[tokio::test]
async fn only_queries_are_asked_by_get() {
    let shop = Shop::open().await;
    let get = |fields: &[(&str, &str)]| {
        let request = shop.request(Method::GET, "/graphql").header(header::ACCEPT, PLAIN);
        send(request.query(&fields))
    };
    let seen = get(&[
        ("query", "query A($id: ID!) { customer(id: $id) { id } } mutation B { __typename }"),
        ("operationName", "A"),
        ("variables", "{\"id\":\"anna\"}"),
    ])
    .await;
    assert_eq!((seen.status, seen.body), (200, json!({ "data": { "customer": null } })));
    let seen = get(&[("query", "mutation { __typename }")]).await;
    assert_eq!((seen.status, seen.allow.as_deref()), (405, Some("POST")));
    let seen = get(&[("query", "{ __typename }"), ("variables", "[]")]).await;
    assert_eq!(seen.status, 400);
    assert_eq!(get(&[]).await.status, 400);
    let seen = send(shop.request(Method::PUT, "/graphql")).await;
    assert_eq!((seen.status, seen.allow.as_deref()), (405, Some("GET, POST")));
    let seen = send(post(&shop, PLAIN, "image/png", "{}")).await;
    assert_eq!(seen.status, 406);
}

#[tokio::test]
async fn floats_are_refused_with_a_hint_and_nothing_is_executed() {
    let shop = Shop::open().await;
    shop.create("anna", "Anna").await;
    let two = "mutation { a: priceProduct(input: {productId: \"p\", name: \"n\", type: \"t\", price: \"1\"}) { repeated } \
         b: priceProduct(input: {productId: \"q\", name: \"n\", type: \"t\", price: 0.36}) { repeated } }";
    let variable = "mutation($price: Decimal!) { priceProduct(input: {productId: \"q\", name: \"n\", type: \"t\", \
         price: $price}) { repeated } }";
    for (query, variables) in [
        (two, json!({})),
        (variable, json!({ "price": 0.36 })),
        (variable, json!({ "price": "0,36" })),
        (variable, json!({ "price": true })),
    ] {
        let answer = shop.ask(query, variables).await;
        let message = answer["errors"][0]["message"].as_str().unwrap();
        assert!(message.contains("\"0.36\""), "{message}");
        assert_eq!(answer.get("data"), None);
    }
    let events = shop.data("{ events { events { __typename } } }", Value::Null).await;
    assert_eq!(events["events"]["events"], json!([{ "__typename": "CustomerCreated" }]));
    let priced = shop.data(
        "mutation($price: Decimal!) { priceProduct(input: {productId: \"q\", name: \"n\", type: \"t\", price: $price}) \
         { event { price { amount } } } }",
        json!({ "price": 4 }),
    );
    assert_eq!(priced.await["priceProduct"]["event"]["price"]["amount"], "4.00");
}

#[tokio::test]
async fn headers_carry_the_ids_of_a_request_and_of_what_led_to_it() {
    let shop = Shop::open().await;
    let body = json!({ "query": "mutation { createCustomer(input: {id: \"anna\", firstName: \"A\", lastName: \"K\", \
         address: \"x\"}) { event { correlationId causationId } } }" });
    let request = shop
        .request(Method::POST, "/graphql")
        .header("x-request-id", "r-1")
        .header("x-correlation-id", "order:7")
        .header("x-causation-id", "click-3")
        .json(&body);
    let response = request.send().await.unwrap();
    assert_eq!(response.headers()["x-request-id"], "r-1");
    let answer: Value = response.json().await.unwrap();
    let event = &answer["data"]["createCustomer"]["event"];
    assert_eq!(event, &json!({ "correlationId": "order:7", "causationId": "click-3" }));
}

#[tokio::test]
async fn health_and_readiness_are_told_apart() {
    let shop = Shop::open().await;
    assert_eq!(send(shop.request(Method::GET, "/healthz")).await.status, 200);
    let seen = send(shop.request(Method::GET, "/readyz")).await;
    assert_eq!((seen.status, seen.body), (200, json!({ "ready": true, "waiting": [] })));
    let waiting = vec!["the views have 7 events to go".to_owned()];
    let shop = Shop::with(Parts { waiting: waiting.clone(), ..Parts::default() }).await;
    assert_eq!(send(shop.request(Method::GET, "/healthz")).await.status, 200);
    let seen = send(shop.request(Method::GET, "/readyz")).await;
    assert_eq!((seen.status, seen.body), (503, json!({ "ready": false, "waiting": waiting })));
}
