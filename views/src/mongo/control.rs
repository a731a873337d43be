//! The control document as it is stored.

use std::collections::BTreeMap;

use event_log::{LogId, Partition, RecordId};
use mongodb::bson::doc;
use serde::{Deserialize, Serialize};

use super::{
    CONTROL, MongoViews,
    error::{DUPLICATE, code_of, malformed},
    options::{ANSWER, within},
};
use crate::{
    Control, DesiredState, Generation, GenerationName, GenerationState, StoreError, Versions,
};

/// The id of the one control document.
pub(super) const ID: &str = "views";

/// The control document.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ControlRow {
    #[serde(rename = "_id")]
    id: String,
    pub(super) rev: i64,
    log_id: String,
    live: String,
    back: Option<String>,
    gens: BTreeMap<String, GenerationRow>,
    /// Missing in documents of earlier versions, whose projectors could not be paused.
    #[serde(default)]
    paused: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct GenerationRow {
    number: i64,
    log_id: String,
    state: StateRow,
    fold: i64,
    shape: i64,
    job: Option<String>,
    wish: DesiredStateRow,
    throttle: Option<i64>,
    /// Missing in documents of earlier versions.
    #[serde(default)]
    skips: Vec<PlaceRow>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct PlaceRow {
    partition: i64,
    offset: i64,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum StateRow {
    Filling,
    Ready,
    Dropping,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum DesiredStateRow {
    Run,
    Pause,
    Cancel,
}

impl MongoViews {
    /// The control document; none when there is none.
    pub(super) async fn stored_control(&self) -> Result<Option<Control>, StoreError> {
        let row = within(ANSWER, self.control_row().find_one(doc! { "_id": ID })).await?;
        row.map(ControlRow::read).transpose()
    }

    /// Stores the first control document; says whether there was none.
    pub(super) async fn store_first_control(&self, control: &Control) -> Result<bool, StoreError> {
        let row = ControlRow::write(control)?;
        match within(ANSWER, self.control_row().insert_one(row)).await {
            Ok(_inserted) => Ok(true),
            // Somebody else was first.
            Err(error) if code_of(&error) == Some(DUPLICATE) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Makes `control` of a control document that still has the `rev` before; says whether it did.
    pub(super) async fn swap_control(&self, control: &Control) -> Result<bool, StoreError> {
        let row = ControlRow::write(control)?;
        let before = doc! { "_id": ID, "rev": row.rev.saturating_sub(1) };
        let replaced = within(ANSWER, self.control_row().replace_one(before, row)).await?;
        Ok(replaced.matched_count == 1)
    }
}

impl ControlRow {
    pub(super) fn write(control: &Control) -> Result<Self, StoreError> {
        let generation = |generation: &Generation| {
            Some(GenerationRow {
                number: i64::try_from(generation.number).ok()?,
                log_id: generation.log.to_string(),
                state: match generation.state {
                    GenerationState::Filling => StateRow::Filling,
                    GenerationState::Ready => StateRow::Ready,
                    GenerationState::Dropping => StateRow::Dropping,
                },
                fold: generation.versions.fold.into(),
                shape: generation.versions.shape.into(),
                job: generation.job.clone(),
                wish: match generation.wish {
                    DesiredState::Run => DesiredStateRow::Run,
                    DesiredState::Pause => DesiredStateRow::Pause,
                    DesiredState::Cancel => DesiredStateRow::Cancel,
                },
                throttle: generation.throttle.map(i64::from),
                skips: generation.skips.iter().map(PlaceRow::write).collect::<Option<_>>()?,
            })
        };
        let row = || {
            let gens = control.generations.iter();
            Some(Self {
                id: ID.into(),
                rev: i64::try_from(control.rev).ok()?,
                log_id: control.log.to_string(),
                live: control.live.to_string(),
                back: control.previous.as_ref().map(ToString::to_string),
                gens: gens
                    .map(|(name, it)| Some((name.to_string(), generation(it)?)))
                    .collect::<Option<_>>()?,
                paused: control.paused,
            })
        };
        row().ok_or_else(|| malformed(CONTROL, "a number does not fit"))
    }

    fn read(self) -> Result<Control, StoreError> {
        let generation = |row: GenerationRow| {
            Some(Generation {
                number: u64::try_from(row.number).ok()?,
                log: LogId(row.log_id.parse().ok()?),
                state: match row.state {
                    StateRow::Filling => GenerationState::Filling,
                    StateRow::Ready => GenerationState::Ready,
                    StateRow::Dropping => GenerationState::Dropping,
                },
                versions: Versions {
                    fold: u32::try_from(row.fold).ok()?,
                    shape: u32::try_from(row.shape).ok()?,
                },
                job: row.job,
                wish: match row.wish {
                    DesiredStateRow::Run => DesiredState::Run,
                    DesiredStateRow::Pause => DesiredState::Pause,
                    DesiredStateRow::Cancel => DesiredState::Cancel,
                },
                throttle: row.throttle.map(u32::try_from).transpose().ok()?,
                skips: row.skips.into_iter().map(PlaceRow::read).collect::<Option<_>>()?,
            })
        };
        let control = || {
            let gens = self.gens.into_iter();
            Some(Control {
                rev: u64::try_from(self.rev).ok()?,
                log: LogId(self.log_id.parse().ok()?),
                live: GenerationName::stored(self.live),
                previous: self.back.map(GenerationName::stored),
                generations: gens
                    .map(|(name, row)| Some((GenerationName::stored(name), generation(row)?)))
                    .collect::<Option<_>>()?,
                paused: self.paused,
            })
        };
        control().ok_or_else(|| malformed(CONTROL, "a number or an id does not fit"))
    }
}

impl PlaceRow {
    fn write(place: &RecordId) -> Option<Self> {
        let offset = i64::try_from(place.offset).ok()?;
        Some(Self { partition: place.partition.0.into(), offset })
    }

    fn read(self) -> Option<RecordId> {
        let partition = Partition(u16::try_from(self.partition).ok()?);
        Some(RecordId { partition, offset: u64::try_from(self.offset).ok()? })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use mongodb::bson::{deserialize_from_document, serialize_to_document};
    use uuid::Uuid;

    use super::*;

    fn control() -> Control {
        let (log, versions) = (LogId(Uuid::nil()), Versions { fold: 1, shape: 1 });
        Control::first(&GenerationName::new(1, "a"), log, versions, "job")
    }

    #[test]
    fn what_is_left_out_is_stored() {
        let mut control = control();
        let skips =
            [(0, 7), (1, 3)].map(|(it, offset)| RecordId { partition: Partition(it), offset });
        control.generations.values_mut().for_each(|it| it.skips = BTreeSet::from(skips));
        let stored = serialize_to_document(&ControlRow::write(&control).unwrap()).unwrap();
        let row: ControlRow = deserialize_from_document(stored).unwrap();
        assert_eq!(row.read().unwrap(), control);
    }

    #[test]
    fn a_document_of_an_earlier_version_is_read() {
        let mut stored = serialize_to_document(&ControlRow::write(&control()).unwrap()).unwrap();
        stored.remove("paused").unwrap();
        let generations = stored.get_document_mut("gens").unwrap();
        generations.get_document_mut("1_a").unwrap().remove("skips").unwrap();
        let row: ControlRow = deserialize_from_document(stored).unwrap();
        assert_eq!(row.read().unwrap(), control());
    }
}
