//! Begin, claim, load and commit.

use std::sync::Arc;

use domain::Currency;
use event_log::{Ledger, LogId, Partition};
use uuid::Uuid;
use views::{
    Change, Checkpoint, CommitError, Customer, Document, FeedClaim, GenerationName, Key, Mode,
    Parked, PriceSales, Queue, StoreError, Versions, ViewStore, searchable,
};

use crate::given::*;

crate::contract![
    an_empty_store_is_not_built,
    another_log_is_refused,
    another_fold_and_another_shape_are_refused_each_in_its_own_words,
    a_partition_that_is_not_there_cannot_be_claimed,
    a_commit_moves_the_checkpoint_with_its_documents,
    a_commit_without_documents_moves_the_checkpoint,
    who_was_overtaken_cannot_commit,
    a_claim_is_good_for_one_commit_after_another,
    every_document_comes_back_as_it_was_stored,
    documents_change_as_the_fold_says,
    many_large_documents_change_at_once,
    the_longest_search_texts_are_stored_and_change_at_once,
    what_does_not_meet_its_document_stores_nothing,
    waiting_readers_are_woken,
];

async fn an_empty_store_is_not_built(store: Arc<dyn ViewStore>) {
    assert_eq!(store.control().await.unwrap(), None);
}

async fn another_log_is_refused(store: Arc<dyn ViewStore>) {
    begun(&*store).await;
    let control = store.control().await.unwrap().unwrap();
    let other = LogId(Uuid::from_u128(8));
    let refused = control.check_feeder(other, VERSIONS).unwrap_err().to_string();
    for word in [LOG.to_string(), other.to_string(), "sklep rebuild".into()] {
        assert!(refused.contains(&word), "{refused}");
    }
}

async fn another_fold_and_another_shape_are_refused_each_in_its_own_words(
    store: Arc<dyn ViewStore>,
) {
    begun(&*store).await;
    let control = store.control().await.unwrap().unwrap();
    let refused = |versions| {
        let refused = control.check_feeder(LOG, versions).unwrap_err();
        assert!(matches!(refused, StoreError::Unfit(_)));
        refused.to_string()
    };
    let fold = refused(Versions { fold: 2, shape: 1 });
    assert!(fold.contains("folds") && !fold.contains("shape"), "{fold}");
    assert!(fold.contains("queries go on"), "{fold}");
    let shape = refused(Versions { fold: 1, shape: 2 });
    assert!(shape.contains("shape") && !shape.contains("folds"), "{shape}");
    assert!(shape.contains("answers no queries"), "{shape}");
}

async fn a_partition_that_is_not_there_cannot_be_claimed(store: Arc<dyn ViewStore>) {
    let control = begun(&*store).await;
    let gone = store.claim(&control.live, Partition(3), "test").await;
    assert!(matches!(gone, Err(StoreError::GenerationGone)), "{gone:?}");
    let gone = store.claim(&GenerationName::new(9, "x"), P0, "test").await;
    assert!(matches!(gone, Err(StoreError::GenerationGone)), "{gone:?}");
}

async fn a_commit_moves_the_checkpoint_with_its_documents(store: Arc<dyn ViewStore>) {
    let control = begun(&*store).await;
    let start = store.checkpoints(&control.live).await.unwrap();
    let fresh = Checkpoint {
        rev: start[&P0].rev,
        at: 0,
        ledger: Ledger::default(),
        mode: Mode::Live,
        parked: 0,
    };
    assert_eq!(start[&P0], fresh);
    let claim = store.claim(&control.live, P0, "test").await.unwrap();
    assert_eq!(claim.checkpoint.at, 0);
    let commit = commit(&control, claim, 5, inserts([Document::Customer(anna())]));
    let rev = store.commit(&commit).await.unwrap();
    let stored = store.checkpoints(&control.live).await.unwrap();
    assert_eq!(stored[&P0], Checkpoint { rev, ..commit.checkpoint });
    assert_eq!(stored[&Partition(1)].at, 0);
    let anna_stored = store.load(&control.live, &[Key::Customer("anna".into())]).await.unwrap();
    assert_eq!(anna_stored, [Document::Customer(anna())]);
}

async fn a_commit_without_documents_moves_the_checkpoint(store: Arc<dyn ViewStore>) {
    let control = begun(&*store).await;
    let claim = store.claim(&control.live, P0, "test").await.unwrap();
    let commit = commit(&control, claim, 2, vec![]);
    let rev = store.commit(&commit).await.unwrap();
    let stored = store.checkpoints(&control.live).await.unwrap();
    assert_eq!(stored[&P0], Checkpoint { rev, ..commit.checkpoint });
    assert!(matches!(store.commit(&commit).await, Err(CommitError::Stale)));
}

async fn who_was_overtaken_cannot_commit(store: Arc<dyn ViewStore>) {
    let control = begun(&*store).await;
    let zombie = store.claim(&control.live, P0, "zombie").await.unwrap();
    let newest = store.claim(&control.live, P0, "newest").await.unwrap();
    assert!(newest.checkpoint.rev > zombie.checkpoint.rev);
    let late = commit(&control, zombie, 5, inserts([Document::Customer(anna())]));
    assert!(matches!(store.commit(&late).await, Err(CommitError::Stale)));
    assert_eq!(store.load(&control.live, &[Key::Customer("anna".into())]).await.unwrap(), []);
    // After a refusal everybody claims again.
    let again = store.claim(&control.live, P0, "newest").await.unwrap();
    assert_eq!(again.checkpoint.at, 0);
    store.commit(&commit(&control, again, 4, vec![])).await.unwrap();
}

async fn a_claim_is_good_for_one_commit_after_another(store: Arc<dyn ViewStore>) {
    let control = begun(&*store).await;
    let mut claim = store.claim(&control.live, P0, "test").await.unwrap();
    for at in 1..5 {
        let who = customer(&format!("c{at}"), 1_000, ("Anna", "Nowak"));
        let commit = commit(&control, claim, at, inserts([Document::Customer(who)]));
        let rev = store.commit(&commit).await.unwrap();
        assert_eq!(rev, claim.checkpoint.rev + 1);
        claim = FeedClaim { checkpoint: Checkpoint { rev, ..commit.checkpoint } };
    }
    assert_eq!(store.checkpoints(&control.live).await.unwrap()[&P0], claim.checkpoint);
}

fn one_of_each() -> Vec<Document> {
    let large = i128::from(i64::MAX) * 1_000;
    let rich = Customer { spent: large, currency: Some(Currency::PLN), purchases: 9, ..anna() };
    vec![
        Document::Customer(rich),
        Document::Customer(customer("ola", 5, ("Ola", "Żak"))),
        Document::Bucket(bucket("anna", 0, 1..=32)),
        Document::Product(product("chleb_2", 3, ("Chleb wiejski", "chleb", i64::MAX))),
        Document::Prices(prices("chleb_2", 0, [(3, Some(9)), (9, None)])),
        Document::Prices(prices("chleb_2", 1, [(9, None)])),
        Document::ProductSales(sales("chleb_2", 2, 7)),
        Document::DaySales(day_sales("2026-11-22", "chleb_2", 7)),
        Document::Parked(parked("ola", 0, true)),
        Document::Parked(parked("", 7, false)),
        Document::Queue(queue("ola", 0, 0, 4..=9)),
        Document::Queue(queue("", 7, 3, 5..=5)),
    ]
}

async fn every_document_comes_back_as_it_was_stored(store: Arc<dyn ViewStore>) {
    let control = stored(&*store, inserts(one_of_each())).await;
    let mut keys: Vec<Key> = one_of_each().iter().map(Document::key).collect();
    keys.push(Key::Customer("nobody".into()));
    let mut loaded = store.load(&control.live, &keys).await.unwrap();
    loaded.sort_by_key(Document::key);
    let mut expected = one_of_each();
    expected.sort_by_key(Document::key);
    assert_eq!(loaded, expected);
    assert_eq!(store.load(&control.live, &[]).await.unwrap(), []);
}

/// More than `MongoDB` takes in one command.
async fn many_large_documents_change_at_once(store: Arc<dyn ViewStore>) {
    let changed = |number: u32, price: i64, last| {
        let mut bucket = prices("chleb_2", number, [(3, Some(9)); 32]);
        for version in &mut bucket.versions {
            (version.name, version.product_type) = ("ż".repeat(200), "ź".repeat(200));
            version.price = price;
        }
        bucket.last = last;
        Document::Prices(bucket)
    };
    let before = (0..300).map(|number| changed(number, 36, 1));
    let control = stored(&*store, inserts(before)).await;
    let claim = store.claim(&control.live, P0, "test").await.unwrap();
    let more = inserts((300..600).map(|number| changed(number, 36, 1)));
    let first = commit(&control, claim, 20, more);
    let rev = store.commit(&first).await.unwrap();
    let claim = FeedClaim { checkpoint: Checkpoint { rev, ..first.checkpoint } };
    let after = (0..600).map(|number| update(changed(number, 40, 50))).collect();
    store.commit(&commit(&control, claim, 60, after)).await.unwrap();
    let keys: Vec<Key> = [0, 299, 300, 599].map(|it| Key::Prices("chleb_2".into(), it)).into();
    let mut found = store.load(&control.live, &keys).await.unwrap();
    found.sort_by_key(Document::key);
    assert_eq!(found, [0, 299, 300, 599].map(|number| changed(number, 40, 50)));
}

async fn documents_change_as_the_fold_says(store: Arc<dyn ViewStore>) {
    let bucket_of_two = Document::Bucket(bucket("anna", 0, 1..=2));
    let mut before =
        inserts(one_of_each().into_iter().filter(|it| !matches!(it, Document::Bucket(_))));
    before.push(Change::Insert(bucket_of_two));
    let control = stored(&*store, before).await;
    let spent =
        Customer { purchases: 40, spent: 8_640, currency: Some(Currency::PLN), last: 50, ..anna() };
    let mut dearer = product("chleb_2", 3, ("Bułka", "bułki", 40));
    (dearer.version, dearer.last) = (2, 50);
    let mut more = sales("chleb_2", 2, 7);
    (more.prices[1].sold.units, more.last) = (9_000, 50);
    more.prices.insert(1, PriceSales { version: 66, ..more.prices[0] });
    let mut today = day_sales("2026-11-22", "chleb_2", 7);
    (today.sold.revenue, today.last) = (300, 50);
    let mut ended = prices("chleb_2", 0, [(3, Some(9)), (9, Some(12)), (12, None)]);
    ended.last = 50;
    let released = Parked { last: 50, ..parked("ola", 0, false) };
    let longer = Queue { last: 50, ..queue("ola", 0, 0, 4..=12) };
    let after = vec![
        update(Document::Parked(released)),
        update(Document::Queue(longer)),
        update(Document::Customer(spent)),
        Change::Update {
            document: Document::Bucket(bucket("anna", 0, 1..=32)),
            stored_purchases: 2,
        },
        Change::Insert(Document::Bucket(bucket("anna", 1, 33..=40))),
        update(Document::Product(dearer)),
        update(Document::Prices(ended)),
        update(Document::ProductSales(more)),
        update(Document::DaySales(today)),
    ];
    let claim = store.claim(&control.live, P0, "test").await.unwrap();
    store.commit(&commit(&control, claim, 60, after.clone())).await.unwrap();
    for change in after {
        let (Change::Insert(document) | Change::Update { document, .. }) = change else {
            panic!("{change:?}");
        };
        assert_eq!(store.load(&control.live, &[document.key()]).await.unwrap(), [document]);
    }
}

/// U+FDFA is searched as a sentence: nothing has more to say in as many characters.
async fn the_longest_search_texts_are_stored_and_change_at_once(store: Arc<dyn ViewStore>) {
    let (name, address) = ("\u{FDFA}".repeat(200), "\u{FDFA}".repeat(500));
    let longest = Customer {
        address: address.clone(),
        search_address: searchable(&address),
        ..customer("c", 1, (&name, &name))
    };
    assert!(longest.search_name.len() > 13_000 && longest.search_address.len() > 16_000);
    let people: Vec<Customer> =
        (0..1_000).map(|number| Customer { id: format!("c{number}"), ..longest.clone() }).collect();
    let control = stored(&*store, inserts(people.iter().cloned().map(Document::Customer))).await;
    let bought = people.into_iter().map(|it| Customer { purchases: 1, ..it });
    let changes = bought.map(Document::Customer).map(update).collect();
    let claim = store.claim(&control.live, P0, "test").await.unwrap();
    store.commit(&commit(&control, claim, 1_000_001, changes)).await.unwrap();
    let ids = ["c0".to_owned(), "c999".to_owned()];
    let found = store.customers(&control.live, &ids).await.unwrap();
    assert!(found.len() == 2 && found.iter().all(|it| it.purchases == 1));
}

async fn what_does_not_meet_its_document_stores_nothing(store: Arc<dyn ViewStore>) {
    let control = stored(
        &*store,
        inserts([Document::Customer(anna()), Document::Bucket(bucket("anna", 0, 1..=2))]),
    )
    .await;
    let newer = |last| Document::Customer(Customer { last, ..anna() });
    let push = |stored_purchases| Change::Update {
        document: Document::Bucket(bucket("anna", 0, 1..=9)),
        stored_purchases,
    };
    let misfits = [
        Change::Insert(newer(9)),
        update(Document::Customer(customer("nobody", 1, ("Jan", "Nikt")))),
        update(newer(0)),
        push(1),
        push(3),
        Change::Remove(Key::Parked(P0, "nobody".into())),
    ];
    for misfit in misfits {
        let ola = Change::Insert(Document::Customer(customer("ola", 5, ("Ola", "Żak"))));
        let claim = store.claim(&control.live, P0, "test").await.unwrap();
        let damaged =
            store.commit(&commit(&control, claim, 2_000_000, vec![ola, misfit.clone()])).await;
        assert!(matches!(damaged, Err(CommitError::Damaged(_))), "{misfit:?}: {damaged:?}");
        assert_eq!(store.load(&control.live, &[Key::Customer("ola".into())]).await.unwrap(), []);
        assert_eq!(store.checkpoints(&control.live).await.unwrap()[&P0].at, 1_000_000);
    }
}

async fn waiting_readers_are_woken(store: Arc<dyn ViewStore>) {
    let mut commits = store.commits();
    commits.mark_unchanged();
    stored(&*store, vec![]).await;
    assert!(commits.has_changed().unwrap());
}
