//! The data of bookkeeping records.

use std::{borrow::Cow, time::Duration};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Unreadable, in_field};
use crate::{LogId, LogSettings, Partition, RecordId, Remembered};

#[derive(Serialize, Deserialize)]
#[serde(expecting = "an object")]
pub(super) struct WriterStarted<'a> {
    #[serde(borrow)]
    log_id: Cow<'a, str>,
    partitions: u16,
    #[serde(borrow)]
    address: Option<Cow<'a, str>>,
    // Left out by earlier programs, which pass over them when they read them.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    currency: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    remembered_ids: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    remembered_ms: Option<u64>,
}

#[derive(Serialize, Deserialize)]
#[serde(expecting = "an object")]
pub(super) struct Barrier {}

#[derive(Serialize, Deserialize)]
#[serde(expecting = "an object")]
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
            currency: started.settings.map(|it| it.currency.code().into()),
            remembered_ids: started.settings.map(|it| it.remembered.ids),
            remembered_ms: started
                .settings
                .map(|it| u64::try_from(it.remembered.period.as_millis()).unwrap_or(u64::MAX)),
        }
    }
}

impl WriterStarted<'_> {
    pub(super) fn read(self) -> Result<crate::WriterStarted, Unreadable> {
        Ok(crate::WriterStarted {
            log_id: LogId(Uuid::try_parse(&self.log_id).map_err(in_field("log_id"))?),
            partitions: self.partitions,
            settings: self.settings()?,
            address: self.address.map(Cow::into_owned),
        })
    }

    fn settings(&self) -> Result<Option<LogSettings>, Unreadable> {
        let Some(currency) = &self.currency else { return Ok(None) };
        let currency = currency.parse().map_err(in_field("currency"))?;
        let usual = Remembered::USUAL;
        let remembered = Remembered {
            ids: self.remembered_ids.unwrap_or(usual.ids),
            period: self.remembered_ms.map_or(usual.period, Duration::from_millis),
        };
        Ok(Some(LogSettings { currency, remembered }))
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
            place: RecordId { partition: Partition(skipped.partition), offset: skipped.offset },
            key: skipped.key.into_owned(),
            by: skipped.by.into_owned(),
            reason: skipped.reason.into_owned(),
        }
    }
}
