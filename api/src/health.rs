//! Whether the process lives and whether it serves.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use futures::future::BoxFuture;
use serde::Serialize;

/// Says why the shop does not serve yet, for the people who run it; nothing when it does.
pub type Readiness = Arc<dyn Fn() -> BoxFuture<'static, Vec<String>> + Send + Sync>;

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
