//! Waiting until a running shop's views show what was just stored.

use std::time::{Duration, Instant};

use serde::de::IgnoredAny;
use serde_json::json;

use crate::{
    client::{ClientError, ShopClient},
    stderr,
};

/// The shop waits by itself for a while in each question.
const BETWEEN_QUESTIONS: Duration = Duration::from_millis(100);
/// Views that need longer catch up without anybody waiting for them.
const LONGEST: Duration = Duration::from_mins(1);

const QUERY: &str = "query ($at: Position) {
  customers(first: 1, atLeast: $at) { pageInfo { hasNextPage } }
  products(first: 1, atLeast: $at) { pageInfo { hasNextPage } } }";

/// Waits for the views to show everything up to this position; says so when they are not there in time.
pub(crate) async fn wait(shop: &ShopClient, position: &str) {
    let began = Instant::now();
    while let Err(trouble) = shop.ask::<IgnoredAny>(QUERY, &json!({ "at": position })).await {
        let passes = matches!(&trouble, ClientError::Graphql(error) if error.passes());
        if !passes || began.elapsed() > LONGEST {
            stderr::line(format_args!(
                "everything is stored, but the views do not show it yet: {trouble}"
            ));
            return;
        }
        tokio::time::sleep(BETWEEN_QUESTIONS).await;
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::client::is_taken;

    #[test]
    fn what_is_asked_is_within_the_shops_limits() {
        is_taken(QUERY, &json!({ "at": null }));
    }
}
