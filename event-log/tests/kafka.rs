//! The log on a real Kafka.

#[cfg(test)]
#[path = "contract/checks.rs"]
mod contract;
#[cfg(test)]
#[path = "kafka/fitness.rs"]
mod fitness;
#[cfg(test)]
#[path = "kafka/outage.rs"]
mod outage;
#[cfg(test)]
#[path = "kafka/pace.rs"]
mod pace;
#[cfg(test)]
#[path = "kafka/records.rs"]
mod records;
#[cfg(test)]
#[path = "kafka/recreated.rs"]
mod recreated;
#[cfg(test)]
#[path = "kafka/strangers.rs"]
mod strangers;
#[cfg(test)]
#[path = "kafka/support.rs"]
mod support;

#[tokio::test(flavor = "multi_thread")]
async fn the_log_on_kafka_keeps_the_contract() {
    contract::contract(support::new_log(3).await).await;
}
