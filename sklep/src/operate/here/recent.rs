//! The jobs that this process remembers.

use std::collections::VecDeque;

use tokio::task::JoinHandle;

use super::job::Job;

/// How many are remembered: whoever began one asks for it four times a second, so a few others in between do no harm.
const REMEMBERED: usize = 16;

/// Jobs in the order in which they began: what runs, and the last of those that have ended.
#[derive(Default)]
pub(super) struct Recent(VecDeque<Job>);

impl Recent {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_outcomes_of_the_last_jobs_are_remembered_by_their_ids() {
        let mut recent = Recent::default();
        for number in 0..=REMEMBERED {
            recent.keep(Job::ended(&number.to_string()));
        }
        assert!(recent.find("0").is_none() && recent.find("1").is_some());
        assert_eq!(recent.last().unwrap().id, REMEMBERED.to_string());
    }

    #[test]
    fn what_runs_is_never_forgotten() {
        let mut recent = Recent::default();
        recent.keep(Job::running("runs"));
        for number in 0..=REMEMBERED {
            recent.keep(Job::ended(&number.to_string()));
        }
        assert_eq!(recent.running().unwrap().id, "runs");
        assert_eq!(recent.0.len(), REMEMBERED);
    }
}
