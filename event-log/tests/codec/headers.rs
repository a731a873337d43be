//! What headers alone say.

use bytes::Bytes;
use domain::AggregateId;
use event_log::{NewRecord, WriterClaim, codec};

use super::golden::golden;

fn purchase() -> NewRecord {
    golden("product_purchased.v1.json")
}

fn without(name: &str) -> NewRecord {
    let mut record = purchase();
    record.headers.remove(name);
    record
}

fn with(name: &str, value: &str) -> NewRecord {
    let mut record = without(name);
    record.headers.push(name, Some(value.as_bytes()));
    record
}

const NEEDED: [&str; 4] = ["ce_type", "ce_writerepoch", "ce_writersequence", "ce_writer"];

#[test]
fn a_record_without_one_of_the_ledgers_headers_is_foreign() {
    for name in NEEDED {
        assert_eq!(codec::claim(&without(name)), None, "{name}");
    }
    assert_eq!(codec::claim(&NewRecord::default()), None);
}

#[test]
fn a_header_without_a_value_is_missing() {
    for name in NEEDED {
        let mut record = without(name);
        record.headers.push(name, None);
        assert_eq!(codec::claim(&record), None, "{name}");
        let mut taken_back = purchase();
        taken_back.headers.push(name, None);
        assert_eq!(codec::claim(&taken_back), None, "{name}");
    }
}

#[test]
fn a_number_that_is_not_plain_digits_makes_a_record_foreign() {
    for bad in [
        "",
        "+1",
        "-1",
        "1 ",
        " 1",
        "1.0",
        "0x1",
        "1_000",
        "18446744073709551616",
        "000000000000000000001",
        "١",
    ] {
        assert_eq!(codec::claim(&with("ce_writerepoch", bad)), None, "{bad}");
        assert_eq!(codec::claim(&with("ce_writersequence", bad)), None, "{bad}");
    }
    assert!(codec::claim(&with("ce_writersequence", "18446744073709551615")).is_some());
}

#[test]
fn a_writer_that_is_not_a_uuid_in_its_usual_form_makes_a_record_foreign() {
    let usual = "0193a5c2-8d1e-7b5a-9c3d-2f4e6a8b0c1d";
    let others = [
        "",
        "anna",
        &usual.to_uppercase(),
        &usual.replace('-', ""),
        &format!("{{{usual}}}"),
        &format!("urn:uuid:{usual}"),
    ];
    for bad in others {
        assert_eq!(codec::claim(&with("ce_writer", bad)), None, "{bad}");
    }
    assert!(codec::claim(&with("ce_writer", usual)).is_some());
}

#[test]
fn of_two_headers_with_one_name_the_last_holds() {
    let mut record = purchase();
    record.headers.push("ce_writersequence", Some(b"99"));
    let Some(WriterClaim::Follows(stamp)) = codec::claim(&record) else { panic!("it is stamped") };
    assert_eq!(stamp.sequence, 99);
    record.headers.push("ce_type", Some(b"sklep.WriterStarted"));
    assert!(matches!(codec::claim(&record), Some(WriterClaim::Starts { .. })));
    assert_eq!(codec::kind(&record), Some(codec::Kind::WriterStarted));
}

#[test]
fn a_type_that_nobody_knows_yet_still_claims_its_turn() {
    let record = with("ce_type", "sklep.CustomerMoved");
    assert!(matches!(codec::claim(&record), Some(WriterClaim::Follows(_))));
    assert_eq!(codec::kind(&record), None);
}

#[test]
fn the_key_and_the_type_name_the_aggregate() {
    let anna = AggregateId::Customer("anna".parse().unwrap());
    let bread = AggregateId::Product("chleb_2".parse().unwrap());
    assert_eq!(codec::aggregate(&purchase()), Some(anna.clone()));
    assert_eq!(codec::aggregate(&golden("customer_created.v1.json")), Some(anna));
    assert_eq!(codec::aggregate(&golden("product_priced.first.v1.json")), Some(bread));
    assert_eq!(codec::aggregate(&golden("barrier.v1.json")), None);
    assert_eq!(codec::aggregate(&golden("event_skipped.v1.json")), None);
}

#[test]
fn time_and_command_id_are_read_from_the_headers_of_any_form() {
    let mut newer = with("ce_dataversion", "99");
    newer.value = None;
    let known = codec::decode(&purchase()).unwrap();
    assert!(known.trace.command_id.is_some());
    assert_eq!(codec::time(&newer), Some(known.time));
    assert_eq!(codec::command_id(&newer), known.trace.command_id);
    for name in ["ce_time", "ce_commandid"] {
        let (absent, strange) = (without(name), with(name, "\u{0}"));
        for record in [absent, strange] {
            let read = (codec::time(&record).is_some(), codec::command_id(&record).is_some());
            assert_eq!(read, (name != "ce_time", name != "ce_commandid"), "{name}");
        }
    }
}

#[test]
fn the_key_is_text_whatever_it_holds() {
    let keyed = |key: Option<&'static [u8]>| NewRecord {
        key: key.map(Bytes::from_static),
        ..NewRecord::default()
    };
    assert_eq!(codec::key(&purchase()), "anna");
    assert_eq!(codec::key(&keyed(None)), "");
    assert_eq!(codec::key(&keyed(Some(b"an\xFFna"))), "an\u{FFFD}na");
}

#[test]
fn of_a_key_that_no_customer_or_product_can_have_only_the_beginning_is_shown() {
    assert_eq!(codec::Shown("anna").to_string(), "anna");
    let shown = codec::Shown(&"ż".repeat(15_000)).to_string();
    assert_eq!(shown, format!("{}… (30000 bytes)", "ż".repeat(128)));
}
