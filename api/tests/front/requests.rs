//! Requests that are labelled, packed or abbreviated in a way that the shop does not take as it is.

use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};

use crate::shop::Shop;

const FINE: &str = "{\"query\":\"{ __typename }\"}";
const PLAIN: &str = "application/json";
const MODERN: &str = "application/graphql-response+json";

/// Sends this body, and gives the status and the answer.
async fn send(shop: &Shop, accept: &str, body: String) -> (u16, Value) {
    let request = shop.request(Method::POST, "/graphql").header(header::ACCEPT, accept);
    let response = request.header(header::CONTENT_TYPE, PLAIN).body(body).send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

#[tokio::test]
async fn a_label_that_cannot_be_stored_is_replaced_and_refuses_nothing() {
    let shop = Shop::open().await;
    let long = "x".repeat(129);
    let odd: [&[u8]; 6] = [b"a b", b"", b"{}", "Łódź".as_bytes(), b"\xff\xfe", long.as_bytes()];
    for (number, odd) in odd.into_iter().enumerate() {
        let odd = header::HeaderValue::from_bytes(odd).unwrap();
        let mutation = format!(
            "mutation {{ createCustomer(input: {{id: \"c{number}\", firstName: \"A\", lastName: \"K\", \
             address: \"x\"}}) {{ event {{ correlationId causationId }} }} }}"
        );
        let mut request =
            shop.request(Method::POST, "/graphql").json(&json!({ "query": mutation }));
        for label in ["x-request-id", "x-correlation-id", "x-causation-id", "traceparent"] {
            request = request.header(label, &odd);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{odd:?}");
        let id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
        assert_eq!(id.len(), 36, "{id}");
        let answer: Value = response.json().await.unwrap();
        let event = &answer["data"]["createCustomer"]["event"];
        assert_eq!(event, &json!({ "correlationId": id, "causationId": null }), "{odd:?}");
    }
}

#[tokio::test]
async fn a_compressed_body_is_refused_as_such() {
    let shop = Shop::open().await;
    let post = |coding: &'static str| {
        let request = shop.request(Method::POST, "/graphql").header("content-encoding", coding);
        request.header(header::CONTENT_TYPE, PLAIN).body(FINE).send()
    };
    for coding in ["gzip", "br", "identity, gzip"] {
        let response = post(coding).await.unwrap();
        assert_eq!(response.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE, "{coding}");
        assert_eq!(response.headers()[header::ACCEPT_ENCODING], "identity");
        assert!(response.text().await.unwrap().contains("without content-encoding"));
    }
    assert_eq!(post("Identity").await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn a_hash_without_its_query_is_answered_so_that_clients_send_the_query() {
    let shop = Shop::open().await;
    let sha = "ecf4edb46db40b5132295c0291d62fb65d6759a9eedfa4d5d612dd5ec54a6b38";
    let hash = json!({ "persistedQuery": { "version": 1, "sha256Hash": sha } });
    let not_supported = json!({ "errors": [{ "message": "PersistedQueryNotSupported",
        "extensions": { "code": "PERSISTED_QUERY_NOT_SUPPORTED" } }] });
    for accept in [MODERN, PLAIN] {
        let body = json!({ "operationName": "A", "variables": {}, "extensions": hash });
        let seen = send(&shop, accept, body.to_string()).await;
        assert_eq!(seen, (200, not_supported.clone()));
        let request = shop.request(Method::GET, "/graphql").header(header::ACCEPT, accept);
        let fields = [("extensions", hash.to_string())];
        let response = request.query(&fields).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.json::<Value>().await.unwrap(), not_supported);
    }
    // With the query the hash says nothing.
    let body = json!({ "query": "query A { __typename }", "extensions": hash }).to_string();
    let seen = send(&shop, PLAIN, body).await;
    assert_eq!(seen, (200, json!({ "data": { "__typename": "Query" } })));
    // Without either there is nothing to fall back to.
    for extensions in [json!(null), json!({}), json!({ "persistedQuery": null })] {
        let body = json!({ "extensions": extensions }).to_string();
        assert_eq!(send(&shop, PLAIN, body).await.0, 400);
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_body_is_said_without_names_from_inside() {
    let shop = Shop::open().await;
    let long = "x".repeat(30_000);
    for (body, said) in [
        ("5.5".to_owned(), "expected an object"),
        ("\"x\"".to_owned(), "expected an object"),
        (r#"{"query":"{ __typename }","variables":{"a":"\uD83D"}}"#.to_owned(), "come in pairs"),
        (r#"{"query":"{ __typename }","variables":{"a":"\uDE00"}}"#.to_owned(), "come in pairs"),
        (format!("{{\"{long}\":1,\"{long}\":2}}"), "given twice"),
    ] {
        let (status, answer) = send(&shop, PLAIN, body).await;
        let message = answer["errors"][0]["message"].as_str().unwrap();
        assert!(status == 400 && message.contains(said), "{message}");
        assert!(!message.contains("Given") && message.len() < 300, "{message}");
    }
}

#[tokio::test]
async fn a_character_is_read_from_its_escape_however_it_is_written() {
    let shop = Shop::open().await;
    let mutation = |name: &str| {
        format!(
            "mutation {{ createCustomer(input: {{firstName: \"{name}\", lastName: \"K\", address: \"x\"}}) \
             {{ event {{ firstName }} rejection {{ message }} }} }}"
        )
    };
    for smile in [r"\uD83D\uDE00", r"\ud83d\ude00", r"\u{1F600}", r"\u{01f600}", "😀"] {
        let data = shop.data(&mutation(smile), Value::Null).await;
        assert_eq!(data["createCustomer"]["event"]["firstName"], "😀", "{smile}");
    }
    for half in [r"\uD83D", r"\uDE00", r"\uD83Dx\uDE00", r"\uDE00\uD83D", r"\u{D83D}\u{DE00}"] {
        let answer = shop.ask(&mutation(half), Value::Null).await;
        // One error, since what follows it is no text any more.
        assert_eq!(answer["errors"].as_array().map(Vec::len), Some(1), "{answer}");
        let message = answer["errors"][0]["message"].as_str().unwrap();
        let said = ["unpaired surrogate", "a Unicode scalar value"];
        assert!(said.iter().any(|said| message.contains(said)), "{message}");
    }
}

#[tokio::test]
async fn an_address_of_several_lines_is_the_same_from_every_system() {
    let shop = Shop::open().await;
    let mutation = "mutation($address: String!) { createCustomer(input: {id: \"anna\", firstName: \"A\", lastName: \"K\", \
         address: $address, commandId: \"visit-1\"}) { repeated event { address } rejection { code } } }";
    for (address, repeated) in [
        ("ul. Krótka 1\r\nWarszawa\r\n", false),
        ("ul. Krótka 1\nWarszawa", true),
        ("ul. Krótka 1\rWarszawa", true),
    ] {
        let data = shop.data(mutation, json!({ "address": address })).await;
        let expected = json!({ "repeated": repeated, "rejection": null,
            "event": { "address": "ul. Krótka 1\nWarszawa" } });
        assert_eq!(data["createCustomer"], expected, "{address:?}");
    }
    let unnamed = mutation.replace(", commandId: \"visit-1\"", "");
    let data = shop.data(&unnamed, json!({ "address": "ul. Krótka 1\r\nWarszawa" })).await;
    assert_eq!(data["createCustomer"]["repeated"], true);
}
