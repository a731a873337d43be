//! Feeding the live generation until a projector does.

use std::time::Duration;

use tokio::time::{Instant, sleep};
use views::GenerationName;

use super::Job;
use crate::{feeding::Feeding, trouble::Trouble};

/// Between two looks at who feeds.
const LOOK: Duration = Duration::from_millis(250);
/// Projectors notice a new generation within a second. When none has claimed after this, there is none, or only one of
/// another version.
const LONGEST: Duration = Duration::from_secs(10);

impl Job {
    pub(super) async fn hand_over(&self, name: &GenerationName) -> Result<(), Trouble> {
        if self.ground.store.find_control().await?.is_some_and(|control| control.paused) {
            return Ok(());
        }
        let feeding = Feeding::start(&self.ground, name, &self.who(), &self.board).await?;
        let begun = Instant::now();
        let mut claimed = false;
        while !claimed && begun.elapsed() < LONGEST {
            sleep(LOOK).await;
            let checkpoints = self.ground.store.checkpoints(name).await?;
            claimed = checkpoints.iter().all(|(it, stored)| self.board.rev(*it) < stored.rev);
        }
        feeding.stop().await;
        if !claimed {
            tracing::warn!(
                generation = %name,
                "no projector of this version feeds the new views yet; start one, or they fall behind"
            );
        }
        Ok(())
    }
}
