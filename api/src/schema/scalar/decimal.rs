use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use domain::InvalidInput;

/// Exact decimal number written as text, such as "0.36". Floats are refused.
///
/// Kept as its text, so that an answer shows all places that it is to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::schema) struct Decimal(String);

impl Decimal {
    /// Shows `text`, which is a decimal number.
    pub(in crate::schema) fn shown(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Shows thousandths of a unit in the shortest form.
    pub(in crate::schema) fn thousandths(units: i128) -> Self {
        Self(domain::Decimal::from_thousandths(units).to_string())
    }

    /// The number itself.
    pub(in crate::schema) fn exact(&self) -> Result<domain::Decimal, InvalidInput> {
        self.0.parse()
    }
}

/// Exact decimal number written as text, such as "0.36". Floats are refused.
#[Scalar(name = "Decimal")]
impl ScalarType for Decimal {
    fn parse(value: Value) -> InputValueResult<Self> {
        let text = text_of(&value).ok_or_else(|| InputValueError::custom("write \"0.36\""))?;
        text.parse::<domain::Decimal>().map_err(InputValueError::custom)?;
        Ok(Self(text))
    }

    // Asked of every argument before anything is executed.
    fn is_valid(value: &Value) -> bool {
        text_of(value).is_some_and(|text| text.parse::<domain::Decimal>().is_ok())
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

/// A number with a fraction has been rounded by the time it gets here, so only whole ones are taken.
fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) if number.is_i64() || number.is_u64() => Some(number.to_string()),
        Value::Null
        | Value::Number(_)
        | Value::Boolean(_)
        | Value::Binary(_)
        | Value::Enum(_)
        | Value::List(_)
        | Value::Object(_) => None,
    }
}
