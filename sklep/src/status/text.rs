//! How the shop is, for people.

use api::operator::{
    ContractSeverity, GenerationPart, GenerationReport, JobReport, LogReport, System, ViewsReport,
};
use views::Phase;

use super::{Projection, Status};
use crate::{
    stages::{Grouped, Span},
    stdout::Stdout,
    views_ops::{GOES_ON, phase_name},
};

/// Writes everything, the most important first.
pub(super) fn write(out: &mut Stdout, status: &Status) -> anyhow::Result<()> {
    let Status { server, ready, readiness, projections, system, problem } = status;
    if let Some(server) = server {
        let state = if *ready == Some(true) { "ready" } else { "not ready" };
        out.line(format_args!("{server}/graphql is {state}"))?;
    }
    if let (Some(false), Some(readiness)) = (ready, readiness) {
        out.line(readiness)?;
    }
    if let Some(problem) = problem {
        out.line(format_args!("projections: {problem}"))?;
    }
    if let Some(system) = system {
        head(out, system)?;
    }
    if !projections.is_empty() {
        table(out, projections)?;
    }
    if let Some(views) = system.as_ref().and_then(|system| system.views.as_ref()) {
        generations(out, views)?;
    }
    let troubles = system.iter().flat_map(|system| &system.troubles);
    troubles.into_iter().try_for_each(|trouble| out.line(format_args!("trouble: {trouble}")))
}

fn head(out: &mut Stdout, system: &System) -> anyhow::Result<()> {
    if !system.roles.is_empty() {
        let roles = system.roles.join(", ");
        out.line(format_args!("sklep {} with the roles {roles}", system.version))?;
    }
    system.log.as_ref().map_or(Ok(()), |log| of_log(out, log))
}

fn of_log(out: &mut Stdout, log: &LogReport) -> anyhow::Result<()> {
    let records = log.records.parse().unwrap_or_default();
    let mut line =
        format!("log: {}, {} partitions, {} records", log.name, log.partitions, Grouped(records));
    for (count, what) in [(&log.void, "void"), (&log.foreign, "foreign")] {
        if let Some(count) = count {
            line = format!("{line}, {count} of them {what}");
        }
    }
    out.line(line)?;
    if let Some(id) = &log.id {
        let currency = log.currency.as_deref().map(|it| format!(", in {it}")).unwrap_or_default();
        out.line(format_args!("     id {id}{currency}"))?;
    }
    let addresses: Vec<&str> = log.writers.iter().filter_map(|it| it.address.as_deref()).collect();
    if !addresses.is_empty() {
        let mut addresses = addresses;
        addresses.sort_unstable();
        addresses.dedup();
        out.line(format_args!("     written by {}", addresses.join(", ")))?;
    }
    let doubtful = log.contract.iter().filter(|it| it.severity == ContractSeverity::Doubtful);
    for finding in doubtful {
        let means = finding.means.as_deref().map(|means| format!(": {means}")).unwrap_or_default();
        out.line(format_args!("     doubtful: {}{means}", finding.what))?;
    }
    Ok(())
}

fn table(out: &mut Stdout, projections: &[Projection]) -> anyhow::Result<()> {
    let head = ["view", "generation", "state", "lag", "waits", "quarantined"];
    let [view, generation, state, lag, waits, parked] = head;
    out.line(format_args!(
        "{view:<12} {generation:>10}  {state:<12} {lag:>10} {waits:>10} {parked:>12}"
    ))?;
    projections.iter().try_for_each(|projection| {
        let Projection { name, generation, state, lag, lag_seconds, parked, .. } = projection;
        let waits = Span(u64::try_from(*lag_seconds).unwrap_or_default()).to_string();
        out.line(format_args!(
            "{name:<12} {generation:>10}  {state:<12} {lag:>10} {waits:>10} {parked:>12}"
        ))
    })
}

fn generations(out: &mut Stdout, views: &ViewsReport) -> anyhow::Result<()> {
    out.line(format_args!("views in {}", views.name))?;
    if views.paused {
        out.line("     the projector is paused; `sklep projector --resume` lets it go on")?;
    }
    views.generations.iter().try_for_each(|it| generation(out, it))?;
    match views.orphans.as_slice() {
        [] => Ok(()),
        orphans => out.line(format_args!(
            "     orphans: {}; `sklep rebuild --drop-orphans` removes them",
            orphans.join(", ")
        )),
    }
}

fn generation(out: &mut Stdout, it: &GenerationReport) -> anyhow::Result<()> {
    let part = match it.part {
        GenerationPart::Live => "live",
        GenerationPart::Back => "kept for `sklep rollback`",
        GenerationPart::Filling => "being filled",
        GenerationPart::Dropping => "being removed",
        GenerationPart::Spare => "unused",
    };
    let GenerationReport { name, fold, shape, lag, feeders, .. } = it;
    let lag = lag.parse().map_or_else(|_no_number| lag.clone(), |lag| Grouped(lag).to_string());
    out.line(format_args!(
        "     generation {name} is {part} (folds {fold}, shape {shape}), {lag} records behind"
    ))?;
    // What is kept or removed was fed once; the newest claims say no more.
    let is_fed = matches!(it.part, GenerationPart::Live | GenerationPart::Filling);
    for feeder in feeders.iter().filter(|_| is_fed) {
        out.line(format_args!(
            "       fed by {}: {} partitions",
            feeder.instance, feeder.partitions
        ))?;
    }
    it.job.as_ref().map_or(Ok(()), |job| of_job(out, job))
}

fn of_job(out: &mut Stdout, job: &JobReport) -> anyhow::Result<()> {
    let number = |text: &str| text.parse::<u64>().unwrap_or_default();
    let (done, all) = (number(&job.done), number(&job.all));
    let percent = done.saturating_mul(100).checked_div(all).unwrap_or_default();
    let phase = job.phase.as_deref().unwrap_or("not begun");
    let mut line = format!(
        "       {phase}, {percent} %, {} of {} events, {}/s",
        Grouped(done),
        Grouped(all),
        Grouped(number(&job.rate))
    );
    if let Some(left) = job.seconds_left.and_then(|left| u64::try_from(left).ok()) {
        line = format!("{line}, {} left", Span(left));
    }
    if let Some(most) = job.throttle {
        line = format!("{line}, at most {}/s", Grouped(most.into()));
    }
    if let Some(instance) = &job.instance {
        line = format!("{line}, by {instance}");
    }
    if phase == phase_name(Phase::Paused) {
        line = format!("{line}; {GOES_ON}");
    }
    out.line(line)
}
