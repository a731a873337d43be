//! What is kept of the keys in quarantine.
//!
//! What waits is only ever added to: at any place in the log it is what stands in the key's queue behind the event that
//! blocks it then. So documents that are ahead of a checkpoint still tell what was so there.

use event_log::Offset;
use views::{Document, OFFSETS_IN_QUEUE, Parked, QuarantinePeriod, Queue, Release, ReleasedBy};

use super::ApplyAt;

/// A time in quarantine begins.
pub(crate) fn park(
    key: &str,
    episode: QuarantinePeriod,
    at: ApplyAt,
    document: &mut Option<Document>,
) {
    if let Document::Parked(parked) = document.get_or_insert_with(|| never_parked(key, at)) {
        parked.episodes.push(episode);
        parked.waiting = 0;
        parked.last = parked.last.max(at.last);
    }
}

/// One more event waits.
pub(crate) fn wait(at: ApplyAt, document: &mut Option<Document>) {
    let Some(Document::Parked(parked)) = document else { return };
    parked.waiting = parked.waiting.saturating_add(1);
    parked.last = parked.last.max(at.last);
}

/// The log has released the key. Other events of it may have blocked it again, one after the other.
pub(crate) fn release(
    again: Vec<QuarantinePeriod>,
    waiting: u64,
    at: ApplyAt,
    document: &mut Option<Document>,
) {
    let Some(Document::Parked(parked)) = document else { return };
    if let Some(episode) = parked.episodes.last_mut() {
        episode.released = Some(released(at));
    }
    parked.episodes.extend(again);
    parked.waiting = waiting;
    parked.last = parked.last.max(at.last);
}

/// An end by the record that stands there.
pub(crate) fn released(at: ApplyAt) -> Release {
    Release { at: at.last, by: ReleasedBy::Skip }
}

/// An offset is added to a queue's document.
pub(crate) fn queue(key: &str, number: u64, at: ApplyAt, document: &mut Option<Document>) {
    let empty = || {
        Document::Queue(Queue {
            key: key.to_owned(),
            partition: at.partition,
            number,
            offsets: Vec::new(),
            last: at.last,
        })
    };
    if let Document::Queue(queue) = document.get_or_insert_with(empty) {
        queue.offsets.push(at.offset);
        queue.last = queue.last.max(at.last);
    }
}

/// Whether a queue goes on in the next document.
pub(crate) fn is_full(document: Option<&Document>) -> bool {
    matches!(document, Some(Document::Queue(queue)) if queue.offsets.len() >= OFFSETS_IN_QUEUE)
}

/// The event that blocks a key when everything before `at` is taken in, by a document that may be ahead.
pub(crate) fn blocked_at(parked: &Parked, at: Offset) -> Option<&QuarantinePeriod> {
    let lasts =
        |episode: &&QuarantinePeriod| episode.released.is_none_or(|release| release.at >= at);
    // Each begins after the one before has ended, even where its event stands before that.
    parked.episodes.iter().find(lasts).filter(|episode| episode.blocked < at)
}

fn never_parked(key: &str, ApplyAt { partition, last, .. }: ApplyAt) -> Document {
    let (key, episodes) = (key.to_owned(), Vec::new());
    Document::Parked(Parked { key, partition, episodes, waiting: 0, last })
}
