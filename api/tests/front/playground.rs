//! What a browser gets.

use reqwest::{Method, header};

use crate::shop::Shop;

const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

/// The addresses in a page's `src` and `href`.
fn addresses(page: &str) -> Vec<&str> {
    let of = |name| page.split(name).skip(1).filter_map(|rest| rest.split('"').next());
    of("src=\"").chain(of("href=\"")).filter(|it| !it.starts_with("data:")).collect()
}

#[tokio::test]
async fn a_browser_is_sent_to_the_playground_which_loads_everything_from_here() {
    let shop = Shop::open().await;
    let response = shop.request(Method::GET, "/").send().await.unwrap();
    assert_eq!(response.headers()[header::LOCATION], "/graphql");
    let request = shop.request(Method::GET, "/graphql").header(header::ACCEPT, BROWSER);
    let response = request.send().await.unwrap();
    assert_eq!(response.headers()[header::CONTENT_TYPE], "text/html; charset=utf-8");
    let policy = response.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("http"), "{policy}");
    let page = response.text().await.unwrap();
    assert!(page.contains("<title>Sklep</title>"));
    assert!(!page.contains("://"), "the page names another place");
    for address in addresses(&page) {
        assert!(address.starts_with("/graphql/"), "{address}");
        let response = shop.request(Method::GET, address).send().await.unwrap();
        assert_eq!(response.status(), 200, "{address}");
        let kind = response.headers()[header::CONTENT_TYPE].to_str().unwrap();
        assert!(kind.starts_with("text/javascript") || kind.starts_with("text/css"), "{kind}");
        assert!(response.headers().contains_key(header::CACHE_CONTROL));
    }
    let response = shop.request(Method::GET, "/graphql/assets/nothing.js").send().await.unwrap();
    assert_eq!(response.status(), 404);
}

#[tokio::test]
async fn the_examples_run_in_their_order() {
    let shop = Shop::open().await;
    let examples: serde_json::Value =
        serde_json::from_str(include_str!("../../src/playground/examples.json")).unwrap();
    let mut position = serde_json::Value::Null;
    for example in examples.as_array().unwrap() {
        let variables: serde_json::Value =
            serde_json::from_str(example["variables"].as_str().unwrap()).unwrap();
        let mut variables = variables;
        if variables.get("atLeast").is_some() {
            variables["atLeast"] = position.clone();
        }
        let data = shop.data(example["query"].as_str().unwrap(), variables).await;
        if let Some(bought) = data.get("purchaseProduct") {
            position = bought["position"].clone();
        }
        if let Some(customer) = data.get("customer") {
            assert_eq!(customer["purchases"]["nodes"][0]["id"], "anna:1");
        }
    }
}

#[tokio::test]
async fn the_schema_can_be_read_as_text() {
    let shop = Shop::open().await;
    let response = shop.request(Method::GET, "/graphql/schema.graphql").send().await.unwrap();
    assert!(response.text().await.unwrap().contains("type Mutation"));
}
