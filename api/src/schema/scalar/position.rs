use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};

use crate::schema::Code;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::schema) struct Position(pub(in crate::schema) event_log::Token);

/// How far the log has been seen, and which log. Opaque. Given back by mutations and `events`; taken by `atLeast` and
/// `after`. Of another log: `BAD_POSITION`.
/// It has two parts: what the answer depends on, for `atLeast`; and how far the answering instance had read every
/// partition, for `after`, which so means everything after that answer.
/// That of a filtered list is for the same filter.
#[Scalar(name = "Position")]
impl ScalarType for Position {
    fn parse(value: Value) -> InputValueResult<Self> {
        let read = if let Value::String(text) = &value { text.parse().ok() } else { None };
        read.map(Self).ok_or_else(|| {
            InputValueError::custom("this is not a position that the shop gave out")
                .with_extension("code", Code::BadPosition.as_str())
        })
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}
