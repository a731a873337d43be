//! What the views must show, counted from the events in the plainest way.

use std::collections::BTreeMap;

use domain::{Event, ProductPriced, ProductPurchased};
use event_log::Timestamp;
use projector::fold::RecordedEvent;
use views::{Amounts, Document};

type Bought = (String, i64, i64, i64, Timestamp);

/// Sums that do not care how documents are cut.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Recount {
    /// Name, purchases and money spent of each customer.
    customers: BTreeMap<String, (String, u64, i128)>,
    /// Each purchase: product, price, quantity, total, time.
    purchases: BTreeMap<(String, u64), Bought>,
    /// Version, price and first time of each product.
    products: BTreeMap<String, (u32, i64, Timestamp)>,
    /// Price, begin and end of each version.
    prices: BTreeMap<(String, u32), (i64, Timestamp, Option<Timestamp>)>,
    by_price: BTreeMap<(String, u32), (i128, i128, u64)>,
    by_day: BTreeMap<(String, String), (i128, i128, u64)>,
}

impl Recount {
    /// Counts the events.
    pub(crate) fn of_facts(facts: &[RecordedEvent]) -> Self {
        let mut counted = Self::default();
        for fact in facts {
            match &fact.event {
                Event::CustomerCreated(created) => {
                    let name = format!("{} {}", created.first_name, created.last_name);
                    counted.customers.insert(created.customer_id.to_string(), (name, 0, 0));
                }
                Event::ProductPriced(priced) => counted.price(priced, fact.time),
                Event::ProductPurchased(bought) => counted.buy(bought, fact.time),
            }
        }
        counted
    }

    fn price(&mut self, priced: &ProductPriced, time: Timestamp) {
        let (id, price) = (priced.product_id.to_string(), priced.price.money().minor());
        if let Some(before) = self.prices.get_mut(&(id.clone(), priced.version - 1)) {
            before.2 = Some(time);
        }
        self.prices.insert((id.clone(), priced.version), (price, time, None));
        let first = self.products.get(&id).map_or(time, |product| product.2);
        self.products.insert(id, (priced.version, price, first));
    }

    fn buy(&mut self, bought: &ProductPurchased, time: Timestamp) {
        let (customer, number) =
            (bought.purchase_id.customer.to_string(), bought.purchase_id.number);
        let product = bought.product_id.to_string();
        let (units, total) = (bought.quantity.thousandths(), bought.total.minor());
        let person = self.customers.get_mut(&customer).unwrap();
        person.1 += 1;
        person.2 += i128::from(total);
        let price = bought.unit_price.money().minor();
        self.purchases.insert((customer, number), (product.clone(), price, units, total, time));
        let day = time.to_string()[..10].to_owned();
        let sums = Amounts { units: units.into(), revenue: total.into(), purchases: 1 };
        add(self.by_price.entry((product.clone(), bought.price_version)).or_default(), sums);
        add(self.by_day.entry((day, product)).or_default(), sums);
    }

    /// Counts the documents.
    pub(crate) fn of_documents(documents: &[Document]) -> Self {
        let mut counted = Self::default();
        for document in documents {
            counted.show(document);
        }
        counted
    }

    fn show(&mut self, document: &Document) {
        match document.clone() {
            Document::Customer(it) => {
                let name = format!("{} {}", it.first_name, it.last_name);
                assert_eq!(it.search_name, views::full_name(&it.first_name, &it.last_name));
                self.customers.insert(it.id, (name, it.purchases, it.spent));
            }
            Document::Bucket(it) => {
                assert!(it.purchases.len() <= 32);
                for line in it.purchases {
                    assert_eq!((line.number - 1) / 32, it.number);
                    let key = (it.customer_id.clone(), line.number);
                    let line = (
                        line.product_id,
                        line.unit_price,
                        line.quantity,
                        line.total,
                        line.purchased_at,
                    );
                    assert_eq!(self.purchases.insert(key, line), None);
                }
            }
            Document::Product(it) => {
                _ = self.products.insert(it.id, (it.version, it.price, it.first_priced_at));
            }
            Document::Prices(it) => {
                for at in it.versions {
                    assert_eq!((at.version - 1) / 32, it.number);
                    let key = (it.product_id.clone(), at.version);
                    assert_eq!(self.prices.insert(key, (at.price, at.from, at.to)), None);
                }
            }
            Document::ProductSales(it) => {
                for at in it.prices {
                    assert_eq!((at.version - 1) / 32, it.number);
                    add(
                        self.by_price.entry((it.product_id.clone(), at.version)).or_default(),
                        at.sold,
                    );
                }
            }
            Document::DaySales(it) => {
                add(self.by_day.entry((it.day, it.product_id)).or_default(), it.sold);
            }
            Document::Parked(_) | Document::Queue(_) => {}
        }
    }
}

fn add(sums: &mut (i128, i128, u64), more: Amounts) {
    sums.0 += more.units;
    sums.1 += more.revenue;
    sums.2 += more.purchases;
}
