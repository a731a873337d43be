//! Generations that are made, filled, exchanged and removed.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use event_log::{Ledger, Offset, Partition, WriterId};
use uuid::Uuid;
use views::{
    Checkpoint, CommitError, Control, Document, GenerationName, Heartbeat, Key, Mode, Phase,
    StoreError, ViewStore,
};

use crate::given::*;

crate::contract![
    the_first_control_document_is_stored_once,
    of_two_changes_of_control_one_is_made,
    a_new_generation_begins_at_the_logs_begin,
    what_a_job_left_unmade_is_made_and_the_rest_is_left,
    a_checkpoint_moves_only_from_where_it_was_read,
    a_claim_overtakes_a_fill,
    nobody_commits_to_a_generation_that_is_being_filled,
    a_filled_generation_goes_over_to_transactions,
    what_is_removed_is_gone_and_can_be_made_again,
    only_the_named_generation_is_removed,
    without_checkpoints_nobody_can_feed,
    what_is_stored_is_known_without_control,
    the_newest_beat_of_each_generation_is_known,
];

fn second() -> GenerationName {
    GenerationName::new(2, "x7")
}

fn ends() -> BTreeMap<Partition, Offset> {
    BTreeMap::from([(P0, 100), (Partition(1), 0)])
}

async fn checkpoint(store: &dyn ViewStore) -> Checkpoint {
    store.checkpoints(&second()).await.unwrap()[&P0]
}

async fn the_first_control_document_is_stored_once(store: Arc<dyn ViewStore>) {
    assert_eq!(store.find_control().await.unwrap(), None);
    let first = Control::first(&GenerationName::new(1, "a"), LOG, VERSIONS, "job-a");
    let second = Control::first(&GenerationName::new(1, "b"), LOG, VERSIONS, "job-b");
    let (one, other) = tokio::join!(store.insert_control(&first), store.insert_control(&second));
    let (one, other) = (one.unwrap(), other.unwrap());
    assert_ne!(one, other);
    let stored = if one { first } else { second };
    assert_eq!(store.find_control().await.unwrap(), Some(stored));
    // Nobody reads a generation that is being filled.
    assert_eq!(store.control().await.unwrap(), None);
}

async fn of_two_changes_of_control_one_is_made(store: Arc<dyn ViewStore>) {
    let control = begun(&*store).await;
    let one = control.with_rebuild(&GenerationName::new(2, "a"), LOG, VERSIONS, "a").unwrap();
    let other = control.with_rebuild(&GenerationName::new(2, "b"), LOG, VERSIONS, "b").unwrap();
    let (first, second) = tokio::join!(store.replace_control(&one), store.replace_control(&other));
    let (first, second) = (first.unwrap(), second.unwrap());
    assert_ne!(first, second);
    let made = if first { one } else { other };
    assert_eq!(store.find_control().await.unwrap(), Some(made.clone()));
    assert!(!store.replace_control(&made).await.unwrap(), "it is there already");
    assert_eq!(store.control().await.unwrap(), Some(made));
}

async fn a_new_generation_begins_at_the_logs_begin(store: Arc<dyn ViewStore>) {
    store.create(&second(), &ends()).await.unwrap();
    let first = |to| Checkpoint {
        rev: 1,
        at: 0,
        ledger: Ledger::default(),
        mode: Mode::Fill { to },
        parked: 0,
    };
    let expected = BTreeMap::from([(P0, first(100)), (Partition(1), first(0))]);
    assert_eq!(store.checkpoints(&second()).await.unwrap(), expected);
    assert_eq!(store.load(&second(), &[Key::Customer("anna".into())]).await.unwrap(), []);
}

async fn what_a_job_left_unmade_is_made_and_the_rest_is_left(store: Arc<dyn ViewStore>) {
    store.create(&second(), &BTreeMap::from([(P0, 100)])).await.unwrap();
    let moved = Checkpoint { at: 50, ..checkpoint(&*store).await };
    store.move_checkpoint(&second(), P0, &moved).await.unwrap();
    store.fill(&second(), vec![Document::Customer(anna())]).await.unwrap();
    store.create(&second(), &BTreeMap::from([(P0, 70), (Partition(1), 7)])).await.unwrap();
    let checkpoints = store.checkpoints(&second()).await.unwrap();
    assert_eq!(checkpoints[&P0], Checkpoint { rev: 2, ..moved });
    assert_eq!(checkpoints[&Partition(1)].mode, Mode::Fill { to: 7 });
    let loaded = store.load(&second(), &[Key::Customer("anna".into())]).await.unwrap();
    assert_eq!(loaded, [Document::Customer(anna())]);
}

async fn a_checkpoint_moves_only_from_where_it_was_read(store: Arc<dyn ViewStore>) {
    store.create(&second(), &ends()).await.unwrap();
    let ledger = Ledger { epoch: 3, writer: Some(WriterId(Uuid::from_u128(5))), sequence: 8 };
    let read = checkpoint(&*store).await;
    let moved = Checkpoint { at: 60, ledger, parked: 2, mode: Mode::Fill { to: 120 }, ..read };
    let rev = store.move_checkpoint(&second(), P0, &moved).await.unwrap();
    assert_eq!(rev, read.rev + 1);
    assert_eq!(checkpoint(&*store).await, Checkpoint { rev, ..moved });
    let late = store.move_checkpoint(&second(), P0, &Checkpoint { at: 70, ..read }).await;
    assert!(matches!(late, Err(CommitError::Stale)), "{late:?}");
    let absent = store.move_checkpoint(&second(), Partition(9), &read).await;
    assert!(matches!(absent, Err(CommitError::Stale)), "{absent:?}");
    assert_eq!(checkpoint(&*store).await, Checkpoint { rev, ..moved });
}

async fn a_claim_overtakes_a_fill(store: Arc<dyn ViewStore>) {
    store.create(&second(), &ends()).await.unwrap();
    let read = checkpoint(&*store).await;
    let claim = store.claim(&second(), P0, "another job").await.unwrap();
    assert_eq!(claim.checkpoint, Checkpoint { rev: read.rev + 1, ..read });
    let late = store.move_checkpoint(&second(), P0, &Checkpoint { at: 70, ..read }).await;
    assert!(matches!(late, Err(CommitError::Stale)), "{late:?}");
    let moved = Checkpoint { at: 70, ..claim.checkpoint };
    store.move_checkpoint(&second(), P0, &moved).await.unwrap();
}

async fn nobody_commits_to_a_generation_that_is_being_filled(store: Arc<dyn ViewStore>) {
    store.create(&second(), &ends()).await.unwrap();
    let control = Control::first(&second(), LOG, VERSIONS, "job");
    let claim = store.claim(&second(), P0, "projector").await.unwrap();
    let early = commit(&control, claim, 5, inserts([Document::Customer(anna())]));
    assert!(matches!(store.commit(&early).await, Err(CommitError::Stale)));
    assert_eq!(checkpoint(&*store).await, claim.checkpoint);
    assert_eq!(store.load(&second(), &[Key::Customer("anna".into())]).await.unwrap(), []);
}

async fn a_filled_generation_goes_over_to_transactions(store: Arc<dyn ViewStore>) {
    store.create(&second(), &ends()).await.unwrap();
    store.fill(&second(), vec![Document::Customer(anna())]).await.unwrap();
    store.create_indexes(&second()).await.unwrap();
    store.create_indexes(&second()).await.unwrap();
    let claim = store.claim(&second(), P0, "job").await.unwrap();
    let live = Checkpoint { at: 100, mode: Mode::Live, ..claim.checkpoint };
    let rev = store.move_checkpoint(&second(), P0, &live).await.unwrap();
    let control = Control::first(&second(), LOG, VERSIONS, "job");
    let claim = views::FeedClaim { checkpoint: Checkpoint { rev, ..live } };
    let ola = Document::Customer(customer("ola", 5, ("Ola", "Żak")));
    let batch = commit(&control, claim, 105, inserts([ola.clone()]));
    // The claim of a fill is good for the commits after it.
    store.commit(&batch).await.unwrap();
    let keys = [Key::Customer("anna".into()), Key::Customer("ola".into())];
    let mut loaded = store.load(&second(), &keys).await.unwrap();
    loaded.sort_by_key(Document::key);
    assert_eq!(loaded, [Document::Customer(anna()), ola]);
    store.repoint(&second()).await.unwrap();
    store.repoint(&second()).await.unwrap();
}

async fn what_is_removed_is_gone_and_can_be_made_again(store: Arc<dyn ViewStore>) {
    store.create(&second(), &ends()).await.unwrap();
    store.fill(&second(), vec![Document::Customer(anna())]).await.unwrap();
    for _ in 0..2 {
        store.remove_checkpoints(&second()).await.unwrap();
        store.remove_collections(&second()).await.unwrap();
    }
    assert_eq!(store.stored_generations().await.unwrap(), BTreeSet::new());
    store.create(&second(), &ends()).await.unwrap();
    assert_eq!(store.load(&second(), &[Key::Customer("anna".into())]).await.unwrap(), []);
    assert_eq!(checkpoint(&*store).await.at, 0);
}

async fn only_the_named_generation_is_removed(store: Arc<dyn ViewStore>) {
    let live = stored(&*store, inserts([Document::Customer(anna())])).await.live;
    store.create(&second(), &ends()).await.unwrap();
    store.remove_checkpoints(&second()).await.unwrap();
    store.remove_collections(&second()).await.unwrap();
    assert_eq!(store.stored_generations().await.unwrap(), BTreeSet::from([live.clone()]));
    let loaded = store.load(&live, &[Key::Customer("anna".into())]).await.unwrap();
    assert_eq!(loaded, [Document::Customer(anna())]);
    assert_eq!(store.checkpoints(&live).await.unwrap()[&P0].at, 1_000_000);
}

async fn without_checkpoints_nobody_can_feed(store: Arc<dyn ViewStore>) {
    let control = begun(&*store).await;
    let claim = store.claim(&control.live, P0, "test").await.unwrap();
    store.remove_checkpoints(&control.live).await.unwrap();
    let late = commit(&control, claim, 5, inserts([Document::Customer(anna())]));
    assert!(matches!(store.commit(&late).await, Err(CommitError::Stale)));
    let gone = store.claim(&control.live, P0, "test").await;
    assert!(matches!(gone, Err(StoreError::GenerationGone)), "{gone:?}");
}

async fn what_is_stored_is_known_without_control(store: Arc<dyn ViewStore>) {
    assert_eq!(store.stored_generations().await.unwrap(), BTreeSet::new());
    let live = begun(&*store).await.live;
    store.create(&second(), &ends()).await.unwrap();
    let both = BTreeSet::from([live, second()]);
    assert_eq!(store.stored_generations().await.unwrap(), both);
    store.remove_checkpoints(&second()).await.unwrap();
    assert_eq!(store.stored_generations().await.unwrap(), both, "its collections are still there");
    store.create(&second(), &ends()).await.unwrap();
    store.remove_collections(&second()).await.unwrap();
    assert_eq!(store.stored_generations().await.unwrap(), both, "its checkpoints are still there");
}

async fn the_newest_beat_of_each_generation_is_known(store: Arc<dyn ViewStore>) {
    assert_eq!(store.beats().await.unwrap(), []);
    let beat = |generation: &GenerationName, count, phase| Heartbeat {
        generation: generation.clone(),
        job: "job-a".into(),
        instance: "anna's machine".into(),
        count,
        phase,
        done: count * 10,
        total: 1_000,
        rate: 10,
    };
    let third = GenerationName::new(3, "y");
    let phases =
        [Phase::Paused, Phase::Filling, Phase::Indexing, Phase::CatchingUp, Phase::Verifying];
    for (count, phase) in (1..).zip(phases) {
        store.beat(&beat(&second(), count, phase)).await.unwrap();
    }
    for (count, phase) in (1..).zip([Phase::Cancelled, Phase::Flipped]) {
        store.beat(&beat(&third, count, phase)).await.unwrap();
    }
    let newest = [beat(&second(), 5, Phase::Verifying), beat(&third, 2, Phase::Flipped)];
    assert_eq!(store.beats().await.unwrap(), newest);
    store.remove_collections(&second()).await.unwrap();
    assert_eq!(store.beats().await.unwrap(), newest[1..]);
}
