//! What other instances take from this one.

use std::{collections::BTreeSet, sync::Arc};

use event_log::Partition;
use tokio::time::Instant;

use super::Commands;
use crate::partition::NewOwner;

/// What other instances have taken from this one: a sign that two of them decide commands of the same log.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Takeovers {
    /// How often another instance took over a partition that this one wrote, since this one started.
    pub count: u64,
    /// The partitions of which that was less than a minute ago. Whoever takes one over writes it until this instance takes
    /// it back.
    pub disputed: BTreeSet<Partition>,
    /// The addresses under which those who took them are reached by others, as far as they have one.
    pub by: BTreeSet<Arc<str>>,
}

impl Commands {
    /// What other instances have taken from this one.
    pub fn takeovers(&self) -> Takeovers {
        let now = Instant::now();
        let mut all = Takeovers::default();
        for (counter, partition) in
            self.partitions.iter().zip(Partition::all(self.identity.partitions))
        {
            let standing = counter.standing.borrow();
            all.count = all.count.saturating_add(standing.takeovers);
            if let Some(NewOwner(by)) = standing.disputed(now) {
                all.disputed.insert(partition);
                all.by.extend(by);
            }
        }
        all
    }
}
