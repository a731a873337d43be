use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use proptest::prelude::*;
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

proptest! {
    #[test]
    fn any_text_is_a_cursor_or_is_refused(text in ".{0,80}", bytes: Vec<u8>, at: prop::sample::Index, by: u8) {
        let key = CustomerCursor { created_at: Timestamp(-5), id: "anna".into() };
        let mut damaged = URL_SAFE_NO_PAD.decode(write(shop(), &key)).unwrap();
        let at = at.index(damaged.len());
        damaged[at] = by;
        for text in [text, URL_SAFE_NO_PAD.encode(bytes), URL_SAFE_NO_PAD.encode(damaged)] {
            let _ = read::<CustomerCursor>(shop(), &text);
            let _ = read::<u64>(List::of(LOG, "anna"), &text);
        }
    }
}
