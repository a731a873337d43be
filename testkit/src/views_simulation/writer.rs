//! Whoever writes the log.

use std::{collections::BTreeMap, sync::Arc};

use domain::{
    Command, CreateCustomer, Decision, Event, Shop, decide,
    testing::{RULES, create_customer, customer_created, name, offered, price_product, purchase},
};
use event_log::{
    Content, Envelope, EventSkipped, NewRecord, Partition, RecordId, Stamp, Timestamp, Trace,
    WriterId, WriterStarted, codec,
};
use uuid::Uuid;

use super::{
    reference_model::{Misfit, ReferenceModel},
    world::{IDENTITY, World},
};

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
    /// Whether events are given up.
    skips: bool,
    /// Those that may be.
    misfits: Vec<Misfit>,
    strangers: u64,
}

impl Writer {
    pub(super) fn new(world: &Arc<World>) -> Self {
        let mut writer = Self {
            world: Arc::clone(world),
            shop: Shop::default(),
            stamps: BTreeMap::new(),
            time: BEGIN,
            skips: world.below(3) == 0,
            misfits: Vec::new(),
            strangers: 0,
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
            0 => {
                self.put(partition, NewRecord::default(), |_truth, _place| {});
            }
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
            4 if self.skips => self.stranger_comes(),
            5 if self.skips => self.gives_up(),
            _ => self.happens(),
        }
    }

    /// From now on no event is given up.
    pub(super) fn skips_nothing_more(&mut self) {
        self.skips = false;
    }

    /// A customer who never buys is registered, so that nothing waits if that is given up: by an event of a later form,
    /// or by one that only an earlier program could not read.
    fn stranger_comes(&mut self) {
        self.strangers += 1;
        self.time += STEP;
        let event = customer_created(&format!("x{}", self.strangers));
        let (key, partition) = (event.key().to_owned(), partition_of(&event));
        let stamp = self.next(partition);
        let envelope = self.envelope(stamp, Content::Event(event.clone()));
        let mut record = codec::encode(&envelope, IDENTITY.id);
        let is_readable = self.world.below(2) == 0;
        let mut reason = "a later record of the log skips it".to_owned();
        if !is_readable {
            record.headers.set("ce_dataversion", Some(b"9"));
            reason = codec::decode(&record).expect_err("a later form").to_string();
        }
        let place = self.put(partition, record, |truth, place| {
            if is_readable {
                truth.happens(place, envelope.time, &event);
            }
            let misfit = Misfit { place, key: key.clone(), is_readable };
            truth.blocks(&misfit, envelope.time, reason);
        });
        self.misfits.push(Misfit { place, key, is_readable });
    }

    /// An operator gives up an event, and now and then once more.
    fn gives_up(&mut self) {
        let count = u64::try_from(self.misfits.len()).unwrap();
        if count == 0 {
            return;
        }
        let which = usize::try_from(self.world.below(count)).unwrap();
        let misfit = self.misfits[which].clone();
        if self.world.below(4) > 0 {
            self.misfits.remove(which);
        }
        let Misfit { place, key, .. } = misfit.clone();
        let skipped = EventSkipped { place, key, by: "anna".into(), reason: "a test".into() };
        let stamp = self.next(place.partition);
        let envelope = self.envelope(stamp, Content::EventSkipped(skipped));
        let record = codec::encode(&envelope, IDENTITY.id);
        self.put(place.partition, record, |truth, at| truth.skips(&misfit, at.offset));
    }

    fn happens(&mut self) {
        let command = self.command();
        let command = offered(&self.shop, command);
        let Ok(Decision::Emit(event)) = decide(&self.shop, RULES, &command) else { return };
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
        let started = WriterStarted { log_id, partitions, address: None, settings: None };
        self.append(partition, stamp, Content::WriterStarted(started));
    }

    fn next(&mut self, partition: Partition) -> Stamp {
        let stamp = self.stamps.get_mut(&partition).unwrap();
        stamp.sequence += 1;
        *stamp
    }

    fn append(&self, partition: Partition, stamp: Stamp, content: Content) {
        let envelope = self.envelope(stamp, content);
        let record = codec::encode(&envelope, IDENTITY.id);
        self.put(partition, record, |truth, place| {
            if let Content::Event(event) = &envelope.content {
                truth.happens(place, envelope.time, event);
            }
        });
    }

    fn envelope(&self, stamp: Stamp, content: Content) -> Envelope {
        let (id, time) = (Uuid::from_u128(u128::from(stamp.sequence)), Timestamp(self.time));
        Envelope { id, time, stamp, trace: Trace::default(), content }
    }

    fn put(
        &self,
        partition: Partition,
        record: NewRecord,
        tell: impl FnOnce(&mut ReferenceModel, RecordId),
    ) -> RecordId {
        // First the truth: whoever follows the log folds the record as soon as it is there.
        let place = self.world.with(|inner| {
            let place = RecordId { partition, offset: inner.truth.end(partition) };
            tell(&mut inner.truth, place);
            place
        });
        let offset = self.world.log.put(partition, record).unwrap();
        self.world.with(|inner| inner.truth.ends(partition, offset + 1));
        place
    }
}

fn partition_of(event: &Event) -> Partition {
    let id = event.aggregate();
    let digit = id.as_str().bytes().last().unwrap() - b'0';
    Partition(u16::from(digit) % IDENTITY.partitions)
}
