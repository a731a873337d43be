use axum::http::HeaderValue;

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
