//! Filling a generation, several partitions at a time.

use std::{collections::BTreeSet, sync::Arc};

use event_log::{Offset, Partition};
use tokio::task::JoinSet;
use views::{Checkpoint, GenerationName, Mode, Phase};

use super::{Job, RebuildError};
use crate::{fill::Fill, step_error::StepError};

impl Job {
    /// Fills every partition up to where its checkpoint says, a few at a time.
    pub(super) async fn fill(&self, name: &GenerationName) -> Result<(), StepError> {
        self.meter.phase(Phase::Filling);
        let checkpoints = self.ground.store.checkpoints(name).await?;
        self.meter.spans(&checkpoints);
        let at_once = self.settings.at_once.max(1);
        let share = u64::try_from(at_once).unwrap_or(u64::MAX);
        let mut waiting = checkpoints.into_iter().filter(|(_, it)| it.mode != Mode::Live);
        let mut running = JoinSet::new();
        loop {
            while running.len() < at_once
                && let Some((partition, checkpoint)) = waiting.next()
            {
                let fill = Fill {
                    ground: self.ground.clone(),
                    generation: name.clone(),
                    partition,
                    memory: self.settings.memory.checked_div(share).unwrap_or_default(),
                    skips: self.skips_in(partition),
                    under_way: self.under_way.clone(),
                    gate: Arc::clone(&self.gate),
                    meter: Arc::clone(&self.meter),
                    faults: self.faults,
                };
                running.spawn(fill_up(fill, checkpoint));
            }
            match running.join_next().await {
                None => return Ok(()),
                Some(Ok(done)) => done?,
                Some(Err(ended)) => {
                    return Err(StepError::Fatal(RebuildError::Stopped(ended.to_string())));
                }
            }
        }
    }

    fn skips_in(&self, partition: Partition) -> BTreeSet<Offset> {
        let own = self.skips.iter().filter(|place| place.partition == partition);
        own.map(|place| place.offset).collect()
    }

    /// From here on, the generation is fed by transactions.
    pub(super) async fn go_live(&self, name: &GenerationName) -> Result<(), StepError> {
        let store = &self.ground.store;
        for (partition, checkpoint) in store.checkpoints(name).await? {
            if checkpoint.mode != Mode::Live {
                let live = Checkpoint { mode: Mode::Live, ..checkpoint };
                store.move_checkpoint(name, partition, &live).await?;
            }
        }
        Ok(())
    }
}

/// Fills a partition, and goes on to where the log ends by then when that is far.
async fn fill_up(fill: Fill, from: Checkpoint) -> Result<(), StepError> {
    /// Fewer records than these are fed as well as filled.
    const FEW: u64 = 10_000;

    let mut from = from;
    loop {
        let filled = fill.run(from).await?;
        let end = fill.ground.log.end(fill.partition).await?;
        let more = end.saturating_sub(filled.at);
        if more < FEW {
            return Ok(());
        }
        fill.meter.grows(more);
        let further = Checkpoint { mode: Mode::Fill { to: end }, ..filled };
        let store = &fill.ground.store;
        let rev = store.move_checkpoint(&fill.generation, fill.partition, &further).await?;
        from = Checkpoint { rev, ..further };
    }
}
