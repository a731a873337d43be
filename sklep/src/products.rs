//! `sklep products`: every product, in order of its first price.

use std::fmt;

use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{client::ServerArgs, exit_code::Outcome, purchases::Money, stdout::Stdout};

/// Prints every product with its current price
#[derive(Debug, Args)]
pub(crate) struct ProductsArgs {
    #[command(flatten)]
    server: ServerArgs,
    /// One JSON object a line instead of text
    #[arg(long, env = "SKLEP_JSON", value_parser = clap::builder::BoolishValueParser::new())]
    json: bool,
}

const QUERY: &str = "query ($after: String) { products(first: 100, after: $after) {
  nodes { id name type price { amount currency } version pricedAt }
  pageInfo { hasNextPage endCursor } } }";

#[derive(Debug, Deserialize)]
struct Answer {
    products: Products,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Products {
    nodes: Vec<Product>,
    page_info: PageInfo,
}

/// Where a page of a forward walk ends.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PageInfo {
    /// Whether the walk goes on.
    pub(crate) has_next_page: bool,
    /// From where.
    pub(crate) end_cursor: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Product {
    id: String,
    name: String,
    #[serde(rename = "type")]
    sort: String,
    price: Money,
    version: u32,
    priced_at: String,
}

impl fmt::Display for Product {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, name, sort, price, .. } = self;
        write!(f, "Produkt: \"{name}\" ({sort}, cena {price}, ID {id})")
    }
}

/// Prints the list, page by page.
pub(crate) async fn run(args: ProductsArgs) -> anyhow::Result<Outcome> {
    let shop = args.server.shop()?;
    let mut out = Stdout::new();
    let mut after = None;
    loop {
        let page: Answer = shop.ask(QUERY, &json!({ "after": after })).await?;
        for product in &page.products.nodes {
            if args.json {
                out.json(product)?;
            } else {
                out.line(product)?;
            }
        }
        after = page.products.page_info.end_cursor;
        if !page.products.page_info.has_next_page {
            break;
        }
    }
    out.flush()?;
    Ok(Outcome::Done)
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
