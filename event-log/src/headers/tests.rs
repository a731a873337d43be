use super::*;

fn some() -> Headers {
    [("a", Some("1")), ("b", None), ("a", Some("2")), ("ż", Some(""))].into_iter().collect()
}

#[track_caller]
fn check(headers: &Headers, expected: &[(&str, Option<&str>)]) {
    let shown: Vec<_> = headers
        .iter()
        .map(|it| (it.name, it.value.map(|it| str::from_utf8(it).unwrap())))
        .collect();
    assert_eq!(shown, expected);
    assert_eq!(headers.count(), expected.len());
    assert_eq!(headers.is_empty(), expected.is_empty());
}

#[test]
fn headers_keep_their_order_and_what_is_absent() {
    check(&some(), &[("a", Some("1")), ("b", None), ("a", Some("2")), ("ż", Some(""))]);
    check(&Headers::default(), &[]);
    let long = "x".repeat(200);
    check(&[(&long, Some(&long))].into_iter().collect(), &[(&long, Some(&long))]);
}

#[test]
fn of_several_with_one_name_the_last_one_is_told() {
    let headers = some();
    assert_eq!(headers.last("a"), Some(&b"2"[..]));
    assert_eq!((headers.last("b"), headers.last("c")), (None, None));
}

#[test]
fn headers_are_added_set_and_removed_by_name() {
    let mut headers = some();
    headers.push("c", Some(b"3"));
    headers.set("a", None);
    headers.remove("b");
    check(&headers, &[("a", None), ("a", None), ("ż", Some("")), ("c", Some("3"))]);
    assert_eq!(some(), some());
    assert_ne!(some(), headers);
}

#[test]
fn only_a_name_has_to_be_a_text() {
    for (bytes, expected) in [
        (&b"\x01a\x03\xFF\xFF!"[..], Some(1)),
        (b"\x02\xC5\xBC\x00!", Some(1)),
        (b"\x01\xFF\x00!", None),
        (b"\x02a", None),
        (b"\x01a\x03b", None),
    ] {
        let block = Bytes::from_static(bytes);
        let mut rest: &[u8] = &block;
        let headers = Headers::take(1, &mut rest, &block);
        assert_eq!(headers.map(|it| it.count()), expected, "{bytes:?}");
    }
}
