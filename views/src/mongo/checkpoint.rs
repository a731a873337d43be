//! Checkpoints as they are stored.

use event_log::{Ledger, Partition, WriterId};
use mongodb::bson::{Bson, Document, doc, serialize_to_bson};
use serde::{Deserialize, Serialize};

use super::{CHECKPOINTS, error::malformed};
use crate::{Checkpoint, GenerationName, Mode, StoreError};

/// A checkpoint.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CheckpointRow {
    #[serde(rename = "_id")]
    pub(super) id: String,
    rev: i64,
    at: i64,
    epoch: i64,
    writer: Option<String>,
    sequence: i64,
    mode: ModeRow,
    fill_to: Option<i64>,
    /// How many aggregates are in quarantine.
    parked: i64,
    pub(super) by: Option<By>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum ModeRow {
    Fill,
    Live,
}

/// The newest feeder.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct By {
    /// What it calls itself.
    pub(super) instance: String,
    /// The id of the session that its transactions are in.
    pub(super) lsid: Bson,
}

/// The checkpoint's key, such as `5_k3f9/3`.
pub(super) fn id(generation: &GenerationName, partition: Partition) -> String {
    format!("{generation}/{partition}")
}

/// The generation in a checkpoint's key.
pub(super) fn generation_in(id: &str) -> Option<GenerationName> {
    id.rsplit_once('/').map(|(generation, _)| GenerationName::stored(generation))
}

/// All checkpoints of a generation.
pub(super) fn all_of(generation: &GenerationName) -> Document {
    // '0' is the character after '/'.
    doc! { "_id": { "$gte": format!("{generation}/"), "$lt": format!("{generation}0") } }
}

/// The checkpoint of a partition at the log's begin.
pub(super) fn first(
    generation: &GenerationName,
    partition: Partition,
    mode: Mode,
) -> Result<CheckpointRow, StoreError> {
    let (mode, fill_to) = stored_mode(mode)?;
    Ok(CheckpointRow {
        id: id(generation, partition),
        rev: 1,
        at: 0,
        epoch: 0,
        writer: None,
        sequence: 0,
        mode,
        fill_to,
        parked: 0,
        by: None,
    })
}

/// A compare-and-set: the filter and the update.
pub(super) fn next(
    generation: &GenerationName,
    partition: Partition,
    checkpoint: &Checkpoint,
) -> Result<(Document, Document), StoreError> {
    let Checkpoint { rev, at, ledger, mode, parked } = *checkpoint;
    let held = doc! { "_id": id(generation, partition), "rev": number(rev)? };
    let (mode, fill_to) = stored_mode(mode)?;
    let mode = serialize_to_bson(&mode).map_err(|error| malformed(CHECKPOINTS, error))?;
    let set = doc! {
        "at": number(at)?,
        "epoch": number(ledger.epoch)?,
        "writer": ledger.writer.map(|writer| writer.to_string()),
        "sequence": number(ledger.sequence)?,
        "mode": mode,
        "fillTo": fill_to,
        "parked": number(parked)?,
    };
    Ok((held, doc! { "$set": set, "$inc": { "rev": 1_i64 } }))
}

/// The same for documents in a transaction: only a partition that is fed so may be moved so.
pub(super) fn next_live(
    generation: &GenerationName,
    partition: Partition,
    checkpoint: &Checkpoint,
) -> Result<(Document, Document), StoreError> {
    let live = Checkpoint { mode: Mode::Live, ..*checkpoint };
    let (mut held, set) = next(generation, partition, &live)?;
    held.insert("mode", "live");
    Ok((held, set))
}

fn stored_mode(mode: Mode) -> Result<(ModeRow, Option<i64>), StoreError> {
    match mode {
        Mode::Live => Ok((ModeRow::Live, None)),
        Mode::Fill { to } => Ok((ModeRow::Fill, Some(number(to)?))),
    }
}

fn number(number: u64) -> Result<i64, StoreError> {
    i64::try_from(number).map_err(|_large| malformed(CHECKPOINTS, "a number does not fit"))
}

impl CheckpointRow {
    pub(super) fn read(&self) -> Result<Checkpoint, StoreError> {
        let checkpoint = || {
            Some(Checkpoint {
                rev: u64::try_from(self.rev).ok()?,
                at: u64::try_from(self.at).ok()?,
                ledger: Ledger {
                    epoch: u64::try_from(self.epoch).ok()?,
                    writer: match &self.writer {
                        Some(writer) => Some(WriterId(writer.parse().ok()?)),
                        None => None,
                    },
                    sequence: u64::try_from(self.sequence).ok()?,
                },
                mode: match self.mode {
                    ModeRow::Live => Mode::Live,
                    ModeRow::Fill => Mode::Fill { to: u64::try_from(self.fill_to?).ok()? },
                },
                parked: u64::try_from(self.parked).ok()?,
            })
        };
        checkpoint().ok_or_else(|| malformed(CHECKPOINTS, &self.id))
    }

    pub(super) fn partition(&self) -> Result<Partition, StoreError> {
        let number = self.id.rsplit_once('/').and_then(|(_, number)| number.parse().ok());
        number.map(Partition).ok_or_else(|| malformed(CHECKPOINTS, &self.id))
    }
}
