//! The front door: GraphQL types and resolvers, HTTP, playground, health, metrics.
//!
//! Resolvers only translate; what they ask is answered by the command and query roles.

mod clock;
mod config;
mod health;
mod host;
mod http;
pub mod metrics;
mod operation;
mod plain_error;
mod playground;
mod schema;
mod serve;
mod starting;

pub use config::{ApiConfig, door_to, router};
pub use health::Readiness;
pub use host::Hosts;
pub use http::{check, has_reserved_name, surrogate_hint};
pub use metrics::MetricSource;
pub use schema::{operator, sdl};
pub use serve::{App, Limits, serve};
pub use starting::starting;
