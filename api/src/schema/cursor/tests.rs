use uuid::Uuid;

use super::*;

const LOG: LogId = LogId(Uuid::from_u128(7));

#[test]
fn a_cursor_is_read_as_what_was_written() {
    let key = CustomerCursor { created_at: Timestamp(-5), id: "an:na_1.x".into() };
    assert_eq!(read(LOG, &write(LOG, &key)), Ok(key));
    assert_eq!(read(LOG, &write(LOG, &17_u64)), Ok(17_u64));
}

#[test]
fn a_cursor_of_another_list_or_log_is_refused() {
    let cursor = write(LOG, &17_u64);
    assert_eq!(read::<u32>(LOG, &cursor), Err(BadCursor::Unknown));
    assert_eq!(read::<u64>(LogId(Uuid::from_u128(8)), &cursor), Err(BadCursor::Foreign));
    for text in ["", "x", "????", "YWJj", "cHVyY2hhc2Vz"] {
        assert_eq!(read::<u64>(LOG, text), Err(BadCursor::Unknown), "{text}");
    }
}
