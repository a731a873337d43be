use proptest::prelude::*;

use super::*;
use crate::bulk_submit::Content;

fn read(text: &str) -> Result<Mutation, Reason> {
    wish(Some(text.as_bytes()))
}

#[track_caller]
fn refused(text: &str, code: &str) {
    let reason = read(text).unwrap_err();
    assert_eq!(reason.code, code, "{}", reason.message);
}

#[test]
fn the_three_messages_are_understood() {
    let customer = r#"{"first_name":"Anna","last_name":"Kowalska","address":"ul. Krótka 1","id":"anna",
        "event_type":"new_customer","age":7}"#;
    let product = r#"{"name":"Chleb wiejski","type":"chleb","price":0.36,"id":17,"event_type":"new_product"}"#;
    let purchase = r#"{"event_type":"customer_buys_product","customer_id":"anna","product_id":"chleb_2","quantity":"6"}"#;
    assert_eq!(
        read(customer),
        Ok(Mutation::CreateCustomer {
            id: "anna".parse().unwrap(),
            first_name: "Anna".parse().unwrap(),
            last_name: "Kowalska".parse().unwrap(),
            address: "ul. Krótka 1".parse().unwrap(),
        })
    );
    assert_eq!(
        read(product),
        Ok(Mutation::PriceProduct {
            id: "17".parse().unwrap(),
            name: "Chleb wiejski".parse().unwrap(),
            product_type: "chleb".parse().unwrap(),
            price: "0.36".parse().unwrap(),
        })
    );
    assert_eq!(
        read(purchase),
        Ok(Mutation::PurchaseProduct {
            customer: "anna".parse().unwrap(),
            product: "chleb_2".parse().unwrap(),
            quantity: Quantity::from_thousandths(6000).unwrap(),
        })
    );
}

#[test]
fn numbers_are_taken_from_their_text() {
    let check = |price: &str, shown: &str| {
        let text = format!(
            r#"{{"name":"a","type":"b","price":{price},"id":"c","event_type":"new_product"}}"#
        );
        let Ok(Mutation::PriceProduct { price, .. }) = read(&text) else { panic!("{text}") };
        assert_eq!(price.to_string(), shown);
    };
    check("0.36", "0.36");
    check("\"0.36\"", "0.36");
    check("0.1000000000000000000001", "0.1000000000000000000001");
    check("9007199254740993", "9007199254740993");
    check("36e-2", "0.36");
    check("3.6E+1", "36");
}

#[test]
fn what_is_no_good_says_why() {
    refused("{", "NOT_JSON");
    refused("\u{0}", "NOT_JSON");
    let half = wish(Some(br#"{"event_type":"\uD83D"}"#)).unwrap_err();
    assert_eq!(half.code, "NOT_JSON");
    assert!(half.message.ends_with("which come in pairs)"), "{}", half.message);
    let long = format!(r#"{{"event_type":"{}"}}"#, "x".repeat(30_000));
    assert!(wish(Some(long.as_bytes())).unwrap_err().message.len() < 250);
    refused("", "NULL_BODY");
    refused(" \r", "NULL_BODY");
    refused("null", "NULL_BODY");
    refused("[]", "NOT_AN_OBJECT");
    refused("{}", "FIELD_MISSING");
    refused(r#"{"event_type":"old_customer"}"#, "UNKNOWN_EVENT_TYPE");
    refused(r#"{"event_type":["new_customer"]}"#, "FIELD_INVALID");
    refused(r#"{"event_type":"new_customer","id":null}"#, "FIELD_MISSING");
    refused(r#"{"event_type":"new_customer","id":1.5}"#, "FIELD_INVALID");
    refused(r#"{"event_type":"new_customer","id":"a b"}"#, "FIELD_INVALID");
    let quantity = |quantity: &str| {
        format!(
            r#"{{"event_type":"customer_buys_product","customer_id":"a","product_id":"b","quantity":{quantity}}}"#
        )
    };
    for bad in ["5", "\"x\"", "\"7\""] {
        let object = format!("{{\"$serde_json::private::Number\":{bad}}}");
        refused(&quantity(&object), "NOT_JSON");
    }
    for bad in ["-1", "0", "1.2345", "1e9", "true", "\"six\"", "[6]", "1e999999999999"] {
        refused(&quantity(bad), "FIELD_INVALID");
    }
    let price = |price: &str| {
        format!(r#"{{"event_type":"new_product","id":"a","name":"b","type":"c","price":{price}}}"#)
    };
    for bad in ["-0.36", "0", "0.00", "-0", "{}"] {
        refused(&price(bad), "FIELD_INVALID");
    }
    assert_eq!(wish(None).unwrap_err().code, "NULL_BODY");
    assert_eq!(wish(Some(b"\xff\xfe")).unwrap_err().code, "NOT_JSON");
}

#[test]
fn a_field_that_is_given_twice_is_refused() {
    refused(
        r#"{"event_type":"customer_buys_product","customer_id":"anna","product_id":"a","quantity":1,"quantity":2}"#,
        "FIELD_REPEATED",
    );
    refused(r#"{"event_type":"new_customer","event_type":"new_customer"}"#, "FIELD_REPEATED");
    refused(r#"{"more":1,"more":1}"#, "FIELD_REPEATED");
}

#[test]
fn what_is_nested_too_deep_is_refused() {
    for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
        let value = format!("{}1{}", open.repeat(100_000), close.repeat(100_000));
        refused(&format!(r#"{{"event_type":"new_customer","more":{value}}}"#), "NOT_JSON");
        refused(&value, "NOT_JSON");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_a_message_or_are_refused(raw: Vec<u8>) {
        let _ = wish(Some(&raw));
    }

    #[test]
    fn any_fields_are_a_message_or_are_refused(
        event in "new_customer|new_product|customer_buys_product",
        number in "-?[0-9]{1,5}(\\.[0-9]{0,5})?([eE][-+]?[0-9]{1,10})?",
        text in "\\PC{0,20}",
    ) {
        let text = serde_json::to_string(&text).unwrap();
        let line = format!(
            r#"{{"event_type":"{event}","id":{text},"first_name":{text},"last_name":{text},"address":{text},
            "name":{text},"type":{text},"price":{number},"customer_id":"a","product_id":{number},"quantity":{number}}}"#
        );
        if let Ok(wish) = wish(Some(line.as_bytes())) {
            // What is sent, compared and shown of it.
            prop_assert!(Content::from(&wish).to_string().len() < 4096);
        }
    }
}
