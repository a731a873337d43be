use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use event_log::Timestamp;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::schema) struct DateTime(pub(in crate::schema) Timestamp);

/// RFC 3339 in UTC with milliseconds, always as 2026-11-22T13:05:59.123Z.
#[Scalar(name = "DateTime", specified_by_url = "https://www.rfc-editor.org/rfc/rfc3339")]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        read(&value)
            .map(Self)
            .ok_or_else(|| InputValueError::custom("write \"2026-11-22T13:05:59.123Z\""))
    }

    fn is_valid(value: &Value) -> bool {
        read(value).is_some()
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

fn read(value: &Value) -> Option<Timestamp> {
    if let Value::String(text) = value { Timestamp::from_rfc3339(text) } else { None }
}
