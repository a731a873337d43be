//! Purchases, prices, sales, and documents by id.

use std::sync::Arc;

use domain::PurchaseId;
use event_log::Timestamp;
use views::{Direction, Document, GenerationName, Page, PriceFilter, ViewStore};

use crate::given::*;

crate::contract![
    documents_are_found_by_id,
    purchases_are_found_by_id,
    purchases_are_listed_newest_first,
    prices_are_listed_newest_first,
    prices_are_listed_across_their_buckets,
    prices_are_found_by_the_time_they_were_in_force,
    sales_are_those_of_the_product,
    a_generation_that_is_not_there_shows_nothing,
];

async fn documents_are_found_by_id(store: Arc<dyn ViewStore>) {
    let chleb = product("chleb_2", 3, ("Chleb wiejski", "chleb", 36));
    let documents = [Document::Customer(anna()), Document::Product(chleb.clone())];
    let generation = stored(&*store, inserts(documents)).await.live;
    let ids = |ids: &[&str]| ids.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(store.customers(&generation, &ids(&["anna", "nobody"])).await.unwrap(), [anna()]);
    assert_eq!(store.products(&generation, &ids(&["chleb_2", "x"])).await.unwrap(), [chleb]);
    assert_eq!(store.customers(&generation, &[]).await.unwrap(), []);
}

async fn with_purchases(store: &dyn ViewStore) -> GenerationName {
    let buckets = [
        bucket("anna", 0, 1..=32),
        bucket("anna", 1, 33..=64),
        bucket("anna", 2, 65..=70),
        bucket("ann", 0, 1..=3),
        bucket("anna:1", 0, 1..=2),
        bucket("annb", 0, 1..=1),
    ];
    stored(store, inserts(buckets.map(Document::Bucket))).await.live
}

async fn purchases_are_found_by_id(store: Arc<dyn ViewStore>) {
    let generation = with_purchases(&*store).await;
    let wanted = ["anna:70", "anna:1", "anna:32", "anna:33", "ann:3"];
    let missing = ["anna:71", "anna:97", "nobody:1"];
    let ids: Vec<PurchaseId> =
        wanted.iter().chain(&missing).map(|id| id.parse().unwrap()).collect();
    let mut found = store.purchases(&generation, &ids).await.unwrap();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    let mut expected: Vec<_> = ids[..5].iter().map(|id| (id.clone(), line(id.number))).collect();
    expected.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(found, expected);
}

async fn purchases_are_listed_newest_first(store: Arc<dyn ViewStore>) {
    let generation = with_purchases(&*store).await;
    let (forward, backward) = (Direction::Forward, Direction::Backward);
    for (customer, after, before, direction, limit, expected, more) in [
        ("anna", None, None, forward, 3, 68..71, true),
        ("anna", Some(66), None, forward, 40, 26..66, true),
        ("anna", Some(41), None, forward, 40, 1..41, false),
        ("anna", Some(1), None, forward, 40, 0..0, false),
        ("anna", None, None, forward, 100, 1..71, false),
        ("anna", None, None, backward, 2, 1..3, true),
        ("anna", None, Some(30), backward, 40, 31..71, false),
        ("anna", None, Some(29), backward, 40, 30..70, true),
        ("anna", None, Some(70), backward, 4, 0..0, false),
        ("anna", Some(40), Some(30), forward, 4, 36..40, true),
        ("anna", Some(40), Some(30), backward, 4, 31..35, true),
        ("anna", Some(30), Some(40), forward, 4, 0..0, false),
        ("ann", None, None, forward, 9, 1..4, false),
        ("nobody", None, None, forward, 9, 0..0, false),
    ] {
        let page = Page { after, before, direction, limit };
        let found = purchases(&*store, &generation, customer, &page).await;
        assert_eq!(found, (expected.rev().collect(), more), "{customer} {page:?}");
    }
    for limit in 1..70 {
        let mut page = Page { after: None, before: None, direction: forward, limit };
        let mut walked = vec![];
        loop {
            let (numbers, more) = purchases(&*store, &generation, "anna", &page).await;
            page.after = numbers.last().copied();
            walked.extend(numbers);
            if !more {
                break;
            }
        }
        assert_eq!(walked, (1..=70).rev().collect::<Vec<_>>());
    }
}

async fn purchases(
    store: &dyn ViewStore,
    generation: &GenerationName,
    customer: &str,
    page: &Page<u64>,
) -> (Vec<u64>, bool) {
    let found = store.find_purchases(generation, customer, page).await.unwrap();
    assert_eq!(found.stopped_at, None);
    (found.items.iter().map(|it| it.number).collect(), found.more)
}

async fn with_prices(store: &dyn ViewStore) -> GenerationName {
    let nine = (1..10).map(|version| (version * 10, (version < 9).then_some(version * 10 + 10)));
    let all = [
        prices("chleb_2", 0, nine),
        prices("chleb_20", 0, [(0, None)]),
        prices("chle", 0, [(0, None)]),
        prices("mleko", 0, [(0, Some(5)); 32]),
        prices("mleko", 1, [(5, Some(9)); 32]),
        prices("mleko", 2, [(9, None)]),
    ];
    stored(store, inserts(all.map(Document::Prices))).await.live
}

async fn prices_are_listed_newest_first(store: Arc<dyn ViewStore>) {
    let generation = with_prices(&*store).await;
    let (forward, backward) = (Direction::Forward, Direction::Backward);
    for (after, before, direction, limit, expected, more) in [
        (None, None, forward, 20, 1..10, false),
        (None, None, forward, 2, 8..10, true),
        (Some(3), None, forward, 2, 1..3, false),
        (Some(8), Some(5), forward, 9, 6..8, false),
        (None, None, backward, 2, 1..3, true),
        (None, Some(7), backward, 2, 8..10, false),
        (Some(3), Some(7), forward, 2, 0..0, false),
    ] {
        let page = Page { after, before, direction, limit };
        let found = store.find_prices(&generation, "chleb_2", PriceFilter::default(), &page);
        let found = found.await.unwrap();
        let versions: Vec<u32> = found.items.iter().map(|it| it.version).collect();
        assert_eq!((versions, found.more), (expected.rev().collect(), more), "{page:?}");
    }
}

async fn prices_are_listed_across_their_buckets(store: Arc<dyn ViewStore>) {
    let generation = with_prices(&*store).await;
    for (direction, filter, expected) in [
        (Direction::Forward, None, (1..66).rev().collect::<Vec<u32>>()),
        (Direction::Backward, None, (1..66).rev().collect()),
        (Direction::Forward, Some(6), (33..66).rev().collect()),
        (Direction::Backward, Some(6), (33..66).rev().collect()),
    ] {
        let filter = PriceFilter { from: filter.map(Timestamp), to: None };
        let (mut walked, mut cursor) = (Vec::new(), None);
        loop {
            let (after, before) = match direction {
                Direction::Forward => (cursor, None),
                Direction::Backward => (None, cursor),
            };
            let page = Page { after, before, direction, limit: 7 };
            let found = store.find_prices(&generation, "mleko", filter, &page).await.unwrap();
            let versions: Vec<u32> = found.items.iter().map(|it| it.version).collect();
            match direction {
                Direction::Forward => walked.extend_from_slice(&versions),
                Direction::Backward => _ = walked.splice(0..0, versions.clone()),
            }
            if !found.more {
                break;
            }
            cursor = match direction {
                Direction::Forward => versions.last().copied(),
                Direction::Backward => versions.first().copied(),
            };
        }
        assert_eq!(walked, expected, "{direction:?} {filter:?}");
    }
}

async fn prices_are_found_by_the_time_they_were_in_force(store: Arc<dyn ViewStore>) {
    let generation = with_prices(&*store).await;
    let find = async |from: Option<i64>, to: Option<i64>| {
        let filter = PriceFilter { from: from.map(Timestamp), to: to.map(Timestamp) };
        let page = Page { after: None, before: None, direction: Direction::Forward, limit: 3 };
        let found = store.find_prices(&generation, "chleb_2", filter, &page).await.unwrap();
        assert_eq!(found.stopped_at, None);
        (found.items.iter().map(|it| it.version).collect::<Vec<_>>(), found.more)
    };
    assert_eq!(find(Some(30), Some(45)).await, (vec![4, 3], false));
    assert_eq!(find(Some(29), Some(40)).await, (vec![4, 3, 2], false));
    assert_eq!(find(None, Some(9)).await, (vec![], false));
    assert_eq!(find(Some(89), None).await, (vec![9, 8], false));
    assert_eq!(find(Some(500), None).await, (vec![9], false));
    assert_eq!(find(None, Some(40)).await, (vec![4, 3, 2], true));
}

async fn sales_are_those_of_the_product(store: Arc<dyn ViewStore>) {
    let all = [
        sales("chleb_2", 1, 0),
        sales("chleb_2", 1, 11),
        sales("chleb_2", 3, 2),
        sales("chleb_20", 1, 2),
        sales("mleko", 1, 0),
    ];
    let generation = stored(&*store, inserts(all.clone().map(Document::ProductSales))).await.live;
    let wanted = ["chleb_2".to_owned(), "mleko".to_owned(), "nothing".to_owned()];
    let mut found = store.product_sales(&generation, &wanted).await.unwrap();
    found.sort_by_key(|it| (it.product_id.clone(), it.number, it.partition));
    assert_eq!(found, [&all[..3], &all[4..]].concat());
    assert_eq!(store.product_sales(&generation, &[]).await.unwrap(), []);
}

/// A store may say that the generation is gone, or show nothing; it must not show anything else.
async fn a_generation_that_is_not_there_shows_nothing(store: Arc<dyn ViewStore>) {
    stored(&*store, inserts([Document::Customer(anna())])).await;
    let other = GenerationName::new(1, "other");
    let found = store.customers(&other, &["anna".into()]).await.unwrap_or_default();
    assert_eq!(found, []);
    assert!(store.checkpoints(&other).await.unwrap_or_default().is_empty());
}
