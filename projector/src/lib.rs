//! The role that folds the log into the views.
//!
//! [`fold`] says what each event makes of which documents, purely. The log is followed
//! once; a feeder for each partition folds what counts, and stores documents and checkpoint together, so that each
//! event is applied exactly once.

mod course;
mod feed;
pub mod fold;
mod image;
mod pause;
mod projector;
mod retry;
mod settle;
mod status;
mod tail;
mod verify;

pub use course::{Course, Next, Stop};
pub use image::{Elsewhere, Image};
pub use projector::{Projector, Settings};
pub use retry::{Left, Retried, Retry, RetryError};
pub use status::{FeedState, PartitionStatus, Status};
pub use verify::{
    Difference, FIRST_DIFFERENCES, FieldDifference, Kind as DifferenceKind, Verdict, Verified,
    VerifyError, VerifySettings, ViewDigest, verify,
};
