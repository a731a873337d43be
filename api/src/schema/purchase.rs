//! Purchases.

use async_graphql::{ComplexObject, Context, ID, Result, SimpleObject};
use query::PurchaseLine;

use super::{
    Batches,
    batch::{CustomerKey, ProductKey},
    context::shop,
    customer::Customer,
    failure::{of_fault, of_query},
    money::Money,
    product::Product,
    scalar::{DateTime, Decimal},
};

#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct Purchase {
    id: ID,
    purchased_at: DateTime,
    product_name: String,
    product_type: String,
    unit_price: Money,
    quantity: Decimal,
    total: Money,
    #[graphql(skip)]
    customer_id: String,
    #[graphql(skip)]
    product_id: String,
}

impl Purchase {
    pub(super) fn of(customer_id: String, line: PurchaseLine) -> Self {
        Self {
            id: format!("{customer_id}:{}", line.number).into(),
            purchased_at: DateTime(line.purchased_at),
            product_name: line.product_name,
            product_type: line.product_type,
            unit_price: Money::of(i128::from(line.unit_price), line.currency),
            quantity: Decimal::thousandths(i128::from(line.quantity)),
            total: Money::of(i128::from(line.total), line.currency),
            customer_id,
            product_id: line.product_id,
        }
    }
}

#[ComplexObject]
impl Purchase {
    /// The product that was bought, by its id.
    async fn product_id(&self) -> ID {
        self.product_id.clone().into()
    }

    async fn customer(&self, ctx: &Context<'_>) -> Result<Customer> {
        let batches = ctx.data_unchecked::<Batches>();
        let found = batches.load_one(CustomerKey(self.customer_id.clone())).await;
        let found = found.map_err(|failure| of_query(&failure))?.flatten();
        let customer = found.ok_or_else(|| of_fault("a purchase has no customer"))?;
        Ok(Customer::of((*customer).clone(), shop(ctx).currency))
    }

    /// The product as it is now, null where the read model has not seen it yet; the fields below are as they were
    /// bought.
    async fn product(&self, ctx: &Context<'_>) -> Result<Option<Product>> {
        let batches = ctx.data_unchecked::<Batches>();
        let found = batches.load_one(ProductKey(self.product_id.clone())).await;
        let found = found.map_err(|failure| of_query(&failure))?.flatten();
        Ok(found.map(|product| Product::of((*product).clone())))
    }
}
