//! Documents that somebody has edited in `MongoDB`: each edit is found and named.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "the views hold few of the library's many kinds of values"
)]

use std::sync::Arc;

use futures::TryStreamExt as _;
use mongodb::{
    Client, Collection, Database,
    bson::{Bson, DateTime, Document, doc},
};
use projector::{DifferenceKind, Projector};
use tokio::task::spawn_blocking;
use views::{MongoViews, View, ViewStore};

use crate::{
    given::{Writer, caught_up, projector},
    history::{PARTITIONS, Step, history},
    verify::verified,
};

const MEMORY: u64 = 1 << 20;

/// A fed shop, and the hand that edits its documents.
struct Shop {
    writer: Writer,
    store: Arc<dyn ViewStore>,
    database: Database,
    projector: Projector,
}

impl Shop {
    async fn open() -> Self {
        let uri = spawn_blocking(testkit::mongodb).await.unwrap();
        let name = testkit::unique("hand");
        let store: Arc<dyn ViewStore> = MongoViews::open(uri, &name).await.unwrap();
        let database = Client::with_uri_str(uri).await.unwrap().database(&name);
        let mut writer = Writer::new();
        let price = |grosze| Step::Price { product: 0, grosze, name: 0 };
        let buy = |customer| Step::Buy { customer, product: 0, thousandths: 1_500 };
        let steps =
            [Step::Create(0), Step::Create(3), price(36), buy(0), price(40), buy(0), buy(3)];
        writer.write(&history(&steps));
        let projector = projector(&writer, &store, "one");
        caught_up(&writer, &*store, 0..PARTITIONS).await;
        Self { writer, store, database, projector }
    }

    async fn collection(&self, view: View) -> Collection<Document> {
        let control = self.store.control().await.unwrap().unwrap();
        self.database.collection(&format!("{}_{}", view.name(), control.live))
    }

    async fn documents(&self, view: View) -> Vec<Document> {
        let collection = self.collection(view).await;
        let find = collection.find(doc! {}).sort(doc! { "_id": 1 });
        find.await.unwrap().try_collect().await.unwrap()
    }

    /// What differs: the view, the key, and how.
    async fn differences(&self) -> Vec<(&'static str, String, DifferenceKind)> {
        let verdict = verified(&self.writer, &self.store, MEMORY).await.unwrap();
        verdict.differences.into_iter().map(|it| (it.view, it.key, it.kind)).collect()
    }

    async fn replace(&self, view: View, document: &Document) {
        let id = doc! { "_id": document.get("_id").unwrap() };
        let replaced = self.collection(view).await.replace_one(id, document).await.unwrap();
        assert_eq!(replaced.matched_count, 1);
    }
}

/// The paths of all values in a document, but for those of its key, which cannot be changed.
fn paths(prefix: &str, value: &Bson, paths_found: &mut Vec<String>) {
    let below =
        |name: &str| if prefix.is_empty() { name.into() } else { format!("{prefix}.{name}") };
    match value {
        Bson::Document(fields) => {
            for (name, value) in fields.iter().filter(|(name, _)| *name != "_id") {
                paths(&below(name), value, paths_found);
            }
        }
        Bson::Array(values) => {
            for (index, value) in values.iter().enumerate() {
                paths(&below(&index.to_string()), value, paths_found);
            }
        }
        _single => paths_found.push(prefix.to_owned()),
    }
}

fn value_at<'d>(document: &'d mut Document, path: &str) -> &'d mut Bson {
    let (first, rest) = path.split_once('.').map_or((path, None), |(a, b)| (a, Some(b)));
    let mut value = document.get_mut(first).unwrap();
    for name in rest.into_iter().flat_map(|rest| rest.split('.')) {
        value = match value {
            Bson::Document(fields) => fields.get_mut(name).unwrap(),
            Bson::Array(values) => &mut values[name.parse::<usize>().unwrap()],
            single => single,
        };
    }
    value
}

/// Another value, as like the old one as can be.
fn edited(value: &Bson) -> Bson {
    match value {
        Bson::String(text) => Bson::String(format!("{text} ")),
        Bson::Int64(number) => Bson::Int64(number + 1),
        Bson::Decimal128(_) => Bson::Decimal128("0.37".parse().unwrap()),
        Bson::DateTime(time) => Bson::DateTime(DateTime::from_millis(time.timestamp_millis() + 1)),
        Bson::Null => Bson::String("PLN".into()),
        other => panic!("no field holds {other:?}"),
    }
}

#[tokio::test]
async fn every_field_of_every_view_that_is_changed_is_named() {
    let shop = Shop::open().await;
    assert_eq!(shop.differences().await, []);
    let mut count = 0;
    for view in View::OF_THE_SHOP {
        for document in shop.documents(view).await {
            let mut all = Vec::new();
            paths("", &Bson::Document(document.clone()), &mut all);
            for path in all {
                let mut hurt = document.clone();
                let value = value_at(&mut hurt, &path);
                *value = edited(value);
                shop.replace(view, &hurt).await;
                let differences = shop.differences().await;
                let [(name, _, DifferenceKind::Changed(fields))] = &differences[..] else {
                    panic!("{path} of {document} gave {differences:?}");
                };
                let [field] = &fields[..] else { panic!("{path} gave {fields:?}") };
                assert_eq!((*name, field.field.as_str()), (view.name(), path.as_str()));
                assert_ne!(field.expected, field.found);
                shop.replace(view, &document).await;
                count += 1;
            }
        }
    }
    assert!(count > 90, "only {count} fields");
    assert_eq!(shop.differences().await, []);
    shop.projector.stop().await;
}

#[tokio::test]
async fn a_field_that_is_added_removed_or_moved_is_found() {
    let shop = Shop::open().await;
    let document = shop.documents(View::Customers).await.remove(0);
    let mut more = document.clone();
    more.insert("vip", true);
    let mut less = document.clone();
    less.remove("address");
    let mut moved = document.clone();
    let name = moved.remove("first_name").unwrap();
    moved.insert("first_name", name);
    for (hurt, field) in [(more, Some("vip")), (less, Some("address")), (moved, None)] {
        shop.replace(View::Customers, &hurt).await;
        let differences = shop.differences().await;
        let [("customers", key, DifferenceKind::Changed(fields))] = &differences[..] else {
            panic!("{differences:?}");
        };
        assert_eq!(key, "\"c0\"");
        assert_eq!(fields.first().map(|it| it.field.as_str()), field);
    }
    shop.projector.stop().await;
}

#[tokio::test]
async fn a_document_that_is_deleted_added_or_swapped_is_named() {
    let shop = Shop::open().await;
    for view in View::OF_THE_SHOP {
        let (collection, documents) = (shop.collection(view).await, shop.documents(view).await);
        let (first, last) = (documents.first().unwrap(), documents.last().unwrap());
        let id = |document: &Document| doc! { "_id": document.get("_id").unwrap() };

        collection.delete_one(id(first)).await.unwrap();
        let differences = shop.differences().await;
        assert!(matches!(differences[..], [(_, _, DifferenceKind::Missing)]), "{differences:?}");
        collection.insert_one(first).await.unwrap();

        let mut added = first.clone();
        added.insert("_id", "nobody");
        collection.insert_one(&added).await.unwrap();
        let differences = shop.differences().await;
        let [(name, key, DifferenceKind::Unexpected)] = &differences[..] else {
            panic!("{differences:?}");
        };
        assert_eq!((*name, key.as_str()), (view.name(), "\"nobody\""));
        collection.delete_one(id(&added)).await.unwrap();

        if first.get("_id") != last.get("_id") {
            let under = |document: &Document, id: &Document| {
                let mut swapped = document.clone();
                *swapped.get_mut("_id").unwrap() = id.get("_id").unwrap().clone();
                swapped
            };
            shop.replace(view, &under(last, first)).await;
            shop.replace(view, &under(first, last)).await;
            let differences = shop.differences().await;
            assert_eq!(differences.len(), 2, "{differences:?}");
            assert!(differences.iter().all(|it| matches!(it.2, DifferenceKind::Changed(_))));
            shop.replace(view, first).await;
            shop.replace(view, last).await;
        }
    }
    assert_eq!(shop.differences().await, []);
    shop.projector.stop().await;
}
