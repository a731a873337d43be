//! `log.journal`: appends on their way into the store, one frame for each group that was acknowledged together.
//!
//! ```text
//! frame := marker, generation, sequence (u64 each) length, checksum (u32 each) record* padding   little-endian
//! record := partition offset length bytes                                  numbers as in `parts`
//! ```
//!
//! Frames begin at multiples of 512 bytes, a disk's sector, so that no write touches an acknowledged one. The
//! frames of one generation stand one after the other from the file's beginning, numbered from 0. A new
//! generation begins there again, over the old one, once the store has everything: what is left of older ones
//! is told by generation and marker. The checksum (CRC-32) covers the frame but for itself. A frame is written
//! only when the one before is synced, so that after a crash only the last can be torn.

use std::io;

use bytes::{Buf, BufMut, Bytes};
use redb::StorageBackend;

use super::{disk::Storage, store::StoreGeneration, tail::Entry};
use crate::{Partition, wire};

const HEADER: usize = 32;
const CHECKSUM_AT: usize = 28;
const SECTOR: usize = 512;

/// How much is written at once to lay the file out.
const LAYOUT_BYTES: usize = 256 * 1024;

/// The journal, opened and locked.
#[derive(Debug)]
pub(super) struct Journal {
    storage: Storage,
    capacity: u64,
    generation: StoreGeneration,
    sequence: u64,
    position: u64,
    frame: Vec<u8>,
}

/// Why the frames cannot be taken over.
#[derive(Debug, thiserror::Error)]
pub(super) enum UnreadableJournal {
    /// The file could not be read or synced.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The files do not belong together, or one is damaged: says which.
    #[error("{0}")]
    Damaged(&'static str),
}

/// Lays the file out where it is shorter, so that appends overwrite blocks which the disk has given already: faster, and
/// a full disk is met when the store grows, not in the middle of a frame. Durable when this returns.
///
/// This comes before there is a store, so that a shorter file beside a store is never the journal that belongs to it.
pub(super) fn lay_out(storage: &Storage, capacity: u64) -> io::Result<()> {
    if is_laid_out(storage, capacity)? {
        return Ok(());
    }
    let zeros = vec![0; LAYOUT_BYTES];
    let mut end = storage.len()?;
    while end < capacity {
        let next =
            end.saturating_add(u64::try_from(LAYOUT_BYTES).unwrap_or(u64::MAX)).min(capacity);
        storage.set_len(next)?;
        let length = usize::try_from(next.saturating_sub(end)).unwrap_or(usize::MAX);
        storage.write(end, zeros.get(..length).unwrap_or(&zeros))?;
        end = next;
    }
    storage.sync_data()
}

/// Whether the file is as long as it was when it was [laid out](lay_out).
pub(super) fn is_laid_out(storage: &Storage, capacity: u64) -> io::Result<bool> {
    Ok(storage.len()? >= capacity)
}

impl Journal {
    /// The journal in a file that is [laid out](lay_out).
    pub(super) fn new(storage: Storage, capacity: u64, generation: StoreGeneration) -> Self {
        Self { storage, capacity, generation, sequence: 0, position: 0, frame: Vec::new() }
    }

    /// What the store does not have yet, in order; durable when this returns. Appends go on behind it.
    pub(super) fn recover(&mut self) -> Result<Vec<Entry>, UnreadableJournal> {
        let mut bytes = vec![0; usize::try_from(self.storage.len()?).unwrap_or(usize::MAX)];
        self.storage.read(0, &mut bytes)?;
        let mut rest = Bytes::from(bytes);
        let mut entries = Vec::new();
        while let Some(frame) = Frame::at(&rest) {
            if frame.generation.number < self.generation.number {
                break;
            }
            if frame.generation != self.generation {
                return Err(UnreadableJournal::Damaged(
                    "log.redb and log.journal are not of the same moment",
                ));
            }
            if frame.sequence != self.sequence {
                break;
            }
            entries.extend(
                frame
                    .entries()
                    .ok_or(UnreadableJournal::Damaged("a frame of log.journal is no frame"))?,
            );
            let length = HEADER.saturating_add(frame.body.len()).next_multiple_of(SECTOR);
            rest.advance(length.min(rest.len()));
            self.wrote(length);
        }
        if self.goes_on_in(&rest) {
            return Err(UnreadableJournal::Damaged(
                "a frame in the middle of log.journal has a wrong checksum",
            ));
        }
        // The process that wrote the last frame may have ended between the write and the fsync.
        self.storage.sync_data()?;
        Ok(entries)
    }

    /// Whether these records fit; into an empty journal everything does.
    pub(super) fn has_room_for(&self, entries: &[Entry]) -> bool {
        // Twenty-four bytes hold three numbers as `parts` writes them, with a few to spare.
        let length = entries
            .iter()
            .fold(HEADER, |sum, entry| sum.saturating_add(entry.bytes.len()).saturating_add(24))
            .next_multiple_of(SECTOR);
        let end = self.position.saturating_add(u64::try_from(length).unwrap_or(u64::MAX));
        self.position == 0 || end <= self.capacity
    }

    /// Writes the records as one frame; durable when this returns. After an error nobody knows whether they
    /// are, and the next generation must begin before anything else is written.
    pub(super) fn append(&mut self, entries: &[Entry]) -> io::Result<()> {
        self.frame.clear();
        self.frame.put_u64_le(self.generation.marker);
        self.frame.put_u64_le(self.generation.number);
        self.frame.put_u64_le(self.sequence);
        self.frame.put_u64_le(0);
        for entry in entries {
            wire::put_number(&mut self.frame, u64::from(entry.partition.0));
            wire::put_number(&mut self.frame, entry.offset);
            wire::put_part(&mut self.frame, &entry.bytes);
        }
        seal(&mut self.frame)?;
        self.frame.resize(self.frame.len().next_multiple_of(SECTOR), 0);
        let end = self.position.saturating_add(u64::try_from(self.frame.len()).unwrap_or(u64::MAX));
        if end > self.capacity {
            self.storage.set_len(end.max(self.storage.len()?))?;
        }
        self.storage.write(self.position, &self.frame)?;
        self.storage.sync_data()?;
        self.wrote(self.frame.len());
        Ok(())
    }

    /// Begins again at the front: the store has everything, and says that this generation goes on from it.
    pub(super) fn begin(&mut self, generation: StoreGeneration) {
        self.generation = generation;
        self.sequence = 0;
        self.position = 0;
    }

    fn wrote(&mut self, length: usize) {
        self.position = self.position.saturating_add(u64::try_from(length).unwrap_or(u64::MAX));
        self.sequence = self.sequence.saturating_add(1);
    }

    fn goes_on_in(&self, rest: &Bytes) -> bool {
        let marker = self.generation.marker.to_le_bytes();
        let mut starts = (0..rest.len()).step_by(SECTOR).map(|start| rest.slice(start..));
        starts.any(|rest| {
            rest.starts_with(&marker)
                && Frame::at(&rest).is_some_and(|frame| {
                    frame.generation == self.generation && frame.sequence >= self.sequence
                })
        })
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        // Lets go of the lock; nothing is lost when that fails.
        let _ = self.storage.close();
    }
}

/// Writes the length and the checksum into the frame's header.
fn seal(frame: &mut [u8]) -> io::Result<()> {
    let too_long = |error| io::Error::new(io::ErrorKind::InvalidInput, error);
    let length = u32::try_from(frame.len().saturating_sub(HEADER)).map_err(too_long)?;
    if let Some(place) = frame.get_mut(24..CHECKSUM_AT) {
        place.copy_from_slice(&length.to_le_bytes());
    }
    let checksum = sum(frame);
    if let Some(place) = frame.get_mut(CHECKSUM_AT..HEADER) {
        place.copy_from_slice(&checksum.to_le_bytes());
    }
    Ok(())
}

fn sum(frame: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(frame.get(..CHECKSUM_AT).unwrap_or_default());
    hasher.update(frame.get(HEADER..).unwrap_or_default());
    hasher.finalize()
}

/// A frame with a right checksum.
struct Frame {
    generation: StoreGeneration,
    sequence: u64,
    body: Bytes,
}

impl Frame {
    fn at(bytes: &Bytes) -> Option<Self> {
        let mut header = bytes.get(..HEADER)?;
        let marker = header.try_get_u64_le().ok()?;
        let number = header.try_get_u64_le().ok()?;
        let sequence = header.try_get_u64_le().ok()?;
        let length = usize::try_from(header.try_get_u32_le().ok()?).ok()?;
        let checksum = header.try_get_u32_le().ok()?;
        let end = HEADER.checked_add(length)?;
        // An empty frame is never written, and a file of zeros must not be one.
        let sealed = length > 0 && sum(bytes.get(..end)?) == checksum;
        sealed.then(|| Self {
            generation: StoreGeneration { number, marker },
            sequence,
            body: bytes.slice(HEADER..end),
        })
    }

    fn entries(&self) -> Option<Vec<Entry>> {
        let mut rest: &[u8] = &self.body;
        let mut entries = Vec::new();
        while !rest.is_empty() {
            let partition = Partition(u16::try_from(wire::get_number(&mut rest)?).ok()?);
            let offset = wire::get_number(&mut rest)?;
            let bytes = self.body.slice_ref(wire::get_part(&mut rest)?);
            entries.push(Entry { partition, offset, bytes });
        }
        Some(entries)
    }
}
