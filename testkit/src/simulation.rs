//! Searches over the writer's state machine: a simulated partition, network, clients and processes.
//!
//! A [`World`] holds it all and changes by one [`Action`] at a time, so that a run is a list of actions that can
//! be printed, repeated and searched. [`random`] picks actions by a seed, hundreds for each world, and in the end
//! heals the world and demands that everybody is answered. [`breadth`] tries every action in every state of
//! small worlds. Both have each history judged by the [auditor](crate::audit).
//!
//! What goes wrong in a world: processes pause (their inputs wait while time goes on), crash and restart empty,
//! are assigned and revoked in any combination, so that zombies write; their clocks differ. Appends are delayed,
//! lost, stored twice, stored after they were reported as failed, and stored after their process has crashed;
//! acknowledgements come late, with the offset of any copy, or without one. Reads lag. Clients send copies,
//! retry with the same command id at another process, reuse ids, and hang up. In every fourth random world somebody
//! else's program takes the partition over and stores events that nobody can read, and operators give those up.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "a world counts to some hundreds; going wrong here must stop the search"
)]

mod action;
pub mod breadth;
pub mod client_request;
mod clients;
mod dispatch;
mod fingerprint;
mod network;
mod partition;
mod process;
mod quiesce;
pub mod random;
pub mod small;
mod trace;
mod unreadable_events;
mod world;

pub use action::{Acknowledged, Action};
pub use client_request::ClientRequest;
pub use clients::Replies;
pub use trace::Trace;
pub use world::{Budget, World};

/// The faults that can be planted, by name.
pub const FAULTS: [(&str, command::writer::Fault); 6] = {
    use command::writer::Fault;
    [
        ("no-contiguity-check", Fault::NoContiguityCheck),
        ("answer-across-gap", Fault::AnswerAcrossGap),
        ("serve-on-acknowledgement", Fault::ServeOnAcknowledgement),
        ("accept-equal-epoch", Fault::AcceptEqualEpoch),
        ("refuse-on-unconfirmed", Fault::RefuseOnUnconfirmed),
        ("settle-from-lagging-read", Fault::SettleFromLaggingRead),
    ]
};
