use std::sync::Arc;

use event_log::Partition;

use super::*;

fn taken(partitions: u16, by: &[&str]) -> Takeovers {
    Takeovers {
        count: 7,
        disputed: Partition::all(partitions).collect(),
        by: by.iter().map(|it| Arc::from(*it)).collect(),
    }
}

#[test]
fn the_other_instance_is_named_and_what_to_do() {
    assert_eq!(trouble(&taken(0, &[]), 12), None);
    let told = trouble(&taken(3, &["10.0.0.7:8080"]), 12).unwrap();
    for part in ["at 10.0.0.7:8080", "3 of the 12", "--roles query,projector"] {
        assert!(told.contains(part), "{told}");
    }
    let told = trouble(&taken(12, &[]), 12).unwrap();
    assert!(told.contains("--advertise") && told.contains("12 of the 12"), "{told}");
}

#[test]
fn a_dispute_is_told_when_it_begins_once_a_minute_while_it_lasts_and_when_it_is_over() {
    let (mut telling, begun) = (Telling::default(), Instant::now());
    let mut said = |partitions, second| {
        let now = begun + Duration::from_secs(second);
        telling.news(&taken(partitions, &[]), 12, now).map(|news| news == News::Over)
    };
    assert_eq!(said(0, 0), None);
    assert_eq!(said(1, 1), Some(false));
    assert_eq!(said(12, 2), None);
    assert_eq!(said(12, 60), None);
    assert_eq!(said(12, 61), Some(false));
    assert_eq!(said(0, 90), Some(true));
    assert_eq!(said(0, 91), None);
    assert_eq!(said(2, 92), Some(false));
}
