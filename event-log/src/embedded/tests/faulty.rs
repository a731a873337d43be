//! A disk in memory that keeps what was not synced apart, loses power and fills up.

use std::{
    collections::BTreeSet,
    io,
    sync::{Arc, Mutex, MutexGuard},
};

use redb::StorageBackend;

use super::chance::Chance;
use crate::embedded::disk::{Disk, Storage};

const BLOCK: u64 = 4096;
const SECTOR: usize = 512;

#[derive(Debug, Default)]
pub(super) struct FaultyDisk {
    machine: Arc<Mutex<Machine>>,
}

#[derive(Debug, Default)]
struct Machine {
    /// The store, the journal, and the store that is being made.
    files: [File; 3],
    has_store: bool,
    /// After so many more operations the power is gone; never when none.
    power: Option<u64>,
    /// So many more blocks can be given out; any number when none.
    free_blocks: Option<u64>,
}

#[derive(Debug, Default)]
struct File {
    synced: Vec<u8>,
    seen: Vec<u8>,
    unsynced: Vec<Change>,
    blocks: BTreeSet<u64>,
}

#[derive(Debug, Clone)]
enum Change {
    Length(usize),
    Bytes(usize, Vec<u8>),
}

impl FaultyDisk {
    /// The power will be gone after so many operations.
    pub(super) fn lose_power_after(&self, operations: u64) {
        self.machine().power = Some(operations);
    }

    /// The power is back, and of everything that was not synced chance says what was written, what was not,
    /// and of what only some sectors or some bytes.
    pub(super) fn come_back(&self, chance: &mut Chance) {
        let mut machine = self.machine();
        machine.power = None;
        for file in &mut machine.files {
            file.lose_unsynced(chance);
        }
    }

    /// So many more blocks can be given out; any number when none.
    pub(super) fn set_free_blocks(&self, blocks: Option<u64>) {
        self.machine().free_blocks = blocks;
    }

    /// Changes one of the two files (0 the store, 1 the journal) behind everybody's back.
    pub(super) fn damage(&self, file: usize, how: impl FnOnce(&mut Vec<u8>)) {
        let mut machine = self.machine();
        machine.has_store = true;
        let file = &mut machine.files[file];
        how(&mut file.synced);
        file.seen = file.synced.clone();
        file.unsynced.clear();
    }

    fn machine(&self) -> MutexGuard<'_, Machine> {
        self.machine.lock().unwrap()
    }

    fn file(&self, file: usize) -> Storage {
        Storage::new(Opened { machine: Arc::clone(&self.machine), file })
    }
}

impl Disk for FaultyDisk {
    fn store(&self) -> io::Result<Option<Storage>> {
        Ok(self.machine().has_store.then(|| self.file(0)))
    }

    fn new_store(&self) -> io::Result<Storage> {
        let mut machine = self.machine();
        machine.spend_power()?;
        machine.files[2] = File::default();
        Ok(self.file(2))
    }

    fn keep_new_store(&self) -> io::Result<()> {
        let mut machine = self.machine();
        machine.spend_power()?;
        machine.has_store = true;
        machine.files.swap(0, 2);
        Ok(())
    }

    fn journal(&self) -> io::Result<Storage> {
        Ok(self.file(1))
    }

    fn name(&self) -> String {
        "a disk in memory".to_owned()
    }
}

impl Machine {
    fn change(&mut self, file: usize, change: Change) -> io::Result<()> {
        self.spend_power()?;
        if let Change::Bytes(offset, bytes) = &change {
            self.give_blocks(file, *offset, bytes.len())?;
        }
        let file = &mut self.files[file];
        change.apply(&mut file.seen);
        file.unsynced.push(change);
        Ok(())
    }

    fn spend_power(&mut self) -> io::Result<()> {
        match &mut self.power {
            Some(0) => Err(io::Error::other("the power is gone")),
            Some(operations) => {
                *operations -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn give_blocks(&mut self, file: usize, offset: usize, length: usize) -> io::Result<()> {
        let first = u64::try_from(offset).unwrap() / BLOCK;
        let last = u64::try_from(offset + length.max(1) - 1).unwrap() / BLOCK;
        for block in first..=last {
            if self.files[file].blocks.contains(&block) {
                continue;
            }
            match &mut self.free_blocks {
                Some(0) => return Err(io::Error::from(io::ErrorKind::StorageFull)),
                Some(free) => *free -= 1,
                None => {}
            }
            self.files[file].blocks.insert(block);
        }
        Ok(())
    }
}

impl File {
    fn sync(&mut self) {
        for change in self.unsynced.drain(..) {
            change.apply(&mut self.synced);
        }
    }

    fn lose_unsynced(&mut self, chance: &mut Chance) {
        for change in std::mem::take(&mut self.unsynced) {
            change.apply_in_part(&mut self.synced, chance);
        }
        self.seen = self.synced.clone();
    }
}

impl Change {
    fn apply(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Length(length) => bytes.resize(*length, 0),
            Self::Bytes(offset, data) => {
                let end = offset + data.len();
                if bytes.len() < end {
                    bytes.resize(end, 0);
                }
                bytes[*offset..end].copy_from_slice(data);
            }
        }
    }

    fn apply_in_part(&self, bytes: &mut Vec<u8>, chance: &mut Chance) {
        match (self, chance.below(4)) {
            (_, 0) => {}
            (_, 1) | (Self::Length(_), _) => self.apply(bytes),
            (Self::Bytes(offset, data), 2) => {
                let kept =
                    usize::try_from(chance.below(u64::try_from(data.len()).unwrap() + 1)).unwrap();
                Self::Bytes(*offset, data[..kept].to_vec()).apply(bytes);
            }
            (Self::Bytes(offset, data), _) => {
                for (number, sector) in data.chunks(SECTOR).enumerate() {
                    if chance.below(2) == 0 {
                        Self::Bytes(offset + number * SECTOR, sector.to_vec()).apply(bytes);
                    }
                }
            }
        }
    }
}

#[derive(Debug)]
struct Opened {
    machine: Arc<Mutex<Machine>>,
    file: usize,
}

impl Opened {
    fn machine(&self) -> MutexGuard<'_, Machine> {
        self.machine.lock().unwrap()
    }
}

impl StorageBackend for Opened {
    fn len(&self) -> io::Result<u64> {
        Ok(u64::try_from(self.machine().files[self.file].seen.len()).unwrap())
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let machine = self.machine();
        let start = usize::try_from(offset).unwrap();
        let bytes = machine.files[self.file].seen.get(start..start + out.len());
        out.copy_from_slice(bytes.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.machine().change(self.file, Change::Length(usize::try_from(len).unwrap()))
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut machine = self.machine();
        machine.spend_power()?;
        machine.files[self.file].sync();
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.machine()
            .change(self.file, Change::Bytes(usize::try_from(offset).unwrap(), data.to_vec()))
    }
}
