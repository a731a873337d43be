//! Looking again and again, while the shop runs, whether the topic is still one that can be trusted.
//!
//! What somebody changes there would otherwise show at the next start only, which may be when records are gone already.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use api::metrics::{Family, Kind};
use event_log::{
    KafkaSettings, LogError,
    kafka::contract::{self, Finding, Severity},
};
use tokio::{sync::watch, task::AbortHandle, time};

/// Between two looks: retention removes nothing within minutes, and each look costs the brokers four requests.
const EVERY: Duration = Duration::from_mins(1);

/// What the last look found, by its check.
type Found = BTreeMap<&'static str, Finding>;

/// Looks at the topic until it is dropped.
#[derive(Debug)]
pub(super) struct Contract {
    found: watch::Receiver<Found>,
    looking: AbortHandle,
}

impl Contract {
    /// Looks at the topic of a log with so many partitions now, and refuses what cannot be trusted; then again every minute.
    ///
    /// `options` name the log in commands that people are told to type.
    pub(super) async fn watch(
        settings: KafkaSettings,
        partitions: u16,
        options: String,
    ) -> Result<Arc<Self>, LogError> {
        let settings = KafkaSettings { partitions: None, ..settings };
        let first = match contract::examine_log(&settings, partitions).await {
            Ok(findings) => {
                contract::refuse(&settings, &findings)?;
                by_check(findings)
            }
            Err(unfit @ LogError::Unfit(_)) => return Err(unfit),
            // It was there a moment ago, and is looked at again.
            Err(LogError::Unavailable(_)) => Found::new(),
        };
        let (tell, found) = watch::channel(first);
        let looking = tokio::spawn(look_on(settings, partitions, options, tell)).abort_handle();
        Ok(Arc::new(Self { found, looking }))
    }

    /// For `/metrics`.
    pub(super) fn figures(&self) -> Family {
        let mut family = Family::new(
            "sklep_log_contract_violations",
            Kind::Gauge,
            "What the topic must be like, and whether it is not: 1 or 0. Sklep would not start on a topic with a 1.",
        );
        for (check, finding) in self.found.borrow().iter() {
            let broken = u64::from(finding.severity == Severity::Refuses);
            family = family.with(&[("check", check)], broken);
        }
        family
    }
}

impl Drop for Contract {
    fn drop(&mut self) {
        self.looking.abort();
    }
}

async fn look_on(
    settings: KafkaSettings,
    partitions: u16,
    options: String,
    tell: watch::Sender<Found>,
) {
    loop {
        time::sleep(EVERY).await;
        match contract::examine_log(&settings, partitions).await {
            Ok(findings) => {
                let found = by_check(findings);
                for change in changes(&tell.borrow(), &found) {
                    change.log(&options);
                }
                tell.send_replace(found);
            }
            // Those who read and append say so, and this is looked at again.
            Err(error) => tracing::debug!(%error, "the topic could not be looked at"),
        }
    }
}

fn by_check(findings: Vec<Finding>) -> Found {
    findings.into_iter().map(|finding| (finding.check, finding)).collect()
}

/// What is not as it was at the look before.
#[derive(Debug, PartialEq, Eq)]
enum Change<'a> {
    Worse(&'a Finding),
    Well(&'a Finding),
}

fn changes<'a>(before: &'a Found, now: &'a Found) -> Vec<Change<'a>> {
    let is_bad = |finding: &&Finding| finding.severity != Severity::Fine;
    let news = |finding: &&Finding| before.get(finding.check) != Some(*finding);
    let worse = now.values().filter(is_bad).filter(news).map(Change::Worse);
    let is_well = |finding: &&Finding| {
        now.get(finding.check).is_none_or(|now| now.severity == Severity::Fine)
    };
    worse.chain(before.values().filter(is_bad).filter(is_well).map(Change::Well)).collect()
}

impl Change<'_> {
    fn log(&self, options: &str) {
        match self {
            Self::Worse(finding) if finding.severity == Severity::Refuses => {
                let still = still(finding, options);
                tracing::error!(check = finding.check, "{finding}. Meanwhile: {still}");
            }
            Self::Worse(finding) => tracing::warn!(check = finding.check, "{finding}"),
            Self::Well(finding) => {
                tracing::info!(check = finding.check, was = finding.what, "this is in order again");
            }
        }
    }
}

/// What can still be done about a topic that this shop would not start on.
fn still(finding: &Finding, options: &str) -> String {
    match finding.check {
        "topic" | "start" => "the shop cannot be started again on this topic, and only an export that was made before has \
                              what is missing"
            .to_owned(),
        "cleanup.policy" => "set it back before Kafka compacts, and see by `sklep doctor` whether it has".to_owned(),
        contract::IMPORT => {
            "whoever imports into the topic of a running shop spoils both; stop that first".to_owned()
        }
        _ => format!(
            "the shop goes on, and what was answered is still there; `sklep export FILE {options}` makes a copy of it"
        ),
    }
}

#[cfg(test)]
mod tests;
