//! Eleven kinds of records that nobody can take in: three foreign, two void, six that count.

use std::{collections::BTreeMap, sync::Arc};

use domain::{
    CustomerCreated, Event, ProductPriced, ProductPurchased,
    testing::{customer_created, name, product_priced, quantity, zloty},
};
use event_log::{
    Content, Envelope, EventLog, LogId, LogIdentity, NewRecord, Partition, Position, RecordId,
    Stamp, Timestamp, Trace, WriterId, codec, partition_of,
    testing::{Form, store_as_another},
};
use uuid::Uuid;

/// Stores all of them, and behind some of them events of the same customer.
pub(super) async fn store(log: &Arc<dyn EventLog>, identity: LogIdentity) {
    let home = |id: &str| partition_of(id.as_bytes(), identity.partitions);
    let mut counting = BTreeMap::<Partition, Vec<(Content, Form)>>::new();
    for (id, event, form) in counting_records() {
        counting.entry(home(id)).or_default().push((Content::Event(event), form));
    }
    for (partition, records) in counting {
        store_as_another(log, identity, partition, &records).await;
    }
    for record in foreign() {
        append(&**log, home("anna"), record).await;
    }
    for record in void(&**log, home("anna"), identity.id).await {
        append(&**log, home("anna"), record).await;
    }
}

/// Whose partition, what, and how it is written. Those of Anna and Jan stand behind each other.
fn counting_records() -> Vec<(&'static str, Event, Form)> {
    vec![
        ("anna", purchase("anna", 2), codec::test_v2::encode),
        ("anna", purchase("anna", 3), codec::encode),
        ("jan", purchase("jan", 1), broken_json),
        ("jan", purchase("jan", 1), codec::encode),
        ("ewa", customer_created("ewa"), unknown_type),
        ("chleb_2", dearer("chleb_2"), refused_price),
        ("", customer_created("ola"), without_key),
        ("nikt", purchase("nikt", 1), codec::encode),
    ]
}

/// What is not Sklep's.
fn foreign() -> Vec<NewRecord> {
    let nonsense = NewRecord { value: Some("hello".into()), timestamp: 1, ..NewRecord::default() };
    let others = NewRecord {
        key: Some("anna".into()),
        headers: [("ce_type", Some("com.example.Moved")), ("ce_id", Some("1"))]
            .into_iter()
            .collect(),
        ..nonsense.clone()
    };
    let mut malformed = codec::encode(&envelope(1, purchase("anna", 9)), LogId(Uuid::nil()));
    malformed.headers.set("ce_writerepoch", Some(b"+1"));
    vec![nonsense, others, malformed]
}

/// What a writer wrote that was replaced, and what is stored twice.
async fn void(log: &dyn EventLog, partition: Partition, id: LogId) -> Vec<NewRecord> {
    let zombie = codec::encode(&envelope(99, purchase("anna", 2)), id);
    let stored = log.read(partition, 0, 1_000).await.unwrap();
    let twice = stored.iter().find(|it| codec::kind(&it.record).is_some_and(codec::Kind::is_event));
    vec![zombie, twice.unwrap().record.clone()]
}

async fn append(log: &dyn EventLog, partition: Partition, record: NewRecord) {
    let (tell, told) = tokio::sync::oneshot::channel();
    log.append(partition, record, Box::new(move |outcome| drop(tell.send(outcome))));
    told.await.unwrap().unwrap();
}

/// How far the log is now.
pub(super) async fn end(log: &dyn EventLog, identity: LogIdentity) -> Position {
    let mut end = Position::start(identity.id);
    for partition in Partition::all(identity.partitions) {
        let records = log.end(partition).await.unwrap();
        if let Some(offset) = records.checked_sub(1) {
            end.join(&Position::after(identity.id, RecordId { partition, offset }));
        }
    }
    end
}

fn envelope(sequence: u64, event: Event) -> Envelope {
    Envelope {
        id: Uuid::from_u128(7),
        time: Timestamp(1_795_330_800_000),
        stamp: Stamp { epoch: 1, writer: WriterId(Uuid::from_u128(7)), sequence },
        trace: Trace::default(),
        content: Content::Event(event),
    }
}

fn purchase(customer: &str, number: u64) -> Event {
    Event::ProductPurchased(ProductPurchased {
        purchase_id: format!("{customer}:{number}").parse().unwrap(),
        product_id: "chleb_1".parse().unwrap(),
        product_name: name("Chleb wiejski"),
        product_type: name("chleb"),
        unit_price: zloty("0.36"),
        quantity: quantity("2"),
        total: zloty("0.72").money(),
        price_version: 1,
    })
}

fn dearer(id: &str) -> Event {
    match product_priced(id, "0.60") {
        Event::ProductPriced(priced) => Event::ProductPriced(ProductPriced {
            previous_price: Some(zloty("0.50")),
            version: 2,
            ..priced
        }),
        other @ (Event::CustomerCreated(CustomerCreated { .. }) | Event::ProductPurchased(_)) => {
            other
        }
    }
}

fn broken_json(envelope: &Envelope, log: LogId) -> NewRecord {
    NewRecord { value: Some("{\"purchase_id\":".into()), ..codec::encode(envelope, log) }
}

fn unknown_type(envelope: &Envelope, log: LogId) -> NewRecord {
    let mut record = codec::encode(envelope, log);
    record.headers.set("ce_type", Some(b"sklep.CustomerMoved"));
    record
}

fn refused_price(envelope: &Envelope, log: LogId) -> NewRecord {
    let record = codec::encode(envelope, log);
    let value = String::from_utf8(record.value.unwrap().to_vec()).unwrap();
    NewRecord { value: Some(value.replacen("0.60", "0.00", 1).into()), ..record }
}

fn without_key(envelope: &Envelope, log: LogId) -> NewRecord {
    NewRecord { key: None, ..codec::encode(envelope, log) }
}
