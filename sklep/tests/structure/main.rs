//! What depends on what, between the crates and inside each of them.

#[cfg(test)]
mod arrows;
#[cfg(test)]
mod circles;
