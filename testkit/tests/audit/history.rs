//! Histories made by hand: records, attempts and answers in few words.

use std::sync::Arc;

use domain::{
    Command, Event, ProductPriced, ProductPurchased, PurchaseId,
    testing::{customer_created, name, offer, product_priced, purchase, quantity, zloty},
};
use event_log::{
    Content, Envelope, LogId, Offset, Stamp, Timestamp, Trace, WriterId, WriterStarted,
};
use testkit::audit::{Answered, Attempt, Logged, Moment, Said};
use uuid::Uuid;

pub(crate) fn log(records: impl IntoIterator<Item = Envelope>) -> Vec<Logged> {
    let logged = |(offset, record)| Logged { offset, envelope: Some(Arc::new(record)) };
    (0..).zip(records).map(logged).collect()
}

pub(crate) fn record(epoch: u64, writer: u64, sequence: u64, content: Content) -> Envelope {
    Envelope {
        id: event_id(writer, sequence),
        time: Timestamp(0),
        stamp: Stamp { epoch, writer: WriterId(Uuid::from_u64_pair(0, writer)), sequence },
        trace: Trace::default(),
        content,
    }
}

pub(crate) fn event_id(writer: u64, sequence: u64) -> Uuid {
    Uuid::from_u64_pair(writer, sequence)
}

pub(crate) fn started(epoch: u64, writer: u64) -> Envelope {
    let started =
        WriterStarted { log_id: LogId(Uuid::nil()), partitions: 1, address: None, settings: None };
    record(epoch, writer, 0, Content::WriterStarted(started))
}

pub(crate) fn barrier(epoch: u64, writer: u64, sequence: u64) -> Envelope {
    record(epoch, writer, sequence, Content::Barrier)
}

pub(crate) fn event(epoch: u64, writer: u64, sequence: u64, event: Event) -> Envelope {
    record(epoch, writer, sequence, Content::Event(event))
}

pub(crate) fn trace(command_id: &str) -> Trace {
    Trace { command_id: Some(command_id.parse().unwrap()), ..Trace::default() }
}

pub(crate) fn anna() -> Event {
    customer_created("anna")
}

pub(crate) fn anna_buys(number: u64) -> Event {
    Event::ProductPurchased(ProductPurchased {
        purchase_id: PurchaseId { customer: "anna".parse().unwrap(), number },
        product_id: "chleb".parse().unwrap(),
        product_name: name("Chleb wiejski"),
        product_type: name("chleb"),
        unit_price: zloty("0.36"),
        quantity: quantity("2"),
        total: zloty("0.72").money(),
        price_version: 1,
    })
}

pub(crate) fn repriced(amount: &str, before: &str, version: u32) -> Event {
    let Event::ProductPriced(priced) = product_priced("chleb", amount) else { unreachable!() };
    Event::ProductPriced(ProductPriced { previous_price: Some(zloty(before)), version, ..priced })
}

/// The wish that [`anna_buys`] fulfils.
pub(crate) fn buy() -> Command {
    let Command::PurchaseProduct(mut wish) = purchase("anna", "chleb", "2") else { unreachable!() };
    wish.offer = Some(offer("0.36"));
    Command::PurchaseProduct(wish)
}

/// An attempt whose event, if stored by writer 1, has the sequence after its number.
pub(crate) fn attempt(number: u64, command: Command, asked: Offset) -> Attempt {
    Attempt {
        command,
        command_id: None,
        event_id: Some(event_id(1, number + 1)),
        asked: Moment { time: 0, length: Some(asked) },
        answer: None,
    }
}

pub(crate) trait Told {
    fn told(self, length: Offset, said: Said) -> Self;
}

impl Told for Attempt {
    fn told(self, length: Offset, said: Said) -> Self {
        let at = Moment { time: 0, length: Some(length) };
        Self { answer: Some(Answered { at, said }), ..self }
    }
}

pub(crate) fn stored(offset: Offset) -> Said {
    Said::Stored { offset, event: None, repeated: false }
}

pub(crate) fn was(offset: Offset) -> Said {
    Said::Stored { offset, event: None, repeated: true }
}
