use event_log::{EventLog, LogId, MemoryLog, Subscribers, Timestamp, WriterId, identity};
use uuid::Uuid;

use super::*;

const ONE: Partition = Partition(1);
const TWO: Partition = Partition(2);

fn at(partition: Partition, offset: u64) -> RecordId {
    RecordId { partition, offset }
}

/// A log of which the first record of partition 0 is its begin, and a follower that has read it.
async fn begun() -> (MemoryLog, Follower) {
    let log = MemoryLog::new(3);
    let (id, writer) = (LogId(Uuid::from_u128(1)), WriterId(Uuid::from_u128(2)));
    let identity = identity::begin(&log, id, writer, Timestamp(0)).await.unwrap();
    let follower = Follower::start(&log, identity, Subscribers::default());
    let end = log.end(Partition(0)).await.unwrap();
    follower.reached(Partition(0), end).await.unwrap();
    (log, follower)
}

/// How much of each partition was read, and how much is needed.
fn parts(token: &Token) -> ([u64; 3], [u64; 3]) {
    let of = |position: &Position| [0, 1, 2].map(|it| position.seen(Partition(it)));
    (of(token.read()), of(token.needs()))
}

#[tokio::test]
async fn what_was_answered_before_is_read_though_the_follower_is_behind() {
    let (_log, follower) = begun().await;
    let answered = AnsweredPositions::nothing(3);
    let token = |place: RecordId| {
        let needs = Position::after(follower.identity().id, place);
        parts(&answered.token(place, needs, &follower))
    };
    assert_eq!(token(at(ONE, 4)), ([1, 5, 0], [0, 5, 0]));
    assert_eq!(token(at(TWO, 7)), ([1, 5, 8], [0, 0, 8]));
    // A repeat is answered with an old event; what was answered since is read all the same.
    assert_eq!(token(at(ONE, 2)), ([1, 5, 8], [0, 3, 0]));
}

#[tokio::test]
async fn the_price_that_an_answer_depends_on_is_read_too() {
    let (_log, follower) = begun().await;
    let mut needs = Position::after(follower.identity().id, at(ONE, 4));
    needs.join(&Position::after(follower.identity().id, at(TWO, 9)));
    let token = AnsweredPositions::nothing(3).token(at(ONE, 4), needs, &follower);
    assert_eq!(parts(&token), ([1, 5, 10], [0, 5, 10]));
}
