//! What documents weigh in memory.

use views::{Document, Price, PriceSales, PurchaseLine, QuarantinePeriod};

/// What an allocation takes beside its contents, at most: sizes are rounded up to classes an eighth apart, and small
/// ones to 16 bytes.
const ALLOCATION: usize = 16;
/// An entry of the index: sixteen bytes and a byte of control, in a table that is seven eighths full at most and may be
/// half empty.
const ENTRY: usize = 40;

/// About so many bytes does a document take.
pub(crate) fn bytes_of(document: &Document) -> usize {
    memory_size(document).saturating_add(size_of::<Document>())
}

/// About so many bytes does a document take beside the [`Document`] itself.
pub(super) fn memory_size(document: &Document) -> usize {
    let texts = match document {
        Document::Customer(it) => {
            let names = texts(&[&it.id, &it.first_name, &it.last_name, &it.address]);
            names.saturating_add(texts(&[&it.search_name, &it.search_address]))
        }
        Document::Bucket(it) => {
            let names = |line: &PurchaseLine| {
                texts(&[&line.product_id, &line.product_name, &line.product_type])
            };
            text(&it.customer_id).saturating_add(entries(&it.purchases, names))
        }
        Document::Product(it) => texts(&[&it.id, &it.name, &it.search_name, &it.product_type]),
        Document::Prices(it) => {
            let names = |price: &Price| texts(&[&price.name, &price.product_type]);
            text(&it.product_id).saturating_add(entries(&it.versions, names))
        }
        Document::ProductSales(it) => {
            text(&it.product_id).saturating_add(entries(&it.prices, |_: &PriceSales| 0))
        }
        Document::DaySales(it) => texts(&[&it.day, &it.product_id, &it.product_type]),
        Document::Parked(it) => {
            let episodes = it.episodes.iter();
            let reasons =
                episodes.map(|it| text(&it.reason).saturating_add(size_of::<QuarantinePeriod>()));
            text(&it.key).saturating_add(reasons.sum())
        }
        Document::Queue(it) => text(&it.key).saturating_add(entries(&it.offsets, |_: &u64| 0)),
    };
    texts.saturating_add(ENTRY)
}

/// Entries of one document resemble one another: the texts of the newest speak for all.
fn entries<T>(entries: &Vec<T>, texts: impl Fn(&T) -> usize) -> usize {
    let own = entries.capacity().saturating_mul(size_of::<T>());
    entries.last().map_or(0, texts).saturating_mul(entries.len()).saturating_add(own)
}

fn texts(all: &[&str]) -> usize {
    all.iter().map(|it| text(it)).sum()
}

fn text(text: &str) -> usize {
    text.len().saturating_add(ALLOCATION)
}
