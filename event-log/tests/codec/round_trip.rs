//! Whatever the shop can say is read back as it was written.

use std::time::Duration;

use domain::{
    Address, CommandId, Currency, CustomerCreated, CustomerId, Event, Money, Name, Price,
    ProductId, ProductPriced, ProductPurchased, PurchaseId, Quantity,
};
use event_log::{
    Content, Envelope, EventSkipped, LogId, LogSettings, Partition, RecordId, Remembered, Stamp,
    Timestamp, Trace, WriterId, WriterStarted, codec,
};
use proptest::{option, prelude::*, sample::select};
use uuid::Uuid;

prop_compose! {
    fn uuid()(bits: u128) -> Uuid { Uuid::from_u128(bits) }
}
prop_compose! {
    fn customer_id()(id in "[a-zA-Z0-9_.:-]{1,64}") -> CustomerId { id.parse().unwrap() }
}
prop_compose! {
    fn product_id()(id in "[a-zA-Z0-9_.:-]{1,64}") -> ProductId { id.parse().unwrap() }
}
prop_compose! {
    fn command_id()(id in "[a-zA-Z0-9_.:-]{1,128}") -> CommandId { id.parse().unwrap() }
}
prop_compose! {
    fn name()(text in "[^\\p{Cc}\\s][^\\p{Cc}]{0,199}") -> Name { Name::recorded(&text).unwrap() }
}
prop_compose! {
    fn address()(text in "[^\\p{Cc}\\s]([^\\p{Cc}]|\n){0,499}") -> Address { Address::recorded(&text).unwrap() }
}
prop_compose! {
    fn currency()(code in select(vec!["PLN", "EUR", "JPY", "KWD"])) -> Currency { code.parse().unwrap() }
}
prop_compose! {
    fn money()(minor: i64, currency in currency()) -> Money { Money::new(minor, currency) }
}
prop_compose! {
    fn price()(minor in 1..=i64::MAX, currency in currency()) -> Price {
        Price::new(Money::new(minor, currency)).unwrap()
    }
}
prop_compose! {
    fn quantity()(thousandths in 1_i64..=1_000_000_000) -> Quantity {
        Quantity::from_thousandths(thousandths).unwrap()
    }
}
prop_compose! {
    fn created()(
        customer_id in customer_id(), first_name in name(), last_name in name(), address in address(),
    ) -> Event {
        Event::CustomerCreated(CustomerCreated { customer_id, first_name, last_name, address })
    }
}
prop_compose! {
    fn priced()(
        product_id in product_id(), name in name(), product_type in name(), price in price(),
        previous_price in option::of(price()), version in 1..=u32::MAX,
    ) -> Event {
        Event::ProductPriced(ProductPriced { product_id, name, product_type, price, previous_price, version })
    }
}
prop_compose! {
    fn purchased()(
        customer in customer_id(), number in 1..=u64::MAX, product_id in product_id(), product_name in name(),
        product_type in name(), unit_price in price(), quantity in quantity(), total in money(),
        price_version in 1..=u32::MAX,
    ) -> Event {
        let purchase_id = PurchaseId { customer, number };
        Event::ProductPurchased(ProductPurchased {
            purchase_id, product_id, product_name, product_type, unit_price, quantity, total, price_version,
        })
    }
}
prop_compose! {
    fn settings()(currency in currency(), ids: u64, ms: u64) -> LogSettings {
        let remembered = Remembered { ids, period: Duration::from_millis(ms) };
        LogSettings { currency, remembered }
    }
}
prop_compose! {
    fn started()(
        log in uuid(), partitions: u16, address in option::of(".{0,40}"), settings in option::of(settings()),
    ) -> Content {
        Content::WriterStarted(WriterStarted { log_id: LogId(log), partitions, address, settings })
    }
}

prop_compose! {
    fn skipped()(
        partition: u16, offset: u64, key in "(.|\n){0,70}", by in ".{0,40}", reason in "(.|\n){0,80}",
    ) -> Content {
        let place = RecordId { partition: Partition(partition), offset };
        Content::EventSkipped(EventSkipped { place, key, by, reason })
    }
}

fn content() -> impl Strategy<Value = Content> {
    prop_oneof![
        created().prop_map(Content::Event),
        priced().prop_map(Content::Event),
        purchased().prop_map(Content::Event),
        started(),
        Just(Content::Barrier),
        skipped(),
    ]
}

prop_compose! {
    /// Between the years 1 and 9999, which is what RFC 3339 can write.
    fn envelope()(
        id in uuid(), time in -62_135_596_800_000_i64..=253_402_300_799_999, epoch: u64, writer in uuid(),
        sequence: u64, command_id in option::of(command_id()), correlation_id in option::of(command_id()),
        causation_id in option::of(command_id()), content in content(),
    ) -> Envelope {
        Envelope {
            id,
            time: Timestamp(time),
            stamp: Stamp { epoch, writer: WriterId(writer), sequence },
            trace: Trace { command_id, correlation_id, causation_id },
            content,
        }
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(envelope in envelope(), log in uuid()) {
        let record = codec::encode(&envelope, LogId(log));
        prop_assert_eq!(codec::claim(&record), Some(envelope.claim()));
        prop_assert_eq!(codec::kind(&record), Some(codec::Kind::from(&envelope.content)));
        let read = codec::decode(&record);
        // To the byte; names are equal in any form of Unicode.
        prop_assert_eq!(read.as_ref().map(|it| codec::encode(it, LogId(log))), Ok(record.clone()));
        prop_assert_eq!(read, Ok(envelope));
    }

    #[test]
    fn nothing_that_stands_in_a_value_makes_reading_panic(
        envelope in envelope(), value in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let mut record = codec::encode(&envelope, LogId(Uuid::nil()));
        record.value = Some(value.into());
        // Only that it comes back with one or the other is asked for.
        drop(codec::decode(&record));
    }
}
