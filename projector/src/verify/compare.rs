//! The documents of parts that differ, one by one.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};

use event_log::Partition;
use views::{Document, EncodedDocument, StoreError, View};

use super::{
    Check, FIRST_DIFFERENCES, Known, VerifyError, ViewPart, digest::part_of, replay::DocumentSink,
};

/// The part of the memory that is for stored documents while they are compared.
const STORED_PART: u64 = 4;

/// A document that is not what the log says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Difference {
    /// The view's name, such as `customers`.
    pub view: &'static str,
    /// The document's `_id`, as people write it in the `MongoDB` shell.
    pub key: String,
    /// What is wrong with it.
    pub kind: DifferenceKind,
}

/// What is wrong with a document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum DifferenceKind {
    /// It is not stored.
    Missing,
    /// The log says nothing of it.
    Unexpected,
    /// It has other values, or its fields in another order, in which case none is named.
    Changed(Vec<FieldDifference>),
}

/// A field that is not what the log says. Values are as people write them in the `MongoDB` shell.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FieldDifference {
    /// Which field, such as `spent` or `purchases.3.total`.
    pub field: String,
    /// What the log says; none when there is to be no such field.
    pub expected: Option<String>,
    /// What is stored; none when there is no such field.
    pub found: Option<String>,
}

/// Stored documents by view and id.
type Found = BTreeMap<(View, Vec<u8>), Vec<u8>>;

/// Compares documents with what is stored, and takes those out that it has met.
#[derive(Debug)]
struct Comparison {
    parts: Arc<BTreeSet<ViewPart>>,
    found: Arc<Mutex<Found>>,
    differences: Vec<Difference>,
}

impl DocumentSink for Comparison {
    fn take(&mut self, document: &Document) -> Result<(), StoreError> {
        let view = View::of_document(document);
        if !self.parts.iter().any(|(of, _)| *of == view) {
            return Ok(());
        }
        let expected = document.stored()?;
        let expected = EncodedDocument::new(&expected);
        if !self.parts.contains(&(view, part_of(expected))) {
            return Ok(());
        }
        let name = (view, expected.id().to_vec());
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner).remove(&name);
        let kind = match found {
            Some(found) if found == expected.bytes() => return Ok(()),
            Some(found) => DifferenceKind::Changed(fields(expected, EncodedDocument::new(&found))),
            None => DifferenceKind::Missing,
        };
        self.differences.push(Difference { view: view.name(), key: key(expected), kind });
        Ok(())
    }
}

impl Check {
    /// Compares the documents of these parts, as many at a time as there is room for.
    pub(super) async fn differences(
        &self,
        parts: &[(ViewPart, u64)],
        known: &BTreeMap<Partition, Known>,
    ) -> Result<Vec<Difference>, VerifyError> {
        let mut differences = Vec::new();
        let mut rest = parts;
        while !rest.is_empty() {
            let some = self.as_many_as_fit(rest);
            rest = rest.get(some.len()..).unwrap_or_default();
            differences.extend(self.compare(some, known).await?);
            if !self.settings.all && differences.len() >= FIRST_DIFFERENCES {
                break;
            }
        }
        differences.sort();
        if !self.settings.all {
            differences.truncate(FIRST_DIFFERENCES);
        }
        Ok(differences)
    }

    fn as_many_as_fit<'p>(&self, parts: &'p [(ViewPart, u64)]) -> &'p [(ViewPart, u64)] {
        let room = self.settings.memory.checked_div(STORED_PART).unwrap_or_default();
        let mut bytes = 0_u64;
        let count = parts.iter().take_while(|(_, part)| {
            bytes = bytes.saturating_add(*part);
            bytes <= room
        });
        let count = count.count().max(1);
        parts.get(..count).unwrap_or(parts)
    }

    async fn compare(
        &self,
        parts: &[(ViewPart, u64)],
        known: &BTreeMap<Partition, Known>,
    ) -> Result<Vec<Difference>, VerifyError> {
        let parts: Arc<BTreeSet<ViewPart>> =
            Arc::new(parts.iter().map(|(part, _bytes)| *part).collect());
        let mut stored = Found::new();
        let scanned = self
            .scan(&mut |view, document| {
                if parts.contains(&(view, part_of(document))) {
                    stored.insert((view, document.id().to_vec()), document.bytes().to_vec());
                }
            })
            .await?;
        let found = Arc::new(Mutex::new(stored));
        let new = {
            let (parts, found) = (Arc::clone(&parts), Arc::clone(&found));
            move || Comparison {
                parts: Arc::clone(&parts),
                found: Arc::clone(&found),
                differences: Vec::new(),
            }
        };
        let compared = self.replay(&scanned, known, new).await?;
        let mut differences: Vec<Difference> =
            compared.into_iter().flat_map(|(_, _, it)| it.differences).collect();
        let unexpected = std::mem::take(&mut *found.lock().unwrap_or_else(PoisonError::into_inner));
        differences.extend(unexpected.into_iter().map(|((view, _), bytes)| Difference {
            view: view.name(),
            key: key(EncodedDocument::new(&bytes)),
            kind: DifferenceKind::Unexpected,
        }));
        Ok(differences)
    }
}

/// The `_id` as people write it.
fn key(stored: EncodedDocument<'_>) -> String {
    let named = stored.fields().into_iter().filter_map(|(name, value)| {
        if name == "_id" {
            return Some(value);
        }
        Some(format!("{}: {value}", name.strip_prefix("_id.")?))
    });
    named.collect::<Vec<_>>().join(", ")
}

fn fields(expected: EncodedDocument<'_>, found: EncodedDocument<'_>) -> Vec<FieldDifference> {
    let (expected, mut found) =
        (expected.fields(), found.fields().into_iter().collect::<BTreeMap<_, _>>());
    let mut differences = Vec::new();
    for (field, value) in expected {
        let other = found.remove(&field);
        if other.as_ref() != Some(&value) {
            differences.push(FieldDifference { field, expected: Some(value), found: other });
        }
    }
    let more = found.into_iter().map(|(field, value)| FieldDifference {
        field,
        expected: None,
        found: Some(value),
    });
    differences.extend(more);
    differences
}
