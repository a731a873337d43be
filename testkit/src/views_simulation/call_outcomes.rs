//! What becomes of a call.

use std::time::Duration;

use rand::RngExt as _;

use super::world::Chance;

/// How bad the network is, drawn for each seed.
#[derive(Debug, Clone, Copy)]
pub(super) struct FaultRates {
    /// Of a thousand calls, so many are slow,
    slow: u32,
    /// so many are lost before they do anything or in the middle of it,
    lost: u32,
    /// so many are done and not answered,
    unanswered: u32,
    /// and so many are given up by who waits for them, and done much later.
    late: u32,
}

/// The longest that a call takes which was given up.
pub(super) const LATEST: Duration = Duration::from_secs(15);

/// What becomes of one call.
#[derive(Debug, Clone, Copy)]
pub(super) struct CallOutcome {
    /// Until its first step takes effect.
    pub(super) before: Duration,
    /// Between its steps.
    pub(super) between: Duration,
    /// Until the answer is heard.
    pub(super) after: Duration,
    /// How many of its steps take effect.
    pub(super) steps: usize,
    /// What the caller is told.
    pub(super) told: Told,
}

/// What the caller is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// What came of it.
    Truth,
    /// That it failed, after it was done or not.
    Failed,
    /// That it failed, before it is done.
    FailedEarly,
}

impl FaultRates {
    pub(super) const CALM: Self = Self { slow: 0, lost: 0, unanswered: 0, late: 0 };

    pub(super) fn draw(chance: &mut Chance) -> Self {
        let mut usual = |of: [u32; 4]| of[chance.random_range(0..4)];
        Self {
            slow: usual([0, 20, 100, 300]),
            lost: usual([0, 0, 5, 30]),
            unanswered: usual([0, 5, 10, 40]),
            late: usual([0, 5, 10, 30]),
        }
    }

    pub(super) fn fate(self, steps: usize, chance: &mut Chance) -> CallOutcome {
        let mut millis = |most: u64| Duration::from_millis(chance.random_range(0..=most));
        let mut fate = CallOutcome {
            before: millis(2),
            between: Duration::ZERO,
            after: millis(2),
            steps,
            told: Told::Truth,
        };
        let draw = chance.random_range(0..1_000);
        let mut millis = |most: u64| Duration::from_millis(chance.random_range(0..=most));
        let (lost, unanswered, late) = (self.lost, self.unanswered, self.late);
        if draw < self.slow {
            (fate.before, fate.between, fate.after) = (millis(400), millis(100), millis(400));
        }
        let draw = draw.wrapping_sub(self.slow);
        if draw < lost {
            fate.told = Told::Failed;
            fate.steps = chance.random_range(0..steps);
        } else if draw.wrapping_sub(lost) < unanswered {
            fate.told = Told::Failed;
        } else if draw.wrapping_sub(lost).wrapping_sub(unanswered) < late {
            fate.told = Told::FailedEarly;
            let latest = u64::try_from(LATEST.as_millis()).unwrap() - 1_000;
            fate.before = millis(latest);
            fate.between = millis(100);
        }
        fate
    }
}
