//! What can happen next.

use std::sync::Arc;

use super::{
    ClientRequest, World,
    trace::{self, process},
};

/// One step of a world. Processes are numbered from 0; copies, flights and handovers by their place in the world.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Action {
    /// The process is to write the partition.
    Assign(usize),
    /// The process is not to write it any more.
    Revoke(usize),
    /// The process loses its memory and starts again.
    Crash(usize),
    /// A client asks the process for something.
    Ask(usize, Arc<ClientRequest>),
    /// The client of the call waits no longer.
    HangUp(usize),
    /// The partition's end is looked up for the process.
    LookUpEnd(usize),
    /// The process is told the end that was looked up.
    TellEnd(usize),
    /// The process is told that it has read the catalogue.
    TellCatalogue(usize),
    /// A pause of the process is over.
    Resume(usize),
    /// The process reads one record.
    Read(usize),
    /// A copy is stored.
    Store(usize),
    /// A copy will never be stored.
    Lose(usize),
    /// The process is told that its append is stored.
    Acknowledge(usize, usize, Acknowledged),
    /// The process is told that its append has failed.
    Fail(usize, usize),
    /// The process's connection breaks, of which it is told nothing yet. What it has sent may still be stored.
    Break(usize),
    /// The process's producer sends everything again that was not acknowledged, under new numbers.
    Resend(usize),
    /// A handover arrives at the process.
    Forward(usize, usize),
    /// A handover is lost, and its caller told that the outcome is unknown.
    LoseHandover(usize),
    /// The process looks at the clock.
    Tick(usize),
    /// Time passes, in milliseconds.
    PassTime(i64),
    /// The process's clock is set to so many milliseconds before or after the world's.
    SetClock(usize, i64),
    /// Somebody else appends to the topic.
    Foreign,
    /// Somebody else's program takes the partition over, and stores something for this key that nobody can read.
    Intrude(&'static str),
}

/// What an acknowledgement says of a record's offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Acknowledged {
    /// Where its first copy stands.
    First,
    /// Where its last copy stands.
    Last,
    /// Nothing.
    Nowhere,
}

impl Action {
    /// The action in a sentence, as it would happen in this world now.
    pub(super) fn sentence(&self, world: &World) -> String {
        match self {
            Self::Assign(p) => format!("{} is assigned", process(*p)),
            Self::Revoke(p) => format!("{} is revoked", process(*p)),
            Self::Crash(p) => format!("{} crashes and starts again", process(*p)),
            Self::Ask(p, wish) => format!("{} is asked: {}", process(*p), of(wish)),
            Self::HangUp(call) => format!("the caller of {call} hangs up"),
            Self::LookUpEnd(p) => format!("the end is looked up for {}", process(*p)),
            Self::TellEnd(p) => format!("{} is told the end", process(*p)),
            Self::TellCatalogue(p) => format!("{} has read the catalogue", process(*p)),
            Self::Resume(p) => format!("{} ends its pause", process(*p)),
            Self::Read(p) => {
                let offset = world.processes[*p].follower;
                let read = world.partition.at(offset).and_then(Option::as_ref);
                let text = read.map_or("a foreign record".to_owned(), |read| trace::record(read));
                format!("{} reads {offset}: {text}", process(*p))
            }
            Self::Store(copy) => {
                format!("stored at {}: {}", world.partition.end(), copy_of(world, *copy))
            }
            Self::Lose(copy) => format!("lost: {}", copy_of(world, *copy)),
            Self::Acknowledge(p, flight, at) => {
                let at = match world.offset_of(*p, *flight, *at) {
                    Some(offset) => format!("stored at {offset}"),
                    None => "stored".to_owned(),
                };
                format!("{} is told {at}: {}", process(*p), flight_of(world, *p, *flight))
            }
            Self::Fail(p, flight) => {
                format!("{} is told failed: {}", process(*p), flight_of(world, *p, *flight))
            }
            Self::Break(p) => format!("{}'s connection breaks", process(*p)),
            Self::Resend(p) => format!("{}'s producer sends everything again", process(*p)),
            Self::Forward(_, to) => format!("a handover arrives at {}", process(*to)),
            Self::LoseHandover(_) => "a handover is lost".to_owned(),
            Self::Tick(p) => format!("{} looks at the clock", process(*p)),
            Self::PassTime(by) => format!("{by} ms pass"),
            Self::SetClock(p, to) => format!("{}'s clock is set to {to:+} ms", process(*p)),
            Self::Foreign => "somebody else appends to the topic".to_owned(),
            Self::Intrude(key) => format!("somebody else stores what nobody can read for {key}"),
        }
    }
}

fn copy_of(world: &World, index: usize) -> String {
    let copy = &world.partition.copies()[index];
    let stray = if copy.stray { " (late)" } else { "" };
    format!("{}{stray}", trace::record(&copy.envelope))
}

fn flight_of(world: &World, process: usize, index: usize) -> String {
    trace::record(&world.processes[process].flights[index].envelope)
}

fn of(wish: &ClientRequest) -> String {
    let id = wish.command_id.as_ref().map(|id| format!(" (command id {id})"));
    trace::wish(&wish.wish) + &id.unwrap_or_default()
}
