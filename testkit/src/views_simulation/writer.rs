//! Whoever writes the log.

use std::{collections::BTreeMap, sync::Arc};

use domain::{
    Command, CreateCustomer, Decision, Event, Shop, decide,
    testing::{RULES, create_customer, name, offered, price_product, purchase},
};
use event_log::{
    Content, Envelope, NewRecord, Partition, Place, Stamp, Timestamp, Trace, WriterId,
    WriterStarted, codec,
};
use uuid::Uuid;

use super::world::{IDENTITY, World};

/// 2026-11-22 at noon.
const BEGIN: i64 = 1_795_348_800_000;
/// Each event is so many milliseconds after the one before, so that days change.
const STEP: i64 = 20 * 60_000;

/// The one writer of all partitions, who makes no mistakes; the ledger's are searched elsewhere.
pub(super) struct Writer {
    world: Arc<World>,
    shop: Shop,
    stamps: BTreeMap<Partition, Stamp>,
    time: i64,
}

impl Writer {
    pub(super) fn new(world: &Arc<World>) -> Self {
        let mut writer = Self {
            world: Arc::clone(world),
            shop: Shop::default(),
            stamps: BTreeMap::new(),
            time: BEGIN,
        };
        for partition in Partition::all(IDENTITY.partitions) {
            writer.starts(partition, 1);
        }
        writer
    }

    /// Writes something: mostly an event, and now and then what has no effect or starts anew.
    pub(super) fn writes(&mut self) {
        let partition = Partition(u16::try_from(self.world.below(2)).unwrap());
        match self.world.below(40) {
            0 => self.put(partition, NewRecord::default()),
            1 => {
                let epoch = self.stamps[&partition].epoch + 1;
                self.starts(partition, epoch);
            }
            2 => {
                let stamp = self.stamps[&partition];
                self.append(
                    partition,
                    Stamp { sequence: stamp.sequence + 7, ..stamp },
                    Content::Barrier,
                );
            }
            3 => {
                let stamp = self.next(partition);
                self.append(partition, stamp, Content::Barrier);
            }
            _ => self.happens(),
        }
    }

    fn happens(&mut self) {
        let command = self.command();
        let command = offered(&self.shop, command);
        let Ok(Decision::Happens(event)) = decide(&self.shop, RULES, &command) else { return };
        self.shop.evolve(&event);
        self.time += STEP;
        let partition = partition_of(&event);
        let stamp = self.next(partition);
        self.append(partition, stamp, Content::Event(event));
    }

    fn command(&self) -> Command {
        let (customer, product) = (self.world.below(4), self.world.below(3));
        let (customer, product) = (format!("c{customer}"), format!("p{product}"));
        match self.world.below(10) {
            0 => match create_customer(&customer) {
                Command::CreateCustomer(wish) => {
                    Command::CreateCustomer(CreateCustomer { first_name: name("Łucja"), ..wish })
                }
                other @ (Command::PriceProduct(_) | Command::PurchaseProduct(_)) => other,
            },
            1 | 2 => price_product(&product, &format!("0.{}", self.world.below(89) + 10)),
            _ => purchase(&customer, &product, &format!("{}.5", self.world.below(9))),
        }
    }

    fn starts(&mut self, partition: Partition, epoch: u64) {
        let writer = WriterId(Uuid::from_u128(u128::from(epoch)));
        let stamp = Stamp { epoch, writer, sequence: 0 };
        self.stamps.insert(partition, stamp);
        let (log_id, partitions) = (IDENTITY.id, IDENTITY.partitions);
        let started = WriterStarted { log_id, partitions, address: None };
        self.append(partition, stamp, Content::WriterStarted(started));
    }

    fn next(&mut self, partition: Partition) -> Stamp {
        let stamp = self.stamps.get_mut(&partition).unwrap();
        stamp.sequence += 1;
        *stamp
    }

    fn append(&self, partition: Partition, stamp: Stamp, content: Content) {
        let (id, time) = (Uuid::from_u128(u128::from(stamp.sequence)), Timestamp(self.time));
        let envelope = Envelope { id, time, stamp, trace: Trace::default(), content };
        let record = codec::encode(&envelope, IDENTITY.id);
        // First the truth: whoever follows the log folds the record as soon as it is there.
        self.world.with(|inner| {
            let offset = inner.truth.end(partition);
            if let Content::Event(event) = &envelope.content {
                inner.truth.happens(Place { partition, offset }, time, event);
            }
        });
        self.put(partition, record);
    }

    fn put(&self, partition: Partition, record: NewRecord) {
        let offset = self.world.log.put(partition, record).unwrap();
        self.world.with(|inner| inner.truth.ends(partition, offset + 1));
    }
}

fn partition_of(event: &Event) -> Partition {
    let id = event.aggregate();
    let digit = id.as_str().bytes().last().unwrap() - b'0';
    Partition(u16::from(digit) % IDENTITY.partitions)
}
