//! The client's errors in words. What librdkafka and its binding print names their own threads, states and codes.

use std::fmt;

use rdkafka::error::{KafkaError, RDKafkaErrorCode};

/// An error of the client that is told in a line. It is the last of its causes.
#[derive(Debug)]
pub(crate) struct Told(pub(crate) KafkaError);

impl std::error::Error for Told {}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&words(&self.0))
    }
}

/// What is wrong, in a line.
pub(crate) fn words(error: &KafkaError) -> String {
    if matches!(error, KafkaError::NoMessageReceived) {
        return "Kafka did not answer in time".into();
    }
    if let KafkaError::AdminOp(code) = error {
        return of_code(*code);
    }
    match error.rdkafka_error_code() {
        Some(code) => of_code(code),
        None => error.to_string(),
    }
}

/// What a code of librdkafka means.
pub(crate) fn of_code(code: RDKafkaErrorCode) -> String {
    let is_any = |of: &[RDKafkaErrorCode]| of.contains(&code);
    if is_any(&[RDKafkaErrorCode::BrokerTransportFailure, RDKafkaErrorCode::AllBrokersDown]) {
        return "no broker of Kafka can be reached".into();
    }
    if is_any(&[
        RDKafkaErrorCode::OperationTimedOut,
        RDKafkaErrorCode::RequestTimedOut,
        RDKafkaErrorCode::MessageTimedOut,
        RDKafkaErrorCode::TimedOutQueue,
    ]) {
        return "Kafka did not answer in time".into();
    }
    // `LeaderNotAvailable (Broker: Leader not available)`
    let printed = code.to_string();
    let described = printed.split_once(" (").and_then(|(_, text)| text.strip_suffix(')'));
    let described = described.unwrap_or(&printed);
    let (by, what) = described.split_once(": ").unwrap_or(("", described));
    let by = if by == "Broker" { "Kafka answers: " } else { "Kafka's client: " };
    format!("{by}{what}")
}

/// What librdkafka says of its troubles, without its own thread and state round it: of `[thrd:a:9092/bootstrap]: a:9092/bootstrap:
/// Connect to ipv4#10.0.0.1:9092 failed: Connection refused (after 0ms in state CONNECT)` the middle.
pub(crate) fn plain(reason: &str) -> &str {
    let said = match reason.strip_prefix("[thrd:").and_then(|rest| rest.split_once("]: ")) {
        Some((_thread, said)) => said,
        None => reason,
    };
    said.split(" (after ").next().unwrap_or(said)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_told_without_names_of_the_client() {
        for (error, told) in [
            (
                KafkaError::MetadataFetch(RDKafkaErrorCode::BrokerTransportFailure),
                "no broker of Kafka can be reached",
            ),
            (
                KafkaError::AdminOp(RDKafkaErrorCode::RequestTimedOut),
                "Kafka did not answer in time",
            ),
            (
                KafkaError::MetadataFetch(RDKafkaErrorCode::LeaderNotAvailable),
                "Kafka answers: Leader not available",
            ),
            (
                KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull),
                "Kafka's client: Queue full",
            ),
            (KafkaError::NoMessageReceived, "Kafka did not answer in time"),
        ] {
            assert_eq!(Told(error).to_string(), told);
        }
    }

    #[test]
    fn what_the_client_says_of_its_troubles_is_told_without_its_threads_and_states() {
        let reason = "[thrd:a:9092/bootstrap]: a:9092/bootstrap: Connect to ipv4#10.0.0.1:9092 failed: Connection refused \
            (after 0ms in state CONNECT, 1 identical error(s) suppressed)";
        let told = "a:9092/bootstrap: Connect to ipv4#10.0.0.1:9092 failed: Connection refused";
        assert_eq!(plain(reason), told);
        assert_eq!(plain("1/1 brokers are down"), "1/1 brokers are down");
    }
}
