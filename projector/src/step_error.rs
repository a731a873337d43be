//! Why a step of a rebuild was not done.

use event_log::LogError;
use views::{CommitError, ControlConflict, StoreError};

use crate::{feed::with_causes, rebuild::RebuildError};

/// Why a step of a rebuild was not done.
#[derive(Debug)]
pub(crate) enum StepError {
    /// It may be done later. Whether it is still this job's to do, control says.
    Retry(String),
    /// It ends the job.
    Fatal(RebuildError),
}

impl From<RebuildError> for StepError {
    fn from(error: RebuildError) -> Self {
        match &error {
            RebuildError::Store(
                StoreError::Unavailable(_) | StoreError::NotBuilt | StoreError::GenerationGone,
            )
            | RebuildError::Log(LogError::Unavailable(_)) => Self::Retry(with_causes(&error)),
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
            | RebuildError::Differs(_) => Self::Fatal(error),
        }
    }
}

impl From<StoreError> for StepError {
    fn from(error: StoreError) -> Self {
        RebuildError::from(error).into()
    }
}

impl From<LogError> for StepError {
    fn from(error: LogError) -> Self {
        RebuildError::from(error).into()
    }
}

impl From<ControlConflict> for StepError {
    fn from(refusal: ControlConflict) -> Self {
        RebuildError::from(refusal).into()
    }
}

impl From<CommitError> for StepError {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Damaged(_) => Self::Fatal(RebuildError::Stopped(error.to_string())),
            CommitError::Stale | CommitError::Unavailable(_) => Self::Retry(with_causes(&error)),
        }
    }
}
