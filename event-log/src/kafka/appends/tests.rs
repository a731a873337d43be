use std::sync::{Arc, mpsc};

use rdkafka::{
    mocking::MockCluster,
    types::{RDKafkaApiKey, RDKafkaRespErr},
};

use super::Appends;
use crate::{LogError, NewRecord, Offset, Partition, kafka::KafkaSettings};

fn append(appends: &Appends) -> Result<Option<Offset>, LogError> {
    let (tell, told) = mpsc::channel();
    let record = NewRecord { timestamp: 1, ..NewRecord::default() };
    appends.append(Partition(0), &record, Box::new(move |fate| tell.send(fate).unwrap()));
    told.recv().unwrap()
}

/// The mock is no evidence for what Kafka does, only for what we do after an error that ends the client.
#[test]
fn after_a_fatal_error_a_new_producer_goes_on() {
    let cluster = MockCluster::new(1).unwrap();
    cluster.create_topic("events", 1, 1).unwrap();
    let settings = Arc::new(KafkaSettings::new(cluster.bootstrap_servers(), "events"));
    let appends = Appends::open(&settings).unwrap();
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
