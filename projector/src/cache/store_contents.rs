//! Which documents the store may have that are not in memory.

/// How many bits of the filter each document sets: with ten bits of room for each, one in a hundred that the store
/// does not have is asked for all the same.
const BITS_OF_EACH: u64 = 4;

/// What the store may have beside what is in memory.
#[derive(Debug, Default)]
pub enum StoreContents {
    /// Anything.
    #[default]
    Anything,
    /// Nothing: whatever was folded is in memory, or will never be asked for again.
    Nothing,
    /// What was put out of memory, and what looks like it.
    Evicted(BloomFilter),
}

impl StoreContents {
    /// Whether the store needs not be asked for anything.
    pub(super) fn is_nothing(&self) -> bool {
        matches!(self, Self::Nothing)
    }

    /// Whether the store may have the document with this hash.
    pub(super) fn may_have(&self, hash: u64) -> bool {
        match self {
            Self::Anything => true,
            Self::Nothing => false,
            Self::Evicted(filter) => filter.may_have(hash),
        }
    }

    /// Takes in that a document is in the store only. A filter that is begun takes so many bytes.
    pub(super) fn evict(&mut self, hash: u64, bytes: usize) {
        if let Self::Nothing = self {
            *self = Self::Evicted(BloomFilter::new(bytes));
        }
        if let Self::Evicted(filter) = self {
            filter.add(hash);
        }
    }
}

/// A set of hashes that never misses one and takes few others for its own (Bloom 1970).
#[derive(Debug)]
pub struct BloomFilter {
    words: Vec<u64>,
}

impl BloomFilter {
    fn new(bytes: usize) -> Self {
        Self { words: vec![0; (bytes / 8).max(1)] }
    }

    fn add(&mut self, hash: u64) {
        for (word, bit) in self.places(hash) {
            if let Some(word) = self.words.get_mut(word) {
                *word |= bit;
            }
        }
    }

    fn may_have(&self, hash: u64) -> bool {
        let is_set = |(word, bit)| self.words.get(word).is_some_and(|word| word & bit != 0);
        self.places(hash).all(is_set)
    }

    /// The bits of a hash, from its two halves (Kirsch and Mitzenmacher 2006).
    fn places(&self, hash: u64) -> impl Iterator<Item = (usize, u64)> + use<> {
        let words = u64::try_from(self.words.len()).unwrap_or(u64::MAX);
        let (first, step) = (hash, hash.rotate_left(32) | 1);
        (0..BITS_OF_EACH).map(move |round| {
            let mixed = first.wrapping_add(step.wrapping_mul(round));
            let word = (mixed >> 6).checked_rem(words).unwrap_or_default();
            (usize::try_from(word).unwrap_or_default(), 1 << (mixed & 63))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::hash::BuildHasher as _;

    use super::*;

    #[test]
    fn what_was_evicted_is_always_asked_for_and_little_else() {
        let hasher = hashbrown::DefaultHashBuilder::default();
        let mut elsewhere = StoreContents::Nothing;
        assert!(!elsewhere.may_have(hasher.hash_one(0)));
        // Ten bits for each.
        for number in 0..10_000 {
            elsewhere.evict(hasher.hash_one(number), 12_500);
        }
        assert!((0..10_000).all(|number| elsewhere.may_have(hasher.hash_one(number))));
        let others = (10_000..20_000).filter(|it| elsewhere.may_have(hasher.hash_one(*it)));
        assert!(others.count() < 400);
    }
}
