use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::{
    Content, Envelope, LogId, MemoryLog, NewRecord, Stamp, Timestamp, Trace, WriterId,
    WriterStarted,
};

const P: Partition = Partition(0);

/// What stands in a log: by whom, and what of it.
#[derive(Debug, Clone, Copy)]
enum Op {
    /// The next epoch begins.
    Start,
    /// The writer in force goes on.
    Next,
    /// The writer in force stores its last record once more.
    Again,
    /// A writer that was replaced.
    Late,
    Foreign,
}

/// The records of a history; `branch` tells the writers of two histories apart.
fn put(log: &MemoryLog, ops: &[Op], branch: u128, epoch: &mut u64, sequence: &mut u64) {
    for op in ops {
        let (at, starts) = match op {
            Op::Start => {
                (*epoch, *sequence) = (*epoch + 1, 0);
                ((*epoch, 0), true)
            }
            Op::Next => {
                *sequence += 1;
                ((*epoch, *sequence), false)
            }
            Op::Again => ((*epoch, *sequence), *sequence == 0),
            Op::Late => ((epoch.saturating_sub(1), 7), false),
            Op::Foreign => {
                log.put(P, NewRecord::default()).unwrap();
                continue;
            }
        };
        log.put(P, record(at, branch, starts)).unwrap();
    }
}

fn record((epoch, sequence): (u64, u64), branch: u128, starts: bool) -> NewRecord {
    let id = LogId(Uuid::nil());
    let started = WriterStarted { log_id: id, partitions: 1, address: None, settings: None };
    let writer = WriterId(Uuid::from_u128(branch * 1_000 + u128::from(epoch)));
    let envelope = Envelope {
        id: Uuid::nil(),
        time: Timestamp(0),
        stamp: Stamp { epoch, writer, sequence },
        trace: Trace::default(),
        content: if starts { Content::WriterStarted(started) } else { Content::Barrier },
    };
    codec::encode(&envelope, id)
}

/// Where a reader of all of it is.
async fn followed(log: &MemoryLog) -> Followed {
    let at = log.end(P).await.unwrap();
    let mut ledger = Ledger::default();
    for stored in read(log, P, 0, at).await.unwrap() {
        ledger.judge(codec::claim(&stored.record));
    }
    Followed { partition: P, at, ledger }
}

async fn is_older(log: &MemoryLog, followed: Followed) -> bool {
    older_copy(log, vec![followed]).await.unwrap().is_some()
}

fn ops(most: usize) -> impl Strategy<Value = Vec<Op>> {
    let op = prop_oneof![
        Just(Op::Start),
        Just(Op::Next),
        Just(Op::Next),
        Just(Op::Again),
        Just(Op::Late),
        Just(Op::Foreign)
    ];
    proptest::collection::vec(op, 0..most)
}

proptest! {
    /// Whatever a log holds and gets, it is none for whoever has followed it; a copy that was cut and has gone on by itself
    /// is one exactly when it is shorter, or comes to another state there.
    #[test]
    fn a_copy_is_told_by_where_it_comes_to_another_state(
        common in ops(12), more in ops(12), later in ops(12), other in ops(12),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let (log, copy) = (MemoryLog::new(1), MemoryLog::new(1));
            let (mut epoch, mut sequence) = (0, 0);
            for both in [&log, &copy] {
                (epoch, sequence) = (0, 0);
                put(both, &[&[Op::Start], common.as_slice()].concat(), 1, &mut epoch, &mut sequence);
            }
            let (mut at, mut number) = (epoch, sequence);
            put(&log, &more, 1, &mut at, &mut number);
            let place = followed(&log).await;
            put(&log, &later, 1, &mut at, &mut number);
            prop_assert!(!is_older(&log, place).await);
            // Its first own record starts a new writer, as those of every shop do.
            let own: Vec<Op> = [Op::Start].into_iter().chain(other).collect();
            put(&copy, &own, 2, &mut epoch, &mut sequence);
            let end = copy.end(P).await.unwrap();
            let same = end >= place.at && {
                let mut ledger = Ledger::default();
                for stored in read(&copy, P, 0, place.at).await.unwrap() {
                    ledger.judge(codec::claim(&stored.record));
                }
                ledger == place.ledger
            };
            prop_assert_eq!(is_older(&copy, place).await, !same);
            Ok(())
        })?;
    }
}

#[tokio::test]
async fn it_is_said_where_the_copy_ends() {
    let log = MemoryLog::new(1);
    put(&log, &[Op::Start, Op::Next], 1, &mut 0, &mut 0);
    let place = Followed { at: 9, ..followed(&log).await };
    let told = older_copy(&log, vec![place]).await.unwrap().unwrap().to_string();
    assert!(told.contains("partition 0 ends at offset 2, and was read up to 9"), "{told}");
    assert!(told.contains("sklep rebuild"), "{told}");
}
