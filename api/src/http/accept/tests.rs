use std::time::{Duration, Instant};

use axum::http::HeaderValue;
use proptest::prelude::*;

use super::*;

fn headers(accept: &str) -> HeaderMap {
    HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_str(accept).unwrap())])
}

#[track_caller]
fn check(accept: &str, media: impl Into<Option<Media>>) {
    assert_eq!(Media::of(&headers(accept)), media.into(), "{accept}");
}

#[test]
fn the_media_type_that_is_wanted_most_is_taken() {
    check("application/graphql-response+json", Media::GraphqlResponse);
    check("application/json", Media::Json);
    check("application/json, application/graphql-response+json", Media::GraphqlResponse);
    check("application/json, application/graphql-response+json;q=0.9", Media::Json);
    check("Application/GraphQL-Response+JSON; charset=utf-8", Media::GraphqlResponse);
    check("application/graphql-response+json;q=0.1, text/plain", Media::GraphqlResponse);
    check("*/*", Media::Json);
    check("application/*", Media::Json);
    check("application/json;q=0, */*", Media::GraphqlResponse);
    check("text/html, */*;q=0.8", Media::Json);
}

#[test]
fn what_cannot_be_given_is_not() {
    check("text/html", None);
    check("image/png, application/json;q=0", None);
}

#[test]
fn without_a_wish_it_is_plain_json() {
    assert_eq!(Media::of(&HeaderMap::new()), Some(Media::Json));
}

#[test]
fn a_browser_gets_a_page_and_nobody_else_does() {
    let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    assert!(html(&headers(browser)));
    for other in ["*/*", "application/json", "text/html;q=0.5, application/json", "text/html;q=0"] {
        assert!(!html(&headers(other)), "{other}");
    }
    assert!(!html(&HeaderMap::new()));
}

#[test]
fn a_weight_is_what_http_says_it_is() {
    for (text, weight) in [
        ("0", 0),
        ("0.", 0),
        ("0.5", 500),
        ("0.05", 50),
        ("0.005", 5),
        ("1", 1000),
        ("1.", 1000),
        ("1.000", 1000),
    ] {
        assert_eq!(thousandths(text), Some(weight), "{text}");
    }
    for other in [
        "",
        ".5",
        "1.001",
        "2",
        "0.0001",
        "00",
        "-0",
        "+1",
        "1e0",
        "0.5e0",
        "0,5",
        " 1",
        "0e-200000000",
        "1.0.0",
    ] {
        assert_eq!(thousandths(other), None, "{other}");
    }
}

#[test]
fn a_weight_is_read_in_no_time_however_it_is_written() {
    let begun = Instant::now();
    let digits =
        format!("application/json;q=0.{}, text/plain;q={}", "0".repeat(60_000), "9".repeat(60_000));
    // An entry that is none of HTTP's is as if it were not there.
    for accept in ["application/json;q=0e-200000000", "*/*;q=1e2147483647", &digits] {
        check(accept, Media::Json);
    }
    assert!(begun.elapsed() < Duration::from_secs(1));
}

proptest! {
    #[test]
    fn every_weight_of_http_is_read_and_nothing_else(text in "[01]?[.]?[0-9]{0,4}[e-]?") {
        let padded = |places: &str| format!("{places:0<3}").parse::<u16>().unwrap();
        let expected = match text.split_at_checked(1) {
            Some(("0", "")) => Some(0),
            Some(("1", "")) => Some(1000),
            Some((whole, rest)) => rest
                .strip_prefix('.')
                .filter(|places| places.len() <= 3 && places.chars().all(|it| it.is_ascii_digit()))
                .map(padded)
                .and_then(|places| match whole {
                    "0" => Some(places),
                    _one => (whole == "1" && places == 0).then_some(1000),
                }),
            None => None,
        };
        prop_assert_eq!(thousandths(&text), expected);
    }
}
