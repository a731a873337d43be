//! From input to order: what cannot be taken as what it should be is a rejection that names the field.

use std::str::FromStr;

use async_graphql::{ID, InputObject};
use command::CommandRequest;
use domain::{
    Command, CommandId, CreateCustomer, Currency, CustomerId, InvalidInput, Money, Price,
    PriceProduct, ProductId, PurchaseProduct, Quantity,
};

use crate::schema::{
    ResolverContext,
    rejection::Rejection,
    scalar::{Decimal, Position},
};

#[derive(Debug, InputObject)]
pub(super) struct CreateCustomerInput {
    /// When absent: made from `commandId`, so that a repeat meets the same customer; without that, minted.
    id: Option<ID>,
    first_name: String,
    last_name: String,
    address: String,
    /// Makes the mutation safe to repeat: the same id gives the original answer.
    command_id: Option<ID>,
}

impl CreateCustomerInput {
    pub(super) fn parse(&self, shop: &ResolverContext) -> Result<CommandRequest, Rejection> {
        let command_id: Option<CommandId> = read_if_given("commandId", self.command_id.as_deref())?;
        let customer_id = match (read_if_given("id", self.id.as_deref())?, &command_id) {
            (Some(id), _) => id,
            (None, Some(command)) => CustomerId::from_command(command),
            (None, None) => CustomerId::from_uuid((shop.mint)()),
        };
        let command = Command::CreateCustomer(CreateCustomer {
            customer_id,
            first_name: read("firstName", &self.first_name)?,
            last_name: read("lastName", &self.last_name)?,
            address: read("address", &self.address)?,
        });
        Ok(CommandRequest { command_id, ..CommandRequest::new(command, (shop.mint)()) })
    }
}

#[derive(Debug, InputObject)]
pub(super) struct PriceProductInput {
    /// As with customers when absent.
    product_id: Option<ID>,
    /// Needed for the first price of a product; later, a new name.
    name: Option<String>,
    /// What sort of product it is, such as "chleb". Needed for the first price; later, a new type.
    #[graphql(name = "type")]
    product_type: Option<String>,
    /// More than zero.
    price: Decimal,
    /// ISO 4217; the shop's own currency when absent.
    currency: Option<String>,
    /// Refuses with `VERSION_CONFLICT` when the product's last price has another version; 0 means that it must have
    /// none.
    expected_version: Option<i32>,
    command_id: Option<ID>,
}

impl PriceProductInput {
    pub(super) fn parse(&self, shop: &ResolverContext) -> Result<CommandRequest, Rejection> {
        let command_id: Option<CommandId> = read_if_given("commandId", self.command_id.as_deref())?;
        let product_id =
            match (read_if_given("productId", self.product_id.as_deref())?, &command_id) {
                (Some(id), _) => id,
                (None, Some(command)) => ProductId::from_command(command),
                (None, None) => ProductId::from_uuid((shop.mint)()),
            };
        let currency =
            read_if_given("currency", self.currency.as_deref())?.unwrap_or(shop.currency);
        let version = self.expected_version.map(u32::try_from).transpose();
        let command = Command::PriceProduct(PriceProduct {
            product_id,
            name: read_if_given("name", self.name.as_deref())?,
            product_type: read_if_given("type", self.product_type.as_deref())?,
            price: price("price", &self.price, currency)?,
            expected_version: version.map_err(|_negative| {
                Rejection::invalid("expectedVersion", &InvalidInput::new("a version is 0 or more"))
            })?,
        });
        Ok(CommandRequest { command_id, ..CommandRequest::new(command, (shop.mint)()) })
    }
}

#[derive(Debug, InputObject)]
pub(super) struct PurchaseProductInput {
    customer_id: ID,
    product_id: ID,
    /// At most three decimal places, more than zero.
    quantity: Decimal,
    /// Refuses with `PRICE_CHANGED` when the current price is another one.
    expected_unit_price: Option<Decimal>,
    /// Reads the log at least this far before deciding, so that a price just set is used.
    at_least: Option<Position>,
    command_id: Option<ID>,
}

impl PurchaseProductInput {
    pub(super) fn parse(self, shop: &ResolverContext) -> Result<CommandRequest, Rejection> {
        let expected = self.expected_unit_price;
        let quantity = self.quantity.exact().and_then(Quantity::from_decimal);
        let command = Command::PurchaseProduct(PurchaseProduct {
            customer_id: read::<CustomerId>("customerId", &self.customer_id)?,
            product_id: read::<ProductId>("productId", &self.product_id)?,
            quantity: quantity.map_err(|why| Rejection::invalid("quantity", &why))?,
            expected_unit_price: expected
                .map(|expected| price("expectedUnitPrice", &expected, shop.currency))
                .transpose()?,
            offer: None,
        });
        Ok(CommandRequest {
            command_id: read_if_given("commandId", self.command_id.as_deref())?,
            at_least: self.at_least.map(|position| position.0.needs().clone()),
            ..CommandRequest::new(command, (shop.mint)())
        })
    }
}

fn read<T: FromStr<Err = InvalidInput>>(field: &'static str, text: &str) -> Result<T, Rejection> {
    text.parse().map_err(|why| Rejection::invalid(field, &why))
}

fn read_if_given<T: FromStr<Err = InvalidInput>>(
    field: &'static str,
    text: Option<&(impl AsRef<str> + ?Sized)>,
) -> Result<Option<T>, Rejection> {
    text.map(|text| read(field, text.as_ref())).transpose()
}

fn price(field: &'static str, amount: &Decimal, currency: Currency) -> Result<Price, Rejection> {
    let money = amount.exact().and_then(|amount| Money::from_decimal(amount, currency));
    money.and_then(Price::new).map_err(|why| Rejection::invalid(field, &why))
}
