//! The length of an answer, charged while it is made.
//!
//! Looking at every field costs time, so that only answers that can become long are metered; see `crate::http::execute`.

use std::sync::Arc;

use async_graphql::{
    Pos, ServerError, ServerResult, Value, async_trait,
    extensions::{Extension, ExtensionContext, ExtensionFactory, NextResolve, ResolveInfo},
};
use query::ReadSession;
use tokio::task::consume_budget;

use super::of_query;
use crate::http::AnswerShare;

/// Charges what is told to the request's budget.
pub(super) struct Meter;

impl ExtensionFactory for Meter {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_trait::async_trait]
impl Extension for Meter {
    async fn resolve(
        &self,
        ctx: &ExtensionContext<'_>,
        info: ResolveInfo<'_>,
        next: NextResolve<'_>,
    ) -> ServerResult<Option<Value>> {
        // Thousands of fields that are known make nobody wait: others, and the deadline, have their turn all the same.
        consume_budget().await;
        if let Some(share) = ctx.data_opt::<AnswerShare>() {
            share.check().map_err(|_refused| out_of_memory())?;
        }
        let key = info.alias.unwrap_or(info.name).len();
        let told = next.run(ctx, info).await?;
        let bytes = key.saturating_add(told.as_ref().map_or(0, own_bytes));
        if let Some(share) = ctx.data_opt::<AnswerShare>() {
            share.grow(bytes).map_err(|_refused| out_of_memory())?;
        }
        if let Some(reading) = ctx.data_opt::<Arc<ReadSession>>() {
            let charged = reading.budget().tell(bytes);
            charged.map_err(|failure| of_query(&failure).into_server_error(Pos::default()))?;
        }
        Ok(told)
    }
}

/// Whoever ends the request says what to do.
fn out_of_memory() -> ServerError {
    ServerError::new("there is no memory for this answer", None)
}

/// About how many bytes a value has in an answer, without the values in it, which have been charged.
fn own_bytes(value: &Value) -> usize {
    /// Quotes, a colon, a comma.
    const PUNCTUATION: usize = 6;
    let text = match value {
        Value::String(text) => text.len(),
        Value::Enum(name) => name.len(),
        Value::Binary(bytes) => bytes.len(),
        Value::Null | Value::Boolean(_) | Value::Number(_) | Value::List(_) | Value::Object(_) => 4,
    };
    text.saturating_add(PUNCTUATION)
}
