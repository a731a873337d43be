//! `sklep customers`: every customer with everything bought, in order of creation.

use clap::Args;
use serde::Deserialize;
use serde_json::json;

use crate::{
    client::{ServerArgs, ShopClient},
    exit_code::Outcome,
    products::PageInfo,
    purchases::{Money, Page, purchases_fields},
    stdout::Stdout,
};

/// Prints every customer with what was bought, oldest purchase first
#[derive(Debug, Args)]
pub(crate) struct CustomersArgs {
    #[command(flatten)]
    server: ServerArgs,
    /// One JSON object a line instead of text
    #[arg(long, env = "SKLEP_JSON", value_parser = clap::builder::BoolishValueParser::new())]
    json: bool,
}

/// Few customers and few purchases a page, so that no page is large; who bought more is asked for again.
const QUERY: &str = concat!(
    "query ($after: String) { customers(first: 20, after: $after) {
       nodes { id firstName lastName address createdAt purchaseCount totalSpent { amount currency }
         purchases(last: 20) { ",
    purchases_fields!(),
    " } }
       pageInfo { hasNextPage endCursor } } }"
);

#[derive(Debug, Deserialize)]
struct Answer {
    customers: Customers,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Customers {
    nodes: Vec<Customer>,
    page_info: PageInfo,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Customer {
    id: String,
    first_name: String,
    last_name: String,
    address: String,
    created_at: String,
    purchase_count: u64,
    total_spent: Money,
    purchases: Page,
}

/// Prints the list, page by page.
pub(crate) async fn run(args: CustomersArgs) -> anyhow::Result<Outcome> {
    let shop = args.server.shop()?;
    let mut out = Stdout::new();
    let mut after = None;
    loop {
        let page: Answer = shop.ask(QUERY, &json!({ "after": after })).await?;
        for customer in page.customers.nodes {
            if args.json {
                write_json(&shop, &mut out, customer).await?;
            } else {
                write_text(&shop, &mut out, customer).await?;
            }
        }
        after = page.customers.page_info.end_cursor;
        if !page.customers.page_info.has_next_page {
            break;
        }
    }
    out.flush()?;
    Ok(Outcome::Done)
}

async fn write_text(shop: &ShopClient, out: &mut Stdout, customer: Customer) -> anyhow::Result<()> {
    let Customer { id, first_name, last_name, purchases, .. } = customer;
    if purchases.is_empty() {
        out.line(format_args!("{first_name} {last_name} ({id}) - nie ma produktów."))?;
    } else {
        out.line(format_args!("{first_name} {last_name} ({id}) - ma następujące produkty:"))?;
        purchases.show_all(shop, &id, |purchase| out.line(purchase)).await?;
    }
    out.line("")
}

/// One object on one line, written piece by piece, since nobody knows how long the list of purchases is.
async fn write_json(shop: &ShopClient, out: &mut Stdout, customer: Customer) -> anyhow::Result<()> {
    let head = json!({
        "id": customer.id,
        "firstName": customer.first_name,
        "lastName": customer.last_name,
        "address": customer.address,
        "createdAt": customer.created_at,
        "purchaseCount": customer.purchase_count,
        "totalSpent": customer.total_spent,
    })
    .to_string();
    out.json_piece(head.strip_suffix('}').unwrap_or(&head))?;
    out.json_piece(",\"purchases\":[")?;
    let mut comma = "";
    let id = customer.id;
    let write = |purchase: &_| {
        out.json_piece(comma)?;
        comma = ",";
        out.json_piece(&serde_json::to_string(purchase)?)
    };
    customer.purchases.show_all(shop, &id, write).await?;
    out.line("]}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::client::is_taken;

    #[test]
    fn what_is_asked_is_within_the_shops_limits() {
        is_taken(QUERY, &json!({ "after": "x" }));
    }
}
