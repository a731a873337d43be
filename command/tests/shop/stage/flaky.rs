//! A log in memory that can be made to hold appends back, to lose one, or to deny one that it has stored.

use std::sync::{Arc, Mutex};

use event_log::{
    EventLog, LogError, MemoryLog, NewRecord, Offset, Partition, Receipt, RecordStream,
    StoredRecord,
};
use futures::future::BoxFuture;
use tokio::sync::watch;

#[derive(Debug)]
pub(crate) struct Flaky {
    log: MemoryLog,
    next: Mutex<Next>,
    held: watch::Sender<usize>,
}

/// What happens to the next append.
enum Next {
    Works,
    Held(Vec<(Partition, NewRecord, Receipt)>),
    Lost,
    Denied,
    Panics,
}

impl std::fmt::Debug for Next {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Next")
    }
}

impl Flaky {
    pub(crate) fn new(partitions: u16) -> Arc<Self> {
        Arc::new(Self {
            log: MemoryLog::new(partitions),
            next: Mutex::new(Next::Works),
            held: watch::Sender::new(0),
        })
    }

    /// From now on nothing is stored or acknowledged.
    pub(crate) fn hold(&self) {
        *self.next.lock().unwrap() = Next::Held(Vec::new());
    }

    /// Waits until so many appends are held.
    pub(crate) async fn held(&self, appends: usize) {
        self.held.subscribe().wait_for(|held| *held >= appends).await.unwrap();
    }

    /// Stores what was held, and everything after it.
    pub(crate) fn release(&self) {
        let held = std::mem::replace(&mut *self.next.lock().unwrap(), Next::Works);
        if let Next::Held(held) = held {
            for (partition, record, receipt) in held {
                self.log.append(partition, record, receipt);
            }
        }
    }

    /// Fails the next append without storing it.
    pub(crate) fn lose_next(&self) {
        *self.next.lock().unwrap() = Next::Lost;
    }

    /// Stores the next append and says that it failed.
    pub(crate) fn store_and_fail_next(&self) {
        *self.next.lock().unwrap() = Next::Denied;
    }

    /// The next append ends whoever asks for it.
    pub(crate) fn panic_next(&self) {
        *self.next.lock().unwrap() = Next::Panics;
    }
}

impl EventLog for Flaky {
    fn partitions(&self) -> u16 {
        self.log.partitions()
    }

    fn append(&self, partition: Partition, record: NewRecord, receipt: Receipt) {
        let mut next = self.next.lock().unwrap();
        if let Next::Held(held) = &mut *next {
            held.push((partition, record, receipt));
            self.held.send_replace(held.len());
            return;
        }
        let fate = std::mem::replace(&mut *next, Next::Works);
        drop(next);
        match fate {
            Next::Works | Next::Held(_) => self.log.append(partition, record, receipt),
            Next::Panics => panic!("the test says so"),
            Next::Lost => receipt(Err(failed())),
            Next::Denied => {
                self.log.put(partition, record).unwrap();
                receipt(Err(failed()));
            }
        }
    }

    fn end(&self, partition: Partition) -> BoxFuture<'_, Result<Offset, LogError>> {
        self.log.end(partition)
    }

    fn read(
        &self,
        partition: Partition,
        from: Offset,
        at_most: usize,
    ) -> BoxFuture<'_, Result<Vec<StoredRecord>, LogError>> {
        self.log.read(partition, from, at_most)
    }

    fn follow(&self, from: Vec<(Partition, Offset)>) -> RecordStream {
        self.log.follow(from)
    }

    fn follow_batched(&self, from: Vec<(Partition, Offset)>) -> RecordStream {
        self.log.follow_batched(from)
    }
}

fn failed() -> LogError {
    LogError::Unavailable("the test says so".into())
}
