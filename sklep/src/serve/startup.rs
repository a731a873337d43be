//! What a shop that starts is waiting for.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use api::metrics::{Family, Kind};

use super::figures::build_info;
use crate::stages::Span;

/// What a shop that starts is waiting for; clones are the same one.
#[derive(Debug, Clone)]
pub(super) struct Startup {
    waiting: Arc<Mutex<(String, Instant)>>,
    roles: String,
}

impl Startup {
    pub(super) fn new(roles: String) -> Self {
        let waiting = ("the shop is starting".into(), Instant::now());
        Self { waiting: Arc::new(Mutex::new(waiting)), roles }
    }

    /// From now on it waits for this.
    pub(super) fn waits_for(&self, what: String) {
        *self.waiting.lock().unwrap_or_else(PoisonError::into_inner) = (what, Instant::now());
    }

    /// For `/readyz`.
    pub(super) fn readiness(&self) -> api::Readiness {
        let this = self.clone();
        Arc::new(move || {
            let (what, since) = this.waiting.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let waiting = format!("{what}, for {} now", Span(since.elapsed().as_secs()));
            Box::pin(async move { vec![waiting] })
        })
    }

    /// For `/metrics`.
    pub(super) fn gauges(&self) -> api::MetricSource {
        let roles = self.roles.clone();
        Arc::new(move || {
            let families = vec![build_info(&roles), ready(false)];
            Box::pin(async move { families })
        })
    }
}

/// Whether the shop is ready, as a figure.
pub(super) fn ready(ready: bool) -> Family {
    Family::new("sklep_ready", Kind::Gauge, "Whether /readyz says so: 1 or 0.")
        .with(&[], u64::from(ready))
}
