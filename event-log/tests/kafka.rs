//! The log on a real Kafka.

#[path = "kafka/contract.rs"]
mod contract;
#[path = "kafka/outage.rs"]
mod outage;
#[path = "kafka/pace.rs"]
mod pace;
#[path = "kafka/records.rs"]
mod records;
#[path = "kafka/recreated.rs"]
mod recreated;
#[path = "kafka/strangers.rs"]
mod strangers;
#[path = "kafka/support.rs"]
mod support;
