//! What is answered while the shop is being put together: whoever probes is told so, everybody else is told to wait.

use std::sync::Arc;

use axum::{
    Router,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware,
    response::Response,
    routing::get,
};

use crate::{
    Hosts, MetricSource, Readiness, health, host,
    metrics::{self, Metrics},
    plain_error::plain_error,
    schema::Code,
};

/// The front door of a shop that starts. `/healthz`, `/readyz` and `/metrics` answer; everything else is unavailable.
pub fn starting(ready: Readiness, gauges: MetricSource, hosts: Hosts) -> Router {
    let figures = Metrics { counters: Arc::default(), gauges };
    Router::new()
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready).with_state(ready))
        .route("/metrics", get(metrics::metrics).with_state(figures))
        .fallback(wait)
        .layer(middleware::from_fn_with_state(hosts, host::check))
}

async fn wait(headers: HeaderMap) -> Response {
    let message = "the shop is starting; /readyz says what it waits for";
    let status = StatusCode::SERVICE_UNAVAILABLE;
    let mut response = plain_error(&headers, status, Code::Unavailable, message);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    response
}
