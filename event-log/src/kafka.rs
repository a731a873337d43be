//! The log on Kafka: one topic, an idempotent producer, readers that take every record.

use std::{fmt, sync::Arc};

use futures::future::BoxFuture;

use crate::{EventLog, LogError, NewRecord, Offset, Partition, Receipt, StoredRecord, Tail};

mod absence;
mod appends;
mod client;
pub mod contract;
mod ends;
pub mod foreign;
mod message;
mod options;
mod reads;
mod tail;
mod topic;

pub use options::{KafkaSettings, Sasl, Secret, Security, Tls};

use appends::Appends;
use contract::Severity;
use ends::Ends;
use options::Pace;
use reads::Reads;

/// A topic of Kafka as the shop's log.
pub struct KafkaLog {
    settings: Arc<KafkaSettings>,
    partitions: u16,
    appends: Appends,
    ends: Ends,
    reads: Reads,
}

impl KafkaLog {
    /// Opens the topic, which is created when it is missing, after a check that it can be trusted.
    ///
    /// While the brokers cannot be reached the error is [`LogError::Unavailable`]: try again. It is
    /// [`LogError::Unfit`] when the topic or the settings cannot be used; the text says what to type.
    pub async fn open(settings: KafkaSettings) -> Result<Arc<Self>, LogError> {
        let settings = Arc::new(settings);
        // The producer is made first: it fetches its producer id while the topic is checked.
        let appends = Appends::open(&settings)?;
        topic::create_if_missing(&settings).await?;
        let facts = topic::facts(&settings).await?;
        trust(&settings, &contract::judge(&settings, facts.as_ref()))?;
        appends.warm_up().await;
        Self::of(settings, appends, facts.map_or(0, |facts| facts.partitions()))
    }

    /// Opens the topic as it is, for whoever examines it: creates nothing and trusts everything.
    ///
    /// [`LogError::Unfit`] when there is no such topic.
    pub async fn open_as_it_is(settings: KafkaSettings) -> Result<Arc<Self>, LogError> {
        let settings = Arc::new(settings);
        let facts = topic::facts(&settings).await?;
        let facts = facts
            .ok_or_else(|| LogError::Unfit(format!("there is no topic {}", settings.topic)))?;
        let appends = Appends::open(&settings)?;
        Self::of(settings, appends, facts.partitions())
    }

    fn of(
        settings: Arc<KafkaSettings>,
        appends: Appends,
        partitions: u16,
    ) -> Result<Arc<Self>, LogError> {
        Ok(Arc::new(Self {
            ends: Ends::open(&settings)?,
            reads: Reads::new(&settings),
            settings,
            partitions,
            appends,
        }))
    }
}

/// Refuses a topic that breaks the contract; tells what is only doubtful.
fn trust(settings: &KafkaSettings, findings: &[contract::Finding]) -> Result<(), LogError> {
    for finding in findings.iter().filter(|finding| finding.severity == Severity::Warns) {
        tracing::warn!(topic = settings.topic, "{finding}");
    }
    let refusals: Vec<String> = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Refuses)
        .map(|finding| format!("\n- {finding}"))
        .collect();
    if refusals.is_empty() {
        return Ok(());
    }
    Err(LogError::Unfit(format!(
        "the topic {} cannot be the shop's log:{}",
        settings.topic,
        refusals.concat()
    )))
}

impl EventLog for KafkaLog {
    fn partitions(&self) -> u16 {
        self.partitions
    }

    fn append(&self, partition: Partition, record: NewRecord, receipt: Receipt) {
        self.appends.append(partition, &record, receipt);
    }

    fn end(&self, partition: Partition) -> BoxFuture<'_, Result<Offset, LogError>> {
        Box::pin(self.ends.of(partition))
    }

    fn read(
        &self,
        partition: Partition,
        from: Offset,
        at_most: usize,
    ) -> BoxFuture<'_, Result<Vec<StoredRecord>, LogError>> {
        Box::pin(async move {
            let end = self.ends.of(partition).await?;
            self.reads.read(partition, from..end, at_most).await
        })
    }

    fn follow(&self, from: Vec<(Partition, Offset)>) -> Tail {
        tail::follow(&self.settings, &self.reads, from, Pace::AtOnce)
    }

    fn follow_gathered(&self, from: Vec<(Partition, Offset)>) -> Tail {
        tail::follow(&self.settings, &self.reads, from, Pace::Gathered)
    }
}

impl fmt::Debug for KafkaLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KafkaLog").field("topic", &self.settings.topic).finish_non_exhaustive()
    }
}
