//! The stored form: golden files of every form, and what cannot be read.

#[cfg(test)]
#[path = "codec/golden.rs"]
mod golden;
#[cfg(test)]
#[path = "codec/headers.rs"]
mod headers;
#[cfg(test)]
#[path = "codec/hostile.rs"]
mod hostile;
#[cfg(test)]
#[path = "codec/round_trip.rs"]
mod round_trip;
#[cfg(test)]
#[path = "codec/unreadable.rs"]
mod unreadable;
