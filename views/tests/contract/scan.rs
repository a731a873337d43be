//! All documents of one moment, byte by byte.

use std::{collections::BTreeSet, sync::Arc};

use domain::Currency;
use futures::TryStreamExt;
use views::{
    Change, Customer, Document, EncodedDocument, GenerationName, Key, ScanChunk, Snapshot,
    StoreError, View, ViewStore,
};

use crate::given::*;

crate::contract![
    a_moment_shows_every_document_as_its_bytes,
    what_is_stored_later_is_not_seen,
    what_is_removed_later_is_still_seen,
    a_scan_goes_on_behind_the_last_known_document,
    documents_are_found_by_key_as_they_were,
    there_is_no_moment_of_a_generation_that_is_gone,
    documents_have_the_same_bytes_however_they_came_about,
];

async fn scan(moment: &dyn Snapshot, view: View, after: Option<Vec<u8>>) -> Vec<Vec<u8>> {
    let stretches: Vec<ScanChunk> = moment.scan(view, after).try_collect().await.unwrap();
    let documents = stretches.iter().flat_map(ScanChunk::documents);
    documents.map(|document| document.bytes().to_vec()).collect()
}

fn bytes(documents: &[Document]) -> BTreeSet<Vec<u8>> {
    documents.iter().map(|document| document.stored().unwrap()).collect()
}

fn of_every_view() -> Vec<Document> {
    vec![
        Document::Customer(anna()),
        Document::Customer(customer("ola", 5, ("Ola", "Żak"))),
        Document::Bucket(bucket("anna", 0, 1..=32)),
        Document::Bucket(bucket("anna", 1, 33..=34)),
        Document::Product(product("chleb_2", 3, ("Chleb wiejski", "chleb", 36))),
        Document::Prices(prices("chleb_2", 0, [(3, Some(9)), (9, None)])),
        Document::Prices(prices("chleb_2", 1, [(9, None)])),
        Document::ProductSales(sales("chleb_2", 2, 0)),
        Document::DaySales(day_sales("2026-11-22", "chleb_2", 0)),
        Document::Parked(parked("ola", 0, true)),
        Document::Parked(parked("zoe", 0, false)),
        Document::Queue(queue("ola", 0, 0, 4..=9)),
    ]
}

async fn a_moment_shows_every_document_as_its_bytes(store: Arc<dyn ViewStore>) {
    let control = stored(&*store, inserts(of_every_view())).await;
    let moment = store.moment(&control.live).await.unwrap();
    assert_eq!(*moment.checkpoints(), store.checkpoints(&control.live).await.unwrap());
    let mut keys = BTreeSet::new();
    let mut found = BTreeSet::new();
    for view in View::ALL {
        for document in scan(&*moment, view, None).await {
            keys.insert(EncodedDocument::new(&document).key(view).unwrap());
            found.insert(document);
        }
    }
    assert_eq!(found, bytes(&of_every_view()));
    assert_eq!(keys, of_every_view().iter().map(Document::key).collect());
}

/// Changes one document of each kind, and makes a new one.
fn later() -> Vec<Change> {
    let mut dearer = product("chleb_2", 3, ("Bułka z długą nazwą", "bułki", 40));
    (dearer.version, dearer.last) = (2, 50);
    let mut ended = prices("chleb_2", 0, [(3, Some(9)), (9, Some(12)), (12, None)]);
    ended.last = 50;
    let mut more = sales("chleb_2", 2, 0);
    (more.prices[0].sold.units, more.prices[1].sold.revenue, more.last) = (9_000, 7_000, 50);
    let mut today = day_sales("2026-11-22", "chleb_2", 0);
    (today.product_type, today.last) = ("pieczywo".into(), 50);
    let mut released = parked("ola", 0, false);
    released.last = 50;
    let spent =
        Customer { purchases: 40, spent: 8_640, currency: Some(Currency::PLN), last: 50, ..anna() };
    vec![
        update(Document::Customer(spent)),
        Change::Update {
            document: Document::Bucket(bucket("anna", 1, 33..=40)),
            stored_purchases: 2,
        },
        update(Document::Product(dearer)),
        update(Document::Prices(ended)),
        update(Document::ProductSales(more)),
        update(Document::DaySales(today)),
        update(Document::Parked(released)),
        update(Document::Queue(queue("ola", 0, 0, 4..=12))),
        Change::Insert(Document::Customer(customer("jan", 5, ("Jan", "Nowy")))),
    ]
}

async fn commit_later(store: &dyn ViewStore, live: &GenerationName, changes: Vec<Change>) {
    let control = store.control().await.unwrap().unwrap();
    let claim = store.claim(live, P0, "test").await.unwrap();
    store.commit(&commit(&control, claim, 1_000_060, changes)).await.unwrap();
}

async fn what_is_stored_later_is_not_seen(store: Arc<dyn ViewStore>) {
    let live = stored(&*store, inserts(of_every_view())).await.live;
    let before = store.moment(&live).await.unwrap();
    commit_later(&*store, &live, later()).await;
    let after = store.moment(&live).await.unwrap();
    assert_eq!(before.checkpoints()[&P0].at, 1_000_000);
    assert_eq!(after.checkpoints()[&P0].at, 1_000_060);
    let (mut old, mut new) = (BTreeSet::new(), BTreeSet::new());
    for view in View::ALL {
        old.extend(scan(&*before, view, None).await);
        new.extend(scan(&*after, view, None).await);
    }
    assert_eq!(old, bytes(&of_every_view()));
    assert_ne!(new, old);
    for change in later() {
        let (Change::Insert(document) | Change::Update { document, .. }) = change else {
            panic!("{change:?}");
        };
        assert!(new.contains(&document.stored().unwrap()), "{document:?}");
    }
}

async fn what_is_removed_later_is_still_seen(store: Arc<dyn ViewStore>) {
    let live = stored(&*store, inserts(of_every_view())).await.live;
    let moment = store.moment(&live).await.unwrap();
    let ola = Key::Parked(P0, "ola".into());
    commit_later(&*store, &live, vec![Change::Remove(ola.clone())]).await;
    let found = moment.find(View::Parked, std::slice::from_ref(&ola)).await.unwrap();
    assert_eq!(found.documents().next().and_then(|it| it.key(View::Parked)), Some(ola));
    assert_eq!(scan(&*moment, View::Parked, None).await.len(), 3);
    assert_eq!(scan(&*store.moment(&live).await.unwrap(), View::Parked, None).await.len(), 2);
}

async fn a_scan_goes_on_behind_the_last_known_document(store: Arc<dyn ViewStore>) {
    let generation = GenerationName::new(2, "x7");
    store.create(&generation, &[(P0, 9)].into()).await.unwrap();
    let all: Vec<Document> = (0..11_000)
        .map(|n| Document::Customer(customer(&format!("c{n}"), n, ("Anna", "Nowak"))))
        .collect();
    store.fill(&generation, all.clone()).await.unwrap();
    let moment = store.moment(&generation).await.unwrap();
    let found = scan(&*moment, View::Customers, None).await;
    assert_eq!(found.len(), all.len(), "each comes once");
    assert_eq!(found.iter().cloned().collect::<BTreeSet<_>>(), bytes(&all));
    for known in [0, 1, 499, 500, 9_999, 10_000, 10_999] {
        let last = EncodedDocument::new(&found[known]).id().to_vec();
        let moment = store.moment(&generation).await.unwrap();
        assert!(scan(&*moment, View::Customers, Some(last)).await == found[known + 1..]);
    }
}

async fn documents_are_found_by_key_as_they_were(store: Arc<dyn ViewStore>) {
    let live = stored(&*store, inserts(of_every_view())).await.live;
    let moment = store.moment(&live).await.unwrap();
    commit_later(&*store, &live, later()).await;
    let keys = ["anna", "jan", "nobody"].map(|id| Key::Customer(id.into()));
    let found = moment.find(View::Customers, &keys).await.unwrap();
    let anna = Document::Customer(anna()).stored().unwrap();
    assert_eq!(found.documents().collect::<Vec<_>>(), [EncodedDocument::new(&anna)]);
    assert!(moment.find(View::Customers, &[]).await.unwrap().is_empty());
    let newer = store.moment(&live).await.unwrap();
    assert_eq!(newer.find(View::Customers, &keys).await.unwrap().documents().count(), 2);
}

async fn there_is_no_moment_of_a_generation_that_is_gone(store: Arc<dyn ViewStore>) {
    begun(&*store).await;
    let gone = store.moment(&GenerationName::new(9, "x")).await;
    assert!(matches!(gone, Err(StoreError::GenerationGone)), "{gone:?}");
}

/// A bucket grows line by line, and everything else changes again and again, with longer and shorter values.
async fn documents_have_the_same_bytes_however_they_came_about(store: Arc<dyn ViewStore>) {
    let live = stored(&*store, inserts([])).await.live;
    for round in 1..=8 {
        let documents = grown(round);
        let changes = documents.iter().cloned().map(|document| match (&document, round) {
            (_, 1) => Change::Insert(document),
            (Document::Bucket(_), _) => {
                Change::Update { document, stored_purchases: usize::try_from(round - 1).unwrap() }
            }
            (_, _) => update(document),
        });
        commit_later(&*store, &live, changes.collect()).await;
        let moment = store.moment(&live).await.unwrap();
        let mut found = BTreeSet::new();
        for view in View::ALL {
            found.extend(scan(&*moment, view, None).await);
        }
        assert_eq!(found, bytes(&documents), "after {round} changes");
    }
}

fn grown(round: u64) -> Vec<Document> {
    let text = "ż".repeat(usize::try_from(round * 37 % 50).unwrap());
    let mut all = of_every_view();
    all.retain(|document| document.key() != Key::Bucket("anna".into(), 0));
    for document in &mut all {
        match document {
            Document::Customer(it) => {
                let currency = (round > 1).then_some(Currency::PLN);
                (it.purchases, it.spent, it.currency) =
                    (round - 1, i128::from(round - 1), currency);
                it.last = round;
            }
            Document::Bucket(it) => *it = bucket("anna", 1, 33..=32 + round),
            Document::Product(it) => {
                (it.name, it.price, it.last) = (text.clone(), 7, round);
            }
            Document::Prices(it) => {
                let to = (round > 1).then_some(70);
                *it = prices("chleb_2", it.number, (0..round).map(|_| (3, to)));
                it.last = round;
            }
            Document::ProductSales(it) => {
                (it.prices[1].sold.units, it.last) = (1 << (round * 8), round);
            }
            Document::DaySales(it) => (it.product_type, it.last) = (text.clone(), round),
            Document::Parked(it) => (it.waiting, it.last) = (round, round),
            Document::Queue(it) => *it = queue("ola", 0, 0, 4..=4 + round),
        }
    }
    for document in &mut all {
        if let Document::Bucket(it) = document {
            it.last = round;
        }
        if let Document::Queue(it) = document {
            it.last = round;
        }
    }
    all
}
