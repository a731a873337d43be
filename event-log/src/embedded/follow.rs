//! What follows the log: one thread for each tail, which sleeps until something is durable.
//!
//! It runs a small runtime of its own, so that reading whole files blocks nobody else and a follower works
//! from any thread. What is at the end it takes from memory.

use std::{sync::Arc, thread, time::Duration};

use tokio::{
    runtime,
    sync::{mpsc, watch},
    time,
};

use super::reader::{ReadLimit, Reader};
use crate::{Batch, LogError, Offset, Partition, RecordStream};

/// How much one batch holds at most.
const BATCH: ReadLimit = ReadLimit { records: 1000, bytes: 1024 * 1024 };

/// How many batches wait for a slow taker.
const BATCHES: usize = 8;

/// How long to wait for a store that is being opened again.
const PAUSE: Duration = Duration::from_millis(50);

/// Follows these partitions from these offsets on.
pub(super) fn start(
    reader: Arc<Reader>,
    durable: watch::Receiver<()>,
    next: Vec<(Partition, Offset)>,
    gather: Duration,
) -> RecordStream {
    let (batches, tail) = mpsc::channel(BATCHES);
    let follower = EmbeddedStream { reader, durable, next, batches: batches.clone(), gather };
    let started =
        runtime::Builder::new_current_thread().enable_time().build().and_then(|runtime| {
            thread::Builder::new()
                .name("log follower".to_owned())
                .spawn(move || runtime.block_on(follower.run()))
        });
    if let Err(error) = started {
        // Nothing was sent yet, so that there is room.
        let _ = batches.try_send(Err(LogError::Unfit(format!(
            "a follower of the log cannot be started: {error}"
        ))));
    }
    tail
}

struct EmbeddedStream {
    reader: Arc<Reader>,
    durable: watch::Receiver<()>,
    next: Vec<(Partition, Offset)>,
    batches: mpsc::Sender<Result<Batch, LogError>>,
    /// How long to let records come together before they are read.
    gather: Duration,
}

/// The taker has gone, or was told of an error.
struct Ended;

impl EmbeddedStream {
    async fn run(mut self) {
        loop {
            // Seen before it is read: what becomes durable meanwhile wakes it again.
            self.durable.mark_unchanged();
            let caught_up = self.catch_up().await;
            let stayed = match caught_up {
                Ok(()) => self.wait().await,
                Err(Ended) => return,
            };
            if stayed.is_err() {
                return;
            }
        }
    }

    async fn wait(&mut self) -> Result<(), Ended> {
        tokio::select! {
            () = self.batches.closed() => return Err(Ended),
            changed = self.durable.changed() => changed.map_err(|_closed| Ended)?,
        }
        if !self.gather.is_zero() {
            time::sleep(self.gather).await;
        }
        Ok(())
    }

    async fn catch_up(&mut self) -> Result<(), Ended> {
        let mut went_on = true;
        while went_on {
            went_on = false;
            for (partition, next) in &mut self.next {
                went_on |=
                    step(&self.reader, &self.batches, *partition, next, &self.durable).await?;
            }
        }
        Ok(())
    }
}

/// Sends the partition's next batch; false when there is none.
async fn step(
    reader: &Reader,
    batches: &mpsc::Sender<Result<Batch, LogError>>,
    partition: Partition,
    next: &mut Offset,
    durable: &watch::Receiver<()>,
) -> Result<bool, Ended> {
    match reader.read(partition, *next, BATCH) {
        Ok(records) => {
            let Some(last) = records.last() else { return Ok(false) };
            *next = last.offset.saturating_add(1);
            batches
                .send(Ok(Batch { partition, records }))
                .await
                .map(|()| true)
                .map_err(|_gone| Ended)
        }
        Err(error @ LogError::Unfit(_)) => {
            // The taker may have gone; then nobody needs to know.
            let _ = batches.send(Err(error)).await;
            Err(Ended)
        }
        Err(LogError::Unavailable(_)) => {
            time::sleep(PAUSE).await;
            // The writer has gone, and with it the store.
            let over = durable.has_changed().is_err() || batches.is_closed();
            if over { Err(Ended) } else { Ok(true) }
        }
    }
}
