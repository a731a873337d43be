//! What one request may cost, charged while it runs.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use tokio::sync::Notify;

use crate::Failure;

/// What one request may cost.
///
/// What is looked at counts, not what is found: a search that finds nothing reads as much as one that finds everything. It is
/// charged before it is read, so that a request which asks for a thousand things at once does not read a thousand before the first
/// is counted; what was not there is given back.
#[derive(Debug)]
pub struct Budget {
    looked_at: Purse,
    told: Purse,
    is_spent: AtomicBool,
    spent: Notify,
}

#[derive(Debug)]
struct Purse {
    of: u64,
    left: AtomicU64,
}

impl Budget {
    pub(crate) fn new(looked_at: u64, told: u64) -> Self {
        let purse = |of| Purse { of, left: AtomicU64::new(of) };
        Self {
            looked_at: purse(looked_at),
            told: purse(told),
            is_spent: AtomicBool::new(false),
            spent: Notify::new(),
        }
    }

    /// Charges records of the log or documents of the views that are about to be looked at.
    pub fn look_at(&self, count: usize) -> Result<(), Failure> {
        if self.looked_at.take(count) { Ok(()) } else { Err(self.end()) }
    }

    /// Gives back what was charged and was not there to look at.
    pub(crate) fn give_back(&self, count: usize) {
        self.looked_at.left.fetch_add(count.try_into().unwrap_or_default(), Ordering::Relaxed);
    }

    /// Charges bytes of the answer.
    pub fn tell(&self, bytes: usize) -> Result<(), Failure> {
        if self.told.take(bytes) { Ok(()) } else { Err(self.end()) }
    }

    /// Waits until somebody asked for more than there was.
    pub(crate) async fn spent(&self) -> Failure {
        let notified = self.spent.notified();
        if !self.is_spent.load(Ordering::Acquire) {
            notified.await;
        }
        self.failure()
    }

    /// Whether nobody asked for more than there was.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        if self.is_spent.load(Ordering::Acquire) { Err(self.failure()) } else { Ok(()) }
    }

    fn end(&self) -> Failure {
        self.is_spent.store(true, Ordering::Release);
        self.spent.notify_waiters();
        self.failure()
    }

    fn failure(&self) -> Failure {
        Failure::TooMuch { looked_at: self.looked_at.of, told: self.told.of }
    }
}

impl Purse {
    fn take(&self, count: usize) -> bool {
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        let less = |left: u64| left.checked_sub(count);
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_not_there_is_given_back_and_the_rest_is_charged() {
        let budget = Budget::new(10, 5);
        budget.look_at(8).unwrap();
        budget.give_back(5);
        budget.look_at(7).unwrap();
        budget.tell(5).unwrap();
        let waiting = budget.spent();
        assert!(matches!(budget.look_at(1), Err(Failure::TooMuch { looked_at: 10, told: 5 })));
        assert!(matches!(waiting.await, Failure::TooMuch { .. }));
        assert!(matches!(budget.spent().await, Failure::TooMuch { .. }));
    }
}
