//! Pauses after errors, at random so that two who got into each other's way do not do it again.

use std::time::Duration;

/// A first pause is shorter than anybody notices.
const SHORTEST: Duration = Duration::from_millis(20);
/// How long a store that is back may wait for us at most.
const LONGEST: Duration = Duration::from_secs(2);
/// 20 ms doubled seven times is more than the longest.
const MOST_DOUBLINGS: u32 = 7;

/// Growing random pauses. The chance comes from the seed (Steele, Lea and Flood's `SplitMix64`).
#[derive(Debug)]
pub(crate) struct Backoff {
    state: u64,
    in_a_row: u32,
}

impl Backoff {
    pub(crate) fn new(seed: u64) -> Self {
        Self { state: seed, in_a_row: 0 }
    }

    /// The next pause is a short one again.
    pub(crate) fn reset(&mut self) {
        self.in_a_row = 0;
    }

    /// The next pause: between half of and the whole of twice the one before.
    pub(crate) fn next(&mut self) -> Duration {
        let doublings = self.in_a_row.min(MOST_DOUBLINGS);
        self.in_a_row = self.in_a_row.saturating_add(1);
        let most = SHORTEST.saturating_mul(2_u32.saturating_pow(doublings)).min(LONGEST);
        let half = u64::try_from(most.as_millis()).unwrap_or_default() >> 1;
        let extra = self.chance().checked_rem(half.saturating_add(1)).unwrap_or_default();
        Duration::from_millis(half.saturating_add(extra))
    }

    fn chance(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_bound_and_differ_by_seed() {
        let of = |seed| {
            let mut pauses = Backoff::new(seed);
            std::iter::repeat_with(|| pauses.next()).take(20).collect::<Vec<_>>()
        };
        assert!(of(1)[0] <= SHORTEST);
        assert!(of(1)[19] >= LONGEST / 2);
        assert!(of(1).iter().all(|pause| *pause <= LONGEST));
        assert_ne!(of(1), of(2));
    }
}
