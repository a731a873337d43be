//! Lists: order, pages in both directions, filters, bounded searches.

use std::sync::Arc;

use event_log::Timestamp;
use views::{
    Customer, CustomerCursor, CustomerFilter, Direction, Document, GenerationName, MAX_SCANNED,
    Page, PageResult, ProductCursor, ProductFilter, ViewStore, searchable,
};

use crate::given::*;

crate::contract![
    customers_come_in_the_order_they_were_created_ties_by_id,
    a_list_is_walked_from_both_ends_without_holes_or_repeats,
    a_stretch_lies_between_two_cursors,
    names_are_found_as_people_type_them,
    what_looks_like_a_pattern_is_only_text,
    products_are_found_by_type_name_and_price,
    a_search_that_looks_at_too_much_stops_and_goes_on_from_there,
];

async fn shop(store: &dyn ViewStore) -> GenerationName {
    let customers =
        (0..25).map(|n| customer(&format!("c{:02}", (n * 7) % 25), n / 3, ("Anna", "Nowak")));
    stored(store, inserts(customers.map(Document::Customer))).await.live
}

fn page(direction: Direction, limit: usize) -> Page<CustomerCursor> {
    Page { after: None, before: None, direction, limit }
}

fn cursor(customer: &Customer) -> CustomerCursor {
    CustomerCursor { created_at: customer.created_at, id: customer.id.clone() }
}

async fn find(
    store: &dyn ViewStore,
    generation: &GenerationName,
    page: &Page<CustomerCursor>,
) -> PageResult<Customer, CustomerCursor> {
    store.find_customers(generation, &CustomerFilter::default(), page).await.unwrap()
}

async fn customers_come_in_the_order_they_were_created_ties_by_id(store: Arc<dyn ViewStore>) {
    let generation = shop(&*store).await;
    let all = find(&*store, &generation, &page(Direction::Forward, 100)).await;
    assert_eq!(all.items.len(), 25);
    assert!(all.items.is_sorted_by_key(cursor));
    assert!(!all.more && all.stopped_at.is_none());
    let backward = find(&*store, &generation, &page(Direction::Backward, 100)).await;
    assert_eq!(backward, all);
}

async fn a_list_is_walked_from_both_ends_without_holes_or_repeats(store: Arc<dyn ViewStore>) {
    let generation = shop(&*store).await;
    let all = find(&*store, &generation, &page(Direction::Forward, 100)).await.items;
    for limit in [1, 4, 5, 25] {
        let (mut forward, mut backward) = (vec![], vec![]);
        let mut next = page(Direction::Forward, limit);
        loop {
            let found = find(&*store, &generation, &next).await;
            next.after = found.items.last().map(cursor);
            forward.extend(found.items);
            assert_eq!(found.more, forward.len() < all.len());
            if !found.more {
                break;
            }
        }
        assert_eq!(forward, all);
        let mut next = page(Direction::Backward, limit);
        loop {
            let found = find(&*store, &generation, &next).await;
            next.before = found.items.first().map(cursor);
            backward.splice(0..0, found.items);
            assert_eq!(found.more, backward.len() < all.len());
            if !found.more {
                break;
            }
        }
        assert_eq!(backward, all);
    }
}

async fn a_stretch_lies_between_two_cursors(store: Arc<dyn ViewStore>) {
    let generation = shop(&*store).await;
    let all = find(&*store, &generation, &page(Direction::Forward, 100)).await.items;
    let between = |after: usize, before: usize, direction, limit| Page {
        after: Some(cursor(&all[after])),
        before: Some(cursor(&all[before])),
        direction,
        limit,
    };
    let found = find(&*store, &generation, &between(3, 9, Direction::Forward, 10)).await;
    assert_eq!((found.items.as_slice(), found.more), (&all[4..9], false));
    let found = find(&*store, &generation, &between(3, 9, Direction::Forward, 2)).await;
    assert_eq!((found.items.as_slice(), found.more), (&all[4..6], true));
    let found = find(&*store, &generation, &between(3, 9, Direction::Backward, 2)).await;
    assert_eq!((found.items.as_slice(), found.more), (&all[7..9], true));
    for (after, before) in [(3, 4), (3, 3), (9, 3)] {
        let found =
            find(&*store, &generation, &between(after, before, Direction::Forward, 5)).await;
        assert_eq!((found.items.as_slice(), found.more), (&[][..], false));
    }
}

async fn named(
    store: &dyn ViewStore,
    generation: &GenerationName,
    filter: CustomerFilter,
) -> Vec<String> {
    let found = store.find_customers(generation, &filter, &page(Direction::Forward, 100)).await;
    found.unwrap().items.into_iter().map(|customer| customer.id).collect()
}

async fn names_are_found_as_people_type_them(store: Arc<dyn ViewStore>) {
    let mut zola = customer("zola", 2, ("Żaneta", "Łoś"));
    zola.search_address = searchable("ŚWIĘTOKRZYSKA 7");
    let people = [anna(), customer("lucja", 1, ("ŁUCJA", "ŻÓŁĆ")), zola];
    let generation = stored(&*store, inserts(people.map(Document::Customer))).await.live;
    for (name, address, expected) in [
        ("żółć", "", &["lucja"][..]),
        ("Łu", "", &["lucja"]),
        ("ŻANETA Ł", "", &["zola"]),
        ("zolc", "", &["lucja"]),
        ("z\u{307}o\u{301}łc\u{301}", "", &["lucja"]),
        ("  zaneta\u{A0} los ", "", &["zola"]),
        ("zanetalos", "", &[]),
        ("", "Święto", &["zola"]),
        ("", "swietokrzyska  7", &["zola"]),
        ("", "ŁĄKOWA", &["lucja", "anna"]),
        ("kowal", "żywiec", &["anna"]),
    ] {
        let part = |text: &str| (!text.is_empty()).then(|| searchable(text));
        let filter = CustomerFilter { name: part(name), address: part(address) };
        assert_eq!(named(&*store, &generation, filter).await, expected, "{name} {address}");
    }
}

async fn what_looks_like_a_pattern_is_only_text(store: Arc<dyn ViewStore>) {
    let people = [anna(), customer("odd", 2, ("$search_name", ".*[a(\\"))];
    let generation = stored(&*store, inserts(people.map(Document::Customer))).await.live;
    for text in ["$search_name", ".*", "[a", "(", "\\"] {
        let filter = CustomerFilter { name: Some(text.into()), address: None };
        assert_eq!(named(&*store, &generation, filter).await, ["odd"], "{text}");
    }
    let nul = CustomerFilter { name: Some("an\0na".into()), address: None };
    assert_eq!(named(&*store, &generation, nul).await, [""; 0]);
}

async fn products_are_found_by_type_name_and_price(store: Arc<dyn ViewStore>) {
    let goods = [
        product("m1", 1, ("Mleko łaciate", "mleko", 350)),
        product("c2", 3, ("Chleb żytni", "chleb", 500)),
        product("c1", 2, ("Chleb wiejski", "chleb", 36)),
        product("b1", 3, ("Bułka", "chleb", 1_000)),
    ];
    let generation = stored(&*store, inserts(goods.map(Document::Product))).await.live;
    let found = async |filter: ProductFilter, limit| {
        let page = Page::<ProductCursor> {
            after: None,
            before: None,
            direction: Direction::Forward,
            limit,
        };
        let found = store.find_products(&generation, &filter, &page).await.unwrap();
        (found.items.into_iter().map(|it| it.id).collect::<Vec<_>>(), found.more)
    };
    let all = || ProductFilter::default();
    let of = |ids: &[&str], more| (ids.iter().map(ToString::to_string).collect::<Vec<_>>(), more);
    assert_eq!(found(all(), 10).await, of(&["m1", "c1", "b1", "c2"], false));
    let bread = || ProductFilter { product_type: Some("chleb".into()), ..all() };
    assert_eq!(found(bread(), 10).await, of(&["c1", "b1", "c2"], false));
    assert_eq!(found(bread(), 2).await, of(&["c1", "b1"], true));
    let named = ProductFilter { name: Some(searchable("żyt")), ..bread() };
    assert_eq!(found(named, 10).await, of(&["c2"], false));
    let prices = ProductFilter { min_price: Some(350), max_price: Some(500), ..all() };
    assert_eq!(found(prices.clone(), 10).await, of(&["m1", "c2"], false));
    assert_eq!(found(prices, 1).await, of(&["m1"], true));
}

async fn a_search_that_looks_at_too_much_stops_and_goes_on_from_there(store: Arc<dyn ViewStore>) {
    let count = i64::try_from(MAX_SCANNED).unwrap() * 2 + 10;
    let rare = |n: i64| if n % 2_005 == 2_004 { "Rzadka" } else { "Częsta" };
    let people = (0..count).map(|n| customer(&format!("c{n:05}"), n / 2, (rare(n), "Osoba")));
    let control = stored(&*store, inserts(people.map(Document::Customer))).await;
    let filter = CustomerFilter { name: Some("rzadka".into()), address: None };
    let mut page = page(Direction::Forward, 10);
    let mut steps = vec![];
    loop {
        let found = store.find_customers(&control.live, &filter, &page).await.unwrap();
        steps.push(found.items.iter().map(|it| it.id.clone()).collect::<Vec<_>>());
        let Some(stopped_at) = found.stopped_at else { break };
        assert!(found.more);
        page.after = Some(stopped_at);
    }
    assert_eq!(steps, [vec![], vec!["c02004".to_owned()], vec!["c04009".to_owned()]]);
    (page.after, page.direction) = (None, Direction::Backward);
    let found = store.find_customers(&control.live, &filter, &page).await.unwrap();
    assert_eq!(found.items.len(), 1);
    assert_eq!(
        found.stopped_at,
        Some(CustomerCursor { created_at: Timestamp(1_005), id: "c02010".into() })
    );
    page.limit = 1;
    page.before = Some(CustomerCursor { created_at: Timestamp(99_999), id: "x".into() });
    let everybody = CustomerFilter { name: Some("osoba".into()), address: None };
    let found = store.find_customers(&control.live, &everybody, &page).await.unwrap();
    assert_eq!((found.items.len(), found.stopped_at, found.more), (1, None, true));
}
