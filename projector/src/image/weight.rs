//! What documents weigh in memory.

use views::{Document, Episode, Price, PriceSales, PurchaseLine};

/// What an allocation takes beside its contents, at most: sizes are rounded up to classes an eighth apart, and small
/// ones to 16 bytes.
const ALLOCATION: usize = 16;
/// An entry of the index: sixteen bytes and a byte of control, in a table that is seven eighths full at most and may be
/// half empty.
const ENTRY: usize = 40;

/// About so many bytes does a document take.
pub(crate) fn bytes_of(document: &Document) -> usize {
    weight(document).saturating_add(size_of::<Document>())
}

/// About so many bytes does a document take beside the [`Document`] itself.
pub(super) fn weight(document: &Document) -> usize {
    let texts = match document {
        Document::Customer(it) => {
            let names = texts(&[&it.id, &it.first_name, &it.last_name, &it.address]);
            names.saturating_add(texts(&[&it.search_name, &it.search_address]))
        }
        Document::Bucket(it) => texts(&[&it.customer_id]).saturating_add(lines(&it.purchases)),
        Document::Product(it) => texts(&[&it.id, &it.name, &it.search_name, &it.product_type]),
        Document::Prices(it) => text(&it.product_id).saturating_add(versions(&it.versions)),
        Document::ProductSales(it) => {
            let prices = it.prices.capacity().saturating_mul(size_of::<PriceSales>());
            text(&it.product_id).saturating_add(prices)
        }
        Document::DaySales(it) => texts(&[&it.day, &it.product_id, &it.product_type]),
        Document::Parked(it) => {
            let episodes = it.episodes.iter();
            let reasons = episodes.map(|it| text(&it.reason).saturating_add(size_of::<Episode>()));
            text(&it.key).saturating_add(reasons.sum())
        }
        Document::Queue(it) => {
            text(&it.key).saturating_add(it.offsets.capacity().saturating_mul(8))
        }
    };
    texts.saturating_add(ENTRY)
}

/// One customer's purchases resemble one another: the newest speaks for all.
fn lines(lines: &Vec<PurchaseLine>) -> usize {
    let newest = lines
        .last()
        .map_or(0, |line| texts(&[&line.product_id, &line.product_name, &line.product_type]));
    let own = lines.capacity().saturating_mul(size_of::<PurchaseLine>());
    newest.saturating_mul(lines.len()).saturating_add(own)
}

/// And one product's versions.
fn versions(versions: &Vec<Price>) -> usize {
    let newest = versions.last().map_or(0, |newest| texts(&[&newest.name, &newest.product_type]));
    let own = versions.capacity().saturating_mul(size_of::<Price>());
    newest.saturating_mul(versions.len()).saturating_add(own)
}

fn texts(all: &[&str]) -> usize {
    all.iter().map(|it| text(it)).sum()
}

fn text(text: &str) -> usize {
    text.len().saturating_add(ALLOCATION)
}
