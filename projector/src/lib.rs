//! The role that folds the log into the views.
//!
//! [`fold`] says what each event makes of which documents, purely. The log is followed
//! once; a feeder for each partition folds what counts, and stores documents and checkpoint together, so that each
//! event is applied exactly once. [`rebuild()`] makes the views again beside the live ones.

mod alone;
mod course;
mod feed;
mod feeding;
mod fill;
pub mod fold;
mod ground;
mod image;
mod pause;
mod projector;
mod rebuild;
mod retry;
mod settle;
mod skips;
mod status;
mod tail;
mod trouble;
mod under_way;
mod verify;

pub use course::{Course, Next, Stop};
pub use image::{Elsewhere, Image};
pub use projector::{Projector, Settings};
#[cfg(feature = "planted-faults")]
pub use rebuild::{Fault, drop_back_with, drop_orphans_with, rebuild_with};
pub use rebuild::{
    LEASED, Progress, RebuildError, RebuildSettings, Rebuilt, RolledBack, cancel, drop_back,
    drop_orphans, orphans, pause, rebuild, resume, rollback, throttle, wish,
};
pub use retry::{Left, Retried, Retry, RetryError};
pub use status::{FeedState, PartitionStatus, Status};
pub use verify::{
    Difference, FIRST_DIFFERENCES, FieldDifference, Kind as DifferenceKind, Verdict, Verified,
    VerifyError, VerifySettings, ViewDigest, verify,
};
