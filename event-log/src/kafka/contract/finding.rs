//! One thing that was looked at, and what it comes to.

use std::fmt;

use crate::kafka::KafkaSettings;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// As it should be.
    Fine,
    /// It works, but an accident can cost more than it need.
    Warns,
    /// Sklep does not run on it.
    Refuses,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which thing, by a name that stays.
    pub check: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What was found.
    pub what: String,
    /// What follows from it, where it is not fine.
    pub means: Option<String>,
    /// What to do about it: mostly a command to type.
    pub remedy: Option<String>,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        self.means.as_ref().map_or(Ok(()), |means| write!(f, ": {means}"))?;
        self.remedy.as_ref().map_or(Ok(()), |remedy| write!(f, "; to mend it: {remedy}"))
    }
}

/// The command that sets an entry of the topic's configuration.
pub(super) fn alter(settings: &KafkaSettings, entry: &str) -> String {
    format!(
        "kafka-configs.sh --bootstrap-server {} --alter --entity-type topics --entity-name {} --add-config {entry}",
        settings.brokers, settings.topic
    )
}

pub(super) fn fine(check: &'static str, what: String) -> Finding {
    Finding { check, severity: Severity::Fine, what, means: None, remedy: None }
}

pub(super) fn warns(check: &'static str, what: String, means: &str, remedy: String) -> Finding {
    let means = Some(means.to_owned());
    Finding { check, severity: Severity::Warns, what, means, remedy: Some(remedy) }
}

pub(super) fn refuses(
    check: &'static str,
    what: String,
    means: Option<&str>,
    remedy: String,
) -> Finding {
    let means = means.map(str::to_owned);
    Finding { check, severity: Severity::Refuses, what, means, remedy: Some(remedy) }
}
