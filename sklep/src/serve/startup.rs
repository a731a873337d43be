//! What a shop that starts is waiting for.

use std::sync::{Arc, Mutex, PoisonError};

use api::metrics::{Family, Kind};

use super::figures::build_info;

/// What a shop that starts is waiting for; clones are the same one.
#[derive(Debug, Clone)]
pub(super) struct Startup {
    waiting: Arc<Mutex<String>>,
    roles: String,
}

impl Startup {
    pub(super) fn new(roles: String) -> Self {
        Self { waiting: Arc::new(Mutex::new("the shop is starting".into())), roles }
    }

    /// From now on it waits for this.
    pub(super) fn waits_for(&self, what: String) {
        *self.waiting.lock().unwrap_or_else(PoisonError::into_inner) = what;
    }

    /// For `/readyz`.
    pub(super) fn readiness(&self) -> api::Readiness {
        let this = self.clone();
        Arc::new(move || {
            let waiting = this.waiting.lock().unwrap_or_else(PoisonError::into_inner).clone();
            Box::pin(async move { vec![waiting] })
        })
    }

    /// For `/metrics`.
    pub(super) fn gauges(&self) -> api::Gauges {
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
