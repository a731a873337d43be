//! What a browser gets: GraphiQL where the build could fetch it, else a simple page of our own, which a telephone gets in
//! any case. Nothing is ever loaded from elsewhere.

use axum::{
    extract::Path,
    http::{StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
};

use crate::schema::sdl;

// `FETCHED`: what the build script has fetched; empty when it could not.
include!(concat!(env!("OUT_DIR"), "/playground.rs"));

/// A file that the page loads.
struct Asset {
    name: &'static str,
    kind: &'static str,
    body: &'static [u8],
}

/// A file of our own that a page loads.
struct Own {
    name: &'static str,
    kind: &'static str,
    text: &'static str,
}

const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";

const OWN: &[Own] = &[
    Own { name: "ask.js", kind: SCRIPT, text: include_str!("playground/ask.js") },
    Own { name: "choose.js", kind: SCRIPT, text: include_str!("playground/choose.js") },
    Own { name: "start.js", kind: SCRIPT, text: include_str!("playground/start.js") },
    Own { name: "start.css", kind: STYLE, text: include_str!("playground/start.css") },
    Own { name: "simple.js", kind: SCRIPT, text: include_str!("playground/simple.js") },
    Own { name: "simple.css", kind: STYLE, text: include_str!("playground/simple.css") },
];

/// Everything only from here. GraphiQL's editor sets styles by itself, and its pictures and fonts are in its style sheet.
const GRAPHIQL_MAY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";

const SIMPLE_MAY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The name of a fetched file carries its version.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

const EXAMPLES: &str = include_str!("playground/examples.json");
const EXAMPLES_HERE: &str = "/* examples */ []";

/// The page at `/graphql`: GraphiQL, which sends small screens on to the simple page.
pub(crate) fn page() -> Response {
    if FETCHED.is_empty() { simple_page() } else { graphiql_page() }
}

/// GraphiQL for whoever wants it on any screen.
pub(crate) async fn graphiql() -> Response {
    if FETCHED.is_empty() {
        Redirect::temporary("/graphql").into_response()
    } else {
        graphiql_page()
    }
}

/// The simple page for whoever wants it on any screen.
pub(crate) async fn simple() -> Response {
    simple_page()
}

/// A file that a page loads.
pub(crate) async fn asset(Path(name): Path<String>) -> Response {
    let kept = |kind, lifetime| [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, lifetime)];
    if let Some(own) = OWN.iter().find(|own| own.name == name) {
        let text = own.text.replace(EXAMPLES_HERE, EXAMPLES);
        return (kept(own.kind, "no-cache"), text).into_response();
    }
    FETCHED.iter().find(|asset| asset.name == name).map_or_else(
        || StatusCode::NOT_FOUND.into_response(),
        |asset| (kept(asset.kind, FOR_EVER), asset.body).into_response(),
    )
}

/// The schema as text.
pub(crate) async fn schema() -> Response {
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], sdl()).into_response()
}

fn graphiql_page() -> Response {
    html(GRAPHIQL_MAY, include_str!("playground/graphiql.html").to_owned())
}

fn simple_page() -> Response {
    let link =
        if FETCHED.is_empty() { "" } else { " · <a href=\"/graphql/graphiql\">GraphiQL</a>" };
    let page = include_str!("playground/simple.html").replace("<!-- graphiql -->", link);
    html(SIMPLE_MAY, page)
}

fn html(may: &'static str, page: String) -> Response {
    let headers = [(header::CONTENT_SECURITY_POLICY, may), (header::CACHE_CONTROL, "no-cache")];
    (headers, Html(page)).into_response()
}
