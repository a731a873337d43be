//! Sentences about a writer, told over a partition that does only what the test says.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::wildcard_enum_match_arm,
    reason = "small numbers, and every other case fails the test"
)]

mod confirming;
mod deadlines;
mod doubt;
mod fenced;
mod refusals;
mod repeats;
mod serving;
mod skipping;
mod starting;

use std::{mem, sync::Arc, time::Duration};

use domain::{
    Command, Event,
    testing::{RULES, create_customer, customer_created, offer, price_product, purchase},
};
use event_log::{
    Content, Envelope, LogId, Offset, Partition, Stamp, Timestamp, Trace, WriterClaim, WriterId,
    WriterStarted,
};
use uuid::Uuid;

use super::{Input, Output, ReadRecord, Reply, Request, Settings, Submission, Ticket, Writer};

/// A writer, the partition that it writes, and what it has said and nobody has looked at.
struct Stage {
    writer: Writer,
    now: Timestamp,
    partition: Vec<(Option<WriterClaim>, ReadRecord)>,
    appended: Vec<Arc<Envelope>>,
    answers: Vec<(u64, Reply)>,
    others: Vec<Output>,
    nonces: u128,
}

const NOON: Timestamp = Timestamp(43_200_000);

fn settings() -> Settings {
    Settings {
        partition: Partition(0),
        started: WriterStarted {
            log_id: LogId(Uuid::from_u128(1)),
            partitions: 1,
            address: None,
            settings: None,
        },
        rules: RULES,
        waiting: 5,
        in_flight: 3,
        remembered: 2,
        remembered_for: Duration::from_hours(24),
    }
}

/// A writer of a partition in which another writer, of epoch 1, stored these events.
fn assigned(events: impl IntoIterator<Item = Event>) -> Stage {
    let mut stage = Stage {
        writer: Writer::new(settings()),
        now: NOON,
        partition: Vec::new(),
        appended: Vec::new(),
        answers: Vec::new(),
        others: Vec::new(),
        nonces: 1000,
    };
    stage.put(&others_record(1, 0, started()));
    for (sequence, event) in (1..).zip(events) {
        stage.put(&others_record(1, sequence, Content::Event(event)));
    }
    stage.tell(Input::Assigned);
    stage
}

/// The same once it serves, with everything said so far looked at.
fn serving(events: impl IntoIterator<Item = Event>) -> Stage {
    let mut stage = assigned(events);
    stage.start();
    stage
}

fn started() -> Content {
    Content::WriterStarted(settings().started)
}

/// A record of somebody else.
fn others_record(epoch: u64, sequence: u64, content: Content) -> Envelope {
    let writer = WriterId(Uuid::from_u128(u128::from(epoch)));
    Envelope {
        id: Uuid::from_u128(u128::from(epoch) << 64 | u128::from(sequence)),
        time: Timestamp(0),
        stamp: Stamp { epoch, writer, sequence },
        trace: Trace::default(),
        content,
    }
}

impl Stage {
    fn tell(&mut self, input: Input) {
        let mut out = Vec::new();
        self.writer.handle(self.now, input, &mut out);
        for output in out {
            match output {
                Output::Append(envelope) => self.appended.push(envelope),
                Output::Answer(Ticket(ticket), reply) => self.answers.push((ticket, reply)),
                other => self.others.push(other),
            }
        }
    }

    /// Gives the end of the partition, lets the start be stored and read, and reads the catalogue.
    fn start(&mut self) {
        self.read();
        self.fetch_end();
        let start = self.appended();
        self.put(&start[0]);
        self.read();
        self.read_catalogue();
        self.others();
        assert!(self.writer.serves());
    }

    fn fetch_end(&mut self) {
        self.nonces += 1;
        let nonce = WriterId(Uuid::from_u128(self.nonces));
        self.tell(Input::EndFetched { end: self.partition.len() as Offset, nonce });
    }

    fn read_catalogue(&mut self) {
        self.tell(Input::CatalogueRead { epoch: self.writer.ledger().epoch });
    }

    fn submit(&mut self, ticket: u64, command: Command) {
        self.submit_traced(ticket, Trace::default(), command);
    }

    fn submit_as(&mut self, ticket: u64, id: &str, command: Command) {
        self.submit_traced(
            ticket,
            Trace { command_id: Some(id.parse().unwrap()), ..Trace::default() },
            command,
        );
    }

    fn submit_traced(&mut self, ticket: u64, trace: Trace, command: Command) {
        self.wish(ticket, trace, Request::Command(command));
    }

    fn wish(&mut self, ticket: u64, trace: Trace, wish: Request) {
        let event_id = Uuid::from_u128(u128::from(ticket));
        let deadline = Timestamp(self.now.0 + 10_000);
        let submission = Submission { ticket: Ticket(ticket), wish, event_id, trace, deadline };
        self.tell(Input::Submit(Box::new(submission)));
    }

    /// Stores a record without telling anybody.
    fn put(&mut self, envelope: &Envelope) -> Offset {
        self.partition
            .push((Some(envelope.claim()), ReadRecord::Readable(Arc::new(envelope.clone()))));
        self.partition.len() as Offset - 1
    }

    /// Reads everything that is stored.
    fn read(&mut self) {
        for offset in self.writer.next()..self.partition.len() as Offset {
            let (claim, reading) = self.partition[offset as usize].clone();
            self.tell(Input::Read { offset, claim, reading });
        }
    }

    /// Stores these records in this order and reports each at its place.
    fn store(&mut self, records: &[Arc<Envelope>]) {
        for envelope in records {
            let offset = self.put(envelope);
            self.deliver(envelope, Some(offset));
        }
    }

    fn deliver(&mut self, envelope: &Envelope, offset: Option<Offset>) {
        self.tell(Input::Delivered { stamp: envelope.stamp, offset });
    }

    fn fail(&mut self, envelope: &Envelope) {
        self.tell(Input::AppendFailed { stamp: envelope.stamp });
    }

    fn appended(&mut self) -> Vec<Arc<Envelope>> {
        mem::take(&mut self.appended)
    }

    fn answers(&mut self) -> Vec<(u64, Reply)> {
        mem::take(&mut self.answers)
    }

    fn others(&mut self) -> Vec<Output> {
        mem::take(&mut self.others)
    }
}

fn stored(offset: Offset, envelope: &Arc<Envelope>) -> Reply {
    Reply::Stored { offset, envelope: Arc::clone(envelope), repeated: false }
}

fn repeated(offset: Offset, envelope: &Arc<Envelope>) -> Reply {
    Reply::Stored { offset, envelope: Arc::clone(envelope), repeated: true }
}

/// Anna buys two breads at 0.36.
fn buys() -> Command {
    buys_units("2")
}

fn buys_units(units: &str) -> Command {
    match purchase("anna", "chleb_1", units) {
        Command::PurchaseProduct(wish) => {
            Command::PurchaseProduct(domain::PurchaseProduct { offer: Some(offer("0.36")), ..wish })
        }
        other => other,
    }
}

/// The number of a purchase.
fn number(envelope: &Envelope) -> u64 {
    match &envelope.content {
        Content::Event(Event::ProductPurchased(bought)) => bought.purchase_id.number,
        other => panic!("expected a purchase, got {other:?}"),
    }
}
