//! Every option of the Kafka clients, with its reason, and the one place where clients are made.
//!
//! What a client is for decides its options: see [`Purpose`]. Nothing else in this crate may make a client, so that
//! none can lack an option on which the data depend.

use std::time::Duration;

use rdkafka::{
    ClientConfig,
    config::{FromClientConfigAndContext, RDKafkaLogLevel},
    error::KafkaError,
};

use super::{
    client::ConnectionWatch,
    settings::{KafkaSettings, Security},
    told::words,
};
use crate::LogError;

#[cfg(test)]
mod tests;

/// What a client is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Appending to the log.
    Append,
    /// Following partitions of the log.
    Follow(Fetch),
    /// Reading a few records of the log, anywhere.
    Read,
    /// Asking what there is of the log, and how far it goes.
    Ask,
    /// Making the topic, and learning or changing its configuration.
    Manage,
    /// Reading a topic that is not the log.
    ReadForeign,
}

impl Purpose {
    /// What the client is for, as the log of the program says it.
    fn role(self) -> &'static str {
        match self {
            Self::Append => "append",
            Self::Follow(_) => "follow",
            Self::Read => "read",
            Self::Ask => "ask",
            Self::Manage => "manage the topic",
            Self::ReadForeign => "read the other topic",
        }
    }
}

/// Makes a client; it connects later, by itself.
pub(crate) fn make<T: FromClientConfigAndContext<ConnectionWatch>>(
    settings: &KafkaSettings,
    purpose: Purpose,
) -> Result<T, LogError> {
    let client =
        config(settings, purpose)?.create_with_context(ConnectionWatch::new(purpose.role()));
    client.map_err(|error| {
        LogError::Unfit(format!("Kafka's client does not take its settings: {}", untold(&error)))
    })
}

/// What is wrong with which setting. Its value can be a password.
fn untold(error: &KafkaError) -> String {
    if let KafkaError::ClientConfig(_, what, setting, _value) = error {
        return format!("{what} ({setting})");
    }
    words(error)
}

fn config(settings: &KafkaSettings, purpose: Purpose) -> Result<ClientConfig, LogError> {
    let mut config = common(settings)?;
    match purpose {
        Purpose::Append => append(&mut config),
        Purpose::Follow(pace) => follow(&mut config, pace),
        Purpose::Read => read(&mut config),
        Purpose::Ask => see_everything(&mut config),
        Purpose::Manage => {}
        Purpose::ReadForeign => read_foreign(&mut config),
    }
    Ok(config)
}

/// How long a question to the brokers may take before the log is called unavailable. Well below the ten seconds
/// that a command has, so that there is time for another try.
pub(crate) const ANSWER_WITHIN: Duration = Duration::from_secs(3);

/// How many bytes of records are sent at once at most, but for a record that is larger by itself. Far below what a topic
/// takes by default (1 MiB), and far above what 64 purchases at once come to.
pub(crate) const BATCH_BYTES: u64 = 128 * 1024;

/// What a topic must take at once. The shop's own records have less than 8 KiB; the rest is room for what stands around
/// a batch, and for versions to come.
pub(crate) const LEAST_MESSAGE_BYTES: u64 = 2 * BATCH_BYTES;

/// What the consumers call themselves. They never join the group and never commit, but librdkafka hands
/// records only to consumers that name one.
const GROUP: &str = "sklep-reader";

/// For the producer: every record once and in order in spite of retries, and as fast as one record can be.
fn append(config: &mut ClientConfig) {
    config
        // A retry must neither double a record nor change the order.
        .set("enable.idempotence", "true")
        // "Stored" means: on all replicas in sync. Anything less could be lost, and then offsets lie.
        .set("acks", "all")
        // The most that idempotence allows.
        .set("max.in.flight.requests.per.connection", "5")
        // Measured: 0.2 ms for a lone append instead of 5.4 ms with the default of 5, and with 64 in flight
        // the requests in flight make the batches by themselves.
        .set("linger.ms", "0")
        // Then the writer is in doubt and can still settle it within a command's ten seconds.
        .set("message.timeout.ms", "5000")
        // How long the leader waits for its replicas; it must give up before we do.
        .set("request.timeout.ms", "4000")
        // Retries end by message.timeout.ms, not by number.
        .set("retries", "2147483647")
        // A partition that moves has a new leader within tens of milliseconds.
        .set("retry.backoff.ms", "20")
        .set("retry.backoff.max.ms", "500")
        // More than all writers' bounded queues together; past it, an append fails at once.
        .set("queue.buffering.max.messages", "100000")
        .set("queue.buffering.max.kbytes", "131072")
        // A topic that takes less than Kafka's usual 1 MiB must still take what is sent together.
        .set("batch.size", BATCH_BYTES.to_string())
        // How large a single record may be is for the topic to say.
        .set("message.max.bytes", "16777216")
        // Events are small, and a broker that is on the same net is nearer than a compressor.
        .set("compression.type", "none")
        // Tells when the producer has its id, which the first append would otherwise wait for, half a second
        // at worst. Besides that it tells only of errors.
        .set("debug", "eos")
        .set_log_level(RDKafkaLogLevel::Debug);
}

/// How soon whoever follows partitions gets what is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fetch {
    /// At once.
    AtOnce,
    /// What was stored within some milliseconds together.
    Batched,
}

impl Fetch {
    /// How many bytes the broker waits for, and how long at most.
    fn of_fetches(self) -> (&'static str, &'static str) {
        match self {
            // A lone record must not wait for company, and ends the wait at once.
            Self::AtOnce => ("1", "500"),
            // Measured on two cores: fetching each record as soon as it is stored takes a third of the purchases that
            // they could make. The price is that an idle shop asks a hundred times a second, which takes it a hundredth
            // of a core.
            Self::Batched => ("262144", "10"),
        }
    }
}

/// For what follows partitions.
fn follow(config: &mut ClientConfig, pace: Fetch) {
    consume(config);
    let (bytes, milliseconds) = pace.of_fetches();
    config
        .set("fetch.min.bytes", bytes)
        .set("fetch.wait.max.ms", milliseconds)
        // Enough to keep the network busy while records are handed on; more is only memory.
        .set("queued.min.messages", "20000")
        .set("queued.max.messages.kbytes", "32768")
        // How long the fetching rests when that is reached. The default, one second, starves a fast reader.
        .set("fetch.queue.backoff.ms", "2")
        // The end of a partition is nothing to tell.
        .set("enable.partition.eof", "false");
}

/// For reading a few records anywhere.
fn read(config: &mut ClientConfig) {
    consume(config);
    config
        // A lone record must not wait for company.
        .set("fetch.min.bytes", "1")
        // It reads only what is there already, so nothing is worth waiting for; and a request that waits at the
        // end of one partition would hold up the next partition's.
        .set("fetch.wait.max.ms", "1")
        // Most reads are of one record.
        .set("fetch.message.max.bytes", "131072")
        // It must not read on while a caller has enough.
        .set("queued.min.messages", "1")
        .set("queued.max.messages.kbytes", "8192")
        .set("fetch.queue.backoff.ms", "0")
        // How it learns that nothing more comes where the end holds no records but transaction markers.
        .set("enable.partition.eof", "true");
}

/// For somebody else's topic.
fn read_foreign(config: &mut ClientConfig) {
    follow(config, Fetch::AtOnce);
    config
        // Somebody else's transactions count only when they are committed.
        .set("isolation.level", "read_committed")
        // Records that retention removed while this was reading are gone; what is left is read.
        .set("auto.offset.reset", "earliest")
        // Tells where to stop.
        .set("enable.partition.eof", "true");
}

fn consume(config: &mut ClientConfig) {
    see_everything(config);
    config
        .set("group.id", GROUP)
        // Positions are the views' business.
        .set("enable.auto.commit", "false")
        .set("enable.auto.offset.store", "false")
        // A position that the log does not have means another log; going on elsewhere would hide that.
        .set("auto.offset.reset", "error")
        // A leader that moves is found again soon.
        .set("fetch.error.backoff.ms", "50")
        // The log is the only truth: a broken record must be noticed.
        .set("check.crcs", "true");
}

/// For whatever asks of the log, also where it only asks how far it goes: a partition's end is the end of what the
/// asker may see. By default that is what stands before the oldest transaction that somebody has open in the topic,
/// and answered purchases behind it would be missed.
fn see_everything(config: &mut ClientConfig) {
    // Whether a record counts is decided by the ledger and nothing else.
    config.set("isolation.level", "read_uncommitted");
}

fn common(settings: &KafkaSettings) -> Result<ClientConfig, LogError> {
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", &settings.brokers)
        .set("client.id", "sklep")
        // A misspelt topic must not come into being with a broker's defaults. Producers do that by default.
        .set("allow.auto.create.topics", "false")
        // Requests are small and each is waited for.
        .set("socket.nagle.disable", "true")
        .set("socket.keepalive.enable", "true")
        // A broker that stands still is left before a command's deadline.
        .set("socket.timeout.ms", "5000")
        .set("socket.connection.setup.timeout.ms", "5000")
        // A broker that comes back is found within a second; the default would wait up to ten.
        .set("reconnect.backoff.ms", "50")
        .set("reconnect.backoff.max.ms", "1000")
        // How long a topic may be unknown before it is taken to be gone. Long enough for a broker that
        // starts and does not know its topics yet.
        .set("topic.metadata.propagation.max.ms", "10000")
        // What happens to the log is told once by us; librdkafka repeats itself.
        .set("log.connection.close", "false")
        // The shop has its own metrics.
        .set("enable.metrics.push", "false")
        .set_log_level(RDKafkaLogLevel::Warning);
    secure(&mut config, &settings.security)?;
    Ok(config)
}

fn secure(config: &mut ClientConfig, security: &Security) -> Result<(), LogError> {
    if security.tls.is_none() && security.sasl.is_none() {
        return Ok(());
    }
    if cfg!(not(feature = "tls")) {
        return Err(LogError::Unfit(
            "this program was built without TLS and SASL for Kafka; build it with `--features tls`"
                .into(),
        ));
    }
    let protocol = match (&security.tls, &security.sasl) {
        (Some(_), Some(_)) => "sasl_ssl",
        (Some(_), None) => "ssl",
        (None, _) => "sasl_plaintext",
    };
    config.set("security.protocol", protocol);
    if let Some(tls) = &security.tls {
        set_if_given(config, "ssl.ca.location", tls.ca.as_ref());
        set_if_given(config, "ssl.certificate.location", tls.certificate.as_ref());
        set_if_given(config, "ssl.key.location", tls.key.as_ref());
    }
    if let Some(sasl) = &security.sasl {
        config
            .set("sasl.mechanism", &sasl.mechanism)
            .set("sasl.username", &sasl.username)
            .set("sasl.password", &sasl.password.0);
    }
    Ok(())
}

fn set_if_given(config: &mut ClientConfig, name: &str, value: Option<&String>) {
    if let Some(value) = value {
        config.set(name, value);
    }
}
