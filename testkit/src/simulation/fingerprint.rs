//! A quick 128-bit hash, so that the breadth-first search needs to keep no state that it has seen.

use std::hash::{Hash, Hasher};

/// Odd constants: the golden ratio and the square root of two, each as a fraction of 2^64.
const KEYS: [u64; 2] = [0x9E37_79B9_7F4A_7C15, 0xB504_F333_F9DE_6485];

struct Lanes([u64; 2]);

pub(super) fn fingerprint(of: &impl Hash) -> u128 {
    let mut lanes = Lanes(KEYS);
    of.hash(&mut lanes);
    let [upper, lower] = lanes.0.map(u128::from);
    upper << 64_u32 | lower
}

impl Lanes {
    /// Each lane takes the word in by a wide product, folded.
    fn take(&mut self, word: u64) {
        for (lane, key) in self.0.iter_mut().zip(KEYS) {
            let product = u128::from(*lane ^ word).wrapping_mul(u128::from(key));
            let folded = (product ^ (product >> 64_u32)) & u128::from(u64::MAX);
            *lane = u64::try_from(folded).unwrap_or(0).wrapping_add(key).rotate_left(23);
        }
    }
}

impl Hasher for Lanes {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.take(u64::from_le_bytes(word));
        }
    }

    fn write_u8(&mut self, word: u8) {
        self.take(word.into());
    }

    fn write_u32(&mut self, word: u32) {
        self.take(word.into());
    }

    fn write_u64(&mut self, word: u64) {
        self.take(word);
    }

    fn finish(&self) -> u64 {
        self.0[0]
    }
}
