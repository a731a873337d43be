//! What the topic must be like for the ledger to hold, and what to type where it is not.

use std::sync::Arc;

use crate::LogError;

use super::{
    KafkaSettings,
    topic::{self, TopicMetadata},
};

mod appends;
mod finding;
mod stored;

use finding::refuses;
pub use finding::{Finding, Severity};

#[cfg(test)]
mod tests;

/// The name of the finding that an import has not come to its end.
pub const IMPORT: &str = "import";

/// What stands in the place of the topic's retention while an import fills it: finite, so that programs that do not know
/// it refuse the topic, and so long that nothing is ever removed.
pub(super) const UNFINISHED: &str = "9223372036854775806";

/// What hides records, or has removed them: nothing that is read of such a topic can be trusted.
const HIDES: [&str; 4] = ["topic", "start", "cleanup.policy", IMPORT];

/// Looks at the topic as it is, without changing anything.
pub async fn examine(settings: &KafkaSettings) -> Result<Vec<Finding>, LogError> {
    let facts = topic::metadata(&Arc::new(settings.clone())).await?;
    Ok(judge(settings, facts.as_ref(), None))
}

/// The same for a topic that holds a log which was begun with so many partitions.
pub async fn examine_log(settings: &KafkaSettings, begun: u16) -> Result<Vec<Finding>, LogError> {
    let facts = topic::metadata(&Arc::new(settings.clone())).await?;
    Ok(judge(settings, facts.as_ref(), Some(begun)))
}

/// Whether there is a topic of this name.
pub async fn topic_exists(settings: &KafkaSettings) -> Result<bool, LogError> {
    Ok(topic::metadata(&Arc::new(settings.clone())).await?.is_some())
}

/// What the facts come to, for a log that was begun with so many partitions, where that is known.
pub(crate) fn judge(
    settings: &KafkaSettings,
    facts: Option<&TopicMetadata>,
    begun: Option<u16>,
) -> Vec<Finding> {
    let Some(facts) = facts else {
        let what = format!("there is no topic {}", settings.topic);
        return vec![refuses("topic", what, None, "`sklep serve` creates it".to_owned())];
    };
    let mut findings = stored::judge(settings, facts, begun);
    findings.extend(appends::judge(settings, facts));
    findings
}

/// Those of the findings that keep anybody from trusting what the topic gives.
pub(crate) fn hiding(findings: Vec<Finding>) -> Vec<Finding> {
    let hides = |it: &Finding| it.severity == Severity::Refuses && HIDES.contains(&it.check);
    findings.into_iter().filter(hides).collect()
}

/// Refuses a topic of which anything must not be trusted; the error says what, and what to type.
pub fn refuse(settings: &KafkaSettings, findings: &[Finding]) -> Result<(), LogError> {
    let refusals: Vec<String> = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Refuses)
        .map(|finding| format!("\n- {finding}"))
        .collect();
    if refusals.is_empty() {
        return Ok(());
    }
    Err(LogError::Unfit(format!(
        "the topic {} cannot be the shop's log:{}",
        settings.topic,
        refusals.concat()
    )))
}
