//! What a browser gets: GraphiQL where the build could fetch it, else a small page of our own. Nothing is ever loaded
//! from elsewhere.

use axum::{
    extract::Path,
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
};

use crate::{edge, schema::sdl};

// `FETCHED`: what the build script has fetched; empty when it could not.
include!(concat!(env!("OUT_DIR"), "/playground.rs"));

/// A file that the page loads.
struct Asset {
    name: &'static str,
    kind: &'static str,
    body: &'static [u8],
}

/// Scripts only from here. GraphiQL's editor sets styles by itself, and its pictures and fonts are in its style sheet.
const GRAPHIQL_MAY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";

/// The name of a fetched file carries its version.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

const EXAMPLES: &str = include_str!("playground/examples.json");
const EXAMPLES_HERE: &str = "/* examples */ []";

/// The page itself.
pub(crate) fn page() -> Response {
    if FETCHED.is_empty() {
        return simple();
    }
    let headers =
        [(header::CONTENT_SECURITY_POLICY, GRAPHIQL_MAY), (header::CACHE_CONTROL, "no-cache")];
    (headers, Html(include_str!("playground/graphiql.html"))).into_response()
}

/// A file that the page loads.
pub(crate) async fn asset(Path(name): Path<String>) -> Response {
    let own = |kind: &'static str, body: String| {
        ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-cache")], body).into_response()
    };
    match name.as_str() {
        "start.js" => {
            let script = include_str!("playground/start.js").replace(EXAMPLES_HERE, EXAMPLES);
            own("text/javascript; charset=utf-8", script)
        }
        "start.css" => own("text/css; charset=utf-8", include_str!("playground/start.css").into()),
        _fetched => FETCHED.iter().find(|asset| asset.name == name).map_or_else(
            || StatusCode::NOT_FOUND.into_response(),
            |asset| {
                let headers =
                    [(header::CONTENT_TYPE, asset.kind), (header::CACHE_CONTROL, FOR_EVER)];
                (headers, asset.body).into_response()
            },
        ),
    }
}

/// The schema as text.
pub(crate) async fn schema() -> Response {
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], sdl()).into_response()
}

/// One file with its script in it, which a nonce lets run.
fn simple() -> Response {
    let nonce = edge::mint().simple().to_string();
    let page = include_str!("playground/simple.html")
        .replace(EXAMPLES_HERE, EXAMPLES)
        .replace("/* nonce */", &nonce);
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'unsafe-inline'; img-src data:; \
         connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    let headers =
        [(header::CONTENT_SECURITY_POLICY, policy.as_str()), (header::CACHE_CONTROL, "no-store")];
    (headers, Html(page)).into_response()
}
