//! A request as the specification has it, checked before anything runs
//! (<https://spec.graphql.org/October2021/#sec-Executing-Requests>).
//!
//! async-graphql checks much of that only while it executes, and some of it never (docs/adr/0013-checked-before-executed.md has
//! the list with its issues). So apollo-compiler parses and validates against the served schema, variables are coerced, and what
//! is left is made into a [`Plan`]: fields merged, directives obeyed, arguments constant. async-graphql executes the plan, and
//! by the plan its answer is completed.

mod complete;
mod cost;
mod document;
mod error;
mod introspection;
mod places;
mod plan;
mod query_size;
mod text;
mod twice;
mod values;

use std::collections::HashMap;

use apollo_compiler::{
    Name, Schema,
    executable::OperationType,
    validation::{Valid, WithErrors},
};
use async_graphql::{
    ServerError, Value,
    parser::types::{self, ExecutableDocument},
};
use serde_json::{Map, Value as Json};

pub(crate) use self::error::RequestError;
use self::{
    places::Places,
    plan::{Planner, Set},
    values::Values,
};
use crate::schema::Code;

/// The served schema, to check requests against.
#[derive(Debug)]
pub(crate) struct Contract {
    schema: Valid<Schema>,
    /// The object types of each interface.
    possible: HashMap<Name, Vec<Name>>,
}

/// A request that may be executed.
#[derive(Debug)]
pub(crate) struct Operation {
    kind: OperationType,
    root: Set,
    /// How many fields its answer may have.
    cost: usize,
    /// Under which name the executor tells the type of an object where the plan needs it; no client uses it.
    type_key: async_graphql::Name,
}

/// async-graphql has it (`@oneOf`), apollo-compiler does not know of it yet.
const ONE_OF: &str = "\nextend type __Type { isOneOf: Boolean }\n";

impl Contract {
    /// The contract that a schema in GraphQL's own language is.
    #[expect(
        clippy::panic,
        reason = "the schema is the program's own: a wrong one is a defect of the build"
    )]
    pub(crate) fn of(sdl: &str) -> Self {
        let schema = Schema::parse_and_validate(format!("{sdl}{ONE_OF}"), "schema.graphql")
            .unwrap_or_else(|WithErrors { errors, .. }| panic!("the served schema: {errors}"));
        let possible = schema
            .implementers_map()
            .into_iter()
            .map(|(name, implementers)| (name, implementers.objects.into_iter().collect()))
            .collect();
        Self { schema, possible }
    }

    /// Checks a request.
    pub(crate) fn check(
        &self,
        text: &str,
        operation_name: Option<&str>,
        variables: Map<String, Json>,
    ) -> Result<Operation, RequestError> {
        let document = text::parse(text)?;
        query_size::check(&document)?;
        twice::check(&document).map_err(|refused| refused.located(text))?;
        let document = document.to_executable_validate(&self.schema).map_err(
            |WithErrors { errors, .. }| text::refused(Code::GraphqlValidationFailed, &errors),
        )?;
        let operation = document
            .operations
            .get(operation_name)
            .map_err(|error| RequestError::invalid(error.message().to_string()))?;
        let values = Values::coerce(&self.schema, operation, variables)
            .map_err(|refused| refused.located(text))?;
        let planner = Planner::new(&self.schema, &self.possible, &document.fragments, values);
        let (root, type_key) = planner.plan(operation).map_err(|refused| refused.located(text))?;
        let told = introspection::size(&self.schema, &root)?;
        let cost = cost::of(&root)?.saturating_add(told);
        Ok(Operation { kind: operation.operation_type, root, cost, type_key })
    }
}

impl Operation {
    pub(crate) fn is_mutation(&self) -> bool {
        self.kind == OperationType::Mutation
    }

    /// How many fields its answer may have at most.
    pub(crate) fn cost(&self) -> usize {
        self.cost
    }

    /// What the executor is to execute.
    pub(crate) fn document(&self) -> ExecutableDocument {
        let kind = if self.is_mutation() {
            types::OperationType::Mutation
        } else {
            types::OperationType::Query
        };
        document::of(kind, &self.root, &self.type_key)
    }

    /// What the executor answered, as it has to be: fields in their order, what failed null, and a null that may not be
    /// nulls what is round it.
    pub(crate) fn complete(&self, data: Value) -> Value {
        complete::complete(&self.root, &self.type_key, data)
    }

    /// Puts the executor's errors to their places in this text.
    pub(crate) fn locate(text: &str, errors: &mut [ServerError]) {
        Places::of(errors).fill_in(text, errors);
    }
}

#[cfg(test)]
mod tests;
