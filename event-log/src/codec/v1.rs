//! Data version 1: the values' JSON. Never changed, only upcast.
//!
//! The forms are apart from the domain's types so that these may change freely. Reading goes through the domain's
//! own constructors: what they refuse cannot be read.

mod bookkeeping;
mod event;

#[cfg(feature = "later-forms")]
pub(super) use event::ProductPurchased as Purchased;

use std::fmt::Display;

use bytes::Bytes;
use domain::Event;
use serde::{Deserialize, Serialize};

use self::event::FastParse;
use super::{Kind, Unreadable};
use crate::{Content, json_error};

/// Writes a value.
pub(super) fn write(content: &Content) -> Bytes {
    match content {
        Content::WriterStarted(started) => json(&bookkeeping::WriterStarted::from(started)),
        Content::Barrier => json(&bookkeeping::Barrier {}),
        Content::EventSkipped(skipped) => json(&bookkeeping::EventSkipped::from(skipped)),
        Content::Event(Event::CustomerCreated(created)) => {
            json(&event::CustomerCreated::from(created))
        }
        Content::Event(Event::ProductPriced(priced)) => json(&event::ProductPriced::from(priced)),
        Content::Event(Event::ProductPurchased(bought)) => {
            json(&event::ProductPurchased::from(bought))
        }
    }
}

/// Reads the value of a record of this kind.
pub(super) fn read(kind: Kind, value: &[u8]) -> Result<Content, Unreadable> {
    match kind {
        Kind::WriterStarted => {
            parse::<bookkeeping::WriterStarted<'_>>(value)?.read().map(Content::WriterStarted)
        }
        Kind::Barrier => parse::<bookkeeping::Barrier>(value).map(|_| Content::Barrier),
        Kind::EventSkipped => {
            let skipped = parse::<bookkeeping::EventSkipped<'_>>(value)?;
            Ok(Content::EventSkipped(skipped.into()))
        }
        Kind::CustomerCreated => event(value, event::CustomerCreated::read),
        Kind::ProductPriced => event(value, event::ProductPriced::read),
        Kind::ProductPurchased => event(value, event::ProductPurchased::read),
    }
}

#[expect(
    clippy::expect_used,
    reason = "the forms are structs of texts and numbers, which always have a JSON form"
)]
pub(super) fn json(form: &impl Serialize) -> Bytes {
    Bytes::from(serde_json::to_vec(form).expect("a form is written as JSON"))
}

pub(super) fn parse<'a, T: Deserialize<'a>>(value: &'a [u8]) -> Result<T, Unreadable> {
    serde_json::from_slice(value).map_err(|error| Unreadable::new(json_error(&error)))
}

fn event<'a, T: Deserialize<'a> + FastParse<'a>>(
    value: &'a [u8],
    read: impl Fn(&T) -> Result<Event, Unreadable>,
) -> Result<Content, Unreadable> {
    let event = T::fast_parse(value, &read).unwrap_or_else(|| read(&parse(value)?));
    event.map(Content::Event)
}

/// Says which field the domain has refused.
fn in_field<E: Display>(field: &'static str) -> impl Fn(E) -> Unreadable {
    move |why| Unreadable::new(format!("{field}: {why}"))
}
