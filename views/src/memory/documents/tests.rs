//! Beside one tree by whole keys, nobody can tell the difference.

use domain::Currency;

use super::*;
use crate::{Amounts, Customer, DaySales, PriceBucket, ProductSales, PurchaseBucket, Queue};

const TEXTS: [&str; 3] = ["", "a", "ab"];
const NUMBERS: [u32; 3] = [0, 1, 300];

fn documents() -> Vec<Document> {
    let mut documents = Vec::new();
    for text in TEXTS {
        documents.push(customer(text));
        for number in NUMBERS {
            documents.extend([bucket(text, number), prices(text, number), queue(text, number)]);
            for partition in [0, 7] {
                documents.push(sales(text, number, Partition(partition)));
                documents.push(day(text, &number.to_string(), Partition(partition)));
            }
        }
    }
    // In no order of keys.
    documents.sort_by_key(|document| format!("{document:?}").chars().rev().collect::<String>());
    documents
}

fn both() -> (Documents, BTreeMap<Key, Document>) {
    let (mut documents, mut tree) = (Documents::default(), BTreeMap::new());
    for document in self::documents() {
        documents.place(document.key()).or_insert_with(|| Box::new(document.clone()));
        tree.insert(document.key(), document);
    }
    (documents, tree)
}

#[test]
fn they_are_found_by_their_keys_until_they_are_removed() {
    let (mut documents, tree) = both();
    for (key, document) in &tree {
        assert_eq!(documents.get(key), Some(document));
        assert_eq!(documents.remove(key).as_ref(), Some(document));
        assert_eq!(documents.get(key), None);
        assert_eq!(documents.remove(key), None);
    }
    assert!(documents.bundles.is_empty() && documents.labels.is_empty());
}

#[test]
fn they_are_walked_through_in_the_order_of_their_keys() {
    let (documents, tree) = both();
    for first in tree.keys() {
        for last in tree.keys().filter(|last| first < *last) {
            for from in [Bound::Included, Bound::Excluded] {
                let bounds = (from(first.clone()), Bound::Excluded(last.clone()));
                let walked = documents.between(bounds.0.clone(), bounds.1.clone());
                assert!(walked.eq(tree.range(bounds).map(|(_, document)| document)));
            }
        }
        let rest = documents.between(Bound::Included(first.clone()), Bound::Unbounded);
        assert!(rest.eq(tree.range(first..).map(|(_, document)| document)));
    }
}

#[test]
fn those_of_one_customer_or_product_are_walked_through_both_ways() {
    let (documents, tree) = both();
    let bucket = |number| Key::Bucket("a".into(), number);
    let numbers: Vec<Key> =
        documents.in_bundle(bucket(1), bucket(u64::MAX)).rev().map(Document::key).collect();
    assert_eq!(numbers, [bucket(300), bucket(1)]);
    let sales = |bucket, partition| Key::ProductSales("ab".into(), bucket, Partition(partition));
    let (first, last) = (sales(0, 0), sales(u32::MAX, u16::MAX));
    let expected = tree.range(first.clone()..=last.clone()).map(|(_, document)| document);
    assert!(documents.in_bundle(first, last).eq(expected));
    assert_eq!(documents.in_bundle(Key::Bucket("x".into(), 0), bucket(9)).count(), 0);
}

fn customer(id: &str) -> Document {
    Document::Customer(Customer {
        id: id.into(),
        first_name: String::new(),
        last_name: String::new(),
        address: String::new(),
        search_name: String::new(),
        search_address: String::new(),
        created_at: event_log::Timestamp(0),
        purchases: 0,
        spent: 0,
        currency: None,
        last: 1,
    })
}

fn bucket(customer: &str, number: u32) -> Document {
    let (customer_id, number) = (customer.into(), number.into());
    Document::Bucket(PurchaseBucket { customer_id, number, purchases: Vec::new(), last: 1 })
}

fn prices(product: &str, number: u32) -> Document {
    let product_id = product.into();
    Document::Prices(PriceBucket { product_id, number, versions: vec![], last: 1 })
}

fn sales(product: &str, number: u32, partition: Partition) -> Document {
    let product_id = product.into();
    Document::ProductSales(ProductSales { product_id, number, partition, prices: vec![], last: 1 })
}

fn day(day: &str, product: &str, partition: Partition) -> Document {
    Document::DaySales(DaySales {
        day: day.into(),
        product_id: product.into(),
        partition,
        product_type: String::new(),
        currency: Currency::PLN,
        sold: Amounts::default(),
        newest: 1,
        last: 1,
    })
}

fn queue(key: &str, number: u32) -> Document {
    let (partition, number) = (Partition(3), number.into());
    Document::Queue(Queue { partition, key: key.into(), number, offsets: Vec::new(), last: 1 })
}
