//! Records that somebody else wrote, or that were damaged, are read or refused; none ends the program.
//!
//! `PROPTEST_CASES=1000000 cargo test -p event-log --test codec hostile` tries more of them.

use bytes::Bytes;
use event_log::{NewRecord, Timestamp, codec};
use proptest::{prelude::*, sample::select};

use super::golden::{LOG, golden};

const FILES: [&str; 8] = [
    "barrier.v1.json",
    "customer_created.v1.json",
    "event_skipped.v1.json",
    "product_priced.changed.v1.json",
    "product_priced.first.v1.json",
    "product_purchased.v1.json",
    "writer_started.alone.v1.json",
    "writer_started.v1.json",
];

/// Texts that have been trouble somewhere.
const TROUBLE: [&str; 16] = [
    "1e-65535",
    "0e-200000000",
    "9223372036854775808",
    "-9223372036854775809",
    "18446744073709551615",
    "170141183460469231731687303715884105728",
    "\"0.1e-64\"",
    "\"1e64\"",
    "null",
    "\"\\ud800\"",
    "{\"$serde_json::private::Number\":\"1e-65535\"}",
    "{\"$serde_json::private::RawValue\":\"x\"}",
    "\"9999-99-99T99:99:99.999Z\"",
    "\"+262142-12-31T23:59:60.999Z\"",
    "[]",
    "{}",
];

/// Everything that anybody does with a record of a log.
fn use_it(record: &NewRecord) {
    let _ = (codec::claim(record), codec::kind(record), codec::key(record));
    let _ = (codec::aggregate(record), codec::command_id(record));
    let _ = codec::time(record).map(|time| time.to_string());
    let _ = Timestamp(record.timestamp).to_string();
    match codec::decode(record) {
        Ok(envelope) => {
            let _ = format!("{envelope:?}");
            let again = codec::encode(&envelope, LOG);
            assert_eq!(codec::decode(&again), Ok(envelope), "it is written as it was read");
        }
        Err(why) => drop(why.to_string()),
    }
}

fn bytes() -> impl Strategy<Value = Bytes> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..40).prop_map(Bytes::from),
        select(TROUBLE.as_slice()).prop_map(Bytes::from),
        ".{0,20}".prop_map(Bytes::from),
    ]
}

/// A value of the record's JSON at a random place, replaced by another text.
fn damaged(value: &[u8], place: usize, by: &[u8]) -> Bytes {
    let starts: Vec<usize> =
        (0..value.len()).filter(|at| matches!(value[*at], b':' | b',')).collect();
    let Some(from) = starts.get(place.checked_rem(starts.len()).unwrap_or(0)) else {
        return Bytes::copy_from_slice(by);
    };
    let begin = from.saturating_add(1);
    let end = value[begin..].iter().position(|byte| matches!(byte, b',' | b'}'));
    let end = end.map_or(value.len(), |length| begin.saturating_add(length));
    [&value[..begin], by, &value[end..]].concat().into()
}

proptest! {
    #[test]
    fn a_record_of_any_bytes_is_read_or_refused(
        key in prop::option::of(bytes()),
        value in prop::option::of(bytes()),
        headers in prop::collection::vec((".{0,16}", prop::option::of(bytes())), 0..12),
        timestamp: i64,
    ) {
        use_it(&NewRecord { key, headers: headers.into_iter().collect(), value, timestamp });
    }

    #[test]
    fn a_damaged_record_is_read_or_refused(
        file in select(FILES.as_slice()), place: prop::sample::Index, by in bytes(), timestamp: i64,
        header in prop::option::of((any::<prop::sample::Index>(), bytes())),
    ) {
        let mut record = golden(file);
        record.timestamp = timestamp;
        if let Some((which, by)) = header {
            let names: Vec<String> = record.headers.iter().map(|it| it.name.to_owned()).collect();
            record.headers.set(&names[which.index(names.len())], Some(&by));
        }
        let value = record.value.take().unwrap();
        record.value = Some(damaged(&value, place.index(64), &by));
        use_it(&record);
    }

    #[test]
    fn values_that_nest_deep_are_refused(depth in 1_usize..100_000, open in select(vec!["[", "{\"a\":"])) {
        let mut record = golden(FILES[5]);
        record.value = Some(open.repeat(depth).into());
        prop_assert!(codec::decode(&record).is_err());
    }
}
