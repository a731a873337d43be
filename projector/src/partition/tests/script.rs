//! What happens in one partition, troubles among it.

use domain::{
    Decision, Event, Shop, decide,
    testing::{RULES, create_customer, offered, price_product, purchase},
};
use event_log::{
    Content, Envelope, EventSkipped, NewRecord, RecordId, Stamp, Timestamp, Trace, WriterId,
    WriterStarted, codec,
};
use proptest::prelude::*;
use uuid::Uuid;

use super::{LOG, Offset, PARTITION, StoredRecord};

/// What happens next.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Op {
    Create(u8),
    Price(u8),
    Buy(u8),
    Trouble(u8, Trouble),
    /// Of the troubles so far, the one with this number, counted round.
    Skip(u8),
    /// Nothing that matters.
    Barrier,
    Void,
}

/// An event that counts and cannot be taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    UnknownType,
    LaterVersion,
    BrokenValue,
    RefusedValue,
    OtherKey,
    Misfit,
    NoKey,
}

pub(crate) fn ops() -> impl Strategy<Value = Vec<Op>> {
    let trouble = prop_oneof![
        Just(Trouble::UnknownType),
        Just(Trouble::LaterVersion),
        Just(Trouble::BrokenValue),
        Just(Trouble::Misfit),
        Just(Trouble::NoKey),
    ];
    let op = prop_oneof![
        1 => (0..4_u8).prop_map(Op::Create),
        1 => (0..2_u8).prop_map(Op::Price),
        8 => (0..4_u8).prop_map(Op::Buy),
        2 => (0..4_u8, trouble).prop_map(|(customer, trouble)| Op::Trouble(customer, trouble)),
        2 => any::<u8>().prop_map(Op::Skip),
        1 => Just(Op::Barrier),
        1 => Just(Op::Void),
    ];
    prop::collection::vec(op, 0..120)
}

/// One partition's log while it is written.
#[derive(Debug)]
pub(crate) struct Script {
    pub(crate) records: Vec<StoredRecord>,
    shop: Shop,
    stamp: Stamp,
    troubles: Vec<Offset>,
}

impl Default for Script {
    fn default() -> Self {
        let stamp = Stamp { epoch: 1, writer: WriterId(Uuid::from_u128(1)), sequence: 0 };
        let mut script =
            Self { records: Vec::new(), shop: Shop::default(), stamp, troubles: Vec::new() };
        let started = WriterStarted { log_id: LOG, partitions: 1, address: None, settings: None };
        let record = script.encoded(Content::WriterStarted(started));
        script.put(record);
        script
    }
}

impl Script {
    pub(crate) fn play(&mut self, ops: &[Op]) {
        for op in ops {
            match *op {
                Op::Create(customer) => self.decide(create_customer(&format!("c{customer}"))),
                Op::Price(product) => {
                    let grosze = self.records.len() % 90 + 10;
                    self.decide(price_product(&format!("p{product}"), &format!("0.{grosze}")));
                }
                Op::Buy(customer) => self.decide(purchase(&format!("c{customer}"), "p0", "2")),
                Op::Trouble(customer, trouble) => _ = self.trouble(customer, trouble),
                Op::Skip(number) => {
                    let count = self.troubles.len().max(1);
                    if let Some(event) = self.troubles.get(usize::from(number) % count).copied() {
                        self.skip(event);
                    }
                }
                Op::Barrier => _ = self.counted(Content::Barrier),
                Op::Void => {
                    // Out of turn.
                    let stamp = Stamp { sequence: self.stamp.sequence + 7, ..self.stamp };
                    self.put(encoded(stamp, Content::Barrier, self.end()));
                }
            }
        }
    }

    pub(crate) fn end(&self) -> Offset {
        self.records.len().try_into().unwrap()
    }

    /// Skips an event.
    pub(crate) fn skip(&mut self, event: Offset) -> Offset {
        let place = RecordId { partition: PARTITION, offset: event };
        let key = codec::key(&self.records[usize::try_from(event).unwrap()].record).into_owned();
        let (by, reason) = ("the test".to_owned(), "it is a test".to_owned());
        self.counted(Content::EventSkipped(EventSkipped { place, key, by, reason }))
    }

    /// Says that an event of this customer is given up where none is yet, so many records behind this one.
    pub(crate) fn skip_ahead(&mut self, customer: u8, by: u64) -> Offset {
        let place = RecordId { partition: PARTITION, offset: self.end() + by };
        let (key, who, reason) = (format!("c{customer}"), "the test".to_owned(), String::new());
        self.counted(Content::EventSkipped(EventSkipped { place, key, by: who, reason }))
    }

    pub(crate) fn trouble(&mut self, customer: u8, trouble: Trouble) -> Offset {
        let key = format!("c{customer}");
        let mut record = self.next(Content::Event(domain::testing::customer_created(&key)));
        match trouble {
            Trouble::UnknownType => set(&mut record, "ce_type", "sklep.CustomerSang"),
            Trouble::LaterVersion => set(&mut record, "ce_dataversion", "9"),
            Trouble::BrokenValue => record.value = Some("{".into()),
            Trouble::RefusedValue => {
                let value = String::from_utf8(record.value.unwrap().to_vec()).unwrap();
                record.value = Some(value.replace("Anna", "").into());
            }
            Trouble::OtherKey => {
                record = self.last(Content::Event(domain::testing::customer_created("other")));
                record.key = Some(key.into());
            }
            Trouble::Misfit => record = self.last(Content::Event(misfit(&key))),
            Trouble::NoKey => {
                record.key = None;
                set(&mut record, "ce_type", "sklep.ShopSang");
            }
        }
        let offset = self.put(record);
        self.troubles.push(offset);
        offset
    }

    fn decide(&mut self, command: domain::Command) {
        let decided = decide(&self.shop, RULES, &offered(&self.shop, command));
        if let Ok(Decision::Emit(event)) = decided {
            self.shop.evolve(&event);
            self.counted(Content::Event(event));
        }
    }

    fn counted(&mut self, content: Content) -> Offset {
        let record = self.next(content);
        self.put(record)
    }

    fn next(&mut self, content: Content) -> NewRecord {
        self.stamp.sequence += 1;
        self.last(content)
    }

    fn last(&self, content: Content) -> NewRecord {
        encoded(self.stamp, content, self.end())
    }

    fn encoded(&self, content: Content) -> NewRecord {
        encoded(self.stamp, content, self.end())
    }

    fn put(&mut self, record: NewRecord) -> Offset {
        let offset = self.end();
        self.records.push(StoredRecord { offset, record });
        offset
    }
}

fn encoded(stamp: Stamp, content: Content, offset: Offset) -> NewRecord {
    // Every twentieth record begins a day.
    let time = Timestamp(1_795_348_800_000 + i64::try_from(offset).unwrap() * 4_320_000);
    let id = Uuid::from_u128(offset.into());
    codec::encode(&Envelope { id, time, stamp, trace: Trace::default(), content }, LOG)
}

/// A purchase with a number that is not the next one.
fn misfit(customer: &str) -> Event {
    Event::ProductPurchased(domain::ProductPurchased {
        purchase_id: format!("{customer}:999").parse().unwrap(),
        product_id: "p0".parse().unwrap(),
        product_name: domain::testing::name("Chleb"),
        product_type: domain::testing::name("chleb"),
        unit_price: domain::testing::zloty("0.36"),
        quantity: domain::testing::quantity("1"),
        total: domain::testing::zloty("0.36").money(),
        price_version: 1,
    })
}

fn set(record: &mut NewRecord, name: &str, value: &'static str) {
    assert!(record.headers.last(name).is_some(), "{name}");
    record.headers.set(name, Some(value.as_bytes()));
}
