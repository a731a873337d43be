//! The file, read line by line and checked to be whole and in order.

use std::io::{BufRead, Read as _};

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::super::{
    TransferError,
    format::{AnyOpening, Closing, FORMAT, Line, Opening},
};
use crate::{NewRecord, Offset, Partition, json_error};

/// No line of an export is longer, in bytes: a record has a megabyte at most, and JSON and base64 make little of it longer.
const LONGEST_LINE: u64 = 64 << 20;

/// The number behind the last partition is a number of 16 bits, too.
const MOST_PARTITIONS: u16 = u16::MAX - 1;

/// A file that is being read.
pub(in crate::transfer) struct Source<'a, R> {
    file: &'a mut R,
    opening: Opening,
    hash: Sha256,
    line: Vec<u8>,
    /// For messages, counted from 1 like editors do.
    number: u64,
    partition: u16,
    offset: Offset,
    records: u64,
}

impl<'a, R: BufRead> Source<'a, R> {
    pub(in crate::transfer) fn open(file: &'a mut R) -> Result<Self, TransferError> {
        let opening =
            Opening { sklep_export: FORMAT, log_id: None, partitions: 0, records: Vec::new() };
        let (hash, line) = (Sha256::new(), Vec::new());
        let mut source =
            Self { file, opening, hash, line, number: 0, partition: 0, offset: 0, records: 0 };
        source.advance()?;
        let any: AnyOpening = serde_json::from_slice(&source.line)
            .map_err(|_other| refused("this file is no export of Sklep's log"))?;
        if any.sklep_export != FORMAT {
            let found = any.sklep_export;
            return Err(refused(format!(
                "the export has format {found}; this program reads format {FORMAT}"
            )));
        }
        source.opening = source.parse()?;
        if usize::from(source.opening.partitions) != source.opening.records.len() {
            return Err(source.malformed("the counts are not those of its partitions"));
        }
        if source.opening.partitions == 0 {
            return Err(source.malformed("a log has a partition at least"));
        }
        if source.opening.partitions > MOST_PARTITIONS {
            return Err(source.malformed("a log has at most 65,534 partitions"));
        }
        source.hash.update(&source.line);
        Ok(source)
    }

    pub(in crate::transfer) fn opening(&self) -> &Opening {
        &self.opening
    }

    /// The next record; none when all that were announced have been read.
    pub(in crate::transfer) fn next(
        &mut self,
    ) -> Result<Option<(Partition, Offset, NewRecord)>, TransferError> {
        while self.opening.records.get(usize::from(self.partition)) == Some(&self.offset) {
            self.partition = self.partition.saturating_add(1);
            self.offset = 0;
        }
        if self.partition >= self.opening.partitions {
            return Ok(None);
        }
        self.advance()?;
        self.hash.update(&self.line);
        let line: Line<'_> = self.parse()?;
        let (partition, offset) = (self.partition, self.offset);
        if (line.partition, line.offset) != (partition, offset) {
            return Err(self
                .malformed(format!("offset {offset} of partition {partition} should stand here")));
        }
        let record = line.read().map_err(|why| self.malformed(why))?;
        self.offset = offset.saturating_add(1);
        self.records = self.records.saturating_add(1);
        Ok(Some((Partition(partition), offset, record)))
    }

    /// Checks that the file is whole; to be called after its last record.
    pub(super) fn close(mut self) -> Result<(Opening, Closing), TransferError> {
        self.advance()?;
        let closing: Closing = self.parse()?;
        if closing.records != self.records
            || closing.sha256 != format!("{:x}", self.hash.clone().finalize())
        {
            return Err(refused(
                "the export was changed after it was written: its checksum is another one",
            ));
        }
        if self.file.fill_buf()?.is_empty() {
            Ok((self.opening, closing))
        } else {
            Err(refused("something follows the export's last line"))
        }
    }

    fn advance(&mut self) -> Result<(), TransferError> {
        self.line.clear();
        self.number = self.number.saturating_add(1);
        // A file that is no export may have no line end at all.
        (&mut *self.file).take(LONGEST_LINE).read_until(b'\n', &mut self.line)?;
        if self.line.ends_with(b"\n") {
            Ok(())
        } else if u64::try_from(self.line.len()) == Ok(LONGEST_LINE) {
            Err(refused(format!(
                "line {} of the file is longer than any of an export",
                self.number
            )))
        } else if self.number == 1 {
            Err(refused("this file is no export of Sklep's log"))
        } else {
            Err(refused(format!(
                "the export is cut off in line {}: export the log again",
                self.number
            )))
        }
    }

    fn parse<'line, T: Deserialize<'line>>(&'line self) -> Result<T, TransferError> {
        serde_json::from_slice(&self.line).map_err(|why| self.malformed(json_error(&why)))
    }

    fn malformed(&self, why: impl std::fmt::Display) -> TransferError {
        refused(format!("line {} of the export cannot be read: {why}", self.number))
    }
}

pub(in crate::transfer) fn refused(why: impl Into<String>) -> TransferError {
    TransferError::Refused(why.into())
}
