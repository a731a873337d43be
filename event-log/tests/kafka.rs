//! The log on a real Kafka.

#[path = "kafka/records.rs"]
mod records;
#[path = "kafka/support.rs"]
mod support;
