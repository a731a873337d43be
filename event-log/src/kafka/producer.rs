//! Appending: one idempotent producer for all partitions.

use std::{
    sync::{Arc, Mutex, PoisonError, RwLock},
    thread,
    time::Duration,
};

use rdkafka::{
    error::{KafkaError, RDKafkaErrorCode},
    message::{DeliveryResult, Message},
    producer::{Producer as _, ProducerContext, ThreadedProducer},
};

use crate::{LogError, NewRecord, Partition, Receipt, Refusal};

use super::{
    KafkaSettings,
    client::{ConnectionWatch, unavailable},
    message::outgoing,
    options::{ANSWER_WITHIN, Purpose, make},
    told::words,
};

#[cfg(test)]
mod tests;

/// What travels with a record and comes back with its fate. A mutex because the client wants it shareable.
type Delivery = Box<Mutex<Receipt>>;

/// How long to wait for the producer's id: librdkafka asks for it every half second.
const WARM_WITHIN: Duration = Duration::from_secs(1);

/// The producer in use.
pub(crate) struct Producer {
    settings: Arc<KafkaSettings>,
    live: RwLock<Arc<ProducerHandle>>,
}

impl Producer {
    pub(crate) fn open(settings: &Arc<KafkaSettings>) -> Result<Self, LogError> {
        let live = RwLock::new(Arc::new(ProducerHandle::new(settings)?));
        Ok(Self { live, settings: Arc::clone(settings) })
    }

    /// Connects, and waits until the first append will not have to wait for the producer's id.
    pub(crate) async fn warm_up(&self) {
        let (live, topic) = (self.live(), self.settings.topic.clone());
        let connected = tokio::task::spawn_blocking(move || live.connect(&topic)).await;
        if connected.unwrap_or(false) {
            self.live().watch().ready(WARM_WITHIN).await;
        }
    }

    pub(crate) fn append(&self, partition: Partition, record: &NewRecord, receipt: Receipt) {
        if record.timestamp == 0 {
            // librdkafka would store the present time instead, which is not what was asked for.
            let reason = "Kafka's client cannot store a record that is dated 1970-01-01T00:00:00Z";
            return receipt(Err(LogError::Unfit(reason.into())));
        }
        let live = self.live();
        let failed =
            match live.send(&self.settings.topic, partition, record, Box::new(Mutex::new(receipt)))
            {
                Err((error, travelling)) if is_fatal(&error) => {
                    self.renew(&live);
                    self.live().send(&self.settings.topic, partition, record, travelling)
                }
                sent => sent,
            };
        if let Err((error, travelling)) = failed {
            receipt_of(*travelling)(Err(what_became_of(&error)));
        }
    }

    fn live(&self) -> Arc<ProducerHandle> {
        Arc::clone(&self.live.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts a new producer in the place of one that will never work again.
    fn renew(&self, broken: &Arc<ProducerHandle>) {
        let new = match ProducerHandle::new(&self.settings) {
            Ok(new) => Arc::new(new),
            Err(error) => return tracing::error!(%error, "no new Kafka producer could be made"),
        };
        let mut live = self.live.write().unwrap_or_else(PoisonError::into_inner);
        // Somebody else may have been quicker.
        if Arc::ptr_eq(&live, broken) {
            *live = new;
            drop(live);
            tracing::warn!("the Kafka producer met a fatal error and was replaced by a new one");
        }
    }
}

/// A producer and the thread that hands out its reports; there until it is dropped.
struct ProducerHandle(Option<ThreadedProducer<ConnectionWatch>>, Arc<ConnectionWatch>);

impl ProducerHandle {
    fn new(settings: &KafkaSettings) -> Result<Self, LogError> {
        let producer: ThreadedProducer<ConnectionWatch> = make(settings, Purpose::Append)?;
        let watch = Arc::clone(producer.client().context());
        Ok(Self(Some(producer), watch))
    }

    fn watch(&self) -> &ConnectionWatch {
        &self.1
    }

    /// Learns the topic's leaders, which connects to them; false if nobody answers.
    fn connect(&self, topic: &str) -> bool {
        self.0.as_ref().is_some_and(|producer| {
            producer.client().fetch_metadata(Some(topic), ANSWER_WITHIN).is_ok()
        })
    }

    fn send(
        &self,
        topic: &str,
        partition: Partition,
        record: &NewRecord,
        travelling: Delivery,
    ) -> Result<(), (KafkaError, Delivery)> {
        let Some(producer) = self.0.as_ref().filter(|_| !self.watch().is_fatal()) else {
            return Err((KafkaError::MessageProduction(RDKafkaErrorCode::Fatal), travelling));
        };
        producer
            .send(outgoing(topic, partition, record, travelling))
            .map_err(|(error, record)| (error, record.delivery_opaque))
    }
}

impl Drop for ProducerHandle {
    /// Ends the producer on a thread of its own: that takes up to half a second, and it may be dropped by one of
    /// its own reports. Records that are not acknowledged yet get an error for a receipt.
    fn drop(&mut self) {
        let producer = self.0.take();
        // Where no thread can be had, it ends here.
        let _ =
            thread::Builder::new().name("kafka-append-end".into()).spawn(move || drop(producer));
    }
}

impl ProducerContext for ConnectionWatch {
    type DeliveryOpaque = Delivery;

    fn delivery(&self, result: &DeliveryResult<'_>, travelling: Delivery) {
        let receipt = receipt_of(*travelling);
        match result {
            Ok(message) => {
                self.recovered();
                // A duplicate is reported as a success at no valid offset.
                receipt(Ok(u64::try_from(message.offset()).ok()));
            }
            Err((error, _)) => {
                if is_fatal(error) {
                    self.set_fatal();
                }
                let failed = what_became_of(error);
                match failed.refusal() {
                    Some(why) => self.refused(&why.0),
                    None => self.failed(&words(error)),
                }
                receipt(Err(failed));
            }
        }
    }
}

/// Kafka's no to a record is told as that; everything else may be better the next time.
fn what_became_of(error: &KafkaError) -> LogError {
    let Some(why) = error.rdkafka_error_code().and_then(refusal) else {
        return unavailable(error.clone());
    };
    LogError::Unavailable(Refusal(format!("Kafka refuses the record: {why}")).into())
}

/// Why Kafka takes this record never, as long as topic and rights are what they are.
#[expect(clippy::wildcard_enum_match_arm, reason = "Kafka has many errors, and most of them pass")]
fn refusal(code: RDKafkaErrorCode) -> Option<&'static str> {
    Some(match code {
        RDKafkaErrorCode::MessageSizeTooLarge
        | RDKafkaErrorCode::MessageBatchTooLarge
        | RDKafkaErrorCode::InvalidMessageSize => {
            "it is larger than the topic takes (max.message.bytes); `sklep doctor` says what to type"
        }
        RDKafkaErrorCode::InvalidTimestamp => {
            "its time is too far from the broker's clock for the topic (message.timestamp.before.max.ms and \
             message.timestamp.after.max.ms); `sklep doctor` says what to type, and see to the clocks"
        }
        RDKafkaErrorCode::TopicAuthorizationFailed
        | RDKafkaErrorCode::ClusterAuthorizationFailed => {
            "the brokers do not let this user write to the topic; `kafka-acls.sh --add --producer --topic NAME` does"
        }
        RDKafkaErrorCode::PolicyViolation => "it breaks a policy of the brokers; ask who runs them",
        RDKafkaErrorCode::InvalidRecord => "the brokers check records, and this one does not pass",
        _ => return None,
    })
}

fn receipt_of(travelling: Mutex<Receipt>) -> Receipt {
    travelling.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn is_fatal(error: &KafkaError) -> bool {
    error.rdkafka_error_code() == Some(RDKafkaErrorCode::Fatal)
}
