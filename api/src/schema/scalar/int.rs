//! Whole numbers.

/// GraphQL's integers have 32 bits; nobody buys that often.
pub(in crate::schema) fn count(count: u64) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
