//! Options for Kafka.

use clap::{Args, ValueEnum};
use event_log::{
    KafkaSettings,
    kafka::{Sasl, Secret, Security, Tls},
};

use crate::exit_code::Usage;

/// How to reach Kafka, and which topic is the log.
#[derive(Debug, Clone, Args)]
pub(crate) struct KafkaArgs {
    /// Kafka's brokers; the log is a topic there instead of a folder
    #[arg(long, env = "SKLEP_KAFKA", value_name = "HOST:PORT,…")]
    pub(crate) kafka: Option<String>,
    /// The log's topic
    #[arg(long, env = "SKLEP_TOPIC", value_name = "NAME", default_value = "sklep.events")]
    pub(crate) topic: String,
    #[command(flatten)]
    pub(crate) access: KafkaAccess,
}

/// How Kafka's brokers and this program are to be sure of each other.
#[derive(Debug, Clone, Args)]
#[expect(
    clippy::struct_field_names,
    reason = "the fields name the options, which stand beside others"
)]
pub(crate) struct KafkaAccess {
    /// Encrypts the connections to Kafka (needs a program built with `--features tls`)
    #[arg(long, env = "SKLEP_KAFKA_TLS", value_parser = clap::builder::BoolishValueParser::new())]
    kafka_tls: bool,
    /// Authorities whose certificates are believed, as PEM; the system's when absent
    #[arg(long, env = "SKLEP_KAFKA_CA", value_name = "FILE")]
    kafka_ca: Option<String>,
    /// Our own certificate, as PEM, for brokers that ask for one
    #[arg(long, env = "SKLEP_KAFKA_CERTIFICATE", value_name = "FILE", requires = "kafka_key")]
    kafka_certificate: Option<String>,
    /// Its key, as PEM
    #[arg(long, env = "SKLEP_KAFKA_KEY", value_name = "FILE", requires = "kafka_certificate")]
    kafka_key: Option<String>,
    /// How to log in to Kafka
    #[arg(long, env = "SKLEP_KAFKA_SASL", value_name = "MECHANISM", ignore_case = true)]
    kafka_sasl: Option<Mechanism>,
    /// The name to log in with
    #[arg(long, env = "SKLEP_KAFKA_USERNAME", value_name = "NAME")]
    kafka_username: Option<String>,
    /// The password; better given as the variable, since other users see command lines
    #[arg(long, env = "SKLEP_KAFKA_PASSWORD", value_name = "PASSWORD", hide_env_values = true)]
    kafka_password: Option<Password>,
}

/// Ways to log in.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Mechanism {
    Plain,
    ScramSha256,
    ScramSha512,
}

/// A text that is not shown.
#[derive(Debug, Clone)]
struct Password(Secret);

impl From<String> for Password {
    fn from(text: String) -> Self {
        Self(Secret(text))
    }
}

impl KafkaArgs {
    /// The log's settings; none when the log is not on Kafka.
    pub(crate) fn settings(
        &self,
        partitions: Option<u16>,
    ) -> anyhow::Result<Option<KafkaSettings>> {
        let Some(brokers) = &self.kafka else { return Ok(None) };
        let mut settings = KafkaSettings::new(checked(brokers)?, &self.topic);
        settings.partitions = partitions;
        settings.security = self.access.security()?;
        Ok(Some(settings))
    }
}

impl KafkaAccess {
    fn security(&self) -> Result<Security, Usage> {
        let Self { kafka_ca: ca, kafka_certificate: certificate, kafka_key: key, .. } = self;
        let tls = Tls { ca: ca.clone(), certificate: certificate.clone(), key: key.clone() };
        if !self.kafka_tls && (ca.is_some() || certificate.is_some()) {
            return Err(Usage("--kafka-ca and --kafka-certificate are for --kafka-tls".into()));
        }
        let tls = self.kafka_tls.then_some(tls);
        Ok(Security { tls, sasl: self.sasl()? })
    }

    fn sasl(&self) -> Result<Option<Sasl>, Usage> {
        let mechanism = match self.kafka_sasl {
            None => return Ok(None),
            Some(Mechanism::Plain) => "PLAIN",
            Some(Mechanism::ScramSha256) => "SCRAM-SHA-256",
            Some(Mechanism::ScramSha512) => "SCRAM-SHA-512",
        };
        let (Some(username), Some(password)) = (&self.kafka_username, &self.kafka_password) else {
            let hint = "--kafka-sasl needs --kafka-username and --kafka-password";
            return Err(Usage(hint.into()));
        };
        let (username, password) = (username.clone(), password.0.clone());
        Ok(Some(Sasl { mechanism: mechanism.into(), username, password }))
    }
}

/// Brokers as they must be written: a typing error otherwise shows only as a shop that waits for ever.
fn checked(brokers: &str) -> Result<&str, Usage> {
    let fit = |broker: &str| {
        let (host, port) = broker.trim().rsplit_once(':').unwrap_or_default();
        !host.is_empty() && port.parse::<u16>().is_ok_and(|port| port > 0)
    };
    if brokers.split(',').all(fit) {
        return Ok(brokers);
    }
    Err(Usage(format!("--kafka {brokers}: write host:port, several of them separated by commas")))
}
