//! How an append compares with a plain write and fsync, and how fast a log is read from its beginning.
//!
//! `cargo test --release -p event-log --test embedded_speed -- --ignored --nocapture`

#[cfg(test)]
#[path = "embedded/speed.rs"]
mod speed;
