//! From a query to the ranges of index entries that hold its documents.

use std::ops::Bound;

use flow::indexes::{Cover, IndexSet, Mode, Reach};
use flow::limits::check_query;
use flow::ports::{Direction, Query, Scope, Value};

use super::entries::index_prefix;
use crate::encoding::{ABOVE, put_value, tag};

/// Where a query's documents are found.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Plan {
    /// All documents of this collection, by path.
    EveryDocument(String),
    /// The index entries in these ranges.
    Entries(Vec<Range>),
}

/// A range of index entries. What follows the prefix in their keys is what they are ordered by.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Range {
    /// The first key.
    pub low: Vec<u8>,
    /// Just above the last key.
    pub high: Vec<u8>,
    /// The length of what all its keys begin with: the index and the values that are fixed.
    pub prefix: usize,
}

/// Checks the query and finds the ranges of entries that hold it, and the summed field if there is one.
pub(super) fn plan(set: &IndexSet, query: &Query, summed: Option<&str>) -> Result<Plan, String> {
    check_query(query)?;
    let (collection, reach) = match &query.scope {
        Scope::Collection(path) => (path.as_str(), Reach::Collection),
        Scope::Group(id) => (id.as_str(), Reach::Group),
    };
    let fields = match set.cover(query, summed)? {
        Cover::EveryDocument => return Ok(Plan::EveryDocument(collection.to_owned())),
        Cover::Index(fields) => fields,
    };
    let mut prefixes = vec![index_prefix(reach, collection, fields.iter().copied())];
    for (field, mode) in fields {
        let Some(values) = fixed_values(query, field, mode) else { break };
        prefixes = prefixes.iter().flat_map(|prefix| values.iter().map(|value| extended(prefix, value))).collect();
    }
    let mut ranges: Vec<Range> = prefixes.into_iter().map(|prefix| range(prefix, query)).collect();
    // A value that stands in an `in` twice is asked for once.
    ranges.sort_by(|a, b| a.low.cmp(&b.low));
    ranges.dedup();
    Ok(Plan::Entries(ranges))
}

/// The values that the query fixes the field to.
fn fixed_values<'a>(query: &'a Query, field: &str, mode: Mode) -> Option<&'a [Value]> {
    if mode == Mode::Contains {
        return query.contains.as_ref().filter(|(name, _)| name == field).map(|(_, value)| std::slice::from_ref(value));
    }
    let equal = query.equals.iter().find(|(name, _)| name == field).map(|(_, value)| std::slice::from_ref(value));
    equal.or_else(|| query.one_of.as_ref().filter(|(name, _)| name == field).map(|(_, values)| values.as_slice()))
}

/// The range of the ordered field behind the prefix; all that begins with the prefix if there is none.
fn range(prefix: Vec<u8>, query: &Query) -> Range {
    let length = prefix.len();
    let (from, to) = match &query.order {
        Some(order) => (order.from.as_ref(), order.to.as_ref()),
        None => (Bound::Unbounded, Bound::Unbounded),
    };
    // A bound on one side holds the other side to values of the same type.
    let one_type = match (from, to) {
        (Bound::Included(value) | Bound::Excluded(value), _) | (_, Bound::Included(value) | Bound::Excluded(value)) => {
            Some(tag(value))
        }
        (Bound::Unbounded, Bound::Unbounded) => None,
    };
    let with = |bytes: &[u8]| [prefix.as_slice(), bytes].concat();
    let above = |mut key: Vec<u8>| {
        key.push(ABOVE);
        key
    };
    let low = match from {
        Bound::Included(value) => extended(&prefix, value),
        Bound::Excluded(value) => above(extended(&prefix, value)),
        Bound::Unbounded => one_type.map_or_else(|| prefix.clone(), |tag| with(&[tag])),
    };
    let high = match to {
        Bound::Included(value) => above(extended(&prefix, value)),
        Bound::Excluded(value) => extended(&prefix, value),
        Bound::Unbounded => above(one_type.map_or_else(|| prefix.clone(), |tag| with(&[tag]))),
    };
    Range { low, high, prefix: length }
}

fn extended(prefix: &[u8], value: &Value) -> Vec<u8> {
    let mut key = prefix.to_vec();
    put_value(&mut key, value);
    key
}

/// Whether the query's entries are read backwards.
pub(super) fn is_reversed(query: &Query) -> bool {
    query.order.as_ref().is_some_and(|order| order.direction == Direction::Descending)
}
