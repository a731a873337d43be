//! The front of the role: takes orders and answers them.

use std::sync::Arc;

use event_log::Timestamp;

use crate::{Answer, Failure, Order};

/// Tells the time: the edge's clock, cut to milliseconds.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// What may be chosen about the command role.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How many commands of one partition may wait for their answers; one more is [`Failure::Overloaded`].
    pub waiting: usize,
    /// How many records of one partition may be appended and not yet confirmed.
    pub in_flight: usize,
    /// How many command ids of one partition are remembered.
    pub remembered: usize,
    /// Where other instances send commands; none when there is no other instance.
    pub address: Option<String>,
}

impl Default for Settings {
    /// 4,096 waiting commands are a tenth of a second of a partition's work; 200,000 ids are design.md §2's.
    fn default() -> Self {
        Self { waiting: 4096, in_flight: 1024, remembered: 200_000, address: None }
    }
}

/// The command role of this process.
#[derive(Debug)]
pub struct Commands {}

impl Commands {
    /// Decides an order and answers once the answer is final.
    pub async fn submit(&self, _order: Order) -> Result<Answer, Failure> {
        Err(Failure::Unavailable)
    }

    /// Whether every partition's writer serves.
    pub fn ready(&self) -> bool {
        false
    }

    /// Takes no more orders, answers those that were accepted, and leaves.
    pub async fn stop(&self) {}
}
