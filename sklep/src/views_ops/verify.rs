//! Comparing the views with the log.

use std::fmt::{self, Write as _};

use event_log::{Offset, Partition};
use projector::{
    Difference, DifferenceKind, FIRST_DIFFERENCES, FieldDifference, Verdict, Verified,
    VerifySettings, ViewDigest,
};
use serde_json::{Value, json};
use tokio::{sync::watch, time::Instant};
use tokio_util::sync::CancellationToken;
use views::{PURCHASES_IN_BUCKET, Parked, VERSIONS_IN_BUCKET};

use super::{Context, TaskReport, cores};
use crate::{
    escape_control::clipped,
    stages::{Grouped, JobProgress},
};

pub(super) async fn verify(
    ground: &Context,
    memory: u64,
    all: bool,
    stages: &watch::Sender<JobProgress>,
    shutdown: &CancellationToken,
) -> anyhow::Result<TaskReport> {
    let Context { log, identity, store, .. } = ground;
    let (tell, told) = watch::channel(Verified::default());
    let settings = VerifySettings { memory, at_once: cores(), generation: None, all };
    let check = projector::verify(log, *identity, store, settings, tell, shutdown);
    let (verdict, ()) = tokio::join!(check, relay(told, stages));
    let mut report = report(&verdict?, all);
    if report.differs {
        report.text.push_str("\n`sklep rebuild` makes the views again from the log");
    }
    Ok(report)
}

/// What a verdict comes to.
pub(super) fn report(verdict: &Verdict, all: bool) -> TaskReport {
    let differs = !verdict.differences.is_empty();
    TaskReport { text: Told(verdict, all).to_string(), json: as_json(verdict), differs }
}

async fn relay(mut told: watch::Receiver<Verified>, stages: &watch::Sender<JobProgress>) {
    let begun = Instant::now();
    while told.changed().await.is_ok() {
        let Verified { done, total } = *told.borrow_and_update();
        let rate = done.checked_div(begun.elapsed().as_secs()).unwrap_or_default();
        let seconds_left = total.saturating_sub(done).checked_div(rate);
        stages.send_replace(JobProgress {
            phase: "verifying".into(),
            done,
            total,
            rate,
            seconds_left,
            waits_for: None,
        });
    }
}

/// The longest name has 200 characters, an address 500.
const SHOWN: usize = 500;

/// A verdict for people, and whether every difference is in it.
struct Told<'a>(&'a Verdict, bool);

impl fmt::Display for Told<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Verdict { generation, views, parked, differences, .. } = self.0;
        let says = if differences.is_empty() { "is what" } else { "is not what" };
        write!(f, "generation {generation} of the views {says} the log says")?;
        for ViewDigest { name, documents, digest } in views {
            let documents = Grouped(*documents).to_string();
            let (of, digest) = (contents(name), format_args!("{digest:032x}"));
            write!(f, "\n{name:<10} {documents:>12} documents  {digest}{of}")?;
        }
        for (parked, waits) in parked.iter().filter_map(|it| Some((it, waiting(it)?))) {
            let Waiting { blocked, reason, partition } = waits;
            write!(
                f,
                "\nin quarantine: {}, since the event at offset {blocked} of partition {partition} ({}); {} events wait \
                 behind it and are in no view",
                clipped(&parked.key, SHOWN),
                clipped(reason, SHOWN),
                parked.waiting
            )?;
        }
        for difference in differences {
            f.write_char('\n')?;
            of_difference(f, difference)?;
        }
        if !self.1 && differences.len() >= FIRST_DIFFERENCES {
            write!(f, "\nthere may be more than these {FIRST_DIFFERENCES}; --all tells every one")?;
        }
        Ok(())
    }
}

/// What is in a view's documents, where one of them is not one of what the view is named for.
fn contents(view: &str) -> String {
    match view {
        "purchases" => format!("  (up to {PURCHASES_IN_BUCKET} purchases in each)"),
        "prices" => format!("  (up to {VERSIONS_IN_BUCKET} versions in each)"),
        "sales" => format!("  (of a product and a day, or at up to {VERSIONS_IN_BUCKET} prices)"),
        _one => String::new(),
    }
}

fn of_difference(f: &mut fmt::Formatter<'_>, difference: &Difference) -> fmt::Result {
    let Difference { view, key, kind } = difference;
    // Whoever changed a document by hand may have written anything.
    let key = clipped(key, SHOWN);
    match kind {
        DifferenceKind::Missing => write!(f, "{view} {key} is missing"),
        DifferenceKind::Unexpected => {
            write!(f, "{view} {key} is there, and the log knows nothing of it")
        }
        DifferenceKind::Changed(fields) if fields.is_empty() => {
            write!(f, "{view} {key} has its fields in another order")
        }
        DifferenceKind::Changed(fields) => {
            fields.iter().enumerate().try_for_each(|(index, field)| {
                let FieldDifference { field, expected, found } = field;
                let shown =
                    |value: &Option<String>| clipped(value.as_deref().unwrap_or("nothing"), SHOWN);
                let line = if index == 0 { "" } else { "\n" };
                let (field, expected, found) =
                    (clipped(field, SHOWN), shown(expected), shown(found));
                write!(f, "{line}{view} {key}: {field} is {found}, and the log says {expected}")
            })
        }
    }
}

/// What a key waits for.
struct Waiting<'a> {
    blocked: Offset,
    reason: &'a str,
    partition: Partition,
}

fn waiting(parked: &Parked) -> Option<Waiting<'_>> {
    let episode = parked.episodes.last()?;
    let Parked { partition, .. } = parked;
    Some(Waiting { blocked: episode.blocked, reason: &episode.reason, partition: *partition })
}

fn as_json(verdict: &Verdict) -> Value {
    let Verdict { generation, position, views, parked, differences } = verdict;
    json!({
        "equal": differences.is_empty(),
        "generation": generation.as_str(),
        "position": event_log::Token::from(position.clone()).to_string(),
        "views": views
            .iter()
            .map(|it| json!({
                "name": it.name, "documents": it.documents, "digest": format!("{:032x}", it.digest),
            }))
            .collect::<Vec<_>>(),
        "parked": parked
            .iter()
            .filter_map(|it| Some((it, waiting(it)?)))
            .map(|(it, waits)| json!({
                "key": it.key, "partition": waits.partition.0, "blocked": waits.blocked,
                "reason": waits.reason, "waiting": it.waiting,
            }))
            .collect::<Vec<_>>(),
        "differences": differences.iter().map(difference_as_json).collect::<Vec<_>>(),
    })
}

fn difference_as_json(difference: &Difference) -> Value {
    let Difference { view, key, kind } = difference;
    let (kind, fields) = match kind {
        DifferenceKind::Missing => ("missing", &[][..]),
        DifferenceKind::Unexpected => ("unexpected", &[][..]),
        DifferenceKind::Changed(fields) => ("changed", fields.as_slice()),
    };
    let fields: Vec<Value> = fields
        .iter()
        .map(|it| json!({ "field": it.field, "expected": it.expected, "found": it.found }))
        .collect();
    json!({ "view": view, "key": key, "kind": kind, "fields": fields })
}

#[cfg(test)]
mod tests {
    use event_log::{LogId, Position};
    use views::GenerationName;

    use super::*;

    #[test]
    fn what_a_hand_has_written_into_a_document_stays_in_its_line() {
        let field = FieldDifference {
            field: "first\nname".into(),
            expected: None,
            found: Some("\"\x1b[2Jevil\r\n\"".into()),
        };
        let kinds = [
            DifferenceKind::Missing,
            DifferenceKind::Unexpected,
            DifferenceKind::Changed(vec![field]),
        ];
        let of = |kind| Difference { view: "customers", key: "\"a\nb\"".into(), kind };
        let verdict = Verdict {
            generation: GenerationName::new(1, "abc"),
            position: Position::start(LogId(uuid::Uuid::nil())),
            views: vec![],
            parked: vec![],
            differences: kinds.into_iter().map(of).collect(),
        };
        let TaskReport { text, json, .. } = report(&verdict, true);
        assert_eq!(text.lines().count(), 4, "{text}");
        assert!(!text.contains(|c: char| c.is_control() && c != '\n'), "{text}");
        // Programs read what is stored.
        assert_eq!(json["differences"][2]["fields"][0]["found"], "\"\u{1b}[2Jevil\r\n\"");
    }
}
