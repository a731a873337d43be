use std::sync::{Arc, mpsc};

use rdkafka::{
    mocking::MockCluster,
    types::{RDKafkaApiKey, RDKafkaRespErr},
};

use super::Producer;
use crate::{LogError, NewRecord, Offset, Partition, kafka::KafkaSettings};

fn append(appends: &Producer) -> Result<Option<Offset>, LogError> {
    let (tell, told) = mpsc::channel();
    let record = NewRecord { timestamp: 1, ..NewRecord::default() };
    appends.append(Partition(0), &record, Box::new(move |fate| tell.send(fate).unwrap()));
    told.recv().unwrap()
}

/// The brokers answer; they do not take it. That must not look like brokers that are away.
#[test]
fn what_the_brokers_refuse_is_told_by_their_reason() {
    let cluster = MockCluster::new(1).unwrap();
    cluster.create_topic("events", 1, 1).unwrap();
    let settings = Arc::new(KafkaSettings::new(cluster.bootstrap_servers(), "events"));
    let appends = Producer::open(&settings).unwrap();
    let refusals = [
        (RDKafkaRespErr::RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, "max.message.bytes"),
        (RDKafkaRespErr::RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE, "max.message.bytes"),
        (RDKafkaRespErr::RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP, "message.timestamp.before.max.ms"),
        (RDKafkaRespErr::RD_KAFKA_RESP_ERR_POLICY_VIOLATION, "policy"),
        (RDKafkaRespErr::RD_KAFKA_RESP_ERR_INVALID_RECORD, "does not pass"),
        // The last one, since the client remembers it until it has asked for the topic again.
        (RDKafkaRespErr::RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, "kafka-acls.sh"),
    ];
    for (answer, reason) in refusals {
        append(&appends).unwrap();
        cluster.request_errors(RDKafkaApiKey::Produce, &[answer]);
        let failed = append(&appends).unwrap_err();
        let why = failed.refusal().unwrap_or_else(|| panic!("{answer:?}: {failed:?}"));
        assert!(why.0.contains("Kafka refuses the record: ") && why.0.contains(reason), "{why}");
    }
}

/// The mock is no evidence for what Kafka does, only for what we do after an error that ends the client.
#[test]
fn after_a_fatal_error_a_new_producer_goes_on() {
    let cluster = MockCluster::new(1).unwrap();
    cluster.create_topic("events", 1, 1).unwrap();
    let settings = Arc::new(KafkaSettings::new(cluster.bootstrap_servers(), "events"));
    let appends = Producer::open(&settings).unwrap();
    append(&appends).unwrap();
    let broken = appends.live();
    cluster.request_errors(
        RDKafkaApiKey::Produce,
        &[RDKafkaRespErr::RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER],
    );
    let failed = append(&appends);
    assert!(matches!(failed, Err(LogError::Unavailable(_))), "{failed:?}");
    append(&appends).unwrap();
    assert!(!Arc::ptr_eq(&broken, &appends.live()));
    append(&appends).unwrap();
}
