//! What the parts of a rebuild cost alone.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use event_log::{EventLog, Partition, StoredRecord, codec};
use mongodb::{
    Client,
    bson::{DateTime, Document, doc},
};
use serde::Deserialize;
use tokio::task::JoinSet;

const TASKS: i64 = 4;
const AT_ONCE: i64 = 5_000;
/// Records that are decoded with serde alone, as many as fit into memory easily.
const DECODED: usize = 200_000;

/// (a) Inserts one plain document of about 216 bytes for each event.
pub(super) async fn inserts(uri: &str, events: u64) -> Result<Duration> {
    let client = Client::with_uri_str(uri).await?;
    let database = client.database("plain");
    database.drop().await?;
    database.create_collection("plain").await?;
    let collection = database.collection::<Document>("plain");
    let begun = Instant::now();
    let each = i64::try_from(events)?.checked_div(TASKS).context("a share of each task")?;
    let mut tasks = JoinSet::new();
    for task in 0..TASKS {
        let collection = collection.clone();
        tasks.spawn(async move {
            let (mut next, end) =
                (task.saturating_mul(each), task.saturating_add(1).saturating_mul(each));
            while next < end {
                let until = next.saturating_add(AT_ONCE).min(end);
                collection.insert_many((next..until).map(plain)).await?;
                next = until;
            }
            anyhow::Ok(())
        });
    }
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    let took = begun.elapsed();
    database.drop().await?;
    Ok(took)
}

fn plain(number: i64) -> Document {
    doc! {
        "_id": number,
        "customer_id": "customer-1234",
        "product_id": "chleb_123",
        "product_name": "Chleb wiejski",
        "type": "chleb",
        "unit_price": 36_i64,
        "quantity": 1_500_i64,
        "total": 54_i64,
        "currency": "PLN",
        "purchased_at": DateTime::from_millis(1_795_348_800_000),
    }
}

/// How many bytes such a document has.
pub(super) fn plain_bytes() -> Result<usize> {
    Ok(mongodb::bson::serialize_to_vec(&plain(1))?.len())
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "it is only read")]
struct Money {
    amount: String,
    currency: String,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "it is only read")]
struct Created {
    customer_id: String,
    first_name: String,
    last_name: String,
    address: String,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "it is only read")]
struct Priced {
    product_id: String,
    name: String,
    product_type: String,
    price: Money,
    previous_price: Option<Money>,
    version: u32,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "it is only read")]
struct Purchased {
    purchase_id: String,
    customer_id: String,
    product_id: String,
    product_name: String,
    product_type: String,
    unit_price: Money,
    quantity: String,
    total: Money,
    price_version: u32,
}

/// (b) Decodes the values of records that are in memory with serde alone; gives how many, and how long it took.
pub(super) async fn decoding(log: &dyn EventLog) -> Result<(u64, Duration)> {
    let mut records = Vec::new();
    let each = DECODED.checked_div(log.partitions().into()).context("a share of each partition")?;
    for partition in Partition::all(log.partitions()) {
        let mut own: Vec<StoredRecord> = Vec::new();
        while own.len() < each {
            let next = own.last().map_or(0, |last| last.offset.saturating_add(1));
            let read = log.read(partition, next, each).await?;
            if read.is_empty() {
                break;
            }
            own.extend(read);
        }
        records.extend(own);
    }
    let begun = Instant::now();
    let mut count = 0_u64;
    for stored in &records {
        let value = stored.record.value.as_deref().context("a value")?;
        match codec::kind(&stored.record) {
            Some(codec::Kind::CustomerCreated) => drop(serde_json::from_slice::<Created>(value)?),
            Some(codec::Kind::ProductPriced) => drop(serde_json::from_slice::<Priced>(value)?),
            Some(codec::Kind::ProductPurchased) => {
                drop(serde_json::from_slice::<Purchased>(value)?);
            }
            Some(codec::Kind::WriterStarted) => continue,
            Some(codec::Kind::Barrier | codec::Kind::EventSkipped) | None => bail!("an event"),
        }
        count = count.saturating_add(1);
    }
    Ok((count, begun.elapsed()))
}
