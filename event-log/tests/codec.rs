//! The stored form: golden files of every form, and what cannot be read.

#[path = "codec/golden.rs"]
mod golden;
#[path = "codec/headers.rs"]
mod headers;
#[path = "codec/round_trip.rs"]
mod round_trip;
#[path = "codec/unreadable.rs"]
mod unreadable;
