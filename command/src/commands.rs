//! The front of the role: takes orders and answers them.

mod answered;
mod answering;
mod reading;
mod skipping;
mod takeovers;

use std::{fmt, mem, sync::Arc, time::Duration};

use domain::Command;
use event_log::{EventLog, Follower, LogIdentity, Partition, Timestamp, Trace, partition_of};
use futures::future::join_all;
use tokio::{
    sync::{Mutex, Semaphore, mpsc, oneshot, watch},
    task::{JoinHandle, JoinSet},
    time::Instant,
};

use self::answered::AnsweredPositions;
pub use self::takeovers::Takeovers;
use crate::{
    Clock, CommandOutcome, CommandRequest, Dependencies, Failure,
    catalogue::Catalogue,
    partition::{Effects, PartitionMessage, PartitionTask, WriterStatus},
    writer::{Reply, Request, Submission, Ticket, Writer},
};

/// The command role of this process, which decides for every partition.
///
/// Once it is dropped it takes no more orders; [`Commands::stop`] also waits until the accepted ones are answered.
pub struct Commands {
    log: Arc<dyn EventLog>,
    identity: LogIdentity,
    catalogue: Arc<Catalogue>,
    clock: Clock,
    partitions: Vec<PartitionHandle>,
    /// Lets in so many orders that have to read before they can be decided.
    readers: Semaphore,
    tasks: Mutex<Vec<JoinHandle<()>>>,
    /// Keeps the catalogue up to date; ends with this.
    catalogue_task: Mutex<JoinSet<()>>,
    /// The feeds end with the last of them.
    follower: Follower,
    answered: AnsweredPositions,
}

/// Where orders for one partition are taken.
struct PartitionHandle {
    requests: mpsc::Sender<PartitionMessage>,
    standing: watch::Receiver<WriterStatus>,
}

impl Commands {
    /// Starts the role on the current Tokio runtime.
    pub fn start(ground: Dependencies) -> Self {
        let Dependencies { log, follower, feeds, settings, clock, ids: mint } = ground;
        let identity = follower.identity();
        let catalogue = Arc::new(Catalogue::new(identity));
        let mut catalogue_task = JoinSet::new();
        catalogue_task.spawn(Arc::clone(&catalogue).follow(Arc::clone(&log), feeds.catalogue));
        let (mut counters, mut tasks) = (Vec::new(), Vec::new());
        for (partition, feed) in Partition::all(identity.partitions).zip(feeds.writers) {
            let (requests, asked) = mpsc::channel(settings.waiting.max(1));
            let (told_by, told) = mpsc::unbounded_channel();
            let (stands, standing) = watch::channel(WriterStatus::default());
            let errands = Effects {
                partition,
                log: Arc::clone(&log),
                log_id: identity.id,
                catalogue: Arc::clone(&catalogue),
                clock: Arc::clone(&clock),
                mint: Arc::clone(&mint),
                told: told_by,
            };
            let writer = Writer::new(settings.of_writer(identity, partition));
            let task = PartitionTask::new(writer, errands, told, asked, feed, stands);
            counters.push(PartitionHandle { requests, standing });
            tasks.push(tokio::spawn(task.run()));
        }
        Self {
            log,
            identity,
            catalogue,
            clock,
            partitions: counters,
            readers: Semaphore::new(settings.waiting),
            tasks: Mutex::new(tasks),
            catalogue_task: Mutex::new(catalogue_task),
            follower,
            answered: AnsweredPositions::nothing(identity.partitions),
        }
    }

    /// Decides an order, and answers once the answer is final.
    pub async fn submit(&self, order: CommandRequest) -> Result<CommandOutcome, Failure> {
        let deadline = self.deadline(order.within);
        let until = until(order.within);
        if let Some(position) = &order.at_least {
            self.read_to(position, until).await?;
        }
        let (command, priced_at) = self.priced(order.command, until).await?;
        // Only a repeat is compared with the event that its id stands for.
        let repeatable = order.command_id.is_some().then(|| command.clone());
        let partition = self.partition_of(&command);
        let submission = Submission {
            // The partition's task gives it its own.
            ticket: Ticket(0),
            wish: Request::Command(command),
            event_id: order.event_id,
            trace: Trace {
                command_id: order.command_id,
                correlation_id: order.correlation_id,
                causation_id: order.causation_id,
            },
            deadline,
        };
        let reply = self.ask(partition, submission).await?;
        self.answer(reply, partition, repeatable.as_ref(), priced_at).await
    }

    /// Whether commands of every partition are answered. One that another instance disputes is answered too, though slowly, as
    /// long as its writer always comes back within the deadline of a command.
    pub fn ready(&self) -> bool {
        let now = Instant::now();
        self.partitions.iter().all(|counter| counter.standing.borrow().answers(now))
    }

    /// Waits until every partition's writer has served; fails when one has left.
    pub async fn served(&self) -> Result<(), Failure> {
        for counter in &self.partitions {
            let mut standing = counter.standing.clone();
            standing
                .wait_for(|standing| standing.serves)
                .await
                .map_err(|_left| Failure::Unavailable)?;
        }
        Ok(())
    }

    /// What of this role has ended by a fault of this program, so that the process must be started again; none while all
    /// of it runs. What ends because the log is lost is no fault: the follower says so first.
    pub async fn fault(&self) -> Option<String> {
        let tasks = self.tasks.lock().await;
        let ended = Partition::all(self.identity.partitions)
            .zip(tasks.iter())
            .find_map(|(partition, task)| task.is_finished().then_some(partition));
        drop(tasks);
        if let Some(partition) = ended {
            return Some(format!(
                "the writer of partition {partition} ended by a fault of this program"
            ));
        }
        let catalogue = self.catalogue_task.lock().await.try_join_next();
        catalogue.map(|_ended| "the catalogue of prices ended by a fault of this program".into())
    }

    /// Takes no more orders and answers those that were accepted, each by its deadline at the latest.
    pub async fn stop(&self) {
        let left =
            self.partitions.iter().map(|counter| counter.requests.send(PartitionMessage::Stop));
        // A task that has left already has nothing to answer.
        _ = join_all(left).await;
        let tasks = mem::take(&mut *self.tasks.lock().await);
        join_all(tasks).await;
    }

    async fn ask(&self, partition: Partition, submission: Submission) -> Result<Reply, Failure> {
        let counter = self.partitions.get(usize::from(partition.0)).ok_or(Failure::Unavailable)?;
        let (caller, reply) = oneshot::channel();
        counter.requests.try_send(PartitionMessage::Call(Box::new(submission), caller)).map_err(
            |error| match error {
                mpsc::error::TrySendError::Full(_) => Failure::Overloaded,
                mpsc::error::TrySendError::Closed(_) => Failure::Unavailable,
            },
        )?;
        // The task has left without an answer.
        reply.await.map_err(|_left| Failure::Unknown)
    }

    fn partition_of(&self, command: &Command) -> Partition {
        partition_of(command.aggregate().as_str().as_bytes(), self.identity.partitions)
    }

    fn deadline(&self, within: Duration) -> Timestamp {
        let millis = i64::try_from(within.as_millis()).unwrap_or(i64::MAX);
        Timestamp((self.clock)().0.saturating_add(millis))
    }
}

/// The moment until which an order may read, a day away at most.
fn until(within: Duration) -> Instant {
    let now = Instant::now();
    now.checked_add(within.min(Duration::from_hours(24))).unwrap_or(now)
}

impl fmt::Debug for Commands {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Commands")
            .field("log", &self.log)
            .field("identity", &self.identity)
            .finish_non_exhaustive()
    }
}
