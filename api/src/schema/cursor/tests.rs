use uuid::Uuid;

use super::*;

const LOG: LogId = LogId(Uuid::from_u128(7));

fn shop() -> List<'static> {
    List::of_shop(LOG)
}

#[test]
fn a_cursor_is_read_as_what_was_written() {
    let key = CustomerCursor { created_at: Timestamp(-5), id: "an:na_1.x".into() };
    assert_eq!(read(shop(), &write(shop(), &key)), Ok(key));
    let annas = List::of(LOG, "anna");
    assert_eq!(read(annas, &write(annas, &17_u64)), Ok(17_u64));
}

#[test]
fn a_cursor_of_another_list_or_log_is_refused() {
    let cursor = write(shop(), &17_u64);
    assert_eq!(read::<u32>(shop(), &cursor), Err(BadCursor::Unknown));
    let other = List::of_shop(LogId(Uuid::from_u128(8)));
    assert_eq!(read::<u64>(other, &cursor), Err(BadCursor::Foreign));
    for text in ["", "x", "????", "YWJj", "cHVyY2hhc2Vz"] {
        assert_eq!(read::<u64>(shop(), text), Err(BadCursor::Unknown), "{text}");
    }
}

#[test]
fn a_cursor_of_another_owners_list_is_refused() {
    let annas = write(List::of(LOG, "anna"), &17_u64);
    for other in [List::of(LOG, "ann"), List::of(LOG, "annam"), List::of(LOG, "jan"), shop()] {
        assert_eq!(read::<u64>(other, &annas), Err(BadCursor::Unknown), "{other:?}");
    }
    assert_eq!(
        read::<u64>(List::of(LOG, "anna"), &write(shop(), &17_u64)),
        Err(BadCursor::Unknown)
    );
}
