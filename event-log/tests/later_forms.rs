//! A log that holds two forms of one event, read by a program that knows both. A process of its own, since it is the
//! process that knows them.

#[cfg(test)]
#[path = "later_forms/both.rs"]
mod both;
