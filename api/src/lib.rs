//! The front door: GraphQL types and resolvers, HTTP, playground, health.
//!
//! Resolvers only translate; what they ask is answered by the command and query roles.

mod edge;
mod front;
mod health;
mod http;
mod playground;
mod schema;
mod serve;

pub use front::{Front, Readiness, door_to, router};
pub use schema::sdl;
pub use serve::serve;
