//! Names that no other test, process or run uses.

use std::hash::{BuildHasher, RandomState};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

/// Returns `prefix-<process id>-<counter>-<random>`, fit for topics, databases and folders.
///
/// The process id and the counter tell whose it was; the random part keeps runs in different
/// containers, which may share a server and have equal process ids, apart.
pub fn unique(prefix: &str) -> String {
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    let count = COUNTER.fetch_add(1, Ordering::Relaxed);
    format!("{prefix}-{}-{count}-{:08x}", process::id(), random() & 0xffff_ffff)
}

/// A random number without a crate for it: the standard library seeds its hash maps with one.
pub(crate) fn random() -> u64 {
    RandomState::new().hash_one(0_u8)
}
