//! A record's headers.

use std::{fmt, mem};

use bytes::Bytes;

use crate::wire::{Truncated, get_optional, get_part, put_optional, put_part};

/// Named values beside a record's own, in order; several may have one name.
///
/// All of them are one piece of memory: a record has a dozen, and is read, handed on and dropped far more often than
/// anybody asks for one of them. A piece is `(length name value)*` as `parts` writes it.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct Headers(Bytes);

/// One of a record's headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Header<'h> {
    /// Its name.
    pub name: &'h str,
    /// Its value; Kafka allows a name without one.
    pub value: Option<&'h [u8]>,
}

impl Headers {
    /// All headers, in order.
    pub fn iter(&self) -> impl Iterator<Item = Header<'_>> {
        let text = |name| str::from_utf8(name).unwrap_or_default();
        self.raw().map(move |(name, value)| Header { name: text(name), value })
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.raw().count()
    }

    /// The value of the last header of this name; none when there is none, or when it has no value.
    pub fn last(&self, name: &str) -> Option<&[u8]> {
        let named = self.raw().filter(|(other, _)| *other == name.as_bytes());
        named.last().and_then(|(_, value)| value)
    }

    /// Adds one behind the others.
    pub fn push(&mut self, name: &str, value: Option<&[u8]>) {
        let mut bytes = Vec::from(mem::take(&mut self.0));
        put(&mut bytes, name, value);
        self.0 = bytes.into();
    }

    /// Gives this value to every header of this name.
    pub fn set(&mut self, name: &str, value: Option<&[u8]>) {
        let set = |it: Header<'_>| {
            (it.name.to_owned(), if it.name == name { value } else { it.value }.map(<[u8]>::to_vec))
        };
        *self = self.iter().map(set).collect();
    }

    /// Takes away every header of this name.
    pub fn remove(&mut self, name: &str) {
        let others = self.iter().filter(|it| it.name != name);
        *self = others.map(|it| (it.name, it.value)).collect();
    }

    /// The piece that so many of [`put`] make.
    pub(crate) fn written(bytes: Bytes) -> Self {
        Self(bytes)
    }

    /// The piece.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// So many headers from the front of `rest`, which is a part of `block`; none when that is no piece of headers.
    pub(crate) fn take(count: usize, rest: &mut &[u8], block: &Bytes) -> Option<Self> {
        let from = *rest;
        for _ in 0..count {
            get_part(rest)?;
            get_optional(rest).ok()?;
        }
        let taken = from.get(..from.len().checked_sub(rest.len())?)?;
        let headers = Self(block.slice_ref(taken));
        // Nearly always nothing is beyond ASCII, so that the names need no look of their own.
        let has_names =
            taken.is_ascii() || headers.raw().all(|(name, _)| str::from_utf8(name).is_ok());
        has_names.then_some(headers)
    }

    /// Names and values; the names are checked to be texts when the piece is made.
    pub(crate) fn raw(&self) -> impl Iterator<Item = (&[u8], Option<&[u8]>)> {
        let mut rest: &[u8] = &self.0;
        std::iter::from_fn(move || {
            let name = get_part(&mut rest)?;
            let value: Result<_, Truncated> = get_optional(&mut rest);
            Some((name, value.ok()?))
        })
    }
}

/// Writes one header behind others.
pub(crate) fn put(bytes: &mut Vec<u8>, name: &str, value: Option<&[u8]>) {
    put_part(bytes, name.as_bytes());
    put_optional(bytes, value);
}

impl<N: AsRef<str>, V: AsRef<[u8]>> FromIterator<(N, Option<V>)> for Headers {
    fn from_iter<I: IntoIterator<Item = (N, Option<V>)>>(headers: I) -> Self {
        let mut bytes = Vec::new();
        for (name, value) in headers {
            put(&mut bytes, name.as_ref(), value.as_ref().map(AsRef::as_ref));
        }
        Self(bytes.into())
    }
}

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |it: Header<'_>| (it.name.to_owned(), it.value.map(Bytes::copy_from_slice));
        f.debug_map().entries(self.iter().map(shown)).finish()
    }
}

#[cfg(test)]
mod tests;
