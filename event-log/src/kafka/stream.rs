//! Following partitions: one consumer on a thread of its own.

use std::{
    collections::BTreeMap,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use rdkafka::{
    consumer::{BaseConsumer, Consumer},
    error::{KafkaError, KafkaResult},
    message::BorrowedMessage,
    topic_partition_list::Offset as Where,
};
use tokio::sync::mpsc;

use crate::{Batch, LogError, Offset, Partition, RecordStream, StoredRecord};

use super::{
    KafkaSettings,
    client::ConnectionWatch,
    end_offsets,
    message::incoming,
    options::{Fetch, Purpose, make},
    reader_pool::{ReaderPool, assign, beyond, gap, is_out_of_range, missing},
    told::words,
    topic_deletion::TopicDeletion,
};

/// How many records are gathered before they are handed on: large enough that the hand-over costs nothing
/// beside the reading, small enough that folds of one batch fit into one transaction.
const MOST_RECORDS: usize = 1000;

/// How many batches may wait for the one who follows. What is beyond waits in the consumer.
const MOST_BATCHES: usize = 16;

/// How soon a dropped tail is noticed while nothing happens.
const POLL: Duration = Duration::from_millis(100);

/// How often the ends are looked at: a topic that was created anew with fewer records gives no error.
const LOOK: Duration = Duration::from_secs(1);

/// Follows these partitions until the tail is dropped.
pub(crate) fn follow(
    settings: &Arc<KafkaSettings>,
    reads: &ReaderPool,
    from: Vec<(Partition, Offset)>,
    pace: Fetch,
) -> RecordStream {
    let (out, tail) = mpsc::channel(MOST_BATCHES);
    let follower = TopicStream {
        settings: Arc::clone(settings),
        reads: reads.clone(),
        next: from.into_iter().collect(),
        pace,
        out,
    };
    let failed = follower.out.clone();
    if let Err(error) =
        thread::Builder::new().name("kafka-follow".into()).spawn(move || follower.run())
    {
        // The channel is new and empty, so there is room.
        let _ = failed.try_send(Err(LogError::Unfit(format!(
            "no thread to follow the log could be had: {error}"
        ))));
    }
    tail
}

struct TopicStream {
    settings: Arc<KafkaSettings>,
    reads: ReaderPool,
    /// The next offset of each partition.
    next: BTreeMap<Partition, Offset>,
    pace: Fetch,
    out: mpsc::Sender<Result<Batch, LogError>>,
}

/// Why following ended: the log is unfit, or nobody follows any more.
enum End {
    Unfit(LogError),
    Unwanted,
}

impl TopicStream {
    fn run(mut self) {
        if self.next.is_empty() {
            // Nothing will ever come, but that is no reason to end.
            while !self.out.is_closed() {
                thread::sleep(POLL);
            }
            return;
        }
        if let Err(End::Unfit(error)) = self.follow() {
            // Whoever followed may be gone.
            let _ = self.out.blocking_send(Err(error));
        }
    }

    fn follow(&mut self) -> Result<(), End> {
        let consumer: BaseConsumer<ConnectionWatch> =
            make(&self.settings, Purpose::Follow(self.pace)).map_err(End::Unfit)?;
        assign(
            &consumer,
            &self.settings.topic,
            self.next.iter().map(|(partition, offset)| (*partition, *offset)),
        )
        .map_err(|error| {
            End::Unfit(LogError::Unfit(format!(
                "Kafka's client cannot follow the topic: {}",
                words(&error)
            )))
        })?;
        let mut look = Inspection::new();
        loop {
            match consumer.poll(POLL) {
                Some(first) => self.take(&consumer, first)?,
                None if self.out.is_closed() => return Err(End::Unwanted),
                None => {}
            }
            if look.is_due() {
                self.look(&consumer, &mut look)?;
            }
        }
    }

    /// Hands on the first message and everything else that is there, up to a batch's size.
    fn take(
        &mut self,
        consumer: &BaseConsumer<ConnectionWatch>,
        first: KafkaResult<BorrowedMessage<'_>>,
    ) -> Result<(), End> {
        let mut batches: BTreeMap<Partition, Vec<StoredRecord>> = BTreeMap::new();
        let mut error = None;
        let more = std::iter::from_fn(|| consumer.poll(Duration::ZERO));
        for message in std::iter::once(first).chain(more).take(MOST_RECORDS) {
            match message {
                Ok(message) => {
                    let (partition, stored) = incoming(&message);
                    batches.entry(partition).or_default().push(stored);
                }
                Err(met) => {
                    error = Some(met);
                    break;
                }
            }
        }
        for (partition, records) in batches {
            consumer.context().recovered();
            self.hand_on(partition, records)?;
        }
        error.map_or(Ok(()), |error| self.handle_error(consumer, &error))
    }

    /// Hands records on; each once, and without holes (see [`gap`]).
    fn hand_on(&mut self, partition: Partition, read: Vec<StoredRecord>) -> Result<(), End> {
        let Some(next) = self.next.get_mut(&partition) else { return Ok(()) };
        let mut records = Vec::with_capacity(read.len());
        for stored in read {
            while *next < stored.offset {
                records.push(gap(*next));
                *next = next.saturating_add(1);
            }
            if *next == stored.offset {
                *next = next.saturating_add(1);
                records.push(stored);
            }
        }
        if records.is_empty() {
            return Ok(());
        }
        let sent = self.out.blocking_send(Ok(Batch { partition, records }));
        sent.map_err(|_unwanted| End::Unwanted)
    }

    /// Errors pass, but for the one that says that the log is another.
    fn handle_error(
        &self,
        consumer: &BaseConsumer<ConnectionWatch>,
        error: &KafkaError,
    ) -> Result<(), End> {
        if is_out_of_range(error) {
            return Err(End::Unfit(self.out_of_range(consumer)));
        }
        consumer.context().failed(&words(error));
        Ok(())
    }

    /// Says which partition it is, as far as it still shows.
    fn out_of_range(&self, consumer: &BaseConsumer<ConnectionWatch>) -> LogError {
        let topic = &self.settings.topic;
        let ends = end_offsets::ask(consumer, topic, self.next.keys().copied(), Where::End)
            .unwrap_or_default();
        let starts = end_offsets::ask(consumer, topic, self.next.keys().copied(), Where::Beginning)
            .unwrap_or_default();
        let next = |partition: &Partition| self.next.get(partition).copied().unwrap_or(0);
        if let Some((partition, end)) = ends.iter().find(|(partition, end)| *end < next(partition))
        {
            return beyond(topic, *partition, next(partition), *end);
        }
        let cut = starts.iter().find(|(partition, start)| *start > next(partition));
        let (partition, from) = match cut {
            Some((partition, _)) => (*partition, next(partition)),
            None => self
                .next
                .first_key_value()
                .map_or((Partition(0), 0), |(partition, next)| (*partition, *next)),
        };
        missing(topic, partition, from)
    }

    /// Compares what was read with what there is.
    fn look(
        &mut self,
        consumer: &BaseConsumer<ConnectionWatch>,
        look: &mut Inspection,
    ) -> Result<(), End> {
        match end_offsets::ask(
            consumer,
            &self.settings.topic,
            self.next.keys().copied(),
            Where::End,
        ) {
            Ok(ends) => {
                look.absence.end();
                consumer.context().recovered();
                for (partition, end) in ends {
                    self.compare(partition, end, look)?;
                }
                Ok(())
            }
            Err(error) => {
                consumer.context().failed(&words(&error));
                // The records come meanwhile, if they can.
                let Some((last, _)) = self.next.last_key_value() else { return Ok(()) };
                look.absence.look(consumer, &self.settings.topic, *last).map_err(End::Unfit)
            }
        }
    }

    fn compare(
        &mut self,
        partition: Partition,
        end: Offset,
        look: &mut Inspection,
    ) -> Result<(), End> {
        let Some(next) = self.next.get(&partition).copied() else { return Ok(()) };
        if end < next {
            return Err(End::Unfit(beyond(&self.settings.topic, partition, next, end)));
        }
        // Behind, and just where it was a second ago: a transaction's markers stand at the end, or the
        // consumer has stalled. Either way, reading it apart goes on.
        let stands_still = end > next && look.seen.insert(partition, next) == Some(next);
        if !stands_still {
            return Ok(());
        }
        match self.reads.read_blocking(partition, next..end, MOST_RECORDS) {
            Ok(records) => self.hand_on(partition, records),
            Err(error @ LogError::Unfit(_)) => Err(End::Unfit(error)),
            Err(LogError::Unavailable(_)) => Ok(()),
        }
    }
}

/// What was seen when the ends were last looked at.
struct Inspection {
    last: Instant,
    seen: BTreeMap<Partition, Offset>,
    absence: TopicDeletion,
}

impl Inspection {
    fn new() -> Self {
        Self { last: Instant::now(), seen: BTreeMap::new(), absence: TopicDeletion::default() }
    }

    fn is_due(&mut self) -> bool {
        let due = self.last.elapsed() >= LOOK;
        if due {
            self.last = Instant::now();
        }
        due
    }
}
