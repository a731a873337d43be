//! Whole documents outside of transactions.

use std::sync::Arc;

use event_log::Offset;
use views::{Customer, CustomerFilter, Direction, Document, GenerationName, Key, Page, ViewStore};

use crate::given::*;

crate::contract![
    a_fill_stores_every_document,
    a_fill_may_be_repeated,
    a_fill_never_moves_a_document_down,
    a_fill_that_was_cut_short_is_finished_by_the_next,
    filled_documents_stand_in_the_lists,
    many_documents_are_filled_at_once,
    two_fills_at_once_leave_the_newest,
];

async fn filling(store: &dyn ViewStore) -> GenerationName {
    let generation = GenerationName::new(2, "x7");
    store.create(&generation, &[(P0, 1_000_000)].into()).await.unwrap();
    generation
}

fn documents() -> Vec<Document> {
    vec![
        Document::Customer(anna()),
        Document::Bucket(bucket("anna", 0, 1..=32)),
        Document::Bucket(bucket("anna", 1, 33..=40)),
        Document::Product(product("chleb_2", 3, ("Chleb wiejski", "chleb", 36))),
        Document::Prices(prices("chleb_2", 0, [(3, Some(9)), (9, None)])),
        Document::ProductSales(sales("chleb_2", 2, 0)),
        Document::DaySales(day_sales("2026-11-22", "chleb_2", 0)),
        Document::Parked(parked("ola", 0, true)),
        Document::Queue(queue("ola", 0, 0, 4..=9)),
    ]
}

/// The same documents as later events leave them, those that have sums with higher ones.
fn later(last: Offset) -> Vec<Document> {
    let mut all = documents();
    for document in &mut all {
        match document {
            Document::Customer(it) => (it.purchases, it.last) = (last, last),
            Document::Bucket(it) => it.last = last,
            Document::Product(it) => (it.price, it.last) = (40, last),
            Document::Prices(it) => (it.versions[1].price, it.last) = (40, last),
            Document::ProductSales(it) => (it.prices[0].sold.purchases, it.last) = (last, last),
            Document::DaySales(it) => (it.sold.purchases, it.last) = (last, last),
            Document::Parked(it) => (it.waiting, it.last) = (last, last),
            Document::Queue(it) => (it.offsets, it.last) = (vec![4, last], last),
        }
    }
    all
}

async fn check(store: &dyn ViewStore, generation: &GenerationName, mut expected: Vec<Document>) {
    let keys: Vec<Key> = expected.iter().map(Document::key).collect();
    let mut found = store.load(generation, &keys).await.unwrap();
    found.sort_by_key(Document::key);
    expected.sort_by_key(Document::key);
    assert_eq!(found, expected);
}

async fn a_fill_stores_every_document(store: Arc<dyn ViewStore>) {
    let generation = filling(&*store).await;
    store.fill(&generation, vec![]).await.unwrap();
    store.fill(&generation, documents()).await.unwrap();
    check(&*store, &generation, documents()).await;
    assert_eq!(store.parked(&generation).await.unwrap(), [parked("ola", 0, true)]);
}

async fn a_fill_may_be_repeated(store: Arc<dyn ViewStore>) {
    let generation = filling(&*store).await;
    for _ in 0..2 {
        store.fill(&generation, documents()).await.unwrap();
        check(&*store, &generation, documents()).await;
    }
}

async fn a_fill_never_moves_a_document_down(store: Arc<dyn ViewStore>) {
    let generation = filling(&*store).await;
    store.fill(&generation, documents()).await.unwrap();
    store.fill(&generation, later(500)).await.unwrap();
    check(&*store, &generation, later(500)).await;
    store.fill(&generation, later(300)).await.unwrap();
    store.fill(&generation, documents()).await.unwrap();
    check(&*store, &generation, later(500)).await;
}

async fn a_fill_that_was_cut_short_is_finished_by_the_next(store: Arc<dyn ViewStore>) {
    let generation = filling(&*store).await;
    let some_older = documents().into_iter().step_by(2).collect();
    let some_newer = later(500).into_iter().skip(1).step_by(4).collect();
    store.fill(&generation, some_older).await.unwrap();
    store.fill(&generation, some_newer).await.unwrap();
    store.fill(&generation, later(400)).await.unwrap();
    store.fill(&generation, later(500)).await.unwrap();
    check(&*store, &generation, later(500)).await;
}

async fn filled_documents_stand_in_the_lists(store: Arc<dyn ViewStore>) {
    let generation = filling(&*store).await;
    let ola = customer("ola", 999, ("Ola", "Żak"));
    let both = [Document::Customer(anna()), Document::Customer(ola.clone())];
    store.fill(&generation, both.into()).await.unwrap();
    store.create_indexes(&generation).await.unwrap();
    let page = Page { after: None, before: None, direction: Direction::Forward, limit: 5 };
    let found = store.find_customers(&generation, &CustomerFilter::default(), &page).await;
    assert_eq!(found.unwrap().items, [ola, anna()]);
}

/// More than one command takes; every 500th customer as a later event left it.
fn many(later: Offset) -> Vec<Document> {
    let customers = (0..25_000).map(|n| {
        let last = if n % 500 == 0 { later } else { 1 };
        Document::Customer(Customer { last, ..customer(&format!("c{n}"), n, ("Anna", "Nowak")) })
    });
    let buckets = (0..2_000).map(|n| bucket(&format!("c{n}"), 0, 1..=32));
    customers.chain(buckets.map(Document::Bucket)).collect()
}

async fn many_documents_are_filled_at_once(store: Arc<dyn ViewStore>) {
    let generation = filling(&*store).await;
    store.fill(&generation, many(1)).await.unwrap();
    // Now all of them are there already, and a few are older.
    store.fill(&generation, many(70)).await.unwrap();
    check(&*store, &generation, many(70).into_iter().step_by(100).collect()).await;
}

async fn two_fills_at_once_leave_the_newest(store: Arc<dyn ViewStore>) {
    let generation = filling(&*store).await;
    let fills = (1..=4).rev().map(|n| {
        let (store, generation) = (Arc::clone(&store), generation.clone());
        tokio::spawn(async move { store.fill(&generation, later(n * 100)).await.unwrap() })
    });
    for fill in fills.collect::<Vec<_>>() {
        fill.await.unwrap();
    }
    check(&*store, &generation, later(400)).await;
}
