//! What can be wrong.

use domain::{AggregateId, CommandId, Refusal};
use event_log::Offset;

/// A broken promise. Attempts are named by their number in the history, records by their offset.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "each variant's message says what it and its fields are")]
pub enum Violation {
    #[error("the record at {offset} counts and was recorded before one that counts earlier")]
    TimeWentBack { offset: Offset },
    #[error("the event at {offset} does not follow from what {aggregate:?} was: {why}")]
    NotAFold { offset: Offset, aggregate: AggregateId, why: &'static str },
    #[error("attempt {attempt} was answered with {offset}, where nothing counts")]
    AnsweredVoid { attempt: usize, offset: Offset },
    #[error("attempt {attempt} was answered with {offset} before that was stored")]
    AnsweredTooEarly { attempt: usize, offset: Offset },
    #[error("attempt {attempt} was answered with {offset}, which is not its event")]
    AnsweredOther { attempt: usize, offset: Offset },
    #[error("attempts {one} and {other} were both told that the event at {offset} is theirs")]
    AnsweredTwice { one: usize, other: usize, offset: Offset },
    #[error("attempt {attempt} was told that nothing is stored, and its event counts at {offset}")]
    DeniedAndStored { attempt: usize, offset: Offset },
    #[error("the event of attempt {attempt} counts at {first} and again at {second}")]
    StoredTwice { attempt: usize, first: Offset, second: Offset },
    #[error("command id {id} counts at {first} and again at {second}")]
    RepeatStored { id: CommandId, first: Offset, second: Offset },
    #[error("nobody wished for the event at {offset}")]
    Unwished { offset: Offset },
    #[error(
        "attempt {attempt} was refused with \"{refusal}\", which was never true while it waited"
    )]
    FalseRefusal { attempt: usize, refusal: Refusal },
    #[error(
        "attempt {attempt} was told that all is as wished since {offset}, which was never true while it waited"
    )]
    FalseAgreement { attempt: usize, offset: Offset },
    #[error("{0}")]
    Seen(String),
}
