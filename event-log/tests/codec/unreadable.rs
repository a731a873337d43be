//! Records that count and yet cannot be read say precisely why.

use bytes::Bytes;
use event_log::{NewRecord, codec};

use super::golden::golden;

#[track_caller]
fn check(record: &NewRecord, why: &str) {
    assert_eq!(codec::decode(record).unwrap_err().to_string(), why);
}

/// A golden record with one piece of its value's text replaced.
#[track_caller]
fn changed(file: &str, from: &str, to: &str) -> NewRecord {
    let mut record = golden(file);
    let text = String::from_utf8(record.value.unwrap().to_vec()).unwrap();
    assert!(text.contains(from), "{from} is not in {text}");
    record.value = Some(Bytes::from(text.replacen(from, to, 1)));
    record
}

/// A golden record with one header's value replaced.
fn with(file: &str, name: &str, value: &'static str) -> NewRecord {
    let mut record = golden(file);
    assert!(record.headers.last(name).is_some(), "{name}");
    record.headers.set(name, Some(value.as_bytes()));
    record
}

const PURCHASE: &str = "product_purchased.v1.json";
const PRICED: &str = "product_priced.changed.v1.json";

#[test]
fn an_unknown_type_or_version() {
    check(&with(PURCHASE, "ce_type", "sklep.CustomerMoved"), "unknown ce_type sklep.CustomerMoved");
    check(
        &with(PURCHASE, "ce_dataversion", "2"),
        "sklep.ProductPurchased: unknown ce_dataversion 2",
    );
}

#[test]
fn a_broken_header() {
    check(&with(PURCHASE, "ce_id", "17"), "ce_id is malformed");
    check(&with(PURCHASE, "ce_time", "yesterday"), "ce_time is malformed");
    check(&with(PURCHASE, "ce_commandid", "a b"), "ce_commandid is malformed");
    check(
        &with(PURCHASE, "ce_writerepoch", "x"),
        "ce_writerepoch, ce_writersequence or ce_writer is missing or malformed",
    );
}

#[test]
fn a_missing_header_or_value() {
    let mut record = golden(PURCHASE);
    record.headers.remove("ce_id");
    check(&record, "ce_id is missing");
    record.headers.remove("ce_dataversion");
    check(&record, "sklep.ProductPurchased: ce_dataversion is missing");
    record.value = None;
    check(&record, "sklep.ProductPurchased has no value");
    check(&NewRecord::default(), "ce_type is missing");
}

#[test]
fn a_value_that_is_not_its_json() {
    let record = changed(PURCHASE, "{", "");
    assert!(
        codec::decode(&record).unwrap_err().to_string().starts_with("sklep.ProductPurchased: ")
    );
    check(
        &changed(PURCHASE, "product_name", "name"),
        "sklep.ProductPurchased: missing field `product_name` at line 1 column 241",
    );
}

#[test]
fn a_value_that_the_shop_refuses() {
    check(
        &changed(PURCHASE, r#""quantity":"2.5""#, r#""quantity":"-1""#),
        "sklep.ProductPurchased: quantity: a quantity is more than zero, at most 1000000, and has at most three \
         decimal places",
    );
    check(
        &changed(PRICED, "0.40", "0.00"),
        "sklep.ProductPriced: price: a price is more than zero",
    );
    check(
        &changed(PRICED, "0.36", "0.365"),
        "sklep.ProductPriced: previous_price: an amount of PLN has at most 2 decimal places and 18 digits",
    );
    check(
        &changed(PRICED, r#""version":2"#, r#""version":0"#),
        "sklep.ProductPriced: version: versions count from 1",
    );
    check(
        &changed(PURCHASE, r#""customer_id":"anna""#, r#""customer_id":"ola""#),
        "sklep.ProductPurchased: customer_id: the purchase id names another customer",
    );
    check(
        &changed("customer_created.v1.json", "Kowalska", ""),
        "sklep.CustomerCreated: last_name: a name is 1 to 200 characters, none of them a control character",
    );
}

#[test]
fn a_key_that_is_not_the_aggregates() {
    let mut record = golden(PURCHASE);
    record.key = Some(Bytes::from_static(b"ola"));
    check(&record, "the key is not anna, whose event it is");
    record.key = None;
    check(&record, "the key is not anna, whose event it is");
}

#[test]
fn fields_that_a_later_program_added_are_passed_over() {
    let record = changed(PURCHASE, "{", r#"{"gift":true,"#);
    assert_eq!(codec::decode(&record), codec::decode(&golden(PURCHASE)));
}

#[test]
fn a_value_that_is_no_object_is_told_in_the_words_of_json_and_in_short() {
    let mut record = golden(PURCHASE);
    record.value = Some(Bytes::from("17"));
    check(
        &record,
        "sklep.ProductPurchased: invalid type: integer `17`, expected an object at line 1 column 2",
    );
    let long = "ł".repeat(1_000_000);
    record.value = Some(Bytes::from(format!("\"{long}\"")));
    let value = codec::decode(&record).unwrap_err().to_string();
    record.headers.set("ce_type", Some(long.as_bytes()));
    let type_ = codec::decode(&record).unwrap_err().to_string();
    for told in [value, type_] {
        assert_eq!((told.chars().count(), told.ends_with("ł…")), (301, true), "{told}");
    }
}
