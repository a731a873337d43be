use proptest::prelude::*;

use super::*;

const LOG: LogId = LogId(Uuid::from_u128(0x6f1c_9a4e));

fn position(log: LogId, seen: &[(u16, Offset)]) -> Position {
    let mut position = Position::start(log);
    for (partition, seen) in seen {
        position.see(Partition(*partition), *seen);
    }
    position
}

#[test]
fn what_an_answer_depends_on_was_read_as_well() {
    let token = Token::new(position(LOG, &[(1, 5), (2, 9)]), position(LOG, &[(1, 7), (3, 4)]));
    assert_eq!(token.needs(), &position(LOG, &[(1, 5), (2, 9)]));
    assert_eq!(token.read(), &position(LOG, &[(1, 7), (2, 9), (3, 4)]));
}

#[test]
fn the_one_part_of_a_token_of_the_first_form_stands_for_both() {
    // As given out by a shop of version 0.1.
    let first = "ZGE0ZDZjZDkwMDllNGQ2ZDg3ZjdhNDhhNDVmMWQ4N2YvMi4yLzcuMw";
    let log = LogId(Uuid::from_u128(0xda4d_6cd9_009e_4d6d_87f7_a48a_45f1_d87f));
    assert_eq!(first.parse(), Ok(Token::from(position(log, &[(2, 2), (7, 3)]))));
}

#[test]
fn a_token_of_a_large_shop_is_short() {
    let read: Vec<_> = (0..12).map(|partition| (partition, 1_000_000)).collect();
    let needs = position(LOG, &[(3, 999_999), (7, 12)]);
    let text = Token::new(needs, position(LOG, &read)).to_string();
    assert!(text.len() <= 100, "{text}");
}

#[test]
fn what_the_shop_did_not_give_out_is_no_position() {
    let encoded = |plain: &str| URL_SAFE_NO_PAD.encode(plain);
    let id = LOG.0.simple().to_string();
    let of_bytes =
        |rest: &[u8]| URL_SAFE_NO_PAD.encode([&[FORM], LOG.0.as_bytes().as_slice(), rest].concat());
    let greatest = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
    for bad in [
        String::new(),
        "!".into(),
        "anna".into(),
        encoded(""),
        encoded("anna"),
        encoded(&format!("{id}/")),
        encoded(&format!("{id}/1")),
        encoded(&format!("{id}/1.")),
        encoded(&format!("{id}/.1")),
        encoded(&format!("{id}/-1.1")),
        encoded(&format!("{id}/1.-1")),
        encoded(&format!("{id}/65536.1")),
        encoded(&format!("{id}/1.18446744073709551616")),
        encoded(&format!("{id}/1.2.3")),
        URL_SAFE_NO_PAD.encode([FORM]),
        URL_SAFE_NO_PAD.encode([FORM; 9]),
        of_bytes(&[]),
        of_bytes(&[1]),
        of_bytes(&[1, 7]),
        of_bytes(&[2, 7, 1]),
        of_bytes(&[0, 7]),
        of_bytes(&[1, 0x80, 0x80, 0x04, 1]),
        of_bytes(&greatest),
        of_bytes(&[&[1, 7], greatest.as_slice(), &[7, 1]].concat()),
    ] {
        assert_eq!(bad.parse::<Token>(), Err(BadPosition), "{bad}");
    }
}

prop_compose! {
    fn any_position(log: LogId)(seen in prop::collection::btree_map(any::<u16>(), any::<u64>(), 0..20)) -> Position {
        let seen: Vec<_> = seen.into_iter().collect();
        position(log, &seen)
    }
}

fn any_token() -> impl Strategy<Value = Token> {
    let log = any::<u128>().prop_map(|id| LogId(Uuid::from_u128(id)));
    let parts = log.prop_flat_map(|log| (any_position(log), any_position(log)));
    parts.prop_map(|(needs, read)| Token::new(needs, read))
}

/// As the first form was written.
fn first_form(position: &Position) -> String {
    let seen = position.iter().map(|(partition, seen)| format!("/{partition}.{seen}"));
    let plain = format!("{}{}", position.log().0.simple(), seen.collect::<String>());
    URL_SAFE_NO_PAD.encode(plain)
}

proptest! {
    #[test]
    fn a_token_is_read_back_as_it_was_given_out(token in any_token()) {
        prop_assert_eq!(token.to_string().parse(), Ok(token));
    }

    #[test]
    fn a_token_of_the_first_form_is_read(position in any_position(LOG)) {
        prop_assert_eq!(first_form(&position).parse(), Ok(Token::from(position)));
    }

    #[test]
    fn its_text_needs_no_escaping_anywhere(token in any_token()) {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        prop_assert!(token.to_string().chars().all(plain));
    }

    #[test]
    fn any_text_is_a_position_or_is_refused(text in ".{0,80}") {
        drop(text.parse::<Token>());
    }

    #[test]
    fn whatever_is_read_has_read_what_it_needs(rest in prop::collection::vec(any::<u8>(), 0..80)) {
        let text = URL_SAFE_NO_PAD.encode([[FORM].as_slice(), &[7; 16], &rest].concat());
        if let Ok(token) = text.parse::<Token>() {
            prop_assert!(token.read().covers(token.needs()));
            prop_assert_eq!(token.to_string().parse(), Ok(token));
        }
    }
}
