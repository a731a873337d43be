//! Where wishes come from, and the command ids that follow from it.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

/// A message's place in its source: the line of a file, or the offset in a partition of a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct SourcePosition {
    /// The partition; 0 for files.
    pub(crate) partition: u32,
    /// The line, from 1, or the offset.
    pub(crate) number: u64,
}

/// A source of numbered wishes. Its command ids are `<kind>:<name>::<line>` or `<kind>:<name>::<partition>.<offset>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SourceId {
    prefix: String,
    partitioned: bool,
}

/// What leaves room for the longest mark in the 128 bytes of a command id.
const LONGEST_PREFIX: usize = 128 - "::4294967295.18446744073709551615".len();

impl SourceId {
    /// A source whose messages are lines. `kind` keeps sources of different commands apart.
    pub(crate) fn of_lines(kind: &str, name: &str) -> Self {
        Self { prefix: prefix(kind, name), partitioned: false }
    }

    /// A source whose messages are records of a topic.
    pub(crate) fn of_records(kind: &str, name: &str) -> Self {
        Self { prefix: prefix(kind, name), partitioned: true }
    }

    /// A name for files: short, and no other source's.
    pub(super) fn digest(&self) -> String {
        hexadecimal(Sha256::digest(self.prefix.as_bytes()).iter().take(16))
    }

    /// The command id of the message there: always the same, and no other message's.
    pub(crate) fn command_id(&self, mark: SourcePosition) -> String {
        let Self { prefix, partitioned } = self;
        let SourcePosition { partition, number } = mark;
        if *partitioned {
            format!("{prefix}::{partition}.{number}")
        } else {
            format!("{prefix}::{number}")
        }
    }

    /// The place of the message with this command id; none when it is of another source.
    pub(crate) fn mark(&self, command_id: &str) -> Option<SourcePosition> {
        let rest = command_id.strip_prefix(self.prefix.as_str())?.strip_prefix("::")?;
        let (partition, number) = if self.partitioned {
            let (partition, number) = rest.split_once('.')?;
            (partition.parse().ok()?, number)
        } else {
            (0, rest)
        };
        let mark = SourcePosition { partition, number: number.parse().ok()? };
        // Only the one way to write it: `+1` or `01` is somebody else's.
        (self.command_id(mark) == command_id).then_some(mark)
    }
}

fn prefix(kind: &str, name: &str) -> String {
    let plain = format!("{kind}:{}", escape(name));
    if plain.len() <= LONGEST_PREFIX {
        return plain;
    }
    format!("{kind}-sha256:{}", hexadecimal(Sha256::digest(name.as_bytes()).iter()))
}

fn hexadecimal<'a>(bytes: impl Iterator<Item = &'a u8>) -> String {
    bytes.fold(String::new(), |mut digits, byte| {
        // Writing to a string cannot fail.
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}

/// Every byte that a command id may not have, and the colon, as a colon and two hexadecimal digits.
fn escape(name: &str) -> String {
    name.bytes().fold(String::new(), |mut escaped, byte| {
        if byte.is_ascii_alphanumeric() || b"_.-".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(escaped, ":{byte:02x}");
        }
        escaped
    })
}

#[cfg(test)]
mod tests {
    use domain::CommandId;

    use super::*;

    #[test]
    fn a_command_id_leads_back_to_its_place() {
        let line = SourcePosition { partition: 0, number: 17 };
        let record = SourcePosition { partition: 3, number: 0 };
        let lines = SourceId::of_lines("clientflow-line", "a b:ż.jsonl");
        let records = SourceId::of_records("clientflow-topic", "orders");
        assert_eq!(lines.command_id(line), "clientflow-line:a:20b:3a:c5:bc.jsonl::17");
        assert_eq!(records.command_id(record), "clientflow-topic:orders::3.0");
        assert_eq!(lines.mark(&lines.command_id(line)), Some(line));
        assert_eq!(records.mark(&records.command_id(record)), Some(record));
        assert_eq!(lines.mark(&records.command_id(record)), None);
        assert_eq!(lines.mark("clientflow-line:a:20b:3a:c5:bc.jsonl::017"), None);
    }

    #[test]
    fn every_source_has_its_own_command_ids_and_all_are_allowed() {
        let long = "ż".repeat(300);
        let names = ["a", "a:", "a:3a", "a::1", "", " ", "-", long.as_str(), &long[2..]];
        let mark = SourcePosition { partition: u32::MAX, number: u64::MAX };
        let ids: Vec<String> = names
            .iter()
            .map(|name| SourceId::of_records("clientflow-topic", name).command_id(mark))
            .collect();
        for (index, id) in ids.iter().enumerate() {
            assert!(id.parse::<CommandId>().is_ok(), "{id}");
            assert!(!ids[..index].contains(id), "{id}");
        }
    }

    #[test]
    fn no_source_takes_the_command_ids_of_another_for_its_own() {
        let inner = SourceId::of_lines("k", "a");
        let outer = SourceId::of_lines("k", "a::1");
        let mark = SourcePosition { partition: 0, number: 2 };
        assert_eq!(inner.mark(&outer.command_id(mark)), None);
        assert_eq!(outer.mark(&inner.command_id(mark)), None);
    }
}
