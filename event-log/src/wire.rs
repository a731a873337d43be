//! Numbers and parts of records as bytes.
//!
//! Numbers are LEB128 (seven bits to a byte, lowest first, the eighth says that more follow). A part that may be absent
//! is written as 0 when it is, else as its length plus one and its bytes.

use bytes::{Buf, BufMut};

/// Writes a number.
pub(crate) fn put_number(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        let [low, ..] = number.to_le_bytes();
        bytes.push(low | 0x80);
        number >>= 7;
    }
    let [low, ..] = number.to_le_bytes();
    bytes.push(low);
}

/// Writes a length.
pub(crate) fn put_length(bytes: &mut Vec<u8>, length: usize) {
    put_number(bytes, u64::try_from(length).unwrap_or(u64::MAX));
}

/// Writes a part that is there, with its length.
pub(crate) fn put_part(bytes: &mut Vec<u8>, part: &[u8]) {
    put_length(bytes, part.len());
    bytes.put_slice(part);
}

/// Writes a part that may be absent.
pub(crate) fn put_optional(bytes: &mut Vec<u8>, part: Option<&[u8]>) {
    match part {
        None => put_length(bytes, 0),
        Some(part) => {
            put_length(bytes, part.len().saturating_add(1));
            bytes.put_slice(part);
        }
    }
}

/// Reads a number.
pub(crate) fn get_number(bytes: &mut &[u8]) -> Option<u64> {
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
#[inline]
pub(crate) fn get_length(bytes: &mut &[u8]) -> Option<usize> {
    // Nearly every length is a single byte.
    if let [length @ ..0x80, rest @ ..] = *bytes {
        *bytes = rest;
        return Some(usize::from(*length));
    }
    usize::try_from(get_number(bytes)?).ok()
}

/// Reads a part that is there, with its length.
#[inline]
pub(crate) fn get_part<'b>(bytes: &mut &'b [u8]) -> Option<&'b [u8]> {
    let length = get_length(bytes)?;
    split(bytes, length)
}

/// Reads a part that may be absent.
#[inline]
pub(crate) fn get_optional<'b>(bytes: &mut &'b [u8]) -> Result<Option<&'b [u8]>, Truncated> {
    match get_length(bytes).ok_or(Truncated)?.checked_sub(1) {
        None => Ok(None),
        Some(length) => split(bytes, length).map(Some).ok_or(Truncated),
    }
}

/// Takes so many bytes from the front.
fn split<'b>(bytes: &mut &'b [u8], length: usize) -> Option<&'b [u8]> {
    let (part, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    Some(part)
}

/// There are fewer bytes than a part says that it has.
#[derive(Debug)]
pub(crate) struct Truncated;
