//! Errors that are told before a request gets to GraphQL, in the form that GraphQL's clients read.

use axum::{
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

use crate::{http::Media, schema::Code};

/// An answer with this one error to a request with these headers.
pub(crate) fn plain_error(
    asked: &HeaderMap,
    status: StatusCode,
    code: Code,
    message: &str,
) -> Response {
    let media = Media::of(asked).unwrap_or(Media::Json);
    let error = json!({ "message": message, "extensions": { "code": code.as_str() } });
    let headers =
        [(header::CONTENT_TYPE, media.content_type()), (header::CACHE_CONTROL, "no-store")];
    (status, headers, json!({ "errors": [error] }).to_string()).into_response()
}
