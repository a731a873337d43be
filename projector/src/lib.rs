//! The role that folds the log into the views.
//!
//! [`fold`] says what each event makes of which documents, purely. The log is followed
//! once; a feeder for each partition folds what counts, and stores documents and checkpoint together, so that each
//! event is applied exactly once. [`rebuild()`] makes the views again beside the live ones.

mod alone;
mod backoff;
mod cache;
mod context;
mod drive;
mod fan_out;
mod feed;
mod feed_group;
mod fill;
pub mod fold;
mod in_flight;
mod partition;
mod projector;
mod rebuild;
mod retry;
mod skips;
mod status;
mod step_error;
mod verify;

pub use cache::{DocumentCache, StoreContents};
pub use partition::{Needs, PartitionProjection, Stop};
pub use projector::{Projector, Settings};
#[cfg(feature = "planted-faults")]
pub use rebuild::{Fault, drop_orphans_with, drop_previous_with, rebuild_with};
pub use rebuild::{
    LEASED, Progress, RebuildError, RebuildSettings, Rebuilt, RolledBack, cancel, drop_orphans,
    drop_previous, orphans, pause_projectors, rebuild, resume, rollback, throttle, wish,
};
pub use retry::{Retried, Retry, RetryError, StillBlocked};
pub use status::{FeedState, PartitionStatus, Status};
pub use verify::{
    Difference, DifferenceKind, FIRST_DIFFERENCES, FieldDifference, Verdict, Verified, VerifyError,
    VerifySettings, ViewDigest, verify,
};
