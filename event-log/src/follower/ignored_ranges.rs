//! Which records do not count, in few bytes: there are hardly any, and they stand together.

use crate::Offset;

/// Ranges of offsets whose records are void or foreign, in order: first, and first after.
#[derive(Debug, Default)]
pub(super) struct IgnoredRanges(Vec<(Offset, Offset)>);

impl IgnoredRanges {
    /// Adds an offset beyond all others.
    pub(super) fn add(&mut self, offset: Offset) {
        let after = offset.saturating_add(1);
        match self.0.last_mut() {
            Some((_, end)) if *end == offset => *end = after,
            Some(_) | None => self.0.push((offset, after)),
        }
    }

    pub(super) fn contains(&self, offset: Offset) -> bool {
        let behind = self.0.partition_point(|(first, _)| *first <= offset);
        let last = behind.checked_sub(1).and_then(|index| self.0.get(index));
        last.is_some_and(|(_, end)| offset < *end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_share_a_range() {
        let mut uncounted = IgnoredRanges::default();
        for offset in [3, 4, 5, 9, 11] {
            uncounted.add(offset);
        }
        assert_eq!(uncounted.0, [(3, 6), (9, 10), (11, 12)]);
        let found: Vec<Offset> = (0..15).filter(|offset| uncounted.contains(*offset)).collect();
        assert_eq!(found, [3, 4, 5, 9, 11]);
    }
}
