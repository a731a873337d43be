//! Collections, indexes, and the `MongoDB` views that give them stable names. `docs/views.md` describes them.

use mongodb::bson::{Document, doc};

use crate::{GenerationName, View};

impl View {
    /// The collection's name in this generation, such as `customers_1_k3f9`.
    pub(super) fn collection(self, generation: &GenerationName) -> String {
        format!("{}_{generation}", self.name())
    }

    /// The indexes beside the one on `_id`, which serves everything that is found by key.
    pub(super) fn indexes(self) -> Vec<Document> {
        match self {
            // The order of the list.
            Self::Customers => vec![doc! { "created_at": 1, "_id": 1 }],
            // The order of the list, and the same within a type.
            Self::Products => vec![
                doc! { "first_priced_at": 1, "_id": 1 },
                doc! { "type": 1, "first_priced_at": 1, "_id": 1 },
            ],
            // What is parked now, which is null for all else.
            Self::Parked => vec![doc! { "blocked": 1 }],
            Self::Purchases | Self::Prices | Self::Sales => vec![],
        }
    }
}

/// The generation that a collection of this name belongs to; none for other collections.
pub(super) fn generation_of(collection: &str) -> Option<GenerationName> {
    let is_word = |tag: &str| !tag.is_empty() && tag.chars().all(|it| it.is_ascii_alphanumeric());
    View::ALL.into_iter().find_map(|view| {
        let generation = collection.strip_prefix(view.name())?.strip_prefix('_')?;
        let (number, tag) = generation.split_once('_')?;
        number.parse::<u64>().ok().filter(|_| is_word(tag))?;
        Some(GenerationName::stored(generation))
    })
}

/// The name of an index, as `MongoDB` itself would make it.
pub(super) fn index_name(keys: &Document) -> String {
    keys.keys().map(|key| format!("{key}_1")).collect::<Vec<_>>().join("_")
}

/// A stable name for people who read `MongoDB` directly.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct StableName {
    pub(super) name: &'static str,
    pub(super) on: View,
    pub(super) pipeline: Vec<Document>,
}

/// All stable names.
pub(super) fn stable_names() -> Vec<StableName> {
    let plain = |on: View| StableName { name: on.name(), on, pipeline: vec![] };
    vec![
        plain(View::Customers),
        plain(View::Purchases),
        plain(View::Products),
        StableName { name: "price_buckets", on: View::Prices, pipeline: vec![] },
        StableName { name: View::Prices.name(), on: View::Prices, pipeline: prices() },
        StableName { name: "sales_by_price", on: View::Sales, pipeline: sales_by_price() },
        StableName { name: "sales_by_day", on: View::Sales, pipeline: sales_by_day() },
        StableName { name: "purchase_list", on: View::Purchases, pipeline: one_by_one() },
    ]
}

fn sales_by_price() -> Vec<Document> {
    let id = doc! { "product_id": "$_id.product_id", "version": "$prices.version" };
    let sums = summed(id, "$prices.", ["price", "currency"]);
    vec![of_sales("$gte"), doc! { "$unwind": "$prices" }, sums]
}

fn sales_by_day() -> Vec<Document> {
    let id = doc! { "day": "$_id.day", "product_id": "$_id.product_id" };
    vec![of_sales("$lt"), summed(id, "$", ["type", "currency"])]
}

/// Sums what the partitions feed each on their own.
fn summed(id: Document, within: &str, kept: [&str; 2]) -> Document {
    let mut group = doc! { "_id": id };
    for field in kept {
        group.insert(field, doc! { "$first": format!("{within}{field}") });
    }
    for field in ["units", "revenue", "purchases"] {
        group.insert(field, doc! { "$sum": format!("{within}{field}") });
    }
    doc! { "$group": group }
}

/// The documents on this side of the least key that begins with a product. Keys are ordered by the name of their first
/// field before its value: all those that begin with `day` come first.
fn of_sales(side: &str) -> Document {
    doc! { "$match": { "_id": { side: { "product_id": "" } } } }
}

/// One document for each version.
fn prices() -> Vec<Document> {
    let id = doc! { "product_id": "$_id.product_id", "version": "$versions.version" };
    vec![
        doc! { "$unwind": "$versions" },
        doc! { "$replaceWith": { "$mergeObjects": [doc! { "_id": id }, "$versions"] } },
        doc! { "$unset": "version" },
    ]
}

/// One document for each purchase, under the purchase's own id.
fn one_by_one() -> Vec<Document> {
    let number = doc! { "$toString": "$purchases.number" };
    let own = doc! {
        "_id": { "$concat": ["$_id.customer_id", ":", number] },
        "customer_id": "$_id.customer_id",
    };
    vec![
        doc! { "$unwind": "$purchases" },
        doc! { "$replaceWith": { "$mergeObjects": [own, "$purchases"] } },
    ]
}
