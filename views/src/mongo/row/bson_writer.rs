//! BSON, written field by field into one buffer (<https://bsonspec.org/spec.html>).
//!
//! By hand, because this is where a rebuild spends its time: no text is cloned, nothing is measured twice.

use std::io::Write;

use domain::Currency;
use event_log::Timestamp;
use mongodb::bson::Decimal128;

use crate::mongo::amount;

const TEXT: u8 = 0x02;
const DOCUMENT: u8 = 0x03;
const ARRAY: u8 = 0x04;
const DATE: u8 = 0x09;
const FLAG: u8 = 0x08;
const NULL: u8 = 0x0a;
const LONG: u8 = 0x12;
const DECIMAL: u8 = 0x13;

/// One document as it is being written.
#[derive(Debug)]
pub(in crate::mongo) struct BsonWriter {
    bytes: Vec<u8>,
    fits: bool,
}

impl BsonWriter {
    /// Writes a document.
    pub(in crate::mongo) fn document(write: impl FnOnce(&mut Self)) -> Option<Vec<u8>> {
        Self::document_of(512, write)
    }

    /// Writes a document of about so many bytes.
    pub(in crate::mongo) fn document_of(
        bytes: usize,
        write: impl FnOnce(&mut Self),
    ) -> Option<Vec<u8>> {
        let mut writer = Self { bytes: Vec::with_capacity(bytes), fits: true };
        writer.enclose(write);
        writer.fits.then_some(writer.bytes)
    }

    /// Some text.
    pub(in crate::mongo) fn text(&mut self, name: &str, text: &str) {
        self.name(TEXT, name);
        self.length(text.len().checked_add(1));
        self.bytes.extend_from_slice(text.as_bytes());
        self.bytes.push(0);
    }

    /// Some text, or null.
    pub(in crate::mongo) fn text_or_null(&mut self, name: &str, text: Option<&str>) {
        match text {
            Some(text) => self.text(name, text),
            None => self.name(NULL, name),
        }
    }

    /// A whole number; one that does not fit into 63 bits spoils the document.
    pub(in crate::mongo) fn long(&mut self, name: &str, number: impl TryInto<i64>) {
        self.name(LONG, name);
        let number = number.try_into().ok();
        self.fits &= number.is_some();
        self.bytes.extend_from_slice(&number.unwrap_or_default().to_le_bytes());
    }

    /// A whole number, or null.
    pub(in crate::mongo) fn long_or_null(&mut self, name: &str, number: Option<u64>) {
        match number {
            Some(number) => self.long(name, number),
            None => self.name(NULL, name),
        }
    }

    /// A moment.
    pub(in crate::mongo) fn date(&mut self, name: &str, Timestamp(milliseconds): Timestamp) {
        self.name(DATE, name);
        self.bytes.extend_from_slice(&milliseconds.to_le_bytes());
    }

    /// A moment, or null.
    pub(in crate::mongo) fn date_or_null(&mut self, name: &str, time: Option<Timestamp>) {
        match time {
            Some(time) => self.date(name, time),
            None => self.name(NULL, name),
        }
    }

    /// An amount of money in minor units.
    pub(in crate::mongo) fn money(
        &mut self,
        name: &str,
        minor: impl Into<i128>,
        currency: impl Into<Option<Currency>>,
    ) {
        self.decimal(name, amount::money(minor.into(), currency.into()));
    }

    /// An amount of money, or null.
    pub(in crate::mongo) fn money_or_null(
        &mut self,
        name: &str,
        minor: Option<i64>,
        currency: Currency,
    ) {
        match minor {
            Some(minor) => self.money(name, minor, currency),
            None => self.name(NULL, name),
        }
    }

    /// A quantity in thousandths of a unit.
    pub(in crate::mongo) fn quantity(&mut self, name: &str, thousandths: impl Into<i128>) {
        self.decimal(name, amount::quantity(thousandths.into()));
    }

    /// Yes or no.
    pub(in crate::mongo) fn flag(&mut self, name: &str, flag: bool) {
        self.name(FLAG, name);
        self.bytes.push(u8::from(flag));
    }

    /// A document in the document.
    pub(in crate::mongo) fn inner(&mut self, name: &str, write: impl FnOnce(&mut Self)) {
        self.name(DOCUMENT, name);
        self.enclose(write);
    }

    /// An array of documents.
    pub(in crate::mongo) fn inners<Item>(
        &mut self,
        name: &str,
        items: impl IntoIterator<Item = Item>,
        write: impl Fn(&mut Self, Item),
    ) {
        self.array(name, DOCUMENT, items, |writer, item| {
            writer.enclose(|inner| write(inner, item));
        });
    }

    /// An array of the first of these documents, of which the last one is the one that makes it so many bytes.
    /// Answers with how many they are.
    pub(in crate::mongo) fn inners_of<Item>(
        &mut self,
        name: &str,
        items: &[Item],
        bytes: usize,
        write: impl Fn(&mut Self, &Item),
    ) -> usize {
        self.name(ARRAY, name);
        let (start, mut count) = (self.bytes.len(), 0_usize);
        self.enclose(|array| {
            for item in items {
                if array.bytes.len().saturating_sub(start) >= bytes {
                    break;
                }
                array.item(DOCUMENT, count);
                array.enclose(|inner| write(inner, item));
                count = count.saturating_add(1);
            }
        });
        count
    }

    /// An array of whole numbers.
    pub(in crate::mongo) fn longs(&mut self, name: &str, numbers: &[u64]) {
        self.array(name, LONG, numbers, |writer, number| {
            let number = i64::try_from(*number).ok();
            writer.fits &= number.is_some();
            writer.bytes.extend_from_slice(&number.unwrap_or_default().to_le_bytes());
        });
    }

    fn array<Item>(
        &mut self,
        name: &str,
        kind: u8,
        items: impl IntoIterator<Item = Item>,
        write: impl Fn(&mut Self, Item),
    ) {
        self.name(ARRAY, name);
        self.enclose(|array| {
            for (index, item) in items.into_iter().enumerate() {
                array.item(kind, index);
                write(array, item);
            }
        });
    }

    fn item(&mut self, kind: u8, index: usize) {
        self.bytes.push(kind);
        self.fits &= write!(self.bytes, "{index}\0").is_ok();
    }

    fn decimal(&mut self, name: &str, number: Option<Decimal128>) {
        self.name(DECIMAL, name);
        self.fits &= number.is_some();
        let bytes = number.map(|number| number.bytes()).unwrap_or_default();
        self.bytes.extend_from_slice(&bytes);
    }

    fn name(&mut self, kind: u8, name: &str) {
        self.bytes.push(kind);
        self.bytes.extend_from_slice(name.as_bytes());
        self.bytes.push(0);
    }

    /// A document's bytes begin with their number and end with a zero.
    fn enclose(&mut self, write: impl FnOnce(&mut Self)) {
        let start = self.bytes.len();
        self.length(Some(0));
        write(self);
        self.bytes.push(0);
        let size = self.bytes.len().checked_sub(start).and_then(|size| i32::try_from(size).ok());
        self.fits &= size.is_some();
        let place = self.bytes.get_mut(start..).and_then(|rest| rest.first_chunk_mut());
        if let (Some(place), Some(size)) = (place, size) {
            *place = size.to_le_bytes();
        }
    }

    fn length(&mut self, bytes: Option<usize>) {
        let bytes = bytes.and_then(|bytes| i32::try_from(bytes).ok());
        self.fits &= bytes.is_some();
        self.bytes.extend_from_slice(&bytes.unwrap_or_default().to_le_bytes());
    }
}
