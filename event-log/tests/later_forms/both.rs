use std::io::Cursor;

use domain::{
    Event, ProductPurchased,
    testing::{customer_created, name, quantity, zloty},
};
use event_log::{
    Content, Envelope, EventLog, LogId, MemoryLog, NewRecord, Partition, Stamp, Timestamp, Trace,
    WriterId, codec,
    transfer::{export, import},
};
use serde_json::{Value, json};
use uuid::Uuid;

const LOG: LogId = LogId(Uuid::from_u128(7));
const ONLY: Partition = Partition(0);

fn envelope(sequence: u64, event: Event) -> Envelope {
    Envelope {
        id: Uuid::from_u128(u128::from(sequence)),
        time: Timestamp(5),
        stamp: Stamp { epoch: 1, writer: WriterId(Uuid::from_u128(8)), sequence },
        trace: Trace::default(),
        content: Content::Event(event),
    }
}

fn purchase(number: u64) -> Envelope {
    let event = Event::ProductPurchased(ProductPurchased {
        purchase_id: format!("anna:{number}").parse().unwrap(),
        product_id: "chleb_2".parse().unwrap(),
        product_name: name("Chleb wiejski"),
        product_type: name("chleb"),
        unit_price: zloty("0.36"),
        quantity: quantity("2.5"),
        total: zloty("0.90").money(),
        price_version: 1,
    });
    envelope(number, event)
}

fn data_version(record: &NewRecord) -> &[u8] {
    record.headers.last("ce_dataversion").unwrap()
}

#[test]
fn both_forms_of_a_purchase_are_read_as_today_s_event() {
    codec::test_v2::understand(true);
    let (old, new) = (codec::encode(&purchase(1), LOG), codec::test_v2::encode(&purchase(1), LOG));
    assert_eq!((data_version(&old), data_version(&new)), (&b"1"[..], &b"2"[..]));
    assert_ne!(old.value, new.value);
    assert_eq!(codec::decode(&old), Ok(purchase(1)));
    assert_eq!(codec::decode(&new), Ok(purchase(1)));
    assert_eq!(codec::claim(&old), codec::claim(&new));
}

#[test]
fn the_later_form_is_the_one_that_was_agreed_on() {
    codec::test_v2::understand(true);
    let value = codec::test_v2::encode(&purchase(1), LOG).value.unwrap();
    let value: Value = serde_json::from_slice(&value).unwrap();
    assert_eq!(
        (&value["channel"], &value["bought"]["purchase_id"]),
        (&json!("till"), &json!("anna:1"))
    );
}

#[test]
fn an_event_without_a_later_form_is_written_as_ever_and_has_no_other_version() {
    codec::test_v2::understand(true);
    let created = envelope(1, customer_created("anna"));
    let mut record = codec::test_v2::encode(&created, LOG);
    assert_eq!(record, codec::encode(&created, LOG));
    record.headers.set("ce_dataversion", Some(b"2"));
    let why = codec::decode(&record).unwrap_err().to_string();
    assert_eq!(why, "sklep.CustomerCreated: unknown ce_dataversion 2");
}

#[tokio::test]
async fn a_log_with_both_forms_is_exported_imported_and_read_again_unchanged() {
    codec::test_v2::understand(true);
    let log = MemoryLog::new(1);
    for number in 1..=4 {
        let write = if number % 2 == 0 { codec::test_v2::encode } else { codec::encode };
        log.put(ONLY, write(&purchase(number), LOG)).unwrap();
    }
    let mut file = Vec::new();
    export(&log, &mut file, |_| ()).await.unwrap();
    let other = MemoryLog::new(1);
    import(Cursor::new(file), &other, |_| ()).await.unwrap();
    let (stored, moved) =
        (log.read(ONLY, 0, 9).await.unwrap(), other.read(ONLY, 0, 9).await.unwrap());
    assert_eq!(stored, moved);
    let read: Vec<_> = moved.iter().map(|it| codec::decode(&it.record).unwrap()).collect();
    assert_eq!(read, (1..=4).map(purchase).collect::<Vec<_>>());
}
