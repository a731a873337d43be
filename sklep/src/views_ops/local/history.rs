//! The jobs that this process remembers.

use std::collections::VecDeque;

use tokio::task::JoinHandle;

use super::{super::ViewsTask, job::Job};

/// How many are remembered: whoever began one asks for it four times a second, so a few others in between do no harm.
const REMEMBERED: usize = 16;

/// Jobs in the order in which they began: what runs, and the last of those that have ended.
#[derive(Default)]
pub(super) struct JobHistory(VecDeque<Job>);

impl JobHistory {
    /// Remembers one that has begun, and forgets the oldest that has ended when there are too many.
    pub(super) fn keep(&mut self, job: Job) {
        self.0.push_back(job);
        if self.0.len() > REMEMBERED {
            let ended = self.0.iter().position(|job| !job.runs());
            ended.and_then(|index| self.0.remove(index));
        }
    }

    /// The one with this id, unless it is forgotten.
    pub(super) fn find(&self, id: &str) -> Option<&Job> {
        self.0.iter().find(|job| job.id == id)
    }

    /// What is asked for, or, of a rebuild with a limit while one runs, to tell that one the limit.
    pub(super) fn beside_what_runs(&self, asked: ViewsTask) -> ViewsTask {
        let rebuilds = |job: &Job| job.runs() && matches!(job.work, ViewsTask::Rebuild { .. });
        if let ViewsTask::Rebuild { throttle: Some(most), .. } = asked
            && self.0.iter().any(rebuilds)
        {
            return ViewsTask::Throttle(most);
        }
        asked
    }

    /// What must end before this can begin.
    pub(super) fn conflict(&self, work: ViewsTask) -> Option<&Job> {
        let excludes = |job: &&Job| job.runs() && (steers(job.work) || !steers(work));
        self.0.iter().find(excludes)
    }

    pub(super) fn running(&self) -> Option<&Job> {
        self.0.iter().find(|job| job.runs())
    }

    pub(super) fn last(&self) -> Option<&Job> {
        self.0.back()
    }

    /// Everything that may still run, to wait for.
    pub(super) fn tasks(&mut self) -> Vec<JoinHandle<()>> {
        self.0.iter_mut().filter_map(|job| job.task.take()).collect()
    }
}

/// Whether it only changes what the job of a rebuild does, and so goes on beside that.
fn steers(work: ViewsTask) -> bool {
    matches!(work, ViewsTask::Cancel | ViewsTask::Throttle(_))
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;

    const MOST: NonZeroU32 = NonZeroU32::MIN;
    const REBUILD: ViewsTask = ViewsTask::Rebuild { memory: 0, throttle: Some(MOST), verify: true };

    #[test]
    fn a_rebuild_is_steered_while_it_runs_by_one_at_a_time() {
        let mut recent = JobHistory::default();
        assert_eq!(recent.beside_what_runs(REBUILD), REBUILD);
        recent.keep(Job::running("rebuild", REBUILD));
        assert_eq!(recent.beside_what_runs(REBUILD), ViewsTask::Throttle(MOST));
        assert!(recent.conflict(ViewsTask::Throttle(MOST)).is_none());
        assert!(recent.conflict(ViewsTask::Cancel).is_none());
        for work in [REBUILD, ViewsTask::Rollback, ViewsTask::DropOld] {
            assert_eq!(recent.conflict(work).unwrap().id, "rebuild");
        }
        recent.keep(Job::running("cancel", ViewsTask::Cancel));
        assert_eq!(recent.conflict(ViewsTask::Cancel).unwrap().id, "cancel");
        assert_eq!(recent.conflict(ViewsTask::Throttle(MOST)).unwrap().id, "cancel");
    }

    #[test]
    fn the_outcomes_of_the_last_jobs_are_remembered_by_their_ids() {
        let mut recent = JobHistory::default();
        for number in 0..=REMEMBERED {
            recent.keep(Job::ended(&number.to_string()));
        }
        assert!(recent.find("0").is_none() && recent.find("1").is_some());
        assert_eq!(recent.last().unwrap().id, REMEMBERED.to_string());
    }

    #[test]
    fn what_runs_is_never_forgotten() {
        let mut recent = JobHistory::default();
        recent.keep(Job::running("runs", REBUILD));
        for number in 0..=REMEMBERED {
            recent.keep(Job::ended(&number.to_string()));
        }
        assert_eq!(recent.running().unwrap().id, "runs");
        assert_eq!(recent.0.len(), REMEMBERED);
    }
}
