//! Documents as the bytes that are stored.

use event_log::Timestamp;
use mongodb::bson::{Bson, Document as Fields, RawDocument};

use crate::{Document, Key, StoreError, View, mongo};

/// Some documents of one view.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScanChunk {
    /// One document after another; each begins with its own length.
    bytes: Vec<u8>,
}

/// One document as the bytes that are stored (BSON).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct EncodedDocument<'a>(&'a [u8]);

impl ScanChunk {
    pub(crate) fn push(&mut self, document: &[u8]) {
        self.bytes.extend_from_slice(document);
    }

    /// The documents.
    pub fn documents(&self) -> impl Iterator<Item = EncodedDocument<'_>> {
        let mut rest = self.bytes.as_slice();
        std::iter::from_fn(move || {
            let length = i32::from_le_bytes(*rest.first_chunk()?);
            let (document, others) = rest.split_at_checked(usize::try_from(length).ok()?)?;
            rest = others;
            Some(EncodedDocument(document))
        })
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }
}

impl Document {
    /// Exactly the bytes that a store has of this document, however it came about there.
    pub fn stored(&self) -> Result<Vec<u8>, StoreError> {
        mongo::raw(self).map(mongodb::bson::RawDocumentBuf::into_bytes)
    }
}

impl<'a> EncodedDocument<'a> {
    /// Takes a document's bytes.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The document's bytes.
    pub fn bytes(self) -> &'a [u8] {
        self.0
    }

    /// The bytes of its `_id`, which always comes first: two documents of a view have the same ones if and only if
    /// they have the same key.
    pub fn id(self) -> &'a [u8] {
        let length = || {
            let first = RawDocument::from_bytes(self.0).ok()?.iter_elements().next()?.ok()?;
            // The kind, the name and its end, the value.
            first.key().len().checked_add(2)?.checked_add(first.size())
        };
        let end = length().and_then(|length| length.checked_add(BEGIN)).unwrap_or(BEGIN);
        self.0.get(BEGIN..end).unwrap_or_default()
    }

    /// Its name; none when no document of the view that Sklep writes has this `_id`.
    pub fn key(self, view: View) -> Option<Key> {
        mongo::key_of(view, self.0)
    }

    /// The name in the bytes of an `_id`.
    pub(crate) fn named(id: &[u8], view: View) -> Option<Key> {
        EncodedDocument(&mongo::alone(id)?).key(view)
    }

    /// Every field with its value as people write it in the `MongoDB` shell, in the stored order: `name`,
    /// `_id.customer_id`, `purchases.3.total`.
    pub fn fields(self) -> Vec<(String, String)> {
        let mut fields = Vec::new();
        let document = RawDocument::from_bytes(self.0).ok();
        match document.and_then(|document| Fields::try_from(document).ok()) {
            Some(document) => named("", &Bson::Document(document), &mut fields),
            None => fields.push((String::new(), "unreadable bytes".into())),
        }
        fields
    }
}

/// A document begins with its length.
const BEGIN: usize = 4;

fn named(path: &str, value: &Bson, fields: &mut Vec<(String, String)>) {
    let inner = |name: &str| match path {
        "" => name.to_owned(),
        outer => format!("{outer}.{name}"),
    };
    match (value.as_document(), value.as_array()) {
        (Some(document), _) if !document.is_empty() => {
            document.iter().for_each(|(name, value)| named(&inner(name), value, fields));
        }
        (_, Some(values)) if !values.is_empty() => {
            let values = values.iter().enumerate();
            values.for_each(|(index, value)| named(&inner(&index.to_string()), value, fields));
        }
        _single => fields.push((path.to_owned(), shown(value))),
    }
}

fn shown(value: &Bson) -> String {
    if let Some(date) = value.as_datetime() {
        return format!("ISODate(\"{}\")", Timestamp(date.timestamp_millis()));
    }
    if let Bson::Decimal128(number) = value {
        return format!("Decimal128(\"{number}\")");
    }
    match (value.as_i64(), value.as_i32(), value.as_f64()) {
        (Some(long), _, _) => format!("Long({long})"),
        (_, Some(int), _) => format!("Int32({int})"),
        (_, _, Some(double)) => format!("Double({double})"),
        (None, None, None) => value.to_string(),
    }
}
