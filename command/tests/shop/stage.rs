//! A shop's command role for stories, on any log.

mod flaky;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Instant, UNIX_EPOCH},
};

use command::{
    Clock, CommandOutcome, CommandRequest, Commands, Dependencies, Failure, IdGenerator, Recorded,
    Settings, Subscriptions,
};
use domain::{Command, Refusal};
use event_log::{
    Envelope, EventLog, Follower, LogId, LogIdentity, Offset, Partition, Position, RecordId,
    Subscribers, Timestamp, WriterId, codec, identity,
};
use uuid::Uuid;

pub(crate) use flaky::Flaky;

/// A running command role.
pub(crate) struct Stage {
    pub(crate) commands: Commands,
    pub(crate) identity: LogIdentity,
    follower: Follower,
    pub(crate) log: Arc<dyn EventLog>,
}

impl Stage {
    pub(crate) async fn open(log: Arc<impl EventLog>) -> Self {
        Self::open_with(log, Settings::default()).await
    }

    /// Opens the shop and waits until it serves.
    pub(crate) async fn open_with(log: Arc<impl EventLog>, settings: Settings) -> Self {
        let (clock, mint) = (clock(), mint());
        let identity =
            identity::begin(&*log, LogId(mint()), WriterId(mint()), clock()).await.unwrap();
        let mut subscribers = Subscribers::default();
        let feeds = Subscriptions::subscribe(&mut subscribers, identity.partitions);
        let follower = Follower::start(&*log, identity, subscribers);
        let log: Arc<dyn EventLog> = log;
        let ground = Dependencies {
            log: Arc::clone(&log),
            follower: follower.clone(),
            feeds,
            settings,
            clock,
            ids: mint,
        };
        let commands = Commands::start(ground);
        commands.served().await.unwrap();
        Self { commands, identity, follower, log }
    }

    pub(crate) async fn submit(&self, order: CommandRequest) -> Result<CommandOutcome, Failure> {
        self.commands.submit(order).await
    }

    /// The record at a place, and whether it counts.
    pub(crate) async fn at(&self, place: RecordId) -> (Envelope, bool) {
        self.follower.reached(place.partition, place.offset + 1).await.unwrap();
        let stored = self.log.read(place.partition, place.offset, 1).await.unwrap();
        let counts = self.follower.counts(place.partition, place.offset).unwrap();
        (codec::decode(&stored[0].record).unwrap(), counts)
    }

    pub(crate) async fn end(&self, partition: Partition) -> Offset {
        self.log.end(partition).await.unwrap()
    }

    pub(crate) async fn until_it_is_not_ready(&self) {
        while self.commands.ready() {
            tokio::task::yield_now().await;
        }
    }

    /// Stops the role and lets go of the log.
    pub(crate) async fn close(self) {
        self.commands.stop().await;
        let log = Arc::downgrade(&self.log);
        drop(self);
        while log.strong_count() > 0 {
            tokio::task::yield_now().await;
        }
    }
}

/// The time goes on as it does, from any moment.
fn clock() -> Clock {
    let begun = Instant::now();
    let epoch = UNIX_EPOCH.elapsed().unwrap();
    Arc::new(move || Timestamp(i64::try_from((epoch + begun.elapsed()).as_millis()).unwrap()))
}

/// Ids that no other stage of this process has either.
fn mint() -> IdGenerator {
    static LAST: AtomicU64 = AtomicU64::new(1);
    Arc::new(|| Uuid::from_u128(u128::from(LAST.fetch_add(1, Ordering::Relaxed))))
}

pub(crate) fn order(command: Command) -> CommandRequest {
    CommandRequest::new(command, mint()())
}

pub(crate) fn order_as(id: &str, command: Command) -> CommandRequest {
    CommandRequest { command_id: Some(id.parse().unwrap()), ..order(command) }
}

/// The event, what the answer depends on, and whether it is a repeat.
#[track_caller]
pub(crate) fn stored(answer: Result<CommandOutcome, Failure>) -> (Recorded, Position, bool) {
    match answer {
        Ok(CommandOutcome::Stored { event, position, repeated }) => {
            (event, position.needs().clone(), repeated)
        }
        other => panic!("expected an event, got {other:?}"),
    }
}

#[track_caller]
pub(crate) fn refused(answer: Result<CommandOutcome, Failure>) -> Refusal {
    match answer {
        Ok(CommandOutcome::Refused(refusal)) => refusal,
        other => panic!("expected a refusal, got {other:?}"),
    }
}
