//! What waits in quarantine is taken in by a program that can.

use std::sync::Arc;

use domain::{Event, testing::customer_created};
use event_log::{EventLog, MemoryLog, Partition, codec};
use projector::{Retried, Retry, RetryError, fold::RecordedEvent};
use tokio::sync::{Mutex, MutexGuard};
use views::{Document, MemoryViews, MongoViews, ViewStore};

use crate::{
    given::{IDENTITY, Writer, caught_up, documents, projector},
    history::{PARTITIONS, Step, history},
};

/// The process as a whole is the older program or the newer one.
static PROGRAM: Mutex<()> = Mutex::const_new(());

async fn as_the_older_program() -> MutexGuard<'static, ()> {
    let turn = PROGRAM.lock().await;
    codec::test_v2::understand(false);
    turn
}

/// Two customers of one partition buy the same bread in turn.
fn facts(purchases: u32) -> Vec<RecordedEvent> {
    let buy = |n: u32| Step::Buy {
        customer: if n.is_multiple_of(2) { 0 } else { 3 },
        product: 0,
        thousandths: 1_000 + n,
    };
    let begin = [Step::Create(0), Step::Create(3), Step::Price { product: 0, grosze: 36, name: 0 }];
    history(&begin.into_iter().chain((0..purchases).map(buy)).collect::<Vec<_>>())
}

/// The second purchase of `c0` is written by a later program, and so is every tenth after it.
fn write(writer: &mut Writer, facts: &[RecordedEvent]) {
    for fact in facts {
        let is_later = is_of_c0(fact)
            && matches!(&fact.event, Event::ProductPurchased(it) if it.purchase_id.number % 10 == 2);
        if is_later {
            writer.write_later(fact);
        } else {
            writer.write(std::slice::from_ref(fact));
        }
    }
}

fn is_of_c0(fact: &RecordedEvent) -> bool {
    matches!(&fact.event, Event::ProductPurchased(it) if it.purchase_id.customer.as_str() == "c0")
}

async fn retry(
    writer: &Writer,
    store: &Arc<dyn ViewStore>,
    key: &str,
) -> Result<Retried, RetryError> {
    let log: &MemoryLog = &writer.log;
    let retry = Retry { log, identity: IDENTITY, store: &**store, instance: "retry", seed: 1 };
    retry.run(key).await
}

async fn parked(store: &dyn ViewStore) -> Vec<(String, u64)> {
    let control = store.control().await.unwrap().unwrap();
    let parked = store.parked(&control.live).await.unwrap();
    parked.into_iter().map(|it| (it.key, it.waiting)).collect()
}

/// The views as a program makes them that could read everything from the first.
async fn as_if_nothing_had_waited(writer: &Writer, facts: &[RecordedEvent]) -> Vec<Document> {
    let store: Arc<dyn ViewStore> = Arc::new(MemoryViews::new());
    let projector = projector(writer, &store, "new");
    caught_up(writer, &*store, 0..PARTITIONS).await;
    projector.stop().await;
    documents(&*store, facts).await
}

async fn what_waits_is_taken_in(store: Arc<dyn ViewStore>) {
    let _turn = as_the_older_program().await;
    let facts = facts(2_600);
    let (first, last) = facts.split_at(2_500);
    let mut writer = Writer::new();
    write(&mut writer, first);
    let running = projector(&writer, &store, "one");
    caught_up(&writer, &*store, 0..PARTITIONS).await;
    // All but the first, which was taken in, and the second, which nobody could read.
    assert_eq!(parked(&*store).await, [("c0".to_owned(), of_c0(first) - 2)]);

    codec::test_v2::understand(true);
    let taken = taken_in_beside(&mut writer, &store, last).await;
    assert!((of_c0(first) - 1..of_c0(&facts)).contains(&taken), "{taken}");
    assert_eq!(parked(&*store).await, []);
    let expected = as_if_nothing_had_waited(&writer, &facts).await;
    assert_eq!(documents(&*store, &facts).await, expected);
    running.stop().await;
}

fn of_c0(facts: &[RecordedEvent]) -> u64 {
    facts.iter().filter(|fact| is_of_c0(fact)).map(|_| 1).sum()
}

/// Takes in what waits while a projector goes on with these; says how many events.
async fn taken_in_beside(
    writer: &mut Writer,
    store: &Arc<dyn ViewStore>,
    facts: &[RecordedEvent],
) -> u64 {
    let (log, seen) = (Arc::clone(&writer.log), Arc::clone(store));
    let retried = tokio::spawn(async move {
        let retry =
            Retry { log: &*log, identity: IDENTITY, store: &*seen, instance: "retry", seed: 1 };
        retry.run("c0").await
    });
    for fact in facts {
        writer.write(std::slice::from_ref(fact));
        tokio::task::yield_now().await;
    }
    let retried = retried.await.unwrap().unwrap();
    assert_eq!(retried.left, []);
    caught_up(writer, &**store, 0..PARTITIONS).await;
    retried.taken
}

#[tokio::test]
async fn what_waits_in_memory_is_taken_in_as_if_it_had_never_waited() {
    what_waits_is_taken_in(Arc::new(MemoryViews::new())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_in_mongodb_is_taken_in_as_if_it_had_never_waited() {
    let database = testkit::unique("retry");
    let store = MongoViews::open(testkit::mongodb(), &database).await.unwrap();
    what_waits_is_taken_in(store).await;
}

#[tokio::test]
async fn what_still_cannot_be_read_holds_up_what_stands_behind_it() {
    let _turn = as_the_older_program().await;
    let (facts, mut writer) = (facts(40), Writer::new());
    let store: Arc<dyn ViewStore> = Arc::new(MemoryViews::new());
    let running = projector(&writer, &store, "one");
    write(&mut writer, &facts);
    writer.unreadable(Partition(0), customer_created("c0"));
    let broken = writer.log.end(Partition(0)).await.unwrap() - 1;
    writer.event(Partition(0), customer_created("c0"));
    caught_up(&writer, &*store, 0..PARTITIONS).await;
    assert_eq!(parked(&*store).await, [("c0".to_owned(), 20)]);

    codec::test_v2::understand(true);
    let retried = retry(&writer, &store, "c0").await.unwrap();
    let [left] = &retried.left[..] else { panic!("{retried:?}") };
    assert_eq!((left.place.offset, left.waiting, retried.taken), (broken, 1, 19));
    assert!(left.reason.contains("CustomerCreated"), "{}", left.reason);
    assert_eq!(parked(&*store).await, [("c0".to_owned(), 1)]);
    let again = retry(&writer, &store, "c0").await.unwrap();
    assert_eq!((again.taken, again.left), (0, retried.left));
    let other = retry(&writer, &store, "c3").await;
    assert!(matches!(other, Err(RetryError::NotParked(_))), "{other:?}");
    running.stop().await;

    let expected = as_if_nothing_had_waited(&writer, &facts).await;
    assert_eq!(documents(&*store, &facts).await, expected);
}
