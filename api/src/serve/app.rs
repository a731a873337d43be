//! What answers requests; it may become another one while the listener serves.

use std::sync::{Arc, PoisonError, RwLock};

use axum::Router;

/// What a listener answers requests with. Clones are the same one.
#[derive(Debug, Clone)]
pub struct App(Arc<RwLock<Router>>);

impl App {
    /// Answers every request from now on with this router.
    pub fn replace(&self, router: Router) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = router;
    }

    /// The router for one request.
    pub(super) fn router(&self) -> Router {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl From<Router> for App {
    fn from(router: Router) -> Self {
        Self(Arc::new(RwLock::new(router)))
    }
}
