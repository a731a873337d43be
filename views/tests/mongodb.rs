//! The views in a real `MongoDB`: while it is missing, unfit or hurt, and as people read it directly.

#[cfg(test)]
#[path = "mongodb/by_hand.rs"]
mod by_hand;
#[cfg(test)]
#[path = "mongodb/direct.rs"]
mod direct;
#[cfg(test)]
#[path = "mongodb/hurt.rs"]
mod hurt;
