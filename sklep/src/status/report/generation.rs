//! What is known of one generation of the views, as it is reported.

use std::collections::BTreeMap;

use api::operator::{FeederReport, GenerationPart, JobReport};
use event_log::Partition;
use views::{Control, DesiredState, Generation, GenerationName, GenerationState, Heartbeat, Phase};

use crate::views_ops::phase_name;

pub(super) fn part(
    control: &Control,
    name: &GenerationName,
    state: GenerationState,
) -> GenerationPart {
    match state {
        GenerationState::Filling => GenerationPart::Filling,
        GenerationState::Dropping => GenerationPart::Dropping,
        GenerationState::Ready if control.live == *name => GenerationPart::Live,
        GenerationState::Ready if control.previous.as_ref() == Some(name) => GenerationPart::Back,
        GenerationState::Ready => GenerationPart::Spare,
    }
}

pub(super) fn feeders(by_partition: BTreeMap<Partition, String>) -> Vec<FeederReport> {
    let mut by_instance: BTreeMap<String, u16> = BTreeMap::new();
    for instance in by_partition.into_values() {
        let partitions = by_instance.entry(instance).or_default();
        *partitions = partitions.saturating_add(1);
    }
    by_instance
        .into_iter()
        .map(|(instance, partitions)| FeederReport { instance, partitions })
        .collect()
}

pub(super) fn job(
    name: &GenerationName,
    generation: &Generation,
    beats: &[Heartbeat],
) -> JobReport {
    let of_job =
        |beat: &&Heartbeat| beat.generation == *name && Some(&beat.job) == generation.job.as_ref();
    let beat = beats.iter().find(of_job);
    let (done, total) = beat.map_or((0, 0), |beat| (beat.done, beat.total));
    // Whoever waits is told no end.
    let rate = beat.filter(|beat| beat.phase != Phase::Paused).map_or(0, |beat| beat.rate);
    let left = total.saturating_sub(done).checked_div(rate);
    JobReport {
        instance: beat.map(|beat| beat.instance.clone()),
        phase: beat.map(|beat| phase_name(beat.phase).into()),
        wish: match generation.wish {
            DesiredState::Run => "run".into(),
            DesiredState::Pause => "pause".into(),
            DesiredState::Cancel => "cancel".into(),
        },
        throttle: generation.throttle,
        done: done.to_string(),
        all: total.to_string(),
        rate: rate.to_string(),
        seconds_left: left.map(|left| i32::try_from(left).unwrap_or(i32::MAX)),
    }
}
