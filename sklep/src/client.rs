//! A running shop, spoken to by GraphQL over HTTP.

mod reply;

use std::{error::Error, time::Duration};

use clap::Args;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;

use crate::exit_code::Usage;

pub(crate) use reply::{GraphError, Reply};

/// Longer than the shop takes for the largest request that this program sends, each of whose commands has its
/// own deadline in the shop.
const TIMEOUT: Duration = Duration::from_mins(2);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Holds a command to what a shop executes.
#[cfg(test)]
#[track_caller]
pub(crate) fn is_taken(query: &str, variables: &serde_json::Value) {
    let body = json!({ "query": query, "variables": variables }).to_string();
    assert_eq!(api::check(body.as_bytes()), Ok(()), "{query}");
}

/// Where a shop is that was started without options.
pub(crate) const DEFAULT_SERVER: &str = "http://127.0.0.1:8080";

/// Which shop a command speaks to.
#[derive(Debug, Clone, Args)]
pub(crate) struct ServerArgs {
    /// Address of the running shop
    #[arg(long, env = "SKLEP_SERVER", value_name = "URL", default_value = DEFAULT_SERVER)]
    pub(crate) server: String,
}

impl ServerArgs {
    /// The shop at that address; does not connect yet.
    pub(crate) fn shop(&self) -> anyhow::Result<ShopClient> {
        ShopClient::at(&self.server)
    }
}

/// A client of a running shop. Clones share their connections.
#[derive(Debug, Clone)]
pub(crate) struct ShopClient {
    http: reqwest::Client,
    server: String,
}

/// Why the shop gave no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ClientError {
    /// It was not reached, or the connection was lost: whether it did anything is not known.
    #[error("no shop answers at {server}; `sklep serve` starts one, --server names another")]
    Unreachable {
        /// Where.
        server: String,
        /// What happened to the connection.
        #[source]
        cause: Box<dyn Error + Send + Sync>,
    },
    /// Something answers there, but no shop.
    #[error("{server} answers {status}, which is not what a shop answers: {beginning}")]
    UnexpectedResponse {
        /// Where.
        server: String,
        /// The HTTP status.
        status: u16,
        /// How the body begins.
        beginning: String,
    },
    /// The shop says what is wrong.
    #[error("the shop says: {0}")]
    Graphql(GraphError),
}

impl ClientError {
    /// Whether the same request may do better later. A page that no shop sent may come from what stands before one
    /// that starts.
    pub(crate) fn passes(&self) -> bool {
        match self {
            Self::Unreachable { .. } => true,
            Self::UnexpectedResponse { status, .. } => *status >= 500,
            Self::Graphql(error) => error.passes(),
        }
    }
}

impl ShopClient {
    /// The shop at this address; does not connect yet.
    pub(crate) fn at(server: &str) -> anyhow::Result<Self> {
        let server = server.trim_end_matches('/').trim_end_matches("/graphql");
        let fit =
            reqwest::Url::parse(server).is_ok_and(|url| url.scheme() == "http" && url.has_host());
        if !fit {
            return Err(Usage(format!(
                "--server {server}: write the shop's address such as http://127.0.0.1:8080 (plain http only)"
            ))
            .into());
        }
        // A proxy of the environment is for the internet; the shop is near.
        let http = reqwest::Client::builder()
            .no_proxy()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TIMEOUT)
            .tcp_nodelay(true)
            .build()?;
        Ok(Self { http, server: server.to_owned() })
    }

    /// Where it is.
    pub(crate) fn server(&self) -> &str {
        &self.server
    }

    /// Asks one query and gives its `data`.
    pub(crate) async fn ask<T: DeserializeOwned>(
        &self,
        query: &str,
        variables: &impl Serialize,
    ) -> Result<T, ClientError> {
        let reply: Reply<T> = self.request(query, variables).await?;
        match (reply.errors.into_iter().next(), reply.data) {
            (Some(error), _) => Err(ClientError::Graphql(error)),
            (None, Some(data)) => Ok(data),
            (None, None) => Err(self.odd(200, "neither data nor errors")),
        }
    }

    /// Sends one request and gives the whole answer, data and errors.
    pub(crate) async fn request<T: DeserializeOwned>(
        &self,
        query: &str,
        variables: &impl Serialize,
    ) -> Result<Reply<T>, ClientError> {
        let body = json!({ "query": query, "variables": variables });
        let url = format!("{}/graphql", self.server);
        let accept = "application/graphql-response+json, application/json;q=0.9";
        let sent = self.http.post(url).header("accept", accept).json(&body).send().await;
        let answer = sent.map_err(|error| self.silent(error))?;
        let status = answer.status().as_u16();
        let body = answer.bytes().await.map_err(|error| self.silent(error))?;
        serde_json::from_slice(&body)
            .map_err(|_not_graphql| self.odd(status, &String::from_utf8_lossy(&body)))
    }

    /// Gets a plain page, such as `/readyz`: its status and text.
    pub(crate) async fn get(&self, path: &str) -> Result<(u16, String), ClientError> {
        let sent = self.http.get(format!("{}{path}", self.server)).send().await;
        let answer = sent.map_err(|error| self.silent(error))?;
        let status = answer.status().as_u16();
        let text = answer.text().await.map_err(|error| self.silent(error))?;
        Ok((status, text))
    }

    fn silent(&self, cause: reqwest::Error) -> ClientError {
        ClientError::Unreachable {
            server: self.server.clone(),
            cause: Box::new(cause.without_url()),
        }
    }

    fn odd(&self, status: u16, body: &str) -> ClientError {
        let beginning = body.chars().take(200).collect();
        ClientError::UnexpectedResponse { server: self.server.clone(), status, beginning }
    }
}
