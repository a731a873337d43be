//! How far the partitions go, asked of the brokers.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use rdkafka::{
    TopicPartitionList,
    consumer::{BaseConsumer, Consumer},
    error::KafkaError,
    topic_partition_list::{Offset as Where, TopicPartitionListElem},
};
use tokio::sync::{mpsc, oneshot};

use crate::{LogError, Offset, Partition};

use super::{
    KafkaSettings,
    client::{ConnectionWatch, unavailable},
    options::{ANSWER_WITHIN, Purpose, make},
    reader_pool::beyond,
    told::words,
};

/// How many questions may wait. They are answered all at once, so this bounds memory, not the rate.
const QUESTIONS: usize = 1024;

/// Between two tries, while a partition has no leader that is known.
const PAUSE: Duration = Duration::from_millis(20);

/// Answers how far partitions go.
pub(crate) struct EndOffsets {
    questions: mpsc::Sender<Question>,
}

struct Question {
    partition: Partition,
    answer: oneshot::Sender<Result<Offset, LogError>>,
}

impl EndOffsets {
    pub(crate) fn open(settings: &Arc<KafkaSettings>) -> Result<Self, LogError> {
        let consumer: BaseConsumer<ConnectionWatch> = make(settings, Purpose::Ask)?;
        let (questions, asked) = mpsc::channel(QUESTIONS);
        let topic = settings.topic.clone();
        thread::Builder::new()
            .name("kafka-ends".into())
            .spawn(move || answer_all(&consumer, &topic, asked))
            .map_err(|error| LogError::Unavailable(error.into()))?;
        Ok(Self { questions })
    }

    /// How many records the partition has. Asked after the call, so that everything acknowledged before is in it.
    pub(crate) async fn of(&self, partition: Partition) -> Result<Offset, LogError> {
        let (answer, answered) = oneshot::channel();
        // Fails only where the thread has ended, and then there is no answer either.
        let _ = self.questions.send(Question { partition, answer }).await;
        answered.await.map_err(|error| LogError::Unavailable(error.into()))?
    }
}

/// Answers until nobody can ask any more. Everything that waits is asked in one request.
///
/// A partition never gets shorter. One that does is another one of the same name, and whoever asks where it ends is mostly
/// a writer that is about to announce itself there: it must not, for its start would be taken for the other log's.
fn answer_all(
    consumer: &BaseConsumer<ConnectionWatch>,
    topic: &str,
    mut asked: mpsc::Receiver<Question>,
) {
    let mut highest: BTreeMap<Partition, Offset> = BTreeMap::new();
    while let Some(first) = asked.blocking_recv() {
        let mut waiting = vec![first];
        while let Ok(question) = asked.try_recv() {
            waiting.push(question);
        }
        let partitions: BTreeSet<Partition> =
            waiting.iter().map(|question| question.partition).collect();
        let ends = ask_patiently(consumer, topic, &partitions, Where::End, ANSWER_WITHIN);
        // Whatever else the client has to tell goes through its watch.
        while consumer.poll(Duration::ZERO).is_some() {}
        for Question { partition, answer } in waiting {
            let known = highest.entry(partition).or_default();
            let end = find(&ends, partition).and_then(|end| {
                *known = end.max(*known);
                if end == *known { Ok(end) } else { Err(beyond(topic, partition, *known, end)) }
            });
            // The asker may have given up.
            let _ = answer.send(end);
        }
    }
}

fn find(
    ends: &Result<Vec<(Partition, Offset)>, KafkaError>,
    partition: Partition,
) -> Result<Offset, LogError> {
    match ends {
        Ok(ends) => ends
            .iter()
            .find(|(found, _)| *found == partition)
            .map(|(_, end)| *end)
            .ok_or_else(|| LogError::Unfit(format!("the topic has no partition {partition}"))),
        Err(error) => Err(unavailable(error.clone())),
    }
}

/// Asks again while a leader is being looked for.
pub(crate) fn ask_patiently(
    consumer: &BaseConsumer<ConnectionWatch>,
    topic: &str,
    partitions: &BTreeSet<Partition>,
    place: Where,
    patience: Duration,
) -> Result<Vec<(Partition, Offset)>, KafkaError> {
    let begun = Instant::now();
    loop {
        match ask(consumer, topic, partitions.iter().copied(), place) {
            Ok(found) => {
                consumer.context().recovered();
                return Ok(found);
            }
            Err(error) if begun.elapsed() > patience => {
                consumer.context().failed(&words(&error));
                return Err(error);
            }
            Err(_) => {
                thread::sleep(PAUSE);
                // librdkafka believes for minutes what it once learnt of the leaders, and what a broker tells
                // that is just starting or waking up is often that there are none.
                let _ = consumer.fetch_metadata(Some(topic), ANSWER_WITHIN);
            }
        }
    }
}

/// Where these partitions begin ([`Where::Beginning`]) or end ([`Where::End`]).
pub(crate) fn ask(
    consumer: &BaseConsumer<ConnectionWatch>,
    topic: &str,
    partitions: impl Iterator<Item = Partition>,
    place: Where,
) -> Result<Vec<(Partition, Offset)>, KafkaError> {
    let mut list = TopicPartitionList::new();
    for partition in partitions {
        list.add_partition_offset(topic, i32::from(partition.0), place)?;
    }
    let found = consumer.offsets_for_times(list, ANSWER_WITHIN)?;
    let found = found.elements();
    found.iter().try_for_each(TopicPartitionListElem::error)?;
    Ok(found
        .iter()
        .filter_map(|element| {
            let partition = Partition(u16::try_from(element.partition()).ok()?);
            Some((partition, u64::try_from(element.offset().to_raw()?).ok()?))
        })
        .collect())
}
