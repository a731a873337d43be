//! What happened how often.

/// How much happened. Worlds in which nothing does would prove nothing.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// Commits of feeders.
    pub commits: u64,
    /// Documents that fills stored.
    pub filled: u64,
    /// Generations that became live.
    pub flips: u64,
    /// Those of them that had been live before.
    pub rollbacks: u64,
    /// Generations that were removed.
    pub removed: u64,
    /// Databases that were dropped.
    pub dropped: u64,
    /// Rebuilds that another job went on with.
    pub taken_over: u64,
    /// Generations that leave out events which are skipped.
    pub begun_anew: u64,
    /// Requests that were answered.
    pub answers: u64,
    /// Requests that were not.
    pub unanswered: u64,
    /// Orphans that were found and removed.
    pub orphans: u64,
}

impl Tally {
    /// Takes in what happened in another world.
    pub fn add(&mut self, other: &Self) {
        self.commits += other.commits;
        self.filled += other.filled;
        self.flips += other.flips;
        self.rollbacks += other.rollbacks;
        self.removed += other.removed;
        self.dropped += other.dropped;
        self.taken_over += other.taken_over;
        self.begun_anew += other.begun_anew;
        self.answers += other.answers;
        self.unanswered += other.unanswered;
        self.orphans += other.orphans;
    }
}
