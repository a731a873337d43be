//! Where chance and the clock come in.

use uuid::Uuid;

/// Mints an id that nobody else has; later ones sort after earlier ones.
#[expect(clippy::disallowed_methods, reason = "this is the edge, where ids are minted")]
pub(crate) fn mint() -> Uuid {
    Uuid::now_v7()
}
