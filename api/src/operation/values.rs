//! Arguments: variables put in, and every value checked against its type.
//!
//! apollo-compiler checks literals and variables each by themselves. What is left to check is what a variable brings into the
//! middle of a literal, and the shop's own scalars.

use apollo_compiler::{
    Schema,
    ast::{Argument, Type, Value as Literal},
    executable::{DirectiveList, Field, Operation},
    request::coerce_variable_values,
    response::{JsonMap, JsonValue},
    schema::{ExtendedType, InputObjectType},
    validation::Valid,
};
use async_graphql::{Name, Value, indexmap::IndexMap};
use serde_json::{Map, Value as Json};

use super::error::RequestError;
use crate::schema::{Code, unfit};

/// How many bytes all arguments of a request may have with its variables put in: as many as a request. A variable that is used a
/// thousand times is there a thousand times while its fields are resolved.
const MOST_BYTES: usize = 1 << 20;

/// The values of a request's variables.
pub(super) struct Values<'a> {
    schema: &'a Valid<Schema>,
    variables: JsonMap,
    left: usize,
}

/// A value that is not what it has to be.
struct Unfit {
    code: Code,
    /// Where in the argument, from the outside in.
    path: String,
    what: String,
}

impl<'a> Values<'a> {
    /// The values of an operation's variables: defaults put in, and each as its type has it.
    pub(super) fn coerce(
        schema: &'a Valid<Schema>,
        operation: &Operation,
        given: Map<String, Json>,
    ) -> Result<Self, RequestError> {
        let given: JsonMap =
            given.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        let variables = coerce_variable_values(schema, operation, &given).map_err(|error| {
            let offset = error.location().map(|at| at.offset());
            let message = error.message().to_string();
            RequestError::at(Code::GraphqlValidationFailed, message, offset)
        })?;
        Ok(Self { schema, variables: variables.into_inner(), left: MOST_BYTES })
    }

    /// Whether `@skip` and `@include` leave this out.
    pub(super) fn leave_out(&self, directives: &DirectiveList) -> Result<bool, RequestError> {
        for (name, left_out_by) in [("skip", true), ("include", false)] {
            let Some(directive) = directives.get(name) else { continue };
            let given = directive.specified_argument_by_name("if").map(|it| (it.location(), &**it));
            let condition = match given {
                Some((_, Literal::Boolean(condition))) => Some(*condition),
                Some((_, Literal::Variable(name))) => {
                    self.variables.get(name.as_str()).and_then(JsonValue::as_bool)
                }
                Some(_) | None => None,
            };
            let Some(condition) = condition else {
                let offset = given.and_then(|(at, _)| at).map(|at| at.offset());
                let message = format!("`if` of `@{name}` must be true or false, not null");
                return Err(RequestError::at(Code::GraphqlValidationFailed, message, offset));
            };
            if condition == left_out_by {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The arguments of a field as they are, without those that are not given.
    pub(super) fn arguments(&mut self, field: &Field) -> Result<Vec<(Name, Value)>, RequestError> {
        let mut arguments = Vec::with_capacity(field.arguments.len());
        for argument in &field.arguments {
            let Some(definition) = field.definition.argument_by_name(&argument.name) else {
                continue;
            };
            if let Some(value) = self.argument(argument, &definition.ty)? {
                arguments.push((Name::new(&*argument.name), value));
            }
        }
        Ok(arguments)
    }

    fn argument(&mut self, argument: &Argument, ty: &Type) -> Result<Option<Value>, RequestError> {
        let at = || argument.value.location().map(|at| at.offset());
        let refused = |unfit: Unfit| {
            let message = if unfit.code == Code::BadPosition {
                // It says all.
                unfit.what
            } else {
                let place = format!("{}{}", argument.name, unfit.path);
                format!("invalid value for argument \"{place}\": {}", unfit.what)
            };
            RequestError::at(unfit.code, message, at())
        };
        let Some(mut value) = self.put_in(&argument.value).map_err(refused)? else {
            return Ok(None);
        };
        self.fit(&mut value, ty).map_err(refused)?;
        Ok(Some(value))
    }

    /// A literal with its variables put in; none for a variable that has no value.
    fn put_in(&mut self, literal: &Literal) -> Result<Option<Value>, Unfit> {
        Ok(Some(match literal {
            Literal::Null => Value::Null,
            Literal::Boolean(value) => Value::Boolean(*value),
            Literal::Enum(name) => Value::Enum(Name::new(&**name)),
            Literal::String(text) => {
                self.charge(text.len())?;
                Value::String(text.clone())
            }
            Literal::Int(number) => self.number(number.as_str())?,
            Literal::Float(number) => self.number(number.as_str())?,
            Literal::Variable(name) => {
                let Some(value) = self.variables.get(name.as_str()) else { return Ok(None) };
                self.left = self.left.checked_sub(bytes(value)).ok_or_else(too_long)?;
                of_json(value)
            }
            Literal::List(items) => {
                let items = items.iter().map(|item| Ok(self.put_in(item)?.unwrap_or_default()));
                Value::List(items.collect::<Result<_, _>>()?)
            }
            Literal::Object(fields) => {
                let mut object = IndexMap::with_capacity(fields.len());
                for (name, literal) in fields {
                    if let Some(value) = self.put_in(literal).map_err(|unfit| unfit.below(name))? {
                        object.insert(Name::new(&**name), value);
                    }
                }
                Value::Object(object)
            }
        }))
    }

    fn number(&mut self, text: &str) -> Result<Value, Unfit> {
        self.charge(text.len())?;
        text.parse().map(Value::Number).map_err(|_none| Unfit::here("this is no number".into()))
    }

    fn charge(&mut self, bytes: usize) -> Result<(), Unfit> {
        self.left = self.left.checked_sub(bytes).ok_or_else(too_long)?;
        Ok(())
    }

    /// Checks a value against its type, and makes the number of an id the text that an id is.
    fn fit(&self, value: &mut Value, ty: &Type) -> Result<(), Unfit> {
        if *value == Value::Null {
            let null = || Err(Unfit::here(format!("null is no {ty}")));
            return if ty.is_non_null() { null() } else { Ok(()) };
        }
        if ty.is_list() {
            let item_type = ty.item_type();
            // One value is a list of one.
            let Value::List(items) = value else { return self.fit(value, item_type) };
            return items.iter_mut().try_for_each(|item| self.fit(item, item_type));
        }
        match self.schema.types.get(ty.inner_named_type()) {
            Some(ExtendedType::InputObject(input)) => self.fit_object(value, input, ty),
            Some(ExtendedType::Enum(of)) => {
                // In variables, which are JSON, it is text.
                let known = match &*value {
                    Value::Enum(name) => of.values.contains_key(name.as_str()),
                    Value::String(name) => of.values.contains_key(name.as_str()),
                    Value::Null
                    | Value::Number(_)
                    | Value::Boolean(_)
                    | Value::Binary(_)
                    | Value::List(_)
                    | Value::Object(_) => false,
                };
                if known { Ok(()) } else { Err(no(ty)) }
            }
            _scalar => scalar(value, ty),
        }
    }

    fn fit_object(
        &self,
        value: &mut Value,
        input: &InputObjectType,
        ty: &Type,
    ) -> Result<(), Unfit> {
        let Value::Object(fields) = value else { return Err(no(ty)) };
        if let Some(unknown) = fields.keys().find(|name| !input.fields.contains_key(name.as_str()))
        {
            return Err(Unfit::here(format!("{ty} has no field `{unknown}`")));
        }
        for (name, field) in &input.fields {
            if let Some(value) = fields.get_mut(name.as_str()) {
                self.fit(value, &field.ty).map_err(|unfit| unfit.below(name))?;
            } else if field.is_required() {
                return Err(Unfit::here(format!("the field `{name}` is missing")));
            }
        }
        Ok(())
    }
}

fn scalar(value: &mut Value, ty: &Type) -> Result<(), Unfit> {
    let name = ty.inner_named_type().as_str();
    let fits = match (name, &mut *value) {
        ("ID", Value::Number(number)) if number.is_i64() || number.is_u64() || is_whole(number) => {
            *value = Value::String(number.to_string());
            true
        }
        ("ID" | "String", Value::String(_))
        | ("Boolean", Value::Boolean(_))
        | ("Float", Value::Number(_)) => true,
        ("Int", Value::Number(number)) => {
            number.as_i64().is_some_and(|number| i32::try_from(number).is_ok())
        }
        ("ID" | "String" | "Boolean" | "Int" | "Float", _) => false,
        (own, value) => match unfit(own, value) {
            Some((code, what)) => return Err(Unfit { code, path: String::new(), what }),
            None => true,
        },
    };
    if fits { Ok(()) } else { Err(no(ty)) }
}

/// Whether a number was written without a fraction and an exponent.
fn is_whole(number: &async_graphql::Number) -> bool {
    number.to_string().bytes().all(|byte| byte == b'-' || byte.is_ascii_digit())
}

fn no(ty: &Type) -> Unfit {
    Unfit::here(format!("expected type \"{ty}\""))
}

fn too_long() -> Unfit {
    Unfit::here(format!("all arguments together have at most {MOST_BYTES} bytes"))
}

impl Unfit {
    fn here(what: String) -> Self {
        Self { code: Code::GraphqlValidationFailed, path: String::new(), what }
    }

    fn below(mut self, name: &str) -> Self {
        self.path.insert_str(0, name);
        self.path.insert(0, '.');
        self
    }
}

/// About how many bytes a variable has.
fn bytes(value: &JsonValue) -> usize {
    let of_each = |sum: usize, bytes: usize| sum.saturating_add(bytes).saturating_add(4);
    match value {
        JsonValue::Null | JsonValue::Bool(_) => 4,
        JsonValue::Number(number) => number.as_str().len(),
        JsonValue::String(text) => text.as_str().len(),
        JsonValue::Array(items) => items.iter().map(bytes).fold(0, of_each),
        JsonValue::Object(fields) => fields
            .iter()
            .map(|(name, value)| name.as_str().len().saturating_add(bytes(value)))
            .fold(0, of_each),
    }
}

/// As deep as JSON may be, which is bounded when it is read.
fn of_json(value: &JsonValue) -> Value {
    match value {
        JsonValue::Null => Value::Null,
        JsonValue::Bool(value) => Value::Boolean(*value),
        JsonValue::Number(number) => Value::Number(number.clone()),
        JsonValue::String(text) => Value::String(text.as_str().to_owned()),
        JsonValue::Array(items) => Value::List(items.iter().map(of_json).collect()),
        JsonValue::Object(fields) => Value::Object(
            fields.iter().map(|(name, value)| (Name::new(name.as_str()), of_json(value))).collect(),
        ),
    }
}
