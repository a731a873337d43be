//! What was appended and acknowledged, to be compared with what a log has.

use std::{
    collections::BTreeMap,
    sync::{Arc, mpsc},
};

use bytes::Bytes;

use super::chance::Chance;
use crate::{
    EventLog, NewRecord, Offset, Partition, RecordId, StoredRecord,
    embedded::{
        EmbeddedLog,
        reader::{ReadLimit, Reader},
    },
};

pub(super) const PARTITIONS: u16 = 3;

const EVERYTHING: ReadLimit = ReadLimit { records: usize::MAX, bytes: usize::MAX };

/// Numbers every append; a record's content follows from its number.
#[derive(Debug, Default)]
pub(super) struct History {
    appended: u64,
    acknowledged: BTreeMap<RecordId, u64>,
}

impl History {
    /// Appends so many records together and waits for what becomes of them; says how many were stored.
    pub(super) fn append(&mut self, log: &EmbeddedLog, count: u64, chance: &mut Chance) -> usize {
        let (tell, told) = mpsc::channel();
        for _ in 0..count {
            let number = self.appended;
            self.appended += 1;
            let partition = Partition(u16::try_from(chance.below(u64::from(PARTITIONS))).unwrap());
            let tell = tell.clone();
            let receipt = move |outcome: Result<Option<Offset>, _>| {
                tell.send((number, partition, outcome.ok().flatten())).unwrap();
            };
            log.append(partition, record(number), Box::new(receipt));
        }
        drop(tell);
        let stored = told
            .iter()
            .filter_map(|(number, partition, offset)| Some((number, partition, offset?)));
        let stored: Vec<_> = stored.collect();
        for (number, partition, offset) in &stored {
            let twice = self
                .acknowledged
                .insert(RecordId { partition: *partition, offset: *offset }, *number);
            assert_eq!(twice, None, "two appends were told the same offset");
        }
        stored.len()
    }

    /// Every acknowledged append is at its offset, and everything else is a whole record that was appended,
    /// and is there once.
    pub(super) fn check(&self, log: &EmbeddedLog) {
        let mut seen = BTreeMap::new();
        for partition in Partition::all(PARTITIONS) {
            let records = everything(&log.reader, partition);
            assert_eq!(Ok(records.len()), usize::try_from(log.reader.end(partition).unwrap()));
            for (offset, stored) in (0..).zip(records) {
                assert_eq!(stored.offset, offset);
                let number = u64::try_from(stored.record.timestamp).unwrap();
                assert!(number < self.appended, "a record that nobody appended");
                assert_eq!(stored.record, record(number), "a record that is not whole");
                let place = RecordId { partition, offset };
                assert_eq!(seen.insert(number, place), None, "append {number} is stored twice");
            }
        }
        for (place, number) in &self.acknowledged {
            assert_eq!(
                seen.get(number),
                Some(place),
                "acknowledged append {number} is not where it was"
            );
        }
    }

    /// As [`Self::check`], and nothing that was refused is there.
    pub(super) fn check_only_acknowledged(&self, log: &EmbeddedLog) {
        self.check(log);
        let stored: u64 =
            Partition::all(PARTITIONS).map(|partition| log.reader.end(partition).unwrap()).sum();
        assert_eq!(usize::try_from(stored), Ok(self.acknowledged.len()));
    }
}

fn everything(reader: &Arc<Reader>, partition: Partition) -> Vec<StoredRecord> {
    reader.read(partition, 0, EVERYTHING).unwrap()
}

fn record(number: u64) -> NewRecord {
    let length = usize::try_from(number * 7919 % 700).unwrap();
    NewRecord {
        key: (!number.is_multiple_of(5)).then(|| Bytes::from(number.to_string())),
        headers: [("number", Some(number.to_string()))].into_iter().collect(),
        value: Some(Bytes::from(number.to_le_bytes().repeat(length / 8))),
        timestamp: i64::try_from(number).unwrap(),
    }
}
