//! Why a question has no answer.

use std::{error::Error, sync::Arc};

use event_log::{LogError, Position};
use views::StoreError;

/// Why a question has no answer.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Failure {
    /// The views or the log cannot be reached; they may answer later.
    #[error("what the answer would be read from is unavailable")]
    Unavailable(#[source] Arc<dyn Error + Send + Sync>),
    /// Nobody has begun the views.
    #[error("the views have not been built yet")]
    NotBuilt,
    /// The position is of another log, or names a partition that the log does not have.
    #[error("the position is not one of this log")]
    BadPosition,
    /// The views did not get as far as was asked in time.
    #[error("the views are not that far yet")]
    StaleRead {
        /// How far they are.
        seen: Position,
    },
    /// The request looked at more, or its answer is longer, than one may.
    #[error("the request costs too much")]
    TooMuch {
        /// How many records and documents one may look at.
        looked_at: u64,
        /// How many bytes an answer may have.
        told: u64,
    },
    /// The request was not done in time.
    #[error("the request was not done in time")]
    TimedOut,
    /// The generation was replaced while it was read: [`crate::Queries::read`] begins again.
    #[error("the generation was replaced")]
    Moved,
}

impl Failure {
    /// Why the views are not fit for this program: where an operator has to do something.
    pub fn unfit(&self) -> Option<&str> {
        let Self::Unavailable(cause) = self else { return None };
        match cause.downcast_ref() {
            Some(StoreError::Unfit(why)) => Some(why),
            Some(
                StoreError::NotBuilt | StoreError::GenerationGone | StoreError::Unavailable(_),
            )
            | None => None,
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotBuilt => Self::NotBuilt,
            StoreError::GenerationGone => Self::Moved,
            StoreError::Unavailable(_) | StoreError::Unfit(_) => Self::Unavailable(Arc::new(error)),
        }
    }
}

impl From<LogError> for Failure {
    fn from(error: LogError) -> Self {
        Self::Unavailable(Arc::new(error))
    }
}
