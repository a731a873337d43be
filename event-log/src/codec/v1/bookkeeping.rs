//! The data of bookkeeping records.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Unreadable, in_field};
use crate::{LogId, Partition, Place};

#[derive(Serialize, Deserialize)]
pub(super) struct WriterStarted<'a> {
    #[serde(borrow)]
    log_id: Cow<'a, str>,
    partitions: u16,
    #[serde(borrow)]
    address: Option<Cow<'a, str>>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Barrier {}

#[derive(Serialize, Deserialize)]
pub(super) struct EventSkipped<'a> {
    partition: u16,
    offset: u64,
    #[serde(borrow)]
    key: Cow<'a, str>,
    #[serde(borrow)]
    by: Cow<'a, str>,
    #[serde(borrow)]
    reason: Cow<'a, str>,
}

impl<'a> From<&'a crate::WriterStarted> for WriterStarted<'a> {
    fn from(started: &'a crate::WriterStarted) -> Self {
        Self {
            log_id: started.log_id.to_string().into(),
            partitions: started.partitions,
            address: started.address.as_deref().map(Cow::from),
        }
    }
}

impl WriterStarted<'_> {
    pub(super) fn read(self) -> Result<crate::WriterStarted, Unreadable> {
        Ok(crate::WriterStarted {
            log_id: LogId(Uuid::try_parse(&self.log_id).map_err(in_field("log_id"))?),
            partitions: self.partitions,
            address: self.address.map(Cow::into_owned),
        })
    }
}

impl<'a> From<&'a crate::EventSkipped> for EventSkipped<'a> {
    fn from(skipped: &'a crate::EventSkipped) -> Self {
        Self {
            partition: skipped.place.partition.0,
            offset: skipped.place.offset,
            key: skipped.key.as_str().into(),
            by: skipped.by.as_str().into(),
            reason: skipped.reason.as_str().into(),
        }
    }
}

impl From<EventSkipped<'_>> for crate::EventSkipped {
    fn from(skipped: EventSkipped<'_>) -> Self {
        Self {
            place: Place { partition: Partition(skipped.partition), offset: skipped.offset },
            key: skipped.key.into_owned(),
            by: skipped.by.into_owned(),
            reason: skipped.reason.into_owned(),
        }
    }
}
