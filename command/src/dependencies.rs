//! What the role stands on, and what may be chosen about it.

use std::{fmt, sync::Arc};

use domain::Rules;
use event_log::{
    EventLog, Follower, LogIdentity, Partition, Subscribers, Subscription, Timestamp, WriterStarted,
};
use uuid::Uuid;

use crate::writer;

/// Tells the time: the edge's clock, cut to milliseconds. Deadlines are told by it too.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Mints a random id (`UUIDv4`): the nonces of writers, and chance.
pub type IdGenerator = Arc<dyn Fn() -> Uuid + Send + Sync>;

/// Batches that a follower may have ready for one subscriber; it waits for the slowest.
const FEED: usize = 64;

/// What the role reads of the log; subscribed to before the follower starts.
#[derive(Debug)]
pub struct Subscriptions {
    pub(crate) writers: Vec<Subscription>,
    pub(crate) catalogue: Subscription,
}

impl Subscriptions {
    /// Subscribes to everything that the role reads.
    pub fn subscribe(subscribers: &mut Subscribers, partitions: u16) -> Self {
        let writers =
            Partition::all(partitions).map(|partition| subscribers.to(partition, FEED)).collect();
        Self { writers, catalogue: subscribers.to_all(FEED) }
    }
}

/// What the role stands on.
pub struct Dependencies {
    /// The log.
    pub log: Arc<dyn EventLog>,
    /// What follows the log in this process.
    pub follower: Follower,
    /// What that follower hands to the role.
    pub feeds: Subscriptions,
    /// What may be chosen.
    pub settings: Settings,
    /// The time.
    pub clock: Clock,
    /// Nonces and chance.
    pub ids: IdGenerator,
}

impl fmt::Debug for Dependencies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ground")
            .field("log", &self.log)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

/// What may be chosen about the command role.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How many commands of one partition may wait for their answers; one more is [`crate::Failure::Overloaded`].
    pub waiting: usize,
    /// How many records of one partition may be appended and not yet confirmed.
    pub in_flight: usize,
    /// Where other instances send commands; none when there is no other instance.
    pub address: Option<String>,
}

impl Default for Settings {
    /// 4,096 waiting commands are a fraction of a second of a partition's work, and 1,024 in flight keep any log
    /// busy. Which command ids are remembered is the log's own to say.
    fn default() -> Self {
        Self { waiting: 4096, in_flight: 1024, address: None }
    }
}

impl Settings {
    pub(crate) fn of_writer(&self, log: LogIdentity, partition: Partition) -> writer::Settings {
        let LogIdentity { id, partitions, settings } = log;
        let address = self.address.clone();
        writer::Settings {
            partition,
            started: WriterStarted { log_id: id, partitions, address, settings: Some(settings) },
            rules: Rules { currency: settings.currency },
            waiting: self.waiting,
            in_flight: self.in_flight,
            remembered: usize::try_from(settings.remembered.ids).unwrap_or(usize::MAX),
            remembered_for: settings.remembered.period,
        }
    }
}
