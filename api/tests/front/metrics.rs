//! Figures, as another program reads them.

use std::collections::BTreeMap;

use prometheus_parse::{Scrape, Value};
use reqwest::Method;
use serde_json::{Value as Json, json};

use crate::shop::Shop;

async fn scrape(shop: &Shop) -> Scrape {
    let answer = shop.request(Method::GET, "/metrics").send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
    assert!(kind.starts_with("text/plain; version=0.0.4"), "{kind}");
    let text = answer.text().await.unwrap();
    check_lines(&text);
    Scrape::parse(text.lines().map(|line| Ok(line.to_owned()))).unwrap()
}

/// Every family is described once and before its figures, and every line is one of the format.
fn check_lines(text: &str) {
    assert!(text.ends_with('\n'));
    let mut families: BTreeMap<&str, (bool, bool)> = BTreeMap::new();
    let mut current = "";
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            current = rest.split_once(' ').unwrap().0;
            assert_eq!(families.insert(current, (true, false)), None, "{current} twice");
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').unwrap();
            assert_eq!(name, current);
            assert!(["counter", "gauge", "histogram"].contains(&kind), "{line}");
            families.get_mut(name).unwrap().1 = true;
            assert_eq!(kind == "counter", name.ends_with("_total"), "{line}");
        } else {
            assert!(line.starts_with(current), "{line} under {current}");
            assert!(families[current].1, "{line} before its type");
            line.rsplit_once(' ').unwrap().1.parse::<f64>().unwrap();
        }
    }
}

fn find(scrape: &Scrape, name: &str, labels: &[(&str, &str)]) -> String {
    let fits = |it: &&prometheus_parse::Sample| {
        it.metric == name && labels.iter().all(|(label, value)| it.labels.get(label) == Some(value))
    };
    match scrape.samples.iter().find(fits).map(|it| &it.value) {
        Some(Value::Counter(value) | Value::Gauge(value) | Value::Untyped(value)) => {
            value.to_string()
        }
        other => panic!("{name} {labels:?}: {other:?}"),
    }
}

#[tokio::test]
async fn requests_commands_and_errors_are_counted() {
    let shop = Shop::open().await;
    shop.create("anna", "Anna").await;
    shop.create("anna", "Anna").await;
    assert_eq!(shop.create("anna", "Maria").await["rejection"]["code"], "CUSTOMER_ALREADY_EXISTS");
    shop.data("{ customers { nodes { id } } }", Json::Null).await;
    shop.code("{ customers(first: 0) { nodes { id } } }", Json::Null).await;
    shop.code("{ nothing }", Json::Null).await;
    shop.request(Method::POST, "/graphql").json(&json!([])).send().await.unwrap();
    let scrape = scrape(&shop).await;
    for outcome in ["stored", "repeated", "refused"] {
        assert_eq!(
            find(&scrape, "sklep_commands_total", &[("outcome", outcome)]),
            "1",
            "{outcome}"
        );
    }
    for code in ["BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED", "BAD_REQUEST"] {
        assert_eq!(find(&scrape, "sklep_errors_total", &[("code", code)]), "1", "{code}");
    }
    for (operation, count) in [("mutation", "3"), ("query", "2"), ("bad", "2")] {
        let histogram = scrape.samples.iter().find(|it| {
            it.metric == "sklep_request_duration_seconds"
                && it.labels.get("operation") == Some(operation)
        });
        let Value::Histogram(buckets) = &histogram.unwrap().value else { panic!("{histogram:?}") };
        assert!(buckets.is_sorted_by(|a, b| a.less_than < b.less_than && a.count <= b.count));
        assert_eq!(buckets.last().unwrap().count.to_string(), count, "{operation}");
        assert!(buckets.last().unwrap().less_than.is_infinite());
    }
}

#[tokio::test]
async fn odd_labels_are_written_so_that_they_are_read() {
    let shop = Shop::open().await;
    let scrape = scrape(&shop).await;
    let odd = scrape.samples.iter().find(|it| it.metric == "sklep_odd").unwrap();
    assert_eq!(find(&scrape, "sklep_odd", &[]), "7");
    assert!(odd.labels.get("name").unwrap().contains("quoted"), "{odd:?}");
}

#[tokio::test]
async fn a_shop_that_listens_for_its_own_machine_answers_only_under_its_names() {
    let shop = Shop::open().await;
    let ask = |host: &'static str| {
        let request = shop.request(Method::GET, "/graphql?query={customers{nodes{id}}}");
        async move { request.header("host", host).send().await.unwrap().status().as_u16() }
    };
    for own in ["localhost", "localhost:8080", "127.0.0.1:1", "[::1]", "shop.example"] {
        assert_eq!(ask(own).await, 200, "{own}");
    }
    for other in ["evil.example", "evil.example:8080", "10.0.0.1"] {
        assert_eq!(ask(other).await, 421, "{other}");
    }
    let readiness = shop.request(Method::GET, "/readyz").header("host", "evil.example");
    assert_eq!(readiness.send().await.unwrap().status(), 421);
}
