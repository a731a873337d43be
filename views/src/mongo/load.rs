//! Documents by their keys.

use std::collections::BTreeMap;

use event_log::Partition;
use futures::{
    FutureExt, TryStreamExt,
    future::{BoxFuture, try_join_all},
};
use mongodb::bson::{Bson, doc};

use super::{
    MongoViews,
    options::{ANSWER, within},
    row::{
        BucketRow, CustomerRow, DaySalesRow, ParkedRow, PriceRow, ProductRow, ProductSalesRow,
        QueueRow, Row, id, read,
    },
};
use crate::{Document, GenerationName, Key, Parked, StoreError};

/// What reads the documents of one kind.
type Load =
    for<'a> fn(&'a MongoViews, &'a GenerationName, Vec<Bson>) -> BoxFuture<'a, Loaded<Document>>;

type Loaded<Document> = Result<Vec<Document>, StoreError>;

/// The documents of one kind; the order has no meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum LoadKind {
    Customer,
    Bucket,
    Product,
    Prices,
    ProductSales,
    DaySales,
    Parked,
    Queue,
}

impl MongoViews {
    pub(super) async fn load_documents(
        &self,
        generation: &GenerationName,
        keys: &[Key],
    ) -> Loaded<Document> {
        let mut sorted: BTreeMap<LoadKind, Vec<Bson>> = BTreeMap::new();
        for key in keys {
            sorted.entry(LoadKind::of(key)).or_default().push(id(key)?);
        }
        let loads = sorted.into_iter().map(|(kind, ids)| kind.load()(self, generation, ids));
        Ok(try_join_all(loads).await?.into_iter().flatten().collect())
    }

    pub(super) async fn by_ids<R: Row>(
        &self,
        generation: &GenerationName,
        ids: Vec<Bson>,
    ) -> Loaded<R::Document> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let rows = self.rows::<R>(generation);
        let find = async { rows.find(doc! { "_id": { "$in": ids } }).await?.try_collect().await };
        read::<R>(within(ANSWER, find).await?)
    }

    pub(super) async fn parked_now(&self, generation: &GenerationName) -> Loaded<Parked> {
        let rows = self.rows::<ParkedRow>(generation);
        let find = rows.find(doc! { "blocked": { "$gte": 0 } }).sort(doc! { "_id": 1 });
        read::<ParkedRow>(within(ANSWER, async { find.await?.try_collect().await }).await?)
    }

    pub(super) async fn ever_parked_in(
        &self,
        generation: &GenerationName,
        Partition(partition): Partition,
    ) -> Loaded<Parked> {
        let partition = i64::from(partition);
        let from = doc! { "partition": partition };
        let to = doc! { "partition": partition.saturating_add(1) };
        let keys = doc! { "_id": { "$gte": from, "$lt": to }, "episodes": { "$exists": true } };
        let rows = self.rows::<ParkedRow>(generation);
        let find = rows.find(keys).sort(doc! { "_id": 1 });
        read::<ParkedRow>(within(ANSWER, async { find.await?.try_collect().await }).await?)
    }
}

impl LoadKind {
    fn of(key: &Key) -> Self {
        match key {
            Key::Customer(_) => Self::Customer,
            Key::Bucket(_, _) => Self::Bucket,
            Key::Product(_) => Self::Product,
            Key::Prices(_, _) => Self::Prices,
            Key::ProductSales(_, _, _) => Self::ProductSales,
            Key::DaySales(_, _, _) => Self::DaySales,
            Key::Parked(_, _) => Self::Parked,
            Key::Queue(_, _, _) => Self::Queue,
        }
    }

    fn load(self) -> Load {
        match self {
            Self::Customer => load::<CustomerRow>,
            Self::Bucket => load::<BucketRow>,
            Self::Product => load::<ProductRow>,
            Self::Prices => load::<PriceRow>,
            Self::ProductSales => load::<ProductSalesRow>,
            Self::DaySales => load::<DaySalesRow>,
            Self::Parked => load::<ParkedRow>,
            Self::Queue => load::<QueueRow>,
        }
    }
}

fn load<'a, R: Row>(
    store: &'a MongoViews,
    generation: &'a GenerationName,
    ids: Vec<Bson>,
) -> BoxFuture<'a, Loaded<Document>> {
    let all = store.by_ids::<R>(generation, ids);
    async { Ok(all.await?.into_iter().map(R::document).collect()) }.boxed()
}
