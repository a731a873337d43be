//! Steps that the store takes to their ends although nobody waits for them any more.

use std::{future::Future, sync::Arc};

use tokio::sync::RwLock;
use views::StoreError;

/// Steps that the store takes to their ends although nobody waits for them any more.
///
/// A write makes the collection that it does not find. So before a generation is removed, what was on its way to it must
/// have landed: whoever leaves a call to the store does not know whether it is still to take effect.
#[derive(Debug, Clone, Default)]
pub(crate) struct InFlight {
    /// Each step reads it for as long as it takes.
    steps: Arc<RwLock<()>>,
}

impl InFlight {
    /// Takes a step, to its end even when this is left.
    pub(crate) async fn take<T: Send + 'static>(
        &self,
        step: impl Future<Output = Result<T, StoreError>> + Send + 'static,
    ) -> Result<T, StoreError> {
        let goes_on = Arc::clone(&self.steps).read_owned().await;
        let taken = tokio::spawn(async move {
            let done = step.await;
            drop(goes_on);
            done
        });
        taken.await.unwrap_or_else(|ended| Err(StoreError::Unavailable(Box::new(ended))))
    }

    /// Waits until no step is under way: each answers or gives up within its own time.
    pub(crate) async fn drained(&self) {
        drop(self.steps.write().await);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::{Instant, sleep, timeout};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_step_that_was_left_lands_all_the_same() {
        let (begun, under_way) = (Instant::now(), InFlight::default());
        let slow = under_way.take(async {
            sleep(Duration::from_secs(10)).await;
            Ok(())
        });
        assert!(timeout(Duration::from_secs(1), slow).await.is_err());
        under_way.drained().await;
        assert_eq!(begun.elapsed().as_secs(), 10);
        under_way.drained().await;
        assert_eq!(begun.elapsed().as_secs(), 10);
    }
}
