use std::{fs, path::Path};

use rdkafka::{ClientConfig, consumer::BaseConsumer};

use super::{Fetch, Purpose, config, untold};
use crate::kafka::KafkaSettings;

const ALL: [Purpose; 7] = [
    Purpose::Append,
    Purpose::Follow(Fetch::AtOnce),
    Purpose::Follow(Fetch::Batched),
    Purpose::Read,
    Purpose::Ask,
    Purpose::Manage,
    Purpose::ReadForeign,
];

/// The options on which the data depend, by what the client is for.
fn needed(purpose: Purpose) -> &'static [(&'static str, &'static str)] {
    match purpose {
        Purpose::Append => &[
            ("enable.idempotence", "true"),
            ("acks", "all"),
            ("batch.size", "131072"),
            ("allow.auto.create.topics", "false"),
        ],
        Purpose::Follow(_) | Purpose::Read => &[
            ("isolation.level", "read_uncommitted"),
            ("auto.offset.reset", "error"),
            ("enable.auto.commit", "false"),
            ("check.crcs", "true"),
            ("allow.auto.create.topics", "false"),
        ],
        Purpose::Ask => {
            &[("isolation.level", "read_uncommitted"), ("allow.auto.create.topics", "false")]
        }
        Purpose::Manage => &[("allow.auto.create.topics", "false")],
        Purpose::ReadForeign => &[
            ("isolation.level", "read_committed"),
            ("enable.auto.commit", "false"),
            ("allow.auto.create.topics", "false"),
        ],
    }
}

#[test]
fn every_client_has_the_options_on_which_the_data_depend() {
    let settings = KafkaSettings::new("kafka:9092", "sklep.events");
    for purpose in ALL {
        let config = config(&settings, purpose).unwrap();
        for (name, value) in needed(purpose) {
            assert_eq!(config.get(name), Some(*value), "{name} of {purpose:?}");
        }
    }
}

/// A client that is made elsewhere has whatever options its maker thought of.
#[test]
fn clients_are_made_in_this_file_alone() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let makers = |text: &str| text.contains("ClientConfig") || text.contains("create_with_context");
    let (own, tests) = ("kafka/options.rs", "kafka/options/tests.rs");
    let mut looked_at = 0;
    let mut folders = vec![sources.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(&sources).unwrap().to_str().unwrap().to_owned();
            if path.is_dir() {
                folders.push(path);
            } else if name != own && name != tests {
                looked_at += 1;
                assert!(!makers(&fs::read_to_string(&path).unwrap()), "{name} makes a client");
            }
        }
    }
    assert!(looked_at > 50, "{looked_at}");
}

#[test]
fn a_setting_that_is_refused_is_named_without_its_value() {
    let mut config = ClientConfig::new();
    let made = config.set("sasl.password.odd", "hunter2").create::<BaseConsumer>();
    let told = untold(&made.map(drop).unwrap_err());
    assert!(told.contains("sasl.password.odd") && !told.contains("hunter2"), "{told}");
}
