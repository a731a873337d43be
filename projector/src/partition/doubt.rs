//! Which of two is at fault when an event does not fit its documents.
//!
//! The log decides: an event that its key's earlier events lead to is a good one, whatever the documents hold, and then they
//! were changed by somebody else. Only what the log alone cannot take in goes into quarantine.

use event_log::{Offset, Timestamp};

use super::{PartitionProjection, Step, Stop};
use crate::alone::Question;

/// What the log says of an event that did not fit its documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Heard {
    event: Offset,
    fits: bool,
}

impl PartitionProjection {
    /// Takes in the events of this key alone.
    #[must_use]
    pub(crate) fn only(self, key: &str) -> Self {
        Self { only: Some(key.to_owned()), ..self }
    }

    /// Says whether the log alone leads to this event.
    pub fn heard(&mut self, event: Offset, fits: bool) {
        self.heard = Some(Heard { event, fits });
    }

    /// An event does not fit its documents, for this reason.
    pub(super) fn misfits(
        &mut self,
        key: &str,
        event: Offset,
        reason: String,
        time: Timestamp,
    ) -> Result<Step, Stop> {
        if self.image.is_alone() {
            return Ok(self.park(key, event, reason, time));
        }
        match self.heard.filter(|heard| heard.event == event) {
            None => Ok(Step::Doubts),
            Some(Heard { fits: false, .. }) => Ok(self.park(key, event, reason, time)),
            Some(Heard { fits: true, .. }) => {
                Err(Stop::Damaged { event, key: key.to_owned(), reason })
            }
        }
    }

    /// What the log is to be asked.
    pub(crate) fn question<'a>(&self, key: &'a str, event: Offset) -> Question<'a> {
        Question { partition: self.partition, currency: self.currency, key, event }
    }

    /// Whether this event holds up its key.
    pub(crate) fn is_blocked_by(&self, key: &str, event: Offset) -> bool {
        self.blocked(key).is_some_and(|blocked| blocked.by == event)
    }
}
