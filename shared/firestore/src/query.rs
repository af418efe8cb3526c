//! A query as it is sent.

use std::ops::Bound;

use flow::ports::{Direction, Query, Scope, Value};
use googleapis_tonic_google_firestore_v1::google::firestore::v1 as proto;
use proto::structured_aggregation_query::aggregation::{Count, Operator as Aggregate, Sum};
use proto::structured_aggregation_query::{Aggregation, QueryType};
use proto::structured_query::composite_filter::Operator as Junction;
use proto::structured_query::field_filter::Operator;
use proto::structured_query::filter::FilterType;
use proto::structured_query::{CollectionSelector, CompositeFilter, FieldFilter, FieldReference, Filter, Order};
use proto::{ArrayValue, StructuredAggregationQuery, StructuredQuery};

use crate::names::Names;
use crate::value::to_proto;

/// What a number over all that match is called in its answer.
pub(crate) const ALIAS: &str = "n";

/// What the collections that the query looks at lie below, by name.
pub(crate) fn parent(names: &Names, query: &Query) -> String {
    match &query.scope {
        Scope::Collection(path) => match path.as_str().rsplit_once('/') {
            Some((document, _)) => format!("{}/{document}", names.root),
            None => names.root.clone(),
        },
        Scope::Group(_) => names.root.clone(),
    }
}

/// The query for its documents.
pub(crate) fn structured(query: &Query) -> StructuredQuery {
    StructuredQuery { limit: i32::try_from(query.limit).ok(), ..unlimited(query) }
}

/// The query for a number over all that match.
pub(crate) fn aggregation(query: &Query, summed: Option<&str>) -> StructuredAggregationQuery {
    let operator = match summed {
        Some(field) => Aggregate::Sum(Sum { field: Some(reference(field)) }),
        None => Aggregate::Count(Count { up_to: None }),
    };
    StructuredAggregationQuery {
        aggregations: vec![Aggregation { alias: ALIAS.into(), operator: Some(operator) }],
        query_type: Some(QueryType::StructuredQuery(unlimited(query))),
    }
}

/// Firestore orders what has the same value by name, in the direction of the order: that need not be asked for.
fn unlimited(query: &Query) -> StructuredQuery {
    let (collection_id, all_descendants) = match &query.scope {
        Scope::Collection(path) => (path.id().to_owned(), false),
        Scope::Group(id) => (id.clone(), true),
    };
    let order_by = query.order.iter().map(|order| {
        let direction = match order.direction {
            Direction::Ascending => proto::structured_query::Direction::Ascending,
            Direction::Descending => proto::structured_query::Direction::Descending,
        };
        Order { field: Some(reference(&order.field)), direction: direction.into() }
    });
    StructuredQuery {
        from: vec![CollectionSelector { collection_id, all_descendants }],
        r#where: all_of(filters(query)),
        order_by: order_by.collect(),
        ..StructuredQuery::default()
    }
}

fn filters(query: &Query) -> Vec<Filter> {
    let mut filters = Vec::new();
    let mut add = |field: &str, operator: Operator, value: proto::Value| {
        let filter = FieldFilter { field: Some(reference(field)), op: operator.into(), value: Some(value) };
        filters.push(Filter { filter_type: Some(FilterType::FieldFilter(filter)) });
    };
    for (field, value) in &query.equals {
        add(field, Operator::Equal, to_proto(value.clone()));
    }
    if let Some((field, value)) = &query.contains {
        add(field, Operator::ArrayContains, to_proto(value.clone()));
    }
    if let Some((field, values)) = &query.one_of {
        add(field, Operator::In, any_of(values));
    }
    if let Some(order) = &query.order {
        match &order.from {
            Bound::Included(value) => add(&order.field, Operator::GreaterThanOrEqual, to_proto(value.clone())),
            Bound::Excluded(value) => add(&order.field, Operator::GreaterThan, to_proto(value.clone())),
            Bound::Unbounded => {}
        }
        match &order.to {
            Bound::Included(value) => add(&order.field, Operator::LessThanOrEqual, to_proto(value.clone())),
            Bound::Excluded(value) => add(&order.field, Operator::LessThan, to_proto(value.clone())),
            Bound::Unbounded => {}
        }
    }
    filters
}

/// The values of an `in`, each once.
fn any_of(values: &[Value]) -> proto::Value {
    let mut distinct: Vec<Value> = Vec::with_capacity(values.len());
    for value in values {
        if !distinct.contains(value) {
            distinct.push(value.clone());
        }
    }
    let values = distinct.into_iter().map(to_proto).collect();
    proto::Value { value_type: Some(proto::value::ValueType::ArrayValue(ArrayValue { values })) }
}

fn all_of(mut filters: Vec<Filter>) -> Option<Filter> {
    if filters.len() < 2 {
        return filters.pop();
    }
    let all = CompositeFilter { op: Junction::And.into(), filters };
    Some(Filter { filter_type: Some(FilterType::CompositeFilter(all)) })
}

fn reference(field: &str) -> FieldReference {
    FieldReference { field_path: field_path(field) }
}

/// A field's name as a path of one segment: quoted unless it is a plain word.
pub(crate) fn field_path(name: &str) -> String {
    let is_plain = !name.starts_with(|first: char| first.is_ascii_digit())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if is_plain { name.to_owned() } else { format!("`{}`", name.replace('\\', "\\\\").replace('`', "\\`")) }
}
