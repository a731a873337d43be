//! What a real `MongoDB` does when it is missing, unfit, or left alone with an open transaction.

#[cfg(test)]
#[path = "faults/mongodb.rs"]
mod mongodb;
