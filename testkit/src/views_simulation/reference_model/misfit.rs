//! Events that block their key, and how that ends.

use std::collections::BTreeSet;

use event_log::{Offset, Partition, RecordId, Timestamp};
use views::{Document, Key, Parked, QuarantinePeriod, Release, ReleasedBy};

use super::{ReferenceModel, Seen};

/// An event that nobody takes in, or only those who do not know beforehand that it is skipped.
#[derive(Debug, Clone)]
pub(in crate::views_simulation) struct Misfit {
    pub(in crate::views_simulation) place: RecordId,
    pub(in crate::views_simulation) key: String,
    pub(in crate::views_simulation) is_readable: bool,
}

impl ReferenceModel {
    /// Takes in an event that blocks its key for this reason.
    pub(in crate::views_simulation) fn blocks(
        &mut self,
        misfit: &Misfit,
        time: Timestamp,
        reason: String,
    ) {
        let Misfit { place, key, is_readable } = misfit.clone();
        let episode =
            QuarantinePeriod { blocked: place.offset, reason, since: time, released: None };
        let (episodes, last) = (vec![episode], place.offset);
        let parked = Parked { key, partition: place.partition, episodes, waiting: 0, last };
        let parked = self.becomes(place, Document::Parked(parked));
        if is_readable {
            self.histories.get_mut(&parked).expect("just made").seen = Seen::Without(place);
            for key in self.touched.get(&place).into_iter().flatten() {
                self.histories.get_mut(key).expect("touched").seen = Seen::With(place);
            }
        }
        self.touched.entry(place).or_default().push(parked);
    }

    /// Takes in that an event is skipped there, perhaps once more.
    pub(in crate::views_simulation) fn skips(&mut self, misfit: &Misfit, at: Offset) {
        let Misfit { place, key, is_readable } = misfit;
        let parked = self.newest(&Key::Parked(place.partition, key.clone()));
        let Some(Document::Parked(mut parked)) = parked else { unreachable!("it blocks its key") };
        let episode = parked.episodes.last_mut().expect("an episode");
        if episode.released.is_some() {
            return;
        }
        episode.released = Some(Release { at, by: ReleasedBy::Skip });
        parked.last = at;
        let there = RecordId { offset: at, ..*place };
        let key = self.becomes(there, Document::Parked(parked));
        self.touched.insert(there, vec![key]);
        if *is_readable {
            self.skipped.insert(*place, at);
        }
    }

    /// The first event that a generation has taken in which leaves these ones out, though it is skipped and the
    /// generation has gone on beyond that.
    pub(in crate::views_simulation) fn passed(
        &self,
        left_out: &BTreeSet<RecordId>,
        partition: Partition,
        end: Offset,
    ) -> Option<RecordId> {
        let passed = self
            .skipped
            .iter()
            .find(|(it, at)| it.partition == partition && **at < end && !left_out.contains(it));
        passed.map(|(place, _)| *place)
    }
}
