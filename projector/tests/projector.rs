//! The projector over a log, with the views in memory and in a real `MongoDB`.
#![expect(clippy::arithmetic_side_effects, reason = "an overflow in a test is a failed test")]

#[cfg(test)]
#[path = "projector/currency.rs"]
mod currency;
#[cfg(test)]
#[path = "projector/damaged.rs"]
mod damaged;
#[cfg(test)]
#[path = "projector/faults.rs"]
mod faults;
#[cfg(test)]
#[path = "projector/feed.rs"]
mod feed;
#[cfg(test)]
#[path = "projector/folds.rs"]
mod folds;
#[cfg(test)]
#[path = "projector/given.rs"]
mod given;
#[cfg(test)]
#[path = "projector/history.rs"]
mod history;
#[cfg(test)]
#[path = "projector/killed.rs"]
mod killed;
#[cfg(test)]
#[path = "projector/rebuild.rs"]
mod rebuild;
#[cfg(test)]
#[path = "projector/recount.rs"]
mod recount;
#[cfg(test)]
#[path = "projector/removal.rs"]
mod removal;
#[cfg(test)]
#[path = "projector/retry.rs"]
mod retry;
#[cfg(test)]
#[path = "projector/skipped.rs"]
mod skipped;
#[cfg(test)]
#[path = "projector/verify.rs"]
mod verify;
#[cfg(test)]
#[path = "projector/verify_by_hand.rs"]
mod verify_by_hand;
