//! What a plan costs at most, counted before anything is read.

use async_graphql::Value;

use super::{
    RequestError,
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

/// What a list costs beside its fields when no argument says how long it is, as of everything in quarantine: so much that its
/// answer is metered, and that one query does not ask for fifty.
const OPEN: usize = 1_000;

/// How many fields the answer to a plan may have, but for introspection; refuses one that is too deep or too large.
pub(super) fn of(root: &Set) -> Result<usize, RequestError> {
    let cost = of_set(root, DEEPEST, false).ok_or_else(|| RequestError::too_deep(DEEPEST))?;
    if cost <= MOST {
        return Ok(cost);
    }
    let what =
        format_args!("the answer may have {cost} fields, more than the {MOST} that are the most");
    Err(RequestError::too_large(what))
}

/// How many fields there may be below an object; none when it goes too deep. Of the types that it may have it has one. `is_counted`:
/// how long its lists are is counted already, by the arguments of the page that it is, or by introspection.
fn of_set(set: &Set, deeper: usize, is_counted: bool) -> Option<usize> {
    let deeper = deeper.checked_sub(1)?;
    set.of_types.iter().try_fold(0, |most, (ty, fields)| {
        let is_counted = is_counted || ty.starts_with("__");
        let mut costs = fields.iter().map(|field| of_field(field, deeper, is_counted));
        let all = costs.try_fold(0_usize, |sum, cost| Some(sum.saturating_add(cost?)))?;
        Some(all.max(most))
    })
}

fn of_field(field: &Field, deeper: usize, is_counted: bool) -> Option<usize> {
    let below_is_counted = field.is_paged || (is_counted && !field.ty.is_list());
    let below = field.below.as_ref();
    let below = below.map_or(Some(0), |below| of_set(below, deeper, below_is_counted))?;
    if field.ty.is_list() && !is_counted {
        return Some(below.saturating_add(OPEN));
    }
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
