//! What earlier runs of the same source have done, found in the log itself.
//!
//! A shop remembers command ids for a day; the log keeps them for ever. So a run first reads the command ids of its
//! source out of the log. A message whose id is there is stored. A message whose id is not there was either never
//! answered, and must be sent, or was answered without an event (refused, or as it was already), and must not: now
//! it might be accepted, though it came before what made it acceptable. Two facts tell them apart:
//!
//! - A run reads at most [`WINDOW`] messages beyond its oldest unanswered one. So everything that far before the
//!   newest stored message was answered.
//! - A run sends a message when all earlier ones that concern the same customer or product are answered. So
//!   everything before a stored message that concerns it was answered.
//!
//! What remains may be sent again: nothing that concerns it was stored since, so a refusal is repeated as it was.
//! Of what was answered without an event the log does not say what it was. So it is asked whether what stands there
//! now explains that answer, see [`Past`]: if not, it was probably mended since, and nobody may be told that it is in.
//!
//! A command id names a place, not what stands there, and another source can have the same name. So of each stored
//! message a fingerprint is kept, and a message that is not the one that was stored is an error, see [`Differs`].
//! Of a topic with several partitions this holds within each of them, as they have no order between them.

mod past;

use std::{
    collections::{BTreeMap, HashMap},
    io,
};

use past::Past;

use super::{
    Content, Mutation, Notes, SourceId, SourcePosition, Verdict, WINDOW,
    content::{Fingerprint, Logged, Page},
    mutation::{Access, Entity},
    notes::Note,
};
use crate::client::{ClientError, ShopClient};

/// What earlier runs of a source have done.
#[derive(Debug, Default)]
pub(crate) struct PreviousRuns {
    partitions: HashMap<u32, Partition>,
    past: Past,
    notes: Notes,
    position: Option<String>,
}

#[derive(Debug, Default)]
struct Partition {
    stored: Fingerprints,
    newest: u64,
    /// The newest stored message that changed, and that looked at, each thing of the last window.
    recent: HashMap<Entity, Newest>,
}

#[derive(Debug, Default, Clone, Copy)]
struct Newest {
    changed: u64,
    looked_at: u64,
}

/// What stands at a place of a source is not what an earlier run stored from there.
#[derive(Debug, thiserror::Error)]
#[error("the message is another one than an earlier run stored from the same place")]
pub(crate) struct Differs {
    /// The place.
    pub(crate) mark: SourcePosition,
    /// What stands there now; none when it cannot be read.
    pub(crate) now: Option<Content>,
    /// What an earlier run was answered to the other message, when it was no event: its code; none when it is in the log.
    pub(crate) answered: Option<String>,
}

/// What is known of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Its event is in the log.
    Stored,
    /// It was answered, without an event.
    Answered,
    /// So was a message there, but hardly this one: the log would have taken it.
    Doubtful,
    /// It was not answered, or may be sent again without harm.
    Open,
}

impl PreviousRuns {
    /// Reads the whole log of the shop.
    pub(crate) async fn read(
        shop: &ShopClient,
        series: &SourceId,
        notes: Notes,
    ) -> Result<Self, ClientError> {
        let mut earlier = Self { notes, ..Self::default() };
        loop {
            let page = Page::read(shop, earlier.position.as_deref()).await?;
            for event in &page.events {
                earlier.take_in(event, event.command.as_ref().and_then(|id| series.mark(id)));
            }
            earlier.position = Some(page.position);
            if !page.has_more {
                return Ok(earlier);
            }
        }
    }

    /// What the shop's log holds of the message there; reads the log again, since only fingerprints are kept.
    pub(crate) async fn content(
        shop: &ShopClient,
        series: &SourceId,
        mark: SourcePosition,
    ) -> Result<Option<Content>, ClientError> {
        let command_id = series.command_id(mark);
        let mut after = None;
        loop {
            let page = Page::read(shop, after.as_deref()).await?;
            let found = page.events.iter().find(|it| it.command.as_ref() == Some(&command_id));
            if found.is_some() || !page.has_more {
                return Ok(found.map(Logged::content));
            }
            after = Some(page.position);
        }
    }

    /// Whether nothing of the source is in the log.
    pub(crate) fn is_empty(&self) -> bool {
        self.partitions.is_empty() && self.notes.is_empty()
    }

    /// What an earlier run was answered to the message there, when it was no event.
    pub(super) fn noted(&self, mark: SourcePosition) -> Option<Verdict> {
        self.notes.get(mark).map(Note::verdict)
    }

    /// Notes what became of the message there.
    pub(super) fn note(
        &mut self,
        mark: SourcePosition,
        content: Fingerprint,
        verdict: &Verdict,
    ) -> io::Result<()> {
        self.notes.add(mark, content, verdict)
    }

    /// Fails when the log holds something else under the command id of the message there, or when an earlier run was
    /// answered to something else.
    pub(crate) fn compare(
        &self,
        mark: SourcePosition,
        wish: Option<&Mutation>,
        raw: &[u8],
    ) -> Result<(), Differs> {
        let content = Fingerprint::of_message(wish, raw);
        let stored = self.partitions.get(&mark.partition).and_then(|it| it.stored.get(mark.number));
        let (is_same, answered) = match (stored, self.notes.get(mark)) {
            (Some(stored), _) => (stored == content, None),
            (None, Some(note)) => (note.content == content, Some(note.told())),
            (None, None) => return Ok(()),
        };
        if is_same { Ok(()) } else { Err(Differs { mark, now: wish.map(Content::from), answered }) }
    }

    /// Fails when the log holds messages that stood behind the last one of the source.
    pub(crate) fn compare_end(&self, last: SourcePosition) -> Result<(), Differs> {
        let newest = self.partitions.get(&last.partition).map_or(0, |it| it.newest);
        if newest <= last.number {
            return Ok(());
        }
        let mark = SourcePosition { number: newest, ..last };
        Err(Differs { mark, now: None, answered: None })
    }

    /// How far the log was read.
    pub(super) fn position(&self) -> Option<&str> {
        self.position.as_deref()
    }

    fn take_in(&mut self, event: &Logged, origin: Option<SourcePosition>) {
        let content = event.content().fingerprint();
        self.past.take_in(event, content, origin);
        if let Some(mark) = origin {
            self.stored(mark, content, event.touches());
        }
    }

    fn stored(
        &mut self,
        mark: SourcePosition,
        content: Fingerprint,
        touches: Vec<(Entity, Access)>,
    ) {
        let partition = self.partitions.entry(mark.partition).or_default();
        partition.stored.insert(mark.number, content);
        partition.newest = partition.newest.max(mark.number);
        for (thing, touch) in touches {
            let newest = partition.recent.entry(thing).or_default();
            match touch {
                Access::Changes => newest.changed = newest.changed.max(mark.number),
                Access::LooksAt => newest.looked_at = newest.looked_at.max(mark.number),
            }
        }
        partition.forget();
    }

    /// What is known of the message there.
    pub(super) fn known(&self, mark: SourcePosition, wish: &Mutation) -> Outcome {
        let Some(partition) = self.partitions.get(&mark.partition) else { return Outcome::Open };
        let answered = || {
            mark.number < partition.newest.saturating_sub(WINDOW)
                || wish.touches().iter().any(|touch| partition.went_on(mark.number, touch))
        };
        match () {
            () if partition.stored.get(mark.number).is_some() => Outcome::Stored,
            () if !answered() => Outcome::Open,
            () if self.past.explains(mark, wish) => Outcome::Answered,
            () => Outcome::Doubtful,
        }
    }
}

impl Partition {
    /// Whether a message after this one, which had to wait for its answer, is stored.
    fn went_on(&self, number: u64, (thing, touch): &(Entity, Access)) -> bool {
        let newest = self.recent.get(thing).copied().unwrap_or_default();
        newest.changed > number || (*touch == Access::Changes && newest.looked_at > number)
    }

    /// Forgets what is too old to matter, so that memory does not grow with the number of customers.
    fn forget(&mut self) {
        let many = usize::try_from(WINDOW).unwrap_or(usize::MAX).saturating_mul(4);
        if self.recent.len() >= many {
            let oldest = self.newest.saturating_sub(WINDOW);
            self.recent.retain(|_, newest| newest.changed.max(newest.looked_at) >= oldest);
        }
    }
}

/// The fingerprints of numbered messages, which are most of a range: about eight bytes each.
#[derive(Debug, Default)]
struct Fingerprints(BTreeMap<u64, Box<[Option<Fingerprint>]>>);

/// How many messages share a piece of memory.
const CHUNK: u64 = 512;

impl Fingerprints {
    fn insert(&mut self, number: u64, fingerprint: Fingerprint) {
        let (chunk, index) = Self::place(number);
        let empty = || vec![None; usize::try_from(CHUNK).unwrap_or_default()].into();
        if let Some(slot) = self.0.entry(chunk).or_insert_with(empty).get_mut(index) {
            *slot = Some(fingerprint);
        }
    }

    fn get(&self, number: u64) -> Option<Fingerprint> {
        let (chunk, index) = Self::place(number);
        self.0.get(&chunk)?.get(index).copied().flatten()
    }

    fn place(number: u64) -> (u64, usize) {
        (number / CHUNK, usize::try_from(number % CHUNK).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests;
