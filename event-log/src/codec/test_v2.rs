//! A data version that only tests have: what the program after this one might write.
//!
//! Its purchases stand one level deeper, beside a `channel`. A process reads them only when it is told to,
//! by [`understand`] or by the environment variable `SKLEP_LATER_FORMS`: so the same build stands for the program of
//! today, which cannot read them, and for the one after it.

use std::{
    borrow::Cow,
    env,
    sync::{
        LazyLock,
        atomic::{AtomicBool, Ordering},
    },
};

use domain::{Event, ProductPurchased};
use serde::{Deserialize, Serialize};

use super::{Kind, Unreadable, header, v1};
use crate::{Content, Envelope, LogId, NewRecord};

/// The data version, as it stands in the header.
pub(super) const VERSION: &[u8] = b"2";

static UNDERSTOOD: LazyLock<AtomicBool> =
    LazyLock::new(|| AtomicBool::new(env::var_os("SKLEP_LATER_FORMS").is_some()));

/// From now on this process reads the later form, or does not.
pub fn understand(whether: bool) {
    UNDERSTOOD.store(whether, Ordering::Relaxed);
}

pub(super) fn is_understood(kind: Kind) -> bool {
    kind == Kind::ProductPurchased && UNDERSTOOD.load(Ordering::Relaxed)
}

/// As [`super::encode`], with purchases in their later form.
pub fn encode(envelope: &Envelope, source: LogId) -> NewRecord {
    let mut record = super::encode(envelope, source);
    if let Content::Event(Event::ProductPurchased(bought)) = &envelope.content {
        record.value = Some(v1::json(&PurchaseV2::from(bought)));
        record.headers.set(header::DATA_VERSION, Some(VERSION));
    }
    record
}

/// Takes a purchase of this form to today's event, which has no place for the channel.
pub(super) fn read(value: &[u8]) -> Result<Content, Unreadable> {
    v1::parse::<PurchaseV2<'_>>(value)?.bought.read().map(Content::Event)
}

#[derive(Serialize, Deserialize)]
#[serde(expecting = "an object")]
struct PurchaseV2<'a> {
    #[serde(borrow)]
    channel: Cow<'a, str>,
    #[serde(borrow)]
    bought: v1::Purchased<'a>,
}

impl<'a> From<&'a ProductPurchased> for PurchaseV2<'a> {
    fn from(bought: &'a ProductPurchased) -> Self {
        Self { channel: "till".into(), bought: bought.into() }
    }
}
