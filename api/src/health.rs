//! Whether the process lives and whether it serves.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Serialize;

use crate::Readiness;

/// What `/readyz` says.
#[derive(Serialize)]
struct Ready {
    ready: bool,
    /// Why not.
    waiting: Vec<String>,
}

pub(crate) async fn alive() -> &'static str {
    "alive\n"
}

pub(crate) async fn ready(State(ready): State<Readiness>) -> Response {
    let waiting = ready().await;
    let status = if waiting.is_empty() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(Ready { ready: waiting.is_empty(), waiting })).into_response()
}
