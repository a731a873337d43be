//! Values that are asked for anew each time, and remembered for when the answer does not come soon.

use std::{
    future::Future,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::timeout;

/// How long a probe waits for what it observes. Two of them, one after the other, stay within a second.
pub(super) const SOON: Duration = Duration::from_millis(450);

/// The last value that came.
#[derive(Debug)]
pub(super) struct LastKnown<T>(Mutex<Option<T>>);

impl<T> Default for LastKnown<T> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<T: Clone> LastKnown<T> {
    /// The value that `ask` gives, if it gives one soon, or else the last one that it gave.
    pub(super) async fn or_ask(&self, ask: impl Future<Output = Option<T>>) -> Option<T> {
        let asked = timeout(SOON, ask).await.ok().flatten();
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if asked.is_some() {
            last.clone_from(&asked);
        }
        last.clone()
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use super::*;

    #[tokio::test]
    async fn what_does_not_come_soon_is_what_came_last() {
        let known = LastKnown::default();
        assert_eq!(known.or_ask(pending::<Option<u8>>()).await, None);
        assert_eq!(known.or_ask(ready(Some(1))).await, Some(1));
        assert_eq!(known.or_ask(pending()).await, Some(1));
        assert_eq!(known.or_ask(ready(None)).await, Some(1));
        assert_eq!(known.or_ask(ready(Some(2))).await, Some(2));
    }
}
