use super::*;

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[test]
fn before_a_writer_has_served_nothing_is_answered() {
    let (mut standing, now) = (WriterStatus::default(), Instant::now());
    assert!(!standing.answers(now));
    standing.take_over(NewOwner(None), now);
    assert!(!standing.answers(now));
    standing.serve(true, now);
    assert!(standing.answers(now));
}

#[test]
fn a_writer_that_is_away_answers_for_a_while_when_another_has_taken_over() {
    let (mut standing, now) = (WriterStatus::default(), Instant::now());
    standing.serve(true, now);
    standing.serve(false, now);
    assert!(!standing.answers(now), "nobody else is there to dispute it");
    standing.take_over(NewOwner(Some("10.0.0.7:8080".into())), now);
    assert!(standing.answers(now + seconds(9)));
    assert!(!standing.answers(now + seconds(10)));
    standing.serve(true, now + seconds(11));
    standing.serve(false, now + seconds(50));
    assert!(standing.answers(now + seconds(59)));
    assert!(!standing.answers(now + seconds(60)), "the dispute is over");
}

#[test]
fn a_partition_is_disputed_for_a_minute_by_who_took_it_over_last() {
    let (mut standing, now) = (WriterStatus::default(), Instant::now());
    assert_eq!(standing.disputed(now), None);
    standing.take_over(NewOwner(Some("10.0.0.7:8080".into())), now);
    standing.take_over(NewOwner(None), now + seconds(1));
    assert_eq!(standing.disputed(now + seconds(60)), Some(NewOwner(None)));
    assert_eq!(standing.disputed(now + seconds(61)), None);
    assert_eq!(standing.takeovers, 2);
}

#[test]
fn a_writer_that_has_left_answers_nothing() {
    let (mut standing, now) = (WriterStatus::default(), Instant::now());
    standing.serve(true, now);
    standing.take_over(NewOwner(None), now);
    standing.leave();
    assert!(!standing.answers(now));
}
