//! The first generation of an empty database.
//!
//! Control names the generation first, still `filling`; then come collections, indexes and checkpoints; then it is
//! `ready`. Whoever dies in between leaves a `filling` one, and the next start makes what is missing. Once it is `ready`,
//! nothing is made again: what is missing then was removed by somebody.

use std::collections::BTreeMap;

use event_log::{LogId, Partition};

use super::MongoViews;
use crate::{
    Control, Generation, GenerationName, GenerationState, Mode, StoreError, Versions, Wish,
};

impl MongoViews {
    pub(super) async fn begin_views(
        &self,
        log: LogId,
        partitions: u16,
        versions: Versions,
        tag: &str,
    ) -> Result<Control, StoreError> {
        self.check().await?;
        // Before anything is made, so that a stranger's database stays as it is.
        self.stable_names_found().await?;
        let control = match self.stored_control().await? {
            Some(control) => control,
            None => self.name_first(log, versions, tag).await?,
        };
        control.check_feeder(log, versions)?;
        let control =
            if control.is_begun() { control } else { self.complete(control, partitions).await? };
        self.point_stable_names(&control.live).await?;
        Ok(control)
    }

    async fn name_first(
        &self,
        log: LogId,
        versions: Versions,
        tag: &str,
    ) -> Result<Control, StoreError> {
        let name = GenerationName::new(1, tag);
        let generation = Generation {
            number: 1,
            log,
            state: GenerationState::Filling,
            versions,
            job: None,
            wish: Wish::Run,
            throttle: None,
        };
        let generations = BTreeMap::from([(name.clone(), generation)]);
        let control = Control { rev: 1, log, live: name, back: None, generations, paused: false };
        if self.store_first_control(&control).await? {
            return Ok(control);
        }
        self.stored_control().await?.ok_or(StoreError::NotBuilt)
    }

    async fn complete(&self, mut control: Control, partitions: u16) -> Result<Control, StoreError> {
        self.create_collections(&control.live).await?;
        self.create_all_indexes(&control.live).await?;
        let fresh = Partition::all(partitions).map(|partition| (partition, Mode::Live));
        self.create_checkpoints(&control.live, fresh).await?;
        control.rev = control.rev.saturating_add(1);
        if let Some(live) = control.generations.get_mut(&control.live) {
            live.state = GenerationState::Ready;
        }
        if self.swap_control(&control).await? {
            return Ok(control);
        }
        // Somebody else was first.
        self.stored_control().await?.filter(Control::is_begun).ok_or(StoreError::NotBuilt)
    }
}
