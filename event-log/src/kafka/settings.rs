//! Which topic is the log, and how to reach it.

use std::fmt;

/// Which topic is the log, and how to reach it.
#[derive(Debug, Clone)]
pub struct KafkaSettings {
    /// The brokers to begin with: `host:port`, separated by commas.
    pub brokers: String,
    /// The topic's name.
    pub topic: String,
    /// How many partitions the topic must have; none takes it as it is and creates it with
    /// [`DEFAULT_PARTITIONS`](crate::DEFAULT_PARTITIONS).
    pub partitions: Option<u16>,
    /// How many copies of each partition a created topic gets; none takes three, or as many as there are brokers.
    pub replication: Option<u16>,
    /// How the brokers are to be sure of us, and we of them.
    pub security: Security,
}

impl KafkaSettings {
    /// A topic on brokers that ask for no security.
    pub fn new(brokers: impl Into<String>, topic: impl Into<String>) -> Self {
        Self {
            brokers: brokers.into(),
            topic: topic.into(),
            partitions: None,
            replication: None,
            security: Security::default(),
        }
    }
}

/// TLS and SASL towards the brokers; neither by default. Both need the crate feature `tls`.
#[derive(Debug, Clone, Default)]
pub struct Security {
    /// Encrypts, and checks the brokers' certificate.
    pub tls: Option<Tls>,
    /// Says who we are, by a name and a password.
    pub sasl: Option<Sasl>,
}

/// How to encrypt. All files are PEM.
#[derive(Debug, Clone, Default)]
pub struct Tls {
    /// The authorities whose certificates are believed; none: those of the system (`ssl.ca.location`).
    pub ca: Option<String>,
    /// Our certificate, for brokers that ask for one (`ssl.certificate.location`).
    pub certificate: Option<String>,
    /// Its key (`ssl.key.location`).
    pub key: Option<String>,
}

/// Who we are.
#[derive(Debug, Clone)]
pub struct Sasl {
    /// `PLAIN`, `SCRAM-SHA-256` or `SCRAM-SHA-512`.
    pub mechanism: String,
    /// The name.
    pub username: String,
    /// The password.
    pub password: Secret,
}

/// A text that is not shown.
#[derive(Clone, Default)]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}
