//! What a partition's task sends out and does not wait for; whatever comes of it comes back as an input.

use std::{sync::Arc, time::Duration};

use event_log::{
    Envelope, EventLog, LogError, LogId, Offset, Partition, Timestamp, WriterId, codec,
};
use tokio::{sync::mpsc::UnboundedSender, time::sleep};

use super::Completion;
use crate::{Clock, IdGenerator, catalogue::Catalogue, quarantine::history, writer::Input};

/// How long to wait before a log that is unavailable is asked again.
const AGAIN: Duration = Duration::from_millis(200);

/// What a partition's task works with.
#[derive(Clone)]
pub(crate) struct Effects {
    pub(crate) partition: Partition,
    pub(crate) log: Arc<dyn EventLog>,
    pub(crate) log_id: LogId,
    pub(crate) catalogue: Arc<Catalogue>,
    pub(crate) clock: Clock,
    pub(crate) mint: IdGenerator,
    pub(crate) told: UnboundedSender<Completion>,
}

impl Effects {
    pub(super) fn partition(&self) -> Partition {
        self.partition
    }

    pub(super) fn now(&self) -> Timestamp {
        (self.clock)()
    }

    pub(super) fn append(&self, envelope: &Envelope) {
        let (told, stamp) = (self.told.clone(), envelope.stamp);
        let receipt = Box::new(move |outcome| {
            let told_of = match outcome {
                Ok(offset) => Completion { input: Input::Delivered { stamp, offset }, error: None },
                Err(error) => {
                    Completion { input: Input::AppendFailed { stamp }, error: Some(error) }
                }
            };
            // The task has left; nobody waits for this record any more.
            _ = told.send(told_of);
        });
        self.log.append(self.partition, codec::encode(envelope, self.log_id), receipt);
    }

    pub(super) fn fetch_end(&self) {
        let errands = self.clone();
        tokio::spawn(async move {
            let end = errands.until_it_works(|| errands.log.end(errands.partition)).await;
            if let Some(end) = end {
                errands.tell(Input::EndFetched { end, nonce: WriterId((errands.mint)()) });
            }
        });
    }

    pub(super) fn read_catalogue(&self, epoch: u64) {
        let errands = self.clone();
        tokio::spawn(async move {
            let read =
                errands.until_it_works(|| errands.catalogue.catch_up_all(&*errands.log)).await;
            if let Some(()) = read {
                errands.tell(Input::CatalogueRead { epoch });
            }
        });
    }

    pub(super) fn read_again(&self, key: String, below: Offset) {
        let errands = self.clone();
        tokio::spawn(async move {
            let read = || history(&*errands.log, errands.partition, &key, below, |_all| true);
            if let Some(history) = errands.until_it_works(read).await {
                errands.tell(Input::ReadAgain { key, history });
            }
        });
    }

    pub(super) fn pause(&self, up_to: Duration) {
        let errands = self.clone();
        let chance = (self.mint)().as_u128().checked_rem(up_to.as_millis()).unwrap_or_default();
        tokio::spawn(async move {
            sleep(Duration::from_millis(u64::try_from(chance).unwrap_or_default())).await;
            errands.tell(Input::Resume);
        });
    }

    fn tell(&self, input: Input) {
        // The task may have left.
        _ = self.told.send(Completion { input, error: None });
    }

    /// Asks until the log answers; none when the task has left, or when the log will not answer again.
    async fn until_it_works<T, F>(&self, ask: impl Fn() -> F) -> Option<T>
    where
        F: Future<Output = Result<T, LogError>>,
    {
        let mut told = false;
        while !self.told.is_closed() {
            match ask().await {
                Ok(answer) => return Some(answer),
                // The follower comes to the same end, and with it the task.
                Err(LogError::Unfit(_)) => return None,
                Err(error @ LogError::Unavailable(_)) => {
                    if !std::mem::replace(&mut told, true) {
                        let error: &dyn std::error::Error = &error;
                        tracing::warn!(partition = %self.partition, error, "the writer cannot start yet");
                    }
                }
            }
            sleep(AGAIN).await;
        }
        None
    }
}
