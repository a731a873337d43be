//! Why a step of a rebuild was not done.

use event_log::LogError;
use views::{CommitError, ControlConflict, StoreError};

use crate::{feed::with_causes, rebuild::RebuildError};

/// Why a step of a rebuild was not done.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// It may be done later. Whether it is still this job's to do, control says.
    Passes(String),
    /// It ends the job.
    Ends(RebuildError),
}

impl From<RebuildError> for Trouble {
    fn from(error: RebuildError) -> Self {
        match &error {
            RebuildError::Store(
                StoreError::Unavailable(_) | StoreError::NotBuilt | StoreError::GenerationGone,
            )
            | RebuildError::Log(LogError::Unavailable(_)) => Self::Passes(with_causes(&error)),
            RebuildError::Store(StoreError::Unfit(_))
            | RebuildError::Log(LogError::Unfit(_))
            | RebuildError::NotNow(_)
            | RebuildError::Cancelled
            | RebuildError::Removed
            | RebuildError::ShutDown
            | RebuildError::Stopped(_)
            | RebuildError::Skipped(_)
            | RebuildError::OlderCopy(_)
            | RebuildError::OtherVersions { .. }
            | RebuildError::Differs(_) => Self::Ends(error),
        }
    }
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        RebuildError::from(error).into()
    }
}

impl From<LogError> for Trouble {
    fn from(error: LogError) -> Self {
        RebuildError::from(error).into()
    }
}

impl From<ControlConflict> for Trouble {
    fn from(refusal: ControlConflict) -> Self {
        RebuildError::from(refusal).into()
    }
}

impl From<CommitError> for Trouble {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Damaged(_) => Self::Ends(RebuildError::Stopped(error.to_string())),
            CommitError::Stale | CommitError::Unavailable(_) => Self::Passes(with_causes(&error)),
        }
    }
}
