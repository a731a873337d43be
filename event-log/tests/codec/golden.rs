//! Each golden file is a record as it was once stored. They are never changed; new forms get new files.

use std::{fs, path::Path};

use bytes::Bytes;
use domain::{
    Event, ProductPriced, ProductPurchased,
    testing::{customer_created, name, product_priced, quantity, zloty},
};
use event_log::{
    Content, Envelope, EventSkipped, LogId, LogSettings, NewRecord, Partition, RecordId, Stamp,
    Timestamp, Trace, WriterId, WriterStarted, codec,
};
use serde::Deserialize;
use serde_json::value::RawValue;
use uuid::uuid;

pub(super) const LOG: LogId = LogId(uuid!("6f1c9a4e-58a0-4d0b-9d9f-0a6a7a3a4c11"));
const WRITER: WriterId = WriterId(uuid!("0193a5c2-8d1e-7b5a-9c3d-2f4e6a8b0c1d"));

#[derive(Deserialize)]
struct Golden {
    key: Option<String>,
    timestamp: i64,
    headers: Vec<(String, String)>,
    value: Box<RawValue>,
}

impl Golden {
    fn record(self) -> NewRecord {
        NewRecord {
            key: self.key.map(Bytes::from),
            headers: self.headers.into_iter().map(|(name, value)| (name, Some(value))).collect(),
            value: Some(Bytes::from(self.value.get().to_owned())),
            timestamp: self.timestamp,
        }
    }
}

#[track_caller]
fn check(file: &str, sequence: u64, trace: Trace, content: Content) {
    let stored = golden(file);
    let envelope = envelope(sequence, trace, content);
    assert_eq!(codec::encode(&envelope, LOG), stored, "{file} is not what is written today");
    assert_eq!(
        codec::decode(&stored),
        Ok(envelope.clone()),
        "{file} is not read as what it was written for"
    );
    assert_eq!(codec::claim(&stored), Some(envelope.claim()));
    assert_eq!(codec::kind(&stored), Some(codec::Kind::from(&envelope.content)));
}

pub(super) fn golden(file: &str) -> NewRecord {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(file);
    let text =
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str::<Golden>(&text)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        .record()
}

pub(super) fn envelope(sequence: u64, trace: Trace, content: Content) -> Envelope {
    Envelope {
        id: uuid!("0193a5c3-0001-7000-8000-000000000001"),
        time: Timestamp(1_795_352_759_123),
        stamp: Stamp { epoch: 7, writer: WRITER, sequence },
        trace,
        content,
    }
}

fn traced() -> Trace {
    Trace {
        command_id: Some("web:42".parse().unwrap()),
        correlation_id: Some("visit-9".parse().unwrap()),
        causation_id: Some("click_3".parse().unwrap()),
    }
}

#[test]
fn a_customer_created() {
    let untraced = Trace::default();
    check("customer_created.v1.json", 1, untraced, Content::Event(customer_created("anna")));
}

#[test]
fn a_first_price() {
    let only_command = Trace { command_id: Some("web:42".parse().unwrap()), ..Trace::default() };
    let event = product_priced("chleb_2", "0.36");
    check("product_priced.first.v1.json", 2, only_command, Content::Event(event));
}

#[test]
fn a_changed_price() {
    let event = Event::ProductPriced(ProductPriced {
        product_id: "chleb_2".parse().unwrap(),
        name: name("Chleb \"wiejski\""),
        product_type: name("chleb"),
        price: zloty("0.40"),
        previous_price: Some(zloty("0.36")),
        version: 2,
    });
    check("product_priced.changed.v1.json", 3, Trace::default(), Content::Event(event));
}

#[test]
fn a_purchase() {
    let event = Event::ProductPurchased(ProductPurchased {
        purchase_id: "anna:17".parse().unwrap(),
        product_id: "chleb_2".parse().unwrap(),
        product_name: name("Chleb wiejski"),
        product_type: name("chleb"),
        unit_price: zloty("0.36"),
        quantity: quantity("2.5"),
        total: zloty("0.90").money(),
        price_version: 1,
    });
    check("product_purchased.v1.json", 4, traced(), Content::Event(event));
}

#[test]
fn a_writer_started() {
    let address = Some("10.0.0.7:8080".to_owned());
    let started = WriterStarted { log_id: LOG, partitions: 12, address, settings: None };
    check("writer_started.v1.json", 0, Trace::default(), Content::WriterStarted(started));
}

#[test]
fn a_writer_started_that_is_alone() {
    let started = WriterStarted { log_id: LOG, partitions: 12, address: None, settings: None };
    check("writer_started.alone.v1.json", 0, Trace::default(), Content::WriterStarted(started));
}

#[test]
fn a_writer_started_with_the_settings_of_the_log() {
    let settings = Some(LogSettings::of("JPY".parse().unwrap()));
    let address = Some("10.0.0.7:8080".to_owned());
    let started = WriterStarted { log_id: LOG, partitions: 12, address, settings };
    check("writer_started.settings.v1.json", 0, Trace::default(), Content::WriterStarted(started));
}

#[test]
fn a_barrier() {
    check("barrier.v1.json", 5, Trace::default(), Content::Barrier);
}

#[test]
fn a_skipped_event() {
    let skipped = EventSkipped {
        place: RecordId { partition: Partition(3), offset: 1234 },
        key: "anna".into(),
        by: "ola".into(),
        reason: "written by a broken import".into(),
    };
    check("event_skipped.v1.json", 6, traced(), Content::EventSkipped(skipped));
}

#[test]
fn the_documentation_shows_every_form_as_it_is_stored() {
    let docs = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/ledger.md");
    let docs = fs::read_to_string(docs).unwrap();
    for file in [
        "customer_created.v1.json",
        "product_priced.first.v1.json",
        "product_purchased.v1.json",
        "writer_started.settings.v1.json",
        "barrier.v1.json",
        "event_skipped.v1.json",
    ] {
        let record = golden(file);
        let value = String::from_utf8(record.value.unwrap().to_vec()).unwrap();
        assert!(docs.lines().any(|line| line == value), "docs/ledger.md lacks {value}");
        for header in record.headers.iter() {
            assert!(
                docs.contains(&format!("`{}`", header.name)),
                "docs/ledger.md lacks {}",
                header.name
            );
        }
    }
}
