//! What a plan costs at most, counted before anything is read.

use async_graphql::Value;

use super::{
    Refused,
    plan::{Field, Set},
};
use crate::schema::{MOST_NODES, USUAL_NODES};

/// How deep a query may go. Standard introspection needs 16.
const DEEPEST: usize = 16;

/// How many fields an answer may have at most. A page of 100 customers with 20 purchases each and eight fields of each purchase is
/// about 20,000; the answer to 50,000 is some 5 MB of JSON.
const MOST: usize = 50_000;

/// One read of a store is worth the fields of a few nodes.
const READ: usize = 50;

/// How many fields the answer to a plan may have, but for introspection; refuses one that is too deep or too large.
pub(super) fn of(root: &Set) -> Result<usize, Refused> {
    let cost = of_set(root, DEEPEST).filter(|cost| *cost <= MOST);
    cost.ok_or_else(Refused::too_large)
}

/// How many fields there may be below an object; none when it goes too deep. Of the types that it may have it has one.
fn of_set(set: &Set, deeper: usize) -> Option<usize> {
    let deeper = deeper.checked_sub(1)?;
    let of_type = |fields: &[Field]| {
        fields
            .iter()
            .try_fold(0_usize, |sum, field| Some(sum.saturating_add(of_field(field, deeper)?)))
    };
    set.of_types.iter().try_fold(0, |most, (_, fields)| Some(of_type(fields)?.max(most)))
}

fn of_field(field: &Field, deeper: usize) -> Option<usize> {
    let below = field.below.as_ref().map_or(Some(0), |below| of_set(below, deeper))?;
    if !field.is_paged {
        return Some(below.saturating_add(1));
    }
    let given = |name: &str| field.arguments.iter().find(|(given, _)| given == name);
    let number = |(_, value): &(_, Value)| {
        if let Value::Number(number) = value { number.as_i64() } else { None }
    };
    let asked = given("first").and_then(number).or_else(|| given("last").and_then(number));
    let nodes = asked.unwrap_or(USUAL_NODES.into()).clamp(0, MOST_NODES.into());
    let nodes = usize::try_from(nodes).unwrap_or_default();
    Some(nodes.saturating_mul(below).saturating_add(READ))
}
