//! A fill that is killed wherever it waits, with much memory and with next to none, comes to what feeding comes to.

use std::collections::{BTreeMap, BTreeSet};

use event_log::{EventLog, LogIdentity, LogSettings, MemoryLog};
use futures::StreamExt as _;
use proptest::prelude::*;
use tokio::sync::watch;
use views::{
    Key, MemoryViews, View, ViewBuild as _, ViewFeed as _, ViewReader as _, ViewScan as _,
    ViewStore,
};

use super::*;
use crate::{
    partition::tests::{
        PARTITION, documents,
        script::{Op, Script, ops},
        shop,
    },
    rebuild::{Limits, Progress},
};

/// A log with one partition, and a store that is to be filled from it.
struct Shop {
    log: Arc<MemoryLog>,
    store: Arc<MemoryViews>,
    generation: GenerationName,
}

impl Shop {
    async fn of(script: &Script) -> Self {
        let log = Arc::new(MemoryLog::new(1));
        for stored in &script.records {
            log.put(PARTITION, stored.record.clone()).unwrap();
        }
        let (store, generation) = (Arc::new(MemoryViews::new()), GenerationName::new(1, "fill"));
        store.create(&generation, &BTreeMap::from([(PARTITION, script.end())])).await.unwrap();
        Self { log, store, generation }
    }

    async fn checkpoint(&self) -> Checkpoint {
        self.store.checkpoints(&self.generation).await.unwrap()[&PARTITION]
    }

    fn fill(&self, memory: u64, skips: BTreeSet<Offset>) -> Fill {
        let (log, store): (Arc<dyn EventLog>, Arc<dyn ViewStore>) =
            (Arc::<MemoryLog>::clone(&self.log), Arc::<MemoryViews>::clone(&self.store));
        let identity = LogIdentity {
            id: crate::partition::tests::LOG,
            partitions: 1,
            settings: LogSettings::USUAL,
        };
        let gate = Arc::new(Throttle::new());
        // Small pieces, so that there is much to wait for.
        gate.set(Limits { paused: false, throttle: Some(40) });
        Fill {
            ground: Context { log, identity, store },
            generation: self.generation.clone(),
            partition: PARTITION,
            memory,
            skips,
            under_way: InFlight::default(),
            gate,
            meter: Arc::new(ProgressCounter::new(watch::Sender::new(Progress::default()))),
            faults: Faults::default(),
        }
    }

    /// Fills, each step so long after the one before, and is killed when it has waited so often. Says whether it came to
    /// its end.
    async fn fill_until_killed(&self, memory: u64, pace: Duration, waits: usize) -> bool {
        let fill = self.fill(memory, BTreeSet::new());
        let from = self.checkpoint().await;
        let mut run = Box::pin(fill.run(from));
        for _ in 0..waits {
            if let std::task::Poll::Ready(done) = futures::poll!(&mut run) {
                done.unwrap();
                return true;
            }
            tokio::time::advance(pace).await;
        }
        false
    }

    async fn check(&self, script: &Script) {
        let expected = documents(script);
        let keys: Vec<Key> = expected.documents.keys().cloned().collect();
        let mut stored = self.store.load(&self.generation, &keys).await.unwrap();
        stored.sort_by_key(views::Document::key);
        assert_eq!(stored, expected.documents.into_values().collect::<Vec<_>>());
        let moment = self.store.moment(&self.generation).await.unwrap();
        let mut count = 0;
        for view in View::ALL {
            let stretches: Vec<_> = moment.scan(view, None).collect().await;
            count +=
                stretches.iter().map(|it| it.as_ref().unwrap().documents().count()).sum::<usize>();
        }
        assert_eq!(count, keys.len(), "nothing else is stored");
        let checkpoint = self.checkpoint().await;
        let Checkpoint { at, ledger, parked, .. } = expected.checkpoint;
        assert_eq!((checkpoint.at, checkpoint.ledger, checkpoint.parked), (at, ledger, parked));
    }
}

/// Memory for all documents or for none, and at last time to store them again and again.
const HOW: [(u64, Duration); 3] = [
    (1 << 30, Duration::from_millis(250)),
    (1, Duration::from_millis(250)),
    (1 << 30, Duration::from_secs(40)),
];

async fn check(script: &Script, kills: &[usize]) {
    for (memory, pace) in HOW {
        let shop = Shop::of(script).await;
        let mut kills = kills.iter().copied();
        while !shop.fill_until_killed(memory, pace, kills.next().unwrap_or(usize::MAX)).await {}
        shop.check(script).await;
    }
}

fn run(test: impl Future<Output = ()>) {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_time().start_paused(true).build().unwrap().block_on(test);
}

#[test]
fn a_fill_goes_on_wherever_it_was_killed() {
    let mut script = shop();
    script.play(&[Op::Trouble(1, crate::partition::tests::script::Trouble::UnknownType)]);
    script.play(&[Op::Buy(0); 70]);
    script.play(&[Op::Skip(0), Op::Create(2), Op::Buy(2)]);
    run(async {
        for waits in 0..80 {
            check(&script, &[waits]).await;
        }
    });
}

proptest! {
    #[test]
    fn a_fill_comes_to_what_feeding_comes_to(
        ops in ops(),
        kills in prop::collection::vec(0..40_usize, 0..5),
    ) {
        let mut script = shop();
        script.play(&ops);
        run(async { check(&script, &kills).await });
    }
}

#[test]
fn an_event_that_is_skipped_though_it_can_be_read_is_told() {
    let mut script = shop();
    let event = script.end();
    script.play(&[Op::Buy(0)]);
    script.skip(event);
    run(async {
        let shop = Shop::of(&script).await;
        let from = shop.checkpoint().await;
        let error = shop.fill(1 << 20, BTreeSet::new()).run(from).await.unwrap_err();
        let place = RecordId { partition: PARTITION, offset: event };
        assert!(
            matches!(error, StepError::Fatal(RebuildError::Skipped(it)) if it == BTreeSet::from([place]))
        );
        let other = Shop::of(&script).await;
        other.fill(1 << 20, BTreeSet::from([event])).run(from).await.unwrap();
        let customer = Key::Customer("c0".into());
        let found = other.store.load(&other.generation, &[customer]).await.unwrap();
        assert!(matches!(&found[..], [views::Document::Customer(it)] if it.purchases == 0));
    });
}
