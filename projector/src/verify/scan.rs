//! What is stored, and how far it is.

use std::collections::BTreeMap;

use event_log::Partition;
use futures::StreamExt as _;
use views::{EncodedDocument, Key, ScanError, Snapshot, View};

use super::{Check, VerifyError};
use crate::cache::Bounds;

/// Up to where what was read had been fed.
#[derive(Debug, Default)]
pub(super) struct Scanned {
    pub(super) bounds: BTreeMap<Partition, Bounds>,
}

/// How far one view has been read.
#[derive(Default)]
struct ScanPosition {
    /// The id of the last document that was read.
    after: Option<Vec<u8>>,
    /// The last key that was read: what has no key is nothing that the log speaks of.
    key: Option<Key>,
}

impl Check {
    /// Reads every document of the shop's views, at one moment or, when that takes long, at several, one after another.
    pub(super) async fn scan(
        &self,
        each: &mut (dyn FnMut(View, EncodedDocument<'_>) + Send),
    ) -> Result<Scanned, VerifyError> {
        let mut scanned = Scanned::default();
        let mut moment = self.store.moment(&self.generation).await?;
        for view in View::OF_THE_SHOP {
            let mut place = ScanPosition::default();
            loop {
                match read(&*moment, view, &mut place, each).await {
                    Ok(()) => break,
                    Err(ScanError::Expired) => {
                        if place.key.is_some() {
                            scanned.reached(&*moment, view, place.key.as_ref());
                        }
                        moment = self.store.moment(&self.generation).await?;
                    }
                    Err(ScanError::Store(error)) => return Err(error.into()),
                }
            }
            scanned.reached(&*moment, view, None);
        }
        Ok(scanned)
    }
}

async fn read(
    moment: &dyn Snapshot,
    view: View,
    place: &mut ScanPosition,
    each: &mut (dyn FnMut(View, EncodedDocument<'_>) + Send),
) -> Result<(), ScanError> {
    let mut stretches = moment.scan(view, place.after.clone());
    while let Some(stretch) = stretches.next().await {
        let stretch = stretch?;
        let mut last = None;
        for stored in stretch.documents() {
            each(view, stored);
            last = Some(stored);
        }
        if let Some(last) = last {
            place.after = Some(last.id().to_vec());
            place.key = last.key(view).or(place.key.take());
        }
    }
    Ok(())
}

impl Scanned {
    /// Up to this key, and to the end when there is none, the view was read at this moment.
    fn reached(&mut self, moment: &dyn Snapshot, view: View, last: Option<&Key>) {
        for (partition, checkpoint) in moment.checkpoints() {
            let bounds = self.bounds.entry(*partition).or_default();
            bounds.views.push((view, last.cloned(), checkpoint.at));
        }
    }
}
