//! A record as bytes.
//!
//! Numbers are LEB128 (seven bits to a byte, lowest first, the eighth says that more follow) except the
//! timestamp. A part that may be absent is written as 0 when it is, else as its length plus one and its bytes.
//!
//! ```text
//! record  := timestamp (i64, little-endian) key (optional bytes) count header* value (optional bytes)
//! header  := length name value (optional bytes)
//! ```

use bytes::{Buf, BufMut, Bytes};

use crate::{Header, NewRecord, record::header_name};

/// The record as bytes.
pub(super) fn write(record: &NewRecord) -> Bytes {
    let mut bytes = Vec::with_capacity(512);
    bytes.put_i64_le(record.timestamp);
    put_optional(&mut bytes, record.key.as_ref());
    put_length(&mut bytes, record.headers.len());
    for header in &record.headers {
        put_length(&mut bytes, header.name.len());
        bytes.put_slice(header.name.as_bytes());
        put_optional(&mut bytes, header.value.as_ref());
    }
    put_optional(&mut bytes, record.value.as_ref());
    bytes.into()
}

/// The record that these bytes are, sharing them; none when they are not one.
pub(super) fn read(bytes: &Bytes) -> Option<NewRecord> {
    // Only what the record keeps becomes a share of the bytes: each share is counted.
    let share = |part: Option<&[u8]>| part.map(|part| bytes.slice_ref(part));
    let mut rest: &[u8] = bytes;
    let timestamp = rest.try_get_i64_le().ok()?;
    let key = share(get_optional(&mut rest).ok()?);
    let count = get_length(&mut rest)?;
    // A header has two bytes at least: a damaged count must not ask for all memory.
    let mut headers = Vec::with_capacity(count.min(rest.len()));
    for _ in 0..count {
        let length = get_length(&mut rest)?;
        let name = header_name(str::from_utf8(split(&mut rest, length)?).ok()?);
        headers.push(Header { name, value: share(get_optional(&mut rest).ok()?) });
    }
    let value = share(get_optional(&mut rest).ok()?);
    rest.is_empty().then_some(NewRecord { key, headers, value, timestamp })
}

/// Writes a number.
pub(super) fn put_number(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        let [low, ..] = number.to_le_bytes();
        bytes.push(low | 0x80);
        number >>= 7;
    }
    let [low, ..] = number.to_le_bytes();
    bytes.push(low);
}

/// Writes a length.
pub(super) fn put_length(bytes: &mut Vec<u8>, length: usize) {
    put_number(bytes, u64::try_from(length).unwrap_or(u64::MAX));
}

/// Reads a number.
pub(super) fn get_number(bytes: &mut impl Buf) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let byte = bytes.try_get_u8().ok()?;
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

/// Reads a length.
pub(super) fn get_length(bytes: &mut impl Buf) -> Option<usize> {
    usize::try_from(get_number(bytes)?).ok()
}

/// Takes so many bytes from the front.
pub(super) fn take(bytes: &mut Bytes, length: usize) -> Option<Bytes> {
    (length <= bytes.len()).then(|| bytes.split_to(length))
}

fn put_optional(bytes: &mut Vec<u8>, part: Option<&Bytes>) {
    match part {
        None => put_length(bytes, 0),
        Some(part) => {
            put_length(bytes, part.len().saturating_add(1));
            bytes.put_slice(part);
        }
    }
}

fn get_optional<'b>(bytes: &mut &'b [u8]) -> Result<Option<&'b [u8]>, CutShort> {
    match get_length(bytes).ok_or(CutShort)?.checked_sub(1) {
        None => Ok(None),
        Some(length) => split(bytes, length).map(Some).ok_or(CutShort),
    }
}

fn split<'b>(bytes: &mut &'b [u8], length: usize) -> Option<&'b [u8]> {
    let (part, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    Some(part)
}

struct CutShort;

#[cfg(test)]
mod tests;
