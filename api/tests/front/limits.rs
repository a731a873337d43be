//! What is too much.

use serde_json::{Value, json};

use crate::shop::Shop;

#[tokio::test]
async fn paging_that_makes_no_sense_is_refused() {
    let shop = Shop::open().await;
    shop.create("anna", "Anna").await;
    for (arguments, code) in [
        ("first: 101", "BAD_USER_INPUT"),
        ("first: 0", "BAD_USER_INPUT"),
        ("last: -1", "BAD_USER_INPUT"),
        ("first: 1, last: 1", "BAD_USER_INPUT"),
        ("after: \"bread\"", "BAD_CURSOR"),
        ("before: \"\"", "BAD_CURSOR"),
    ] {
        let query = format!("{{ customers({arguments}) {{ nodes {{ id }} }} }}");
        // The views are begun by the first write; waiting for it is another test's concern.
        let mut seen = shop.code(&query, Value::Null).await;
        while seen == "UNAVAILABLE" {
            seen = shop.code(&query, Value::Null).await;
        }
        assert_eq!(seen, code, "{arguments}");
    }
    assert_eq!(
        shop.code("{ events(first: 101) { hasMore } }", Value::Null).await,
        "BAD_USER_INPUT"
    );
}

#[tokio::test]
async fn an_answer_does_not_quote_a_whole_request() {
    let shop = Shop::open().await;
    let answer = shop.ask(&"{".repeat(10_000), Value::Null).await;
    let message = answer["errors"][0]["message"].as_str().unwrap();
    assert!((1..=501).contains(&message.chars().count()), "{message}");
}

#[tokio::test]
async fn a_cursor_of_another_list_is_refused() {
    let shop = Shop::open().await;
    let created = shop.create("anna", "Anna").await;
    let query = "query($at: Position) { customers(atLeast: $at) { pageInfo { endCursor } } }";
    let read = shop.data(query, json!({ "at": created["position"] })).await;
    let cursor = &read["customers"]["pageInfo"]["endCursor"];
    let query = "query($after: String) { products(after: $after) { nodes { id } } }";
    assert_eq!(shop.code(query, json!({ "after": cursor })).await, "BAD_CURSOR");
}

#[tokio::test]
async fn a_cursor_of_another_customers_or_products_list_is_refused() {
    let shop = Shop::open().await;
    for (id, name) in [("anna", "Anna"), ("jan", "Jan")] {
        shop.create(id, name).await;
    }
    shop.price("chleb", "0.36").await;
    shop.price("bulka", "0.50").await;
    shop.buy("anna", "chleb", "1").await;
    let at = shop.buy("jan", "bulka", "1").await["position"].clone();
    let purchases = "query($id: ID!, $after: String, $at: Position) { customer(id: $id, atLeast: $at) { \
                     list: purchases(after: $after) { pageInfo { endCursor } } } }";
    let prices = "query($id: ID!, $after: String, $at: Position) { customer: product(id: $id, atLeast: $at) { \
                  list: priceHistory(after: $after) { pageInfo { endCursor } } } }";
    for (query, one, other) in [(purchases, "anna", "jan"), (prices, "chleb", "bulka")] {
        let read = shop.data(query, json!({ "id": one, "at": at })).await;
        let cursor = read["customer"]["list"]["pageInfo"]["endCursor"].clone();
        assert!(cursor.is_string(), "{read}");
        shop.data(query, json!({ "id": one, "after": cursor })).await;
        assert_eq!(shop.code(query, json!({ "id": other, "after": cursor })).await, "BAD_CURSOR");
    }
}

#[tokio::test]
async fn a_position_that_is_none_is_told_in_plain_words() {
    let shop = Shop::open().await;
    let answer = shop.ask("{ customers(atLeast: \"x\") { nodes { id } } }", Value::Null).await;
    let error = &answer["errors"][0];
    assert_eq!(error["message"], "this is not a position that the shop gave out", "{error}");
    assert_eq!(error["extensions"]["code"], "BAD_POSITION", "{error}");
}

#[tokio::test]
async fn a_query_that_is_too_deep_or_too_wide_is_refused_before_anything_is_read() {
    let shop = Shop::open().await;
    let mut deep = String::from("id");
    for _ in 0..5 {
        deep = format!("customer {{ purchases {{ nodes {{ {deep} }} }} }}");
    }
    let deep = format!("{{ purchase(id: \"a:1\") {{ {deep} }} }}");
    assert_eq!(shop.code(&deep, Value::Null).await, "GRAPHQL_VALIDATION_FAILED");
    let wide = "{ customers(first: 100) { nodes { purchases(first: 100) { nodes { id total { amount } \
         product { name price { amount } } } } } } }";
    assert_eq!(shop.code(wide, Value::Null).await, "GRAPHQL_VALIDATION_FAILED");
    assert_eq!(shop.views.asked(), 0);
}

#[tokio::test]
async fn fragments_that_spread_each_other_over_and_over_are_refused_at_once() {
    let shop = Shop::open().await;
    let bomb = |last: &str| {
        let doubling = (0..30).fold(String::new(), |all, n| {
            let next = n + 1;
            format!("{all} fragment F{n} on Query {{ ...F{next} ...F{next} }}")
        });
        format!("{{ ...F0 }} {doubling} fragment F30 on Query {{ {last} }}")
    };
    // Written out in full the first one has a billion fields; the second one has no end.
    for query in [bomb("__typename"), bomb("...F0 ...F0")] {
        assert_eq!(shop.code(&query, Value::Null).await, "GRAPHQL_VALIDATION_FAILED");
    }
    assert_eq!(shop.views.asked(), 0);
}

#[tokio::test]
async fn standard_introspection_is_within_the_limits() {
    let shop = Shop::open().await;
    let of_type =
        (0..9).fold("kind name".to_owned(), |inner, _| format!("kind name ofType {{ {inner} }}"));
    let input = "name description type { ...T } defaultValue isDeprecated deprecationReason";
    let query = format!(
        "{{ __schema {{ description queryType {{ name }} mutationType {{ name }} subscriptionType {{ name }} \
         types {{ kind name description specifiedByURL fields(includeDeprecated: true) {{ name description \
         args(includeDeprecated: true) {{ {input} }} type {{ ...T }} isDeprecated deprecationReason }} \
         inputFields(includeDeprecated: true) {{ {input} }} interfaces {{ ...T }} \
         enumValues(includeDeprecated: true) {{ name description isDeprecated deprecationReason }} \
         possibleTypes {{ ...T }} }} directives {{ name description isRepeatable locations \
         args(includeDeprecated: true) {{ {input} }} }} }} }} fragment T on __Type {{ {of_type} }}"
    );
    let read = shop.data(&query, Value::Null).await;
    assert!(read["__schema"]["types"].as_array().unwrap().len() > 30);
}

#[tokio::test]
async fn a_stop_waits_for_what_was_accepted_and_not_for_idle_connections() {
    let mut shop = Shop::open().await;
    shop.create("anna", "Anna").await;
    // Waits for a position that is never reached, 300 ms long, and keeps its connection open.
    let far = event_log::RecordId { partition: event_log::Partition(1), offset: 1_000_000 };
    let far = event_log::Token::from(event_log::Position::after(shop.identity.id, far)).to_string();
    let query = "query($at: Position) { customer(id: \"anna\", atLeast: $at) { id } }";
    let body = json!({ "query": query, "variables": { "at": far } });
    let waiting = tokio::spawn(shop.request(reqwest::Method::POST, "/graphql").json(&body).send());
    shop.create("ewa", "Ewa").await;
    shop.stop().await;
    let answer: Value = waiting.await.unwrap().unwrap().json().await.unwrap();
    assert_eq!(answer["errors"][0]["extensions"]["code"], "STALE_READ");
    assert!(shop.request(reqwest::Method::GET, "/healthz").send().await.is_err());
}
