//! The lines of the file, one type for each sort.

use std::borrow::Cow;

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::{Header, NewRecord};

/// The format that this program writes, and the only one that it reads.
pub(super) const FORMAT: u32 = 1;

/// Enough of the first line to tell whether the rest can be read.
#[derive(Deserialize)]
#[serde(expecting = "the first line of an export")]
pub(super) struct AnyOpening {
    pub(super) sklep_export: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(expecting = "the first line of an export")]
pub(super) struct Opening {
    pub(super) sklep_export: u32,
    pub(super) log_id: Option<String>,
    pub(super) partitions: u16,
    pub(super) records: Vec<u64>,
}

impl Opening {
    /// How many records the file has in all.
    pub(super) fn all(&self) -> u64 {
        self.records.iter().fold(0, |sum, count| sum.saturating_add(*count))
    }
}

#[derive(Serialize, Deserialize)]
#[serde(expecting = "a record of an export")]
pub(super) struct Line<'a> {
    #[serde(rename = "p")]
    pub(super) partition: u16,
    #[serde(rename = "o")]
    pub(super) offset: u64,
    #[serde(rename = "t")]
    timestamp: i64,
    #[serde(rename = "k", borrow)]
    key: Option<Blob<'a>>,
    #[serde(rename = "h", borrow)]
    headers: Vec<(Cow<'a, str>, Option<Blob<'a>>)>,
    #[serde(rename = "v", borrow)]
    value: Option<Blob<'a>>,
}

#[derive(Serialize, Deserialize, PartialEq, Eq)]
#[serde(expecting = "the last line of an export")]
pub(super) struct Closing {
    pub(super) records: u64,
    pub(super) sha256: String,
}

/// Bytes: as text where they are UTF-8, so that people can read the file.
#[derive(Serialize, Deserialize)]
#[serde(untagged, expecting = "neither text nor an object with `base64`")]
enum Blob<'a> {
    #[serde(borrow)]
    Text(Cow<'a, str>),
    Binary {
        base64: String,
    },
}

impl<'a> From<&'a [u8]> for Blob<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        match str::from_utf8(bytes) {
            Ok(text) => Self::Text(text.into()),
            Err(_binary) => Self::Binary { base64: STANDARD.encode(bytes) },
        }
    }
}

impl Blob<'_> {
    fn read(self) -> Result<Bytes, &'static str> {
        match self {
            Self::Text(text) => Ok(Bytes::from(text.into_owned())),
            Self::Binary { base64 } => STANDARD
                .decode(base64)
                .map(Bytes::from)
                .map_err(|_why| "what stands in `base64` is not that"),
        }
    }
}

impl<'a> Line<'a> {
    pub(super) fn new(partition: u16, offset: u64, record: &'a NewRecord) -> Self {
        let header = |it: Header<'a>| (it.name.into(), it.value.map(Blob::from));
        Self {
            partition,
            offset,
            timestamp: record.timestamp,
            key: record.key.as_deref().map(Blob::from),
            headers: record.headers.iter().map(header).collect(),
            value: record.value.as_deref().map(Blob::from),
        }
    }

    pub(super) fn read(self) -> Result<NewRecord, &'static str> {
        let bytes = |blob: Option<Blob<'_>>| blob.map(Blob::read).transpose();
        let header = |(name, value): (_, _)| Ok((name, bytes(value)?));
        Ok(NewRecord {
            key: bytes(self.key)?,
            headers: self.headers.into_iter().map(header).collect::<Result<_, &str>>()?,
            value: bytes(self.value)?,
            timestamp: self.timestamp,
        })
    }
}
