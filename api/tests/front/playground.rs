//! What a browser gets.

use reqwest::{Method, header};
use serde_json::Value;

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
async fn a_small_screen_goes_on_to_the_simple_page_and_either_page_can_be_had_on_any() {
    let shop = Shop::open().await;
    let get = async |path: &str| {
        shop.request(Method::GET, path).header(header::ACCEPT, BROWSER).send().await.unwrap()
    };
    let simple = get("/graphql/simple").await;
    let policy = simple.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    let simple = simple.text().await.unwrap();
    let first = get("/graphql").await.text().await.unwrap();
    let graphiql = get("/graphql/graphiql").await;
    if first.contains("id=\"graphiql\"") {
        let graphiql = graphiql.text().await.unwrap();
        assert_eq!(first, graphiql);
        // It decides before anything else is loaded.
        assert_eq!(addresses(&graphiql)[0], "/graphql/assets/choose.js");
        assert!(simple.contains("href=\"/graphql/graphiql\""), "{simple}");
    } else {
        assert_eq!(
            (&first, graphiql.headers()[header::LOCATION].as_bytes()),
            (&simple, &b"/graphql"[..])
        );
        assert!(!simple.contains("/graphql/graphiql"), "{simple}");
    }
    for address in addresses(&simple).into_iter().filter(|it| it.contains("assets")) {
        assert_eq!(get(address).await.status(), 200, "{address}");
    }
    assert!(get("/graphql/assets/ask.js").await.text().await.unwrap().contains("CreateCustomer"));
}

/// Runs the examples one after the other as the pages do, and gives each answer.
async fn run_all(shop: &Shop) -> Vec<Value> {
    let (mut newest, mut answers) = (Value::Null, Vec::new());
    for example in examples() {
        let mut variables: Value =
            serde_json::from_str(example["variables"].as_str().unwrap()).unwrap();
        if variables.get("atLeast").is_some() {
            variables["atLeast"] = newest.clone();
        }
        let data = shop.data(example["query"].as_str().unwrap(), variables).await;
        for field in data.as_object().unwrap().values() {
            assert_eq!(field.get("rejection").unwrap_or(&Value::Null), &Value::Null, "{field}");
            newest = field.get("position").cloned().unwrap_or(newest);
        }
        answers.push(data);
    }
    answers
}

fn examples() -> Vec<Value> {
    serde_json::from_str(include_str!("../../src/playground/examples.json")).unwrap()
}

#[tokio::test]
async fn the_examples_run_in_their_order_and_again() {
    let shop = Shop::open().await;
    // What others begin with is in nobody's way.
    shop.create("anna", "Anna").await;
    shop.price("chleb_1", "4.80").await;
    for (round, bought, versions) in [(1, 1, 2), (2, 2, 4), (3, 3, 6)] {
        let answers = run_all(&shop).await;
        assert_eq!(answers[0]["createCustomer"]["repeated"], round > 1);
        let customer = &answers[4]["customer"];
        assert_eq!(customer["purchases"]["nodes"][0]["id"], format!("ewa:{bought}"));
        let prices = answers[5]["product"]["priceHistory"]["nodes"].as_array().unwrap();
        assert_eq!((prices.len(), &prices[0]["price"]["amount"]), (versions, &"27.90".into()));
        assert_eq!((&prices[1]["purchases"], &prices[1]["unitsSold"]), (&1.into(), &"0.5".into()));
        assert_eq!(answers[6]["products"]["nodes"].as_array().unwrap().len(), 2);
        let happened = answers[7]["events"]["events"].as_array().unwrap();
        assert_eq!(happened.len(), 3 + versions + bought);
    }
}

#[test]
fn every_example_has_a_name_and_fits_into_the_editor() {
    for example in examples() {
        let query = example["query"].as_str().unwrap();
        // GraphiQL names a tab by the first line that begins like this.
        let named = query.lines().find_map(|line| {
            let rest = line.strip_prefix("query ").or_else(|| line.strip_prefix("mutation "))?;
            Some(rest.split(['(', ' ']).next().unwrap())
        });
        assert!(named.is_some_and(|name| !name.is_empty()), "{query}");
        // At 1280 pixels the editor shows 51 characters of a line.
        for line in query.lines() {
            assert!(line.chars().count() <= 51, "{line}");
        }
    }
}

#[tokio::test]
async fn the_schema_can_be_read_as_text() {
    let shop = Shop::open().await;
    let response = shop.request(Method::GET, "/graphql/schema.graphql").send().await.unwrap();
    assert!(response.text().await.unwrap().contains("type Mutation"));
}
