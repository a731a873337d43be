//! The projector over a log, with the views in memory and in a real `MongoDB`.

#[path = "projector/faults.rs"]
mod faults;
#[path = "projector/feed.rs"]
mod feed;
#[path = "projector/folds.rs"]
mod folds;
#[path = "projector/given.rs"]
mod given;
#[path = "projector/history.rs"]
mod history;
#[path = "projector/recount.rs"]
mod recount;
