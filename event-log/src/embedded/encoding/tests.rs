use bytes::Bytes;
use proptest::{collection::vec, option, prelude::*};

use super::write;
use crate::NewRecord;

fn bytes() -> impl Strategy<Value = Option<Bytes>> {
    option::of(vec(any::<u8>(), 0..300).prop_map(Bytes::from))
}

fn record() -> impl Strategy<Value = NewRecord> {
    let headers = vec((".{0,20}", bytes()), 0..6).prop_map(|headers| headers.into_iter().collect());
    (bytes(), headers, bytes(), any::<i64>())
        .prop_map(|(key, headers, value, timestamp)| NewRecord { key, headers, value, timestamp })
}

fn read(bytes: &Bytes) -> Option<NewRecord> {
    super::read(bytes, bytes)
}

proptest! {
    #[test]
    fn a_record_comes_back_from_its_bytes(record in record()) {
        prop_assert_eq!(read(&write(&record)), Some(record));
    }

    #[test]
    fn a_part_of_a_record_is_none(record in record(), cut in any::<prop::sample::Index>()) {
        let whole = write(&record);
        prop_assert_eq!(read(&whole.slice(..cut.index(whole.len()))), None);
    }

    #[test]
    fn any_bytes_are_a_record_or_none(bytes in vec(any::<u8>(), 0..200)) {
        let _ = read(&Bytes::from(bytes));
    }
}
