use super::*;

#[test]
fn it_reads_to_the_end_before_it_announces_itself_at_the_next_epoch() {
    let mut stage = assigned([customer_created("anna")]);
    assert_eq!(stage.others(), [Output::FetchEnd]);
    stage.fetch_end();
    assert_eq!(stage.appended(), []);
    stage.read();
    let start = stage.appended();
    assert_eq!(
        start[0].stamp,
        Stamp { epoch: 2, writer: WriterId(Uuid::from_u128(1001)), sequence: 0 }
    );
    assert_eq!(start[0].content, started());
}

#[test]
fn the_acknowledgement_of_its_start_is_not_enough_to_serve() {
    let mut stage = assigned([customer_created("anna")]);
    stage.read();
    stage.fetch_end();
    let start = stage.appended();
    stage.put(&others_record(1, 2, Content::Barrier));
    let offset = stage.put(&start[0]);
    stage.deliver(&start[0], Some(offset));
    stage.others();
    stage.read_catalogue();
    assert!(!stage.writer.serves());
    stage.read();
    assert_eq!(stage.others(), [Output::ReadCatalogue { epoch: 2 }]);
    stage.read_catalogue();
    assert!(stage.writer.serves());
}

#[test]
fn what_is_asked_while_it_starts_waits_until_the_catalogue_was_read() {
    let mut stage = assigned([customer_created("anna")]);
    stage.submit(1, buys());
    stage.read();
    stage.fetch_end();
    let start = stage.appended();
    stage.put(&start[0]);
    stage.read();
    stage.tell(Input::CatalogueRead { epoch: 1 });
    assert_eq!(stage.appended(), []);
    stage.read_catalogue();
    assert_eq!(number(&stage.appended()[0]), 1);
}

#[test]
fn a_start_of_the_same_epoch_with_another_nonce_is_not_its_own_and_makes_its_own_void() {
    let mut stage = assigned([]);
    stage.read();
    stage.fetch_end();
    let start = stage.appended();
    stage.others();
    stage.put(&others_record(2, 0, started()));
    stage.read();
    assert_eq!(stage.others(), []);
    stage.put(&start[0]);
    stage.read();
    assert_eq!(stage.others(), [Output::FetchEnd]);
    stage.fetch_end();
    let again = stage.appended();
    assert_eq!(again[0].stamp.epoch, 3);
    assert_ne!(again[0].stamp.writer, start[0].stamp.writer);
}

#[test]
fn a_start_that_cannot_be_appended_is_tried_again_after_growing_pauses() {
    let mut stage = assigned([]);
    stage.read();
    for pause in [50, 100, 200, 400, 800, 1600, 3200, 3200] {
        stage.fetch_end();
        stage.others();
        let start = stage.appended();
        stage.fail(&start[0]);
        assert_eq!(stage.others(), [Output::Pause { up_to: Duration::from_millis(pause) }]);
        stage.tell(Input::Resume);
        assert_eq!(stage.others(), [Output::FetchEnd]);
    }
}

#[test]
fn a_writer_that_is_not_assigned_hands_over_what_it_is_asked() {
    let mut stage = assigned([]);
    stage.tell(Input::Revoked);
    stage.others();
    stage.submit(1, buys());
    assert!(
        matches!(&stage.others()[..], [Output::Handover(submission)] if submission.ticket == Ticket(1))
    );
    assert_eq!(stage.writer.open(), 0);
}

#[test]
fn a_start_that_was_given_up_and_counts_all_the_same_does_not_make_it_serve() {
    let mut stage = assigned([]);
    stage.read();
    stage.fetch_end();
    let start = stage.appended();
    stage.tell(Input::Revoked);
    stage.put(&start[0]);
    stage.read();
    stage.read_catalogue();
    assert!(!stage.writer.serves());
    assert_eq!(stage.writer.ledger().epoch, 2);
}
