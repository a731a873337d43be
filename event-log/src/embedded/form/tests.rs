use bytes::Bytes;
use proptest::{collection::vec, option, prelude::*};

use super::{read, write};
use crate::{Header, NewRecord};

fn bytes() -> impl Strategy<Value = Option<Bytes>> {
    option::of(vec(any::<u8>(), 0..300).prop_map(Bytes::from))
}

fn record() -> impl Strategy<Value = NewRecord> {
    let header = (".{0,20}", bytes()).prop_map(|(name, value)| Header { name: name.into(), value });
    (bytes(), vec(header, 0..6), bytes(), any::<i64>())
        .prop_map(|(key, headers, value, timestamp)| NewRecord { key, headers, value, timestamp })
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
