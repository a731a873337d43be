//! A record as bytes.
//!
//! Numbers and parts as [`crate::parts`] writes them, except the timestamp.
//!
//! ```text
//! record  := timestamp (i64, little-endian) key (optional bytes) count header* value (optional bytes)
//! header  := length name value (optional bytes)
//! ```

use bytes::{Buf, BufMut, Bytes};

use crate::{
    Headers, NewRecord,
    wire::{get_length, get_optional, put_length, put_optional},
};

/// The record as bytes.
pub(super) fn write(record: &NewRecord) -> Bytes {
    let mut bytes = Vec::with_capacity(512);
    bytes.put_i64_le(record.timestamp);
    put_optional(&mut bytes, record.key.as_deref());
    put_length(&mut bytes, record.headers.count());
    bytes.put_slice(record.headers.bytes());
    put_optional(&mut bytes, record.value.as_deref());
    bytes.into()
}

/// The record that these bytes are, which are a part of `block` and shared with it; none when they are not one.
pub(super) fn read(block: &Bytes, mut rest: &[u8]) -> Option<NewRecord> {
    let share = |part: Option<&[u8]>| part.map(|part| block.slice_ref(part));
    let timestamp = rest.try_get_i64_le().ok()?;
    let key = share(get_optional(&mut rest).ok()?);
    let count = get_length(&mut rest)?;
    let headers = Headers::take(count, &mut rest, block)?;
    let value = share(get_optional(&mut rest).ok()?);
    rest.is_empty().then_some(NewRecord { key, headers, value, timestamp })
}

#[cfg(test)]
mod tests;
