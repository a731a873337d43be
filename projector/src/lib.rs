//! The role that folds the log into the views.
//!
//! [`fold`] says what each event makes of which documents, purely. A feeder for each partition reads the log, folds
//! what counts, and stores documents and checkpoint together, so that each event is applied exactly once.

mod batch;
mod feed;
pub mod fold;
mod image;
mod pause;
mod projector;
mod status;

pub use image::Image;
pub use projector::{Projector, Settings};
pub use status::{FeedState, PartitionStatus, Status};
