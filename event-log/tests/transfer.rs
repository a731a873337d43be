//! A log moves between stores unchanged.

#[cfg(test)]
#[path = "transfer/stores.rs"]
mod stores;
