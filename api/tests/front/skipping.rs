//! What an operator does about an event that nobody can read.

use domain::testing::customer_created;
use event_log::{
    Content, Envelope, LogId, NewRecord, Offset, codec, partition_of, testing::store_as_another,
};
use serde_json::{Value, json};

use crate::shop::Shop;

fn broken(envelope: &Envelope, log: LogId) -> NewRecord {
    let value = Some("{\"customer_id\":".into());
    NewRecord { value, ..codec::encode(envelope, log) }
}

/// Another program stores something for Anna that nobody can read.
async fn held_up(shop: &Shop) -> (u16, Offset) {
    let partition = partition_of(b"anna", shop.identity.partitions);
    let event = Content::Event(customer_created("anna"));
    let offsets = store_as_another(&shop.log, shop.identity, partition, &[(event, broken)]).await;
    (partition.0, offsets[0])
}

async fn skip(shop: &Shop, key: &str, (partition, offset): (u16, Offset), reason: &str) -> Value {
    let mutation = "mutation($input: SkipEventInput!) { skipEvent(input: $input) {
        position repeated rejection { code message field } } }";
    let input = json!({ "key": key, "partition": partition, "offset": offset.to_string(),
        "by": "ola", "reason": reason });
    shop.data(mutation, json!({ "input": input })).await["skipEvent"].take()
}

#[tokio::test]
async fn an_event_that_cannot_be_read_is_skipped_and_its_customer_buys_again() {
    let shop = Shop::open().await;
    shop.create("anna", "Anna").await;
    shop.price("chleb_1", "4.80").await;
    let place = held_up(&shop).await;
    let buy = "mutation { purchaseProduct(input: {customerId: \"anna\", productId: \"chleb_1\", \
         quantity: 1}) { event { purchaseId } } }";
    assert_eq!(shop.code(buy, Value::Null).await, "UNAVAILABLE");

    let skipped = skip(&shop, "anna", place, "a broken import").await;
    assert_eq!((&skipped["repeated"], &skipped["rejection"]), (&json!(false), &Value::Null));
    let again = skip(&shop, "anna", place, "once more").await;
    assert_eq!((&again["repeated"], &again["position"]), (&json!(true), &skipped["position"]));
    let bought = shop.data(buy, Value::Null).await;
    assert_eq!(bought["purchaseProduct"]["event"]["purchaseId"], "anna:1");
}

#[tokio::test]
async fn what_holds_nobody_up_is_not_skipped() {
    let shop = Shop::open().await;
    shop.create("anna", "Anna").await;
    let (partition, offset) = held_up(&shop).await;
    let cases = [
        ("anna", (partition, offset + 1), format!("the one at offset {offset} does")),
        ("jan", (partition, offset), "nothing does".into()),
        ("anna", (99, offset), "nothing does".into()),
    ];
    for (key, place, instead) in cases {
        let rejection = skip(&shop, key, place, "a mistake").await["rejection"].take();
        assert_eq!(rejection["code"], "NOT_PARKED", "{rejection}");
        assert!(rejection["message"].as_str().unwrap().ends_with(&instead), "{rejection}");
    }
    let rejection = skip(&shop, "anna", (partition, offset), " \n").await["rejection"].take();
    let named = (&rejection["code"], &rejection["field"]);
    assert_eq!(named, (&json!("INVALID_INPUT"), &json!("reason")));
}
