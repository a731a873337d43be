use super::*;

fn finding(check: &'static str, severity: Severity, what: &str) -> Finding {
    Finding { check, severity, what: what.to_owned(), means: None, remedy: None }
}

fn found(finding: &Finding) -> Found {
    by_check(vec![finding.clone()])
}

#[test]
fn a_change_is_told_once_and_again_when_it_is_in_order() {
    let fine = finding("retention.ms", Severity::Fine, "retention.ms is -1");
    let hour = finding("retention.ms", Severity::Refuses, "retention.ms is 3600000, not -1");
    let day = finding("retention.ms", Severity::Refuses, "retention.ms is 86400000, not -1");
    let (well, bad, other) = (found(&fine), found(&hour), found(&day));
    assert_eq!(changes(&well, &well), []);
    assert_eq!(changes(&well, &bad), [Change::Worse(&hour)]);
    assert_eq!(changes(&bad, &bad), []);
    assert_eq!(changes(&bad, &other), [Change::Worse(&day)]);
    assert_eq!(changes(&other, &well), [Change::Well(&day)]);
}

/// A topic that is gone has no other findings than that.
#[test]
fn a_finding_that_is_no_longer_looked_at_is_not_called_bad() {
    let gone = finding("topic", Severity::Refuses, "there is no topic");
    let fine = finding("start", Severity::Fine, "every partition begins at 0");
    let (before, after) = (found(&fine), found(&gone));
    assert_eq!(changes(&before, &after), [Change::Worse(&gone)]);
    assert_eq!(changes(&after, &before), [Change::Well(&gone)]);
}

#[test]
fn what_can_still_be_done_is_something_that_works() {
    let options = "--kafka k:1 --topic t";
    let of = |check| still(&finding(check, Severity::Refuses, ""), options);
    assert!(of("retention.ms").contains("sklep export FILE --kafka k:1 --topic t"));
    // An export of what has lost records already is refused.
    assert!(!of("start").contains("sklep export") && !of("topic").contains("sklep export"));
    assert!(!of("cleanup.policy").contains("sklep export"));
}
