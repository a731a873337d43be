//! Filling one partition of a generation that nobody reads yet.
//!
//! Whole documents are written outside of transactions. A kill or a rival is harmless all the same: a document is a
//! pure function of the log, the version of the folds and its `last`; writes only move upwards by `last`; and none
//! goes beyond where the checkpoint says that the fill ends.

use std::{collections::BTreeSet, sync::Arc};

use event_log::{Offset, Partition};
use views::{Change, Checkpoint, Document, GenerationName, Mode};

use crate::{
    Image,
    course::{Course, Stop},
    ground::Ground,
    rebuild::{Faults, Gate, Meter, RebuildError},
    settle::{Store, Unsettled, settle},
    trouble::Trouble,
};

/// Records that are read at once.
const MOST_READ: usize = 1_000;

/// Fills one partition of a generation.
#[derive(Debug)]
pub(crate) struct Fill {
    pub(crate) ground: Ground,
    pub(crate) generation: GenerationName,
    pub(crate) partition: Partition,
    /// How many bytes its documents in memory may take, about.
    pub(crate) memory: u64,
    pub(crate) gate: Arc<Gate>,
    pub(crate) meter: Arc<Meter>,
    pub(crate) faults: Faults,
}

/// Why a part of a fill was not done.
enum Interrupted {
    Trouble(Trouble),
    /// A later record skips an event that was taken in.
    Skips(Offset),
}

impl Fill {
    /// Goes on from this checkpoint up to where it says that the fill ends; answers with the checkpoint there.
    pub(crate) async fn run(&self, from: Checkpoint) -> Result<Checkpoint, Trouble> {
        let mut skips = BTreeSet::new();
        loop {
            match self.fill(from, &skips).await {
                Ok(filled) => return Ok(filled),
                Err(Interrupted::Trouble(trouble)) => return Err(trouble),
                Err(Interrupted::Skips(event)) => skips.insert(event),
            };
        }
    }

    async fn fill(
        &self,
        from: Checkpoint,
        skips: &BTreeSet<Offset>,
    ) -> Result<Checkpoint, Interrupted> {
        let Mode::Fill { to } = from.mode else { return Ok(from) };
        let to = if self.faults.ignores_fill_to() {
            self.ground.log.end(self.partition).await?
        } else {
            to
        };
        let most = usize::try_from(self.memory).unwrap_or(usize::MAX);
        let parked = self.ground.store.parked_in(&self.generation, self.partition).await?;
        let course = Course::from(self.partition, &from, Image::default(), parked);
        let mut course = course.with_skips(skips);
        let (mut stored, mut at) = (from, from.at);
        while at < to {
            at = self.step(at, to, &mut course).await?;
            if course.image().bytes() >= most || at >= to {
                stored = self.store(&mut course, stored).await?;
            }
        }
        Ok(stored)
    }

    /// Takes in the records that come next.
    async fn step(
        &self,
        at: Offset,
        to: Offset,
        course: &mut Course,
    ) -> Result<Offset, Interrupted> {
        let left = usize::try_from(to.saturating_sub(at)).unwrap_or(usize::MAX);
        let most = self.gate.at_most(MOST_READ).min(left);
        let records = self.ground.log.read(self.partition, at, most).await?;
        let Some(last) = records.last().map(|last| last.offset) else {
            let reason = "the log does not show records that it has".into();
            return Err(Interrupted::Trouble(Trouble::Passes(reason)));
        };
        self.gate.pass(records.len()).await;
        course.read(&records)?;
        let store = Store { views: &*self.ground.store, generation: &self.generation };
        settle(course, &*self.ground.log, store).await?;
        let next = last.saturating_add(1);
        self.meter.took(next.saturating_sub(at));
        Ok(next)
    }

    /// Stores all that has changed, and then how far that is.
    async fn store(
        &self,
        course: &mut Course,
        stored: Checkpoint,
    ) -> Result<Checkpoint, Interrupted> {
        let store = &self.ground.store;
        let documents: Vec<Document> =
            course.image().changes().into_iter().filter_map(whole).collect();
        if !documents.is_empty() {
            store.fill(&self.generation, documents).await?;
        }
        let next = course.checkpoint(stored);
        let rev = store.move_checkpoint(&self.generation, self.partition, &next).await?;
        course.image().stored(0);
        Ok(Checkpoint { rev, ..next })
    }
}

fn whole(change: Change) -> Option<Document> {
    match change {
        Change::Insert(document) | Change::Update { document, .. } => Some(document),
        // Only what is tried again in a live partition ends without a trace.
        Change::Remove(_) => None,
    }
}

impl<Error: Into<Trouble>> From<Error> for Interrupted {
    fn from(error: Error) -> Self {
        Self::Trouble(error.into())
    }
}

impl From<Unsettled> for Interrupted {
    fn from(unsettled: Unsettled) -> Self {
        match unsettled {
            Unsettled::Stop(stop) => stop.into(),
            Unsettled::Store(error) => error.into(),
            Unsettled::Log(error) => error.into(),
        }
    }
}

impl From<Stop> for Interrupted {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::SkippedAfterwards { event, .. } => Self::Skips(event),
            Stop::Gap { .. } => {
                Self::Trouble(Trouble::Ends(RebuildError::Stopped(stop.to_string())))
            }
        }
    }
}
