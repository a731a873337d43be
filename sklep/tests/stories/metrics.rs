//! What a running shop tells whoever watches it.

use std::collections::BTreeSet;

use crate::house::{House, Stores, folder};

const DOCUMENTED: &str = include_str!("../../../docs/operating.md");

/// The sum of a figure over the lines that have this label.
fn sum(text: &str, name: &str, label: &str) -> u64 {
    let is_it = |line: &&str| {
        line.strip_prefix(name).is_some_and(|rest| rest.starts_with(['{', ' ']))
            && line.contains(label)
    };
    let value = |line: &str| line.rsplit_once(' ').unwrap().1.parse::<u64>().unwrap();
    text.lines().filter(is_it).map(value).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_say_what_the_shop_has_done() {
    let folder = folder();
    let house = House::open(&Stores::embedded(folder.path()));
    house.say(&["demo", "--customers", "5", "--purchases", "50"]);
    let events = u64::try_from(house.events().len()).unwrap();
    let text = house.page("/metrics").await;
    let commands = sum(&text, "sklep_commands_total", "outcome=\"stored\"");
    assert_eq!(commands, events, "{text}");
    let appends = sum(&text, "sklep_appends_total", "outcome=\"stored\"");
    let counted = sum(&text, "sklep_log_records_total", "verdict=\"counted\"");
    // Writers that started are records too, and the first of them was stored before appends were counted.
    assert!(appends >= events && counted >= events && counted <= appends + 1, "{text}");
    assert_eq!(sum(&text, "sklep_log_records_total", "verdict=\"foreign\""), 0, "{text}");
    assert_eq!(sum(&text, "sklep_projector_partitions", "state=\"running\""), 12, "{text}");
    assert_eq!(sum(&text, "sklep_ready", ""), 1, "{text}");
    assert!(
        text.contains("sklep_build_info{version=\"0.1.0\",roles=\"command,projector,query\"} 1"),
        "{text}"
    );
    assert_eq!(
        sum(&text, "sklep_views_position", "") + sum(&text, "sklep_views_lag_records", ""),
        counted,
        "{text}"
    );
    house.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn every_figure_is_documented() {
    let folder = folder();
    let house = House::open(&Stores::embedded(folder.path()));
    let text = house.page("/metrics").await;
    let names: BTreeSet<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE "))
        .map(|rest| rest.split_once(' ').unwrap().0)
        .collect();
    assert!(names.len() > 10, "{names:?}");
    for name in names {
        assert!(DOCUMENTED.contains(&format!("`{name}`")), "{name}");
    }
    house.close();
}
