//! Consecutive records of one partition, stored together under the first one's offset.
//!
//! ```text
//! chunk := checksum (CRC-32 of partition, offset and the rest, u32 little-endian) (length record)*
//! ```
//!
//! redb verifies its own checksums only when it repairs a file, so that a chunk brings one.

use bytes::{BufMut, Bytes};

use super::encoding;
use crate::{NewRecord, Offset, Partition, wire};

/// Just under four of redb's pages of 4 KiB with its own header: redb gives such a value a block of the next
/// power of two, so that a little more would waste half of it.
const BYTES: usize = 16 * 1024 - 128;

/// Cuts consecutive records into chunks and gives each to `store` with its first offset.
pub(super) fn cut<E>(
    partition: Partition,
    first: Offset,
    records: &[Bytes],
    mut store: impl FnMut(Offset, &[u8]) -> Result<(), E>,
) -> Result<(), E> {
    let mut chunk = Chunk::begin(partition, first);
    for (offset, record) in (first..).zip(records) {
        if chunk.is_full_for(record) {
            store(chunk.first, chunk.finish())?;
            chunk = Chunk::begin(partition, offset);
        }
        chunk.push(record);
    }
    store(chunk.first, chunk.finish())
}

struct Chunk {
    partition: Partition,
    first: Offset,
    bytes: Vec<u8>,
}

impl Chunk {
    fn begin(partition: Partition, first: Offset) -> Self {
        let mut bytes = Vec::with_capacity(BYTES);
        bytes.put_u32_le(0);
        Self { partition, first, bytes }
    }

    fn is_full_for(&self, record: &Bytes) -> bool {
        // Three bytes hold the length of any record that shares a chunk with others.
        let with_record = self.bytes.len().saturating_add(record.len()).saturating_add(3);
        self.bytes.len() > 4 && with_record > BYTES
    }

    fn push(&mut self, record: &Bytes) {
        wire::put_part(&mut self.bytes, record);
    }

    fn finish(&mut self) -> &[u8] {
        if let Some((checksum, rest)) = self.bytes.split_first_chunk_mut::<4>() {
            *checksum = sum(self.partition, self.first, rest).to_le_bytes();
        }
        &self.bytes
    }
}

/// The records of a stored chunk, one after another; stops at what is no record.
#[derive(Debug)]
pub(super) struct Records<'c> {
    chunk: &'c Bytes,
    rest: &'c [u8],
}

/// A chunk whose bytes are not what was stored.
#[derive(Debug)]
pub(super) struct Damaged;

/// A copy of the chunk that is stored under this partition and offset, without its checksum, which is right.
pub(super) fn checked(partition: Partition, first: Offset, chunk: &[u8]) -> Result<Bytes, Damaged> {
    let (checksum, rest) = chunk.split_first_chunk::<4>().ok_or(Damaged)?;
    if u32::from_le_bytes(*checksum) != sum(partition, first, rest) {
        return Err(Damaged);
    }
    Ok(Bytes::copy_from_slice(rest))
}

impl<'c> Records<'c> {
    /// The records of a [`checked`] chunk.
    pub(super) fn of(chunk: &'c Bytes) -> Self {
        Self { chunk, rest: chunk }
    }

    /// The next record's bytes; none at the end.
    pub(super) fn next(&mut self) -> Result<Option<&'c [u8]>, Damaged> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        wire::get_part(&mut self.rest).map(Some).ok_or(Damaged)
    }

    /// The next record; none at the end.
    pub(super) fn next_record(&mut self) -> Result<Option<(usize, NewRecord)>, Damaged> {
        let Some(bytes) = self.next()? else { return Ok(None) };
        let record = encoding::read(self.chunk, bytes);
        record.map(|record| Some((bytes.len(), record))).ok_or(Damaged)
    }
}

fn sum(partition: Partition, first: Offset, rest: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&partition.0.to_le_bytes());
    hasher.update(&first.to_le_bytes());
    hasher.update(rest);
    hasher.finalize()
}
