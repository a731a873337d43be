//! `/metrics`: figures in the text format of Prometheus
//! (<https://prometheus.io/docs/instrumenting/exposition_formats/>), for whoever watches the shop.

mod counters;
mod family;

use std::{fmt::Write as _, sync::Arc};

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use futures::future::BoxFuture;

pub(crate) use self::counters::{Counters, Operation};
pub use self::family::{Family, Kind};

/// Gives the figures that others than the front door know.
pub type MetricSource = Arc<dyn Fn() -> BoxFuture<'static, Vec<Family>> + Send + Sync>;

/// What `/metrics` asks.
#[derive(Clone)]
pub(crate) struct Metrics {
    pub(crate) counters: Arc<Counters>,
    pub(crate) gauges: MetricSource,
}

pub(crate) async fn metrics(State(figures): State<Metrics>) -> Response {
    let families = figures.counters.families().into_iter().chain((figures.gauges)().await);
    let mut text = String::new();
    for family in families {
        // Writing to a text does not fail.
        let _ = write!(text, "{family}");
    }
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}
