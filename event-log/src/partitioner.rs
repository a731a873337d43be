//! Which partition a key belongs to, as every Kafka client other than librdkafka computes it.

use crate::Partition;

#[cfg(test)]
mod tests;

/// The partition of a key among this many: Java's `Utils.toPositive(Utils.murmur2(key)) % partitions`.
pub fn partition_of(key: &[u8], partitions: u16) -> Partition {
    let positive = murmur2(key) & 0x7fff_ffff;
    let partition = positive.checked_rem(u32::from(partitions)).unwrap_or_default();
    Partition(u16::try_from(partition).unwrap_or_default())
}

/// Austin Appleby's `MurmurHash2` for 32 bits, with the seed that Kafka's Java client uses. The Java type is
/// signed, but only its bits matter.
fn murmur2(key: &[u8]) -> u32 {
    const SEED: u32 = 0x9747_b28c;
    // Only the length's low bits count, as in Java, where it is an `int`.
    let length = u32::try_from(key.len()).unwrap_or(u32::MAX);
    let (words, tail) = key.as_chunks::<4>();
    let hash = words.iter().fold(SEED ^ length, |hash, word| {
        let word = u32::from_le_bytes(*word).wrapping_mul(FACTOR);
        hash.wrapping_mul(FACTOR) ^ (word ^ (word >> 24)).wrapping_mul(FACTOR)
    });
    finish(absorb(hash, tail))
}

const FACTOR: u32 = 0x5bd1_e995;

/// Takes in the last one to three bytes.
fn absorb(hash: u32, tail: &[u8]) -> u32 {
    if tail.is_empty() {
        return hash;
    }
    let mut word = [0; 4];
    word.iter_mut().zip(tail).for_each(|(to, from)| *to = *from);
    (hash ^ u32::from_le_bytes(word)).wrapping_mul(FACTOR)
}

fn finish(hash: u32) -> u32 {
    let hash = (hash ^ (hash >> 13)).wrapping_mul(FACTOR);
    hash ^ (hash >> 15)
}
