//! What is asked of each object: fields merged, fragments written out, what is left out left out.
//!
//! This is `CollectFields` of the specification (<https://spec.graphql.org/October2021/#sec-Field-Collection>), done before
//! execution and for every type that an object may have.

use std::collections::{HashMap, HashSet};

use apollo_compiler::{
    Name as ApolloName, Node, Schema,
    ast::Type,
    executable::{Field as Asked, FragmentMap, Operation, Selection, SelectionSet},
    validation::Valid,
};
use async_graphql::{Name, Value, indexmap::IndexMap};

use super::{error::RequestError, values::Values};

/// How many fields a query's plan may have.
const MOST: usize = 30_000;

/// How many a mutation's may have. Its answer has no lists, so that it is bounded by that alone, and nothing ends it half-way. An
/// import of 32 wishes at once has 192.
const MOST_OF_MUTATION: usize = 2_000;

/// How long a field's name in the answer may be, in bytes: it is repeated for every node of a list, and in the path of every
/// error below it. The schema's own longest has 23.
const LONGEST_NAME: usize = 100;

/// What is asked of an object.
#[derive(Debug, Clone)]
pub(super) struct Set {
    /// The fields for each type that it may have; one for an object type.
    pub(super) of_types: Vec<(Name, Vec<Field>)>,
    /// Whether the executor must tell the object's type under a name of ours.
    pub(super) told: bool,
}

/// A field of the answer.
#[derive(Debug, Clone)]
pub(super) struct Field {
    /// Its name in the answer.
    pub(super) key: Name,
    pub(super) name: Name,
    pub(super) ty: Type,
    pub(super) arguments: Vec<(Name, Value)>,
    /// Whether it is a page of a list, as long as its arguments say.
    pub(super) is_paged: bool,
    /// Where it is asked for first.
    pub(super) offset: usize,
    /// What is asked below it; none for a leaf.
    pub(super) below: Option<Set>,
}

/// Makes the plan of one operation.
pub(super) struct Planner<'a> {
    schema: &'a Valid<Schema>,
    possible: &'a HashMap<ApolloName, Vec<ApolloName>>,
    fragments: &'a FragmentMap,
    values: Values<'a>,
    most: usize,
    left: usize,
    /// The longest name of the answer that begins like the one of types.
    type_key: String,
}

/// Fields that come to one in the answer.
type Groups<'a> = IndexMap<&'a ApolloName, Vec<&'a Node<Asked>>>;

impl<'a> Planner<'a> {
    pub(super) fn new(
        schema: &'a Valid<Schema>,
        possible: &'a HashMap<ApolloName, Vec<ApolloName>>,
        fragments: &'a FragmentMap,
        values: Values<'a>,
    ) -> Self {
        Self {
            schema,
            possible,
            fragments,
            values,
            most: MOST,
            left: MOST,
            type_key: "__type".into(),
        }
    }

    /// The plan of an operation, and the name of the answer that tells the type of an object.
    pub(super) fn plan(mut self, operation: &'a Operation) -> Result<(Set, Name), RequestError> {
        if operation.is_mutation() {
            self.most = MOST_OF_MUTATION;
        }
        self.left = self.most;
        let set = &operation.selection_set;
        let root = self.set(&set.ty, &[set])?;
        Ok((root, Name::new(self.type_key)))
    }

    fn too_large(&self) -> RequestError {
        let most = self.most;
        RequestError::too_large(format_args!(
            "the request has more than {most} fields with its fragments"
        ))
    }

    fn set(&mut self, ty: &ApolloName, sets: &[&'a SelectionSet]) -> Result<Set, RequestError> {
        let possible = self.possible;
        let types = possible.get(ty).map_or(std::slice::from_ref(ty), Vec::as_slice);
        let mut of_types = Vec::with_capacity(types.len());
        for ty in types {
            of_types.push((Name::new(&**ty), self.fields(ty, sets)?));
        }
        let told = possible.contains_key(ty)
            || of_types.iter().any(|(ty, fields)| !is_certain(ty, fields));
        Ok(Set { of_types, told })
    }

    fn fields(
        &mut self,
        ty: &ApolloName,
        sets: &[&'a SelectionSet],
    ) -> Result<Vec<Field>, RequestError> {
        let (mut groups, mut seen) = (Groups::new(), HashSet::new());
        for set in sets {
            self.collect(ty, set, &mut groups, &mut seen)?;
        }
        let mut fields = Vec::with_capacity(groups.len());
        for (key, asked) in groups {
            self.left = self.left.checked_sub(1).ok_or_else(|| self.too_large())?;
            if key.len() > LONGEST_NAME {
                return Err(RequestError::too_large(format_args!(
                    "a name of the answer has {} characters, and {LONGEST_NAME} is the most",
                    key.len()
                )));
            }
            if key.starts_with(self.type_key.as_str()) {
                self.type_key = format!("{key}_");
            }
            let Some(first) = asked.first() else { continue };
            let arguments = self.values.arguments(first)?;
            let below: Vec<_> = asked.iter().map(|field| &field.selection_set).collect();
            let below = if first.selection_set.is_empty() {
                None
            } else {
                Some(self.set(first.ty().inner_named_type(), &below)?)
            };
            fields.push(Field {
                key: Name::new(&**key),
                name: Name::new(&*first.name),
                ty: first.ty().clone(),
                is_paged: first.definition.argument_by_name("first").is_some(),
                arguments,
                offset: first.location().map_or(0, |at| at.offset()),
                below,
            });
        }
        Ok(fields)
    }

    fn collect(
        &self,
        ty: &ApolloName,
        set: &'a SelectionSet,
        groups: &mut Groups<'a>,
        seen: &mut HashSet<&'a ApolloName>,
    ) -> Result<(), RequestError> {
        for selection in &set.selections {
            if self.values.leave_out(selection.directives())? {
                continue;
            }
            match selection {
                Selection::Field(field) => {
                    groups.entry(field.response_key()).or_default().push(field);
                }
                Selection::InlineFragment(fragment) => {
                    if fragment.type_condition.as_ref().is_none_or(|of| self.is_of(ty, of)) {
                        self.collect(ty, &fragment.selection_set, groups, seen)?;
                    }
                }
                Selection::FragmentSpread(spread) => {
                    let fragment = self.fragments.get(&spread.fragment_name);
                    if let Some(fragment) =
                        fragment.filter(|it| self.is_of(ty, it.type_condition()))
                        && seen.insert(&spread.fragment_name)
                    {
                        self.collect(ty, &fragment.selection_set, groups, seen)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn is_of(&self, ty: &ApolloName, condition: &ApolloName) -> bool {
        ty == condition || self.schema.is_subtype(condition, ty)
    }
}

/// Whether an object of these fields is an object or null by itself. async-graphql answers null for one without fields, and so
/// for one of which all fields failed (<https://github.com/async-graphql/async-graphql/issues/301>). That is only right where a
/// failed field may not be null. Introspection does not fail.
fn is_certain(ty: &Name, fields: &[Field]) -> bool {
    !fields.is_empty()
        && (ty.starts_with("__") || fields.iter().all(|field| field.ty.is_non_null()))
}
