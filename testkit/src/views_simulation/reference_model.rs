//! What the documents must be, from the events alone.
//!
//! Written apart from the folds, and from nothing but what `docs/views.md` says about the documents.

mod misfit;

use std::collections::{BTreeMap, BTreeSet};

use domain::{Currency, CustomerCreated, Event, ProductPriced, ProductPurchased};
use event_log::{Offset, Partition, RecordId, Timestamp};
use views::{
    Amounts, Customer, DaySales, Document, Key, Price, PriceBucket, PriceSales, Product,
    ProductSales, PurchaseBucket, PurchaseLine, searchable,
};

pub(super) use self::misfit::Misfit;

/// Every document at every offset at which it changed.
#[derive(Debug, Default)]
pub(super) struct ReferenceModel {
    histories: BTreeMap<Key, History>,
    /// Which documents each event changes.
    touched: BTreeMap<RecordId, Vec<Key>>,
    ends: BTreeMap<Partition, Offset>,
    /// Events that anybody takes in who does not know beforehand that they are skipped, and where that is.
    skipped: BTreeMap<RecordId, Offset>,
}

#[derive(Debug)]
struct History {
    partition: Partition,
    versions: Vec<(Offset, Document)>,
    seen: Seen,
}

/// Which generations have a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Seen {
    ByAll,
    /// Those that leave this event out.
    Without(RecordId),
    /// The others.
    With(RecordId),
}

impl ReferenceModel {
    /// The document as the events before this offset leave it, in a generation that leaves these ones out.
    pub(super) fn before(
        &self,
        left_out: &BTreeSet<RecordId>,
        key: &Key,
        end: Offset,
    ) -> Option<&Document> {
        let History { versions, seen, .. } = self.histories.get(key)?;
        let is_seen = match seen {
            Seen::ByAll => true,
            Seen::Without(place) => left_out.contains(place),
            Seen::With(place) => !left_out.contains(place),
        };
        let versions = if is_seen { versions.as_slice() } else { &[] };
        let count = versions.partition_point(|(offset, _)| *offset < end);
        versions[..count].last().map(|(_, document)| document)
    }

    /// Which partition feeds the document.
    pub(super) fn partition(&self, key: &Key) -> Option<Partition> {
        self.histories.get(key).map(|it| it.partition)
    }

    /// Every document that there ever was, with the partition that feeds it.
    pub(super) fn keys(&self) -> impl Iterator<Item = (&Key, Partition)> {
        self.histories.iter().map(|(key, it)| (key, it.partition))
    }

    /// The documents that the events of a stretch change.
    pub(super) fn touched(
        &self,
        partition: Partition,
        from: Offset,
        to: Offset,
    ) -> impl Iterator<Item = &Key> {
        let place = |offset| RecordId { partition, offset };
        self.touched.range(place(from)..place(to)).flat_map(|(_, keys)| keys)
    }

    /// How many records the partition has.
    pub(super) fn end(&self, partition: Partition) -> Offset {
        self.ends.get(&partition).copied().unwrap_or(0)
    }

    /// Takes in how many records the partition has.
    pub(super) fn ends(&mut self, partition: Partition, end: Offset) {
        self.ends.insert(partition, end);
    }

    /// Takes in an event.
    pub(super) fn happens(&mut self, place: RecordId, time: Timestamp, event: &Event) {
        let keys = match event {
            Event::CustomerCreated(it) => vec![self.registered(place, time, it)],
            Event::ProductPriced(it) => self.priced(place, time, it),
            Event::ProductPurchased(it) => self.bought(place, time, it),
        };
        self.touched.insert(place, keys);
    }

    fn newest(&self, key: &Key) -> Option<Document> {
        self.histories.get(key).and_then(|it| it.versions.last()).map(|(_, it)| it.clone())
    }

    fn becomes(&mut self, place: RecordId, document: Document) -> Key {
        let key = document.key();
        let RecordId { partition, offset } = place;
        let history = self.histories.entry(key.clone());
        let first = History { partition, versions: Vec::new(), seen: Seen::ByAll };
        let history = history.or_insert(first);
        assert_eq!(history.partition, partition, "one document is fed by two partitions");
        history.versions.push((offset, document));
        key
    }

    fn registered(&mut self, place: RecordId, time: Timestamp, it: &CustomerCreated) -> Key {
        let name = format!("{} {}", it.first_name, it.last_name);
        let customer = Customer {
            id: it.customer_id.to_string(),
            first_name: it.first_name.to_string(),
            last_name: it.last_name.to_string(),
            address: it.address.to_string(),
            search_name: searchable(&name),
            search_address: searchable(it.address.as_str()),
            created_at: time,
            purchases: 0,
            spent: 0,
            currency: None,
            last: place.offset,
        };
        self.becomes(place, Document::Customer(customer))
    }

    fn priced(&mut self, place: RecordId, time: Timestamp, it: &ProductPriced) -> Vec<Key> {
        let (id, name) = (it.product_id.to_string(), it.name.to_string());
        let price = it.price.money();
        let currency = price.currency();
        let (number, mut keys) = ((it.version - 1) / 32, Vec::new());
        let mut versions = match self.newest(&Key::Prices(id.clone(), number)) {
            Some(Document::Prices(known)) => known.versions,
            Some(_) | None => Vec::new(),
        };
        let mut before = None;
        if let Some(last) = versions.last_mut() {
            last.to = Some(time);
        } else if number > 0 {
            before = self.newest(&Key::Prices(id.clone(), number - 1));
        }
        if let Some(Document::Prices(mut full)) = before {
            full.versions.last_mut().expect("a full bucket").to = Some(time);
            full.last = place.offset;
            keys.push(self.becomes(place, Document::Prices(full)));
        }
        versions.push(Price {
            version: it.version,
            name: name.clone(),
            product_type: it.product_type.to_string(),
            price: price.minor(),
            previous_price: it.previous_price.map(|it| it.money().minor()),
            currency,
            from: time,
            to: None,
        });
        let (product_id, last) = (id.clone(), place.offset);
        let bucket = PriceBucket { product_id, number, versions, last };
        keys.push(self.becomes(place, Document::Prices(bucket)));
        let first_priced_at = match self.newest(&Key::Product(id.clone())) {
            Some(Document::Product(known)) => known.first_priced_at,
            Some(_) | None => time,
        };
        let product = Product {
            id,
            search_name: searchable(&name),
            name,
            product_type: it.product_type.to_string(),
            price: price.minor(),
            currency,
            priced_at: time,
            first_priced_at,
            version: it.version,
            last: place.offset,
        };
        keys.push(self.becomes(place, Document::Product(product)));
        keys
    }

    fn bought(&mut self, place: RecordId, time: Timestamp, it: &ProductPurchased) -> Vec<Key> {
        let customer = it.purchase_id.customer.to_string();
        let known = match self.newest(&Key::Customer(customer.clone())) {
            Some(Document::Customer(known)) => Some(known),
            Some(_) | None => None,
        };
        let known = known.expect("only customers buy");
        let currency = it.total.currency();
        let known = Customer {
            purchases: known.purchases + 1,
            spent: known.spent + i128::from(it.total.minor()),
            currency: Some(currency),
            last: place.offset,
            ..known
        };
        let number = (it.purchase_id.number - 1) / 32;
        let key = Key::Bucket(customer.clone(), number);
        let mut purchases = match self.newest(&key) {
            Some(Document::Bucket(bucket)) => bucket.purchases,
            Some(_) | None => Vec::new(),
        };
        purchases.push(line(time, it));
        let bucket =
            PurchaseBucket { customer_id: customer, number, purchases, last: place.offset };
        let mut keys = vec![
            self.becomes(place, Document::Customer(known)),
            self.becomes(place, Document::Bucket(bucket)),
        ];
        keys.push(self.sold_at(place, it, currency));
        keys.push(self.sold_on(place, time, it, currency));
        keys
    }

    fn sold_at(&mut self, place: RecordId, it: &ProductPurchased, currency: Currency) -> Key {
        let product_id = it.product_id.to_string();
        let (version, partition) = (it.price_version, place.partition);
        let number = (version - 1) / 32;
        let mut prices =
            match self.newest(&Key::ProductSales(product_id.clone(), number, partition)) {
                Some(Document::ProductSales(known)) => known.prices,
                Some(_) | None => Vec::new(),
            };
        let before = prices.iter().find(|it| it.version == version);
        let sold = more(before.map_or_else(Amounts::default, |it| it.sold), it);
        prices.retain(|it| it.version != version);
        let price = it.unit_price.money().minor();
        prices.push(PriceSales { version, price, currency, sold });
        prices.sort_by_key(|it| it.version);
        let sales = ProductSales { product_id, number, partition, prices, last: place.offset };
        self.becomes(place, Document::ProductSales(sales))
    }

    fn sold_on(
        &mut self,
        place: RecordId,
        time: Timestamp,
        it: &ProductPurchased,
        currency: Currency,
    ) -> Key {
        let (product_id, day) = (it.product_id.to_string(), time.to_string()[..10].to_owned());
        let key = Key::DaySales(day.clone(), product_id.clone(), place.partition);
        let sold = match self.newest(&key) {
            Some(Document::DaySales(known)) => known.sold,
            Some(_) | None => Amounts::default(),
        };
        let sales = DaySales {
            day,
            product_id,
            partition: place.partition,
            product_type: it.product_type.to_string(),
            currency,
            sold: more(sold, it),
            newest: place.offset,
            last: place.offset,
        };
        self.becomes(place, Document::DaySales(sales))
    }
}

fn more(sold: Amounts, it: &ProductPurchased) -> Amounts {
    Amounts {
        units: sold.units + i128::from(it.quantity.thousandths()),
        revenue: sold.revenue + i128::from(it.total.minor()),
        purchases: sold.purchases + 1,
    }
}

fn line(time: Timestamp, it: &ProductPurchased) -> PurchaseLine {
    PurchaseLine {
        number: it.purchase_id.number,
        product_id: it.product_id.to_string(),
        product_name: it.product_name.to_string(),
        product_type: it.product_type.to_string(),
        unit_price: it.unit_price.money().minor(),
        currency: it.total.currency(),
        quantity: it.quantity.thousandths(),
        total: it.total.minor(),
        price_version: it.price_version,
        purchased_at: time,
    }
}
