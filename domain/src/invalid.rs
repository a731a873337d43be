//! Input that cannot be taken as what it should be.

/// Why a text is not the thing it was given as, in words for the person who typed it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidInput(String);

impl InvalidInput {
    /// Says what is expected, such as "a price is more than zero".
    pub fn new(expected: impl Into<String>) -> Self {
        Self(expected.into())
    }
}
