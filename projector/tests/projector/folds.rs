//! The folds: the same documents however often and however cut the events are folded.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

use domain::{Event, Name};
use event_log::{Ledger, LogId, Offset, Partition};
use projector::{
    DocumentCache,
    fold::{ApplyAt, CannotApply, RecordedEvent, VERSIONS, keys, touches},
};
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use uuid::Uuid;
use views::{Checkpoint, Commit, Control, Document, Key, MemoryViews, Mode, MongoViews, ViewStore};

use crate::{
    history::{PARTITIONS, Step, history, many_prices, many_purchases, steps},
    recount::Recount,
};

/// How a history is fed.
#[derive(Debug, Clone)]
struct Feeding {
    /// How many events each batch has, over and over.
    cuts: Vec<usize>,
    /// Whether nothing is remembered from batch to batch.
    forgetful: bool,
    /// Whether every batch is folded twice.
    twice: bool,
}

fn feedings() -> impl Strategy<Value = Feeding> {
    let cuts = prop::collection::vec(1..20_usize, 1..5);
    (cuts, any::<bool>(), any::<bool>()).prop_map(|(cuts, forgetful, twice)| Feeding {
        cuts,
        forgetful,
        twice,
    })
}

fn plainly() -> Feeding {
    Feeding { cuts: vec![1], forgetful: false, twice: false }
}

async fn fed(
    store: Arc<dyn ViewStore>,
    facts: &[RecordedEvent],
    feeding: &Feeding,
) -> Vec<Document> {
    let log = LogId(Uuid::nil());
    let control = views::testing::begun(&*store, log, PARTITIONS, VERSIONS, "test").await.unwrap();
    for partition in Partition::all(PARTITIONS) {
        let own = facts.iter().filter(|fact| fact.place.partition == partition);
        feed_partition(&*store, &control, partition, own.cloned().collect(), feeding).await;
    }
    let all: BTreeSet<Key> = facts.iter().flat_map(keys).collect();
    let all: Vec<Key> = all.into_iter().collect();
    let mut documents = store.load(&control.live, &all).await.unwrap();
    documents.sort_by_key(Document::key);
    documents
}

async fn feed_partition(
    store: &dyn ViewStore,
    control: &Control,
    partition: Partition,
    mut facts: Vec<RecordedEvent>,
    feeding: &Feeding,
) {
    let mut rev = store.claim(&control.live, partition, "test").await.unwrap().checkpoint.rev;
    let mut image = DocumentCache::default();
    for cut in feeding.cuts.iter().cycle() {
        if facts.is_empty() {
            break;
        }
        let batch: Vec<RecordedEvent> = facts.drain(..facts.len().min(*cut)).collect();
        let missing = image.missing(&batch);
        let documents = store.load(&control.live, &missing).await.unwrap();
        image.loaded(documents);
        for _ in 0..=u8::from(feeding.twice) {
            fold_all(&mut image, &batch);
        }
        let at = batch.last().unwrap().place.offset + 1;
        let checkpoint =
            Checkpoint { rev, at, ledger: Ledger::default(), mode: Mode::Live, parked: 0 };
        let generation = control.live.clone();
        let commit = Commit { generation, partition, checkpoint, changes: image.changes() };
        rev = store.commit(&commit).await.unwrap();
        image.stored(usize::MAX);
        fold_all(&mut image, &batch);
        assert_eq!(image.changes(), [], "what is stored takes in nothing twice");
        if feeding.forgetful {
            image = DocumentCache::default();
        }
    }
}

fn fold_all(image: &mut DocumentCache, facts: &[RecordedEvent]) {
    for fact in facts {
        image.fold(fact).unwrap();
    }
}

fn memory() -> Arc<dyn ViewStore> {
    Arc::new(MemoryViews::new())
}

fn check(steps: &[Step], feeding: &Feeding) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let facts = history(steps);
    let documents = runtime.block_on(fed(memory(), &facts, feeding));
    assert_eq!(documents, runtime.block_on(fed(memory(), &facts, &plainly())));
    assert_eq!(Recount::of_documents(&documents), Recount::of_facts(&facts));
}

proptest! {
    #[test]
    fn views_depend_on_the_events_alone(steps in steps(150), feeding in feedings()) {
        check(&steps, &feeding);
    }
}

#[test]
fn buckets_fill_one_after_the_other() {
    let feeding = Feeding { cuts: vec![7, 50], forgetful: true, twice: true };
    check(&many_purchases(32), &feeding);
    check(&many_purchases(33), &feeding);
    check(&many_purchases(200), &feeding);
}

#[test]
fn prices_fill_one_document_after_the_other() {
    let feeding = Feeding { cuts: vec![5, 41], forgetful: true, twice: true };
    check(&many_prices(32), &feeding);
    check(&many_prices(33), &feeding);
    check(&many_prices(100), &feeding);
}

#[tokio::test]
async fn mongodb_and_memory_have_the_same_documents() {
    let uri = tokio::task::spawn_blocking(testkit::mongodb).await.unwrap();
    let mut runner = TestRunner::default();
    for _ in 0..8 {
        let drawn = (steps(150), feedings()).new_tree(&mut runner).unwrap().current();
        let (steps, feeding) = drawn;
        let facts = history(&steps);
        let mongo = MongoViews::open(uri, &testkit::unique("folds")).await.unwrap();
        let documents = fed(mongo, &facts, &feeding).await;
        assert_eq!(documents, fed(memory(), &facts, &plainly()).await, "{steps:?} {feeding:?}");
    }
    let feeding = Feeding { cuts: vec![1, 30, 31], forgetful: false, twice: false };
    for steps in [many_purchases(100), many_prices(70)] {
        let facts = history(&steps);
        let mongo = MongoViews::open(uri, &testkit::unique("folds")).await.unwrap();
        assert_eq!(fed(mongo, &facts, &feeding).await, fed(memory(), &facts, &plainly()).await);
    }
}

/// Names are shown as they were recorded; types are one to everybody who narrows a list or sums by them.
#[tokio::test]
async fn what_was_recorded_decomposed_is_found_and_summed_with_the_rest() {
    let mut facts = history(&many_purchases(1));
    let [.., created, priced, bought] = facts.as_mut_slice() else { panic!("three facts") };
    let recorded = |text| Name::recorded(text).unwrap();
    match (&mut created.event, &mut priced.event, &mut bought.event) {
        (
            Event::CustomerCreated(created),
            Event::ProductPriced(priced),
            Event::ProductPurchased(bought),
        ) => {
            created.last_name = recorded("Z\u{307}o\u{301}łc\u{301}");
            priced.name = recorded("Chleb z\u{307}ytni");
            priced.product_type = recorded("z\u{307}ytni");
            bought.product_type = recorded("z\u{307}ytni");
        }
        other => panic!("{other:?}"),
    }
    for document in fed(memory(), &facts, &plainly()).await {
        match document {
            Document::Customer(it) => {
                assert_eq!(it.last_name, "Z\u{307}o\u{301}łc\u{301}");
                assert!(it.search_name.ends_with(" zolc"), "{}", it.search_name);
            }
            Document::Product(it) => {
                assert_eq!(
                    (it.search_name.as_str(), it.product_type.as_str()),
                    ("chleb zytni", "żytni")
                );
            }
            Document::Prices(it) => assert_eq!(it.versions[0].product_type, "żytni"),
            Document::Bucket(it) => assert_eq!(it.purchases[0].product_type, "żytni"),
            Document::DaySales(it) => assert_eq!(it.product_type, "żytni"),
            Document::ProductSales(_) | Document::Parked(_) | Document::Queue(_) => {}
        }
    }
}

#[test]
fn an_event_that_does_not_fit_is_told_and_changes_nothing() {
    let facts = history(&many_purchases(3));
    let mut image = DocumentCache::default();
    // The second purchase without the first.
    image.fold(&facts[0]).unwrap();
    let before = image.changes();
    let purchase = facts.last().unwrap();
    let misfit = image.fold(purchase).unwrap_err();
    assert!(misfit.to_string().contains("c0:3"), "{misfit}");
    assert_eq!(image.changes(), before);
    for touch in touches(&purchase.event) {
        let is_sum =
            matches!(touch.key(ApplyAt::of(purchase)), Key::ProductSales(..) | Key::DaySales(..));
        assert_eq!(touch.fits(None).is_ok(), is_sum);
    }
}

/// The documents of events that are applied in this order, whatever their documents' `last`; in their turn, or after
/// they have waited.
fn applied(
    facts: &[RecordedEvent],
    waited: Option<Offset>,
) -> Result<BTreeMap<Key, Option<Document>>, CannotApply> {
    let mut documents = BTreeMap::new();
    for fact in facts {
        let turn = ApplyAt::of(fact);
        let at = ApplyAt { last: waited.unwrap_or(turn.last), ..turn };
        for touch in touches(&fact.event) {
            let document = documents.entry(touch.key(at)).or_insert(None);
            touch.fits(document.as_ref())?;
            touch.apply(at, document);
        }
    }
    Ok(documents)
}

/// Another order of the same facts, in which each aggregate keeps its own.
fn shuffled(facts: &[RecordedEvent], chance: &[prop::sample::Index]) -> Vec<RecordedEvent> {
    let mut queues: BTreeMap<&str, VecDeque<&RecordedEvent>> = BTreeMap::new();
    for fact in facts {
        queues.entry(fact.key()).or_default().push_back(fact);
    }
    let mut shuffled = Vec::new();
    let mut chance = chance.iter().cycle();
    while !queues.is_empty() {
        let drawn = chance.next().unwrap().index(queues.len());
        let key = *queues.keys().nth(drawn).unwrap();
        let queue = queues.get_mut(key).unwrap();
        shuffled.extend(queue.pop_front().cloned());
        if queue.is_empty() {
            queues.remove(key);
        }
    }
    shuffled
}

proptest! {
    #[test]
    fn only_the_order_within_an_aggregate_matters(
        steps in steps(150),
        chance in prop::collection::vec(any::<prop::sample::Index>(), 1..100),
    ) {
        let facts = history(&steps);
        for waited in [None, Some(1_000)] {
            let other = applied(&shuffled(&facts, &chance), waited);
            prop_assert_eq!(other, applied(&facts, waited));
        }
    }
}
