//! The position that clients carry, which has two parts.

use std::{
    fmt::{self, Write as _},
    str::FromStr,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use unsigned_varint::{decode, encode};
use uuid::Uuid;

use super::Position;
use crate::{LogId, Offset, Partition};

/// The first byte of the written form. A token of the first form began with a digit of the log's id.
const FORM: u8 = 2;

/// What clients get, give back, and know as a position. Each of its uses has its own part, and nobody else can read the
/// text: this is the only type that has one.
///
/// Written as base64url of a byte for the form, the log's id, how many partitions are needed, each of them with how many of its
/// records, and then each partition of which more was read, with how many more; numbers as unsigned LEB128. Tokens of the
/// first form, `<log id>/<partition>.<records>/…`, are still read: their one part stands for both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    needs: Position,
    read: Position,
}

/// A text that is no position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a position that the shop gave out")]
pub struct BadPosition;

impl Token {
    /// The token of an answer that depends on `needs`, from somebody who had read the same log to `read`.
    ///
    /// What an answer depends on was read, whoever may not have noticed yet.
    pub fn new(needs: Position, mut read: Position) -> Self {
        read.join(&needs);
        Self { needs, read }
    }

    /// What the answer depends on: for `atLeast`.
    pub fn needs(&self) -> &Position {
        &self.needs
    }

    /// How far the log had been read when the answer was given, at least what it depends on: for `after`.
    pub fn read(&self) -> &Position {
        &self.read
    }
}

impl From<Position> for Token {
    /// An answer that depends on everything that was read for it.
    fn from(position: Position) -> Self {
        Self { read: position.clone(), needs: position }
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { needs, read } = self;
        let mut bytes = vec![FORM];
        bytes.extend_from_slice(needs.log().0.as_bytes());
        let partitions = u64::try_from(needs.iter().count()).unwrap_or(u64::MAX);
        put(&mut bytes, partitions);
        needs.iter().for_each(|it| put_part(&mut bytes, it));
        for (partition, seen) in read.iter() {
            let more = seen.saturating_sub(needs.seen(partition));
            if more > 0 {
                put_part(&mut bytes, (partition, more));
            }
        }
        URL_SAFE_NO_PAD.encode(bytes).chars().try_for_each(|c| f.write_char(c))
    }
}

impl FromStr for Token {
    type Err = BadPosition;

    fn from_str(text: &str) -> Result<Self, BadPosition> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_not_base64| BadPosition)?;
        let token = match bytes.split_first() {
            Some((&FORM, rest)) => two_parts(rest),
            _ => one_part(&bytes).map(Self::from),
        };
        token.ok_or(BadPosition)
    }
}

fn put(bytes: &mut Vec<u8>, number: u64) {
    bytes.extend_from_slice(encode::u64(number, &mut encode::u64_buffer()));
}

fn put_part(bytes: &mut Vec<u8>, (partition, records): (Partition, Offset)) {
    put(bytes, partition.0.into());
    put(bytes, records);
}

fn two_parts(bytes: &[u8]) -> Option<Token> {
    let (log, bytes) = bytes.split_first_chunk()?;
    let mut needs = Position::start(LogId(Uuid::from_bytes(*log)));
    let (partitions, mut bytes) = decode::u64(bytes).ok()?;
    for _ in 0..partitions {
        let (partition, records) = take_part(&mut bytes)?;
        needs.see(partition, records);
    }
    let mut read = needs.clone();
    while !bytes.is_empty() {
        let (partition, more) = take_part(&mut bytes)?;
        read.see(partition, needs.seen(partition).checked_add(more)?);
    }
    Some(Token { needs, read })
}

fn take_part(bytes: &mut &[u8]) -> Option<(Partition, Offset)> {
    let (partition, rest) = decode::u64(bytes).ok()?;
    let (records, rest) = decode::u64(rest).ok()?;
    *bytes = rest;
    Some((Partition(partition.try_into().ok()?), records))
}

fn one_part(bytes: &[u8]) -> Option<Position> {
    let mut parts = str::from_utf8(bytes).ok()?.split('/');
    let mut position = Position::start(LogId(Uuid::try_parse(parts.next()?).ok()?));
    for part in parts {
        let (partition, seen) = part.split_once('.')?;
        position.see(Partition(partition.parse().ok()?), seen.parse().ok()?);
    }
    Some(position)
}

#[cfg(test)]
mod tests;
