//! Random documents and queries: the engine answers as filtering and sorting all documents does.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::ops::Bound;

use domain::Timestamp;
use flow::ports::{Direction, DocPath, Documents, Fields, Order, Precondition, Query, Scope, StoreError, Value, Write};
use futures::executor::block_on;
use proptest::prelude::*;

use crate::contract::documents::notes;
use crate::contract::embedded::in_memory;

/// What is stored, by path.
type Model = BTreeMap<DocPath, Fields>;

fn path() -> impl Strategy<Value = DocPath> {
    (prop_oneof![Just("org_a"), Just("org_b")], "[a-d]{1,2}")
        .prop_map(|(organization, id)| notes(organization).doc(&id))
}

/// A value for the field: few of them, so that queries meet documents.
fn value(field: &'static str) -> BoxedStrategy<Value> {
    match field {
        "shelf" => (0..3_i64).prop_map(Value::Int).boxed(),
        "colour" => prop_oneof![Just("red"), Just("blue"), Just("")].prop_map(|c| Value::Text(c.into())).boxed(),
        "size" => (-3..4_i64).prop_map(Value::Int).boxed(),
        "rank" => prop_oneof![Just(-1.5), Just(0.0), Just(2.25)].prop_map(Value::Double).boxed(),
        _ => (0..5_i64).prop_map(|t| Value::Time(Timestamp::from_micros(1_795_000_000_000_000 + t))).boxed(),
    }
}

fn document() -> impl Strategy<Value = Fields> {
    let field = |name: &'static str| {
        proptest::option::weighted(0.8, value(name)).prop_map(move |value| value.map(|value| (name.to_owned(), value)))
    };
    let tags = proptest::option::of(prop::collection::vec("[xy]", 0..3)).prop_map(|tags| {
        tags.map(|tags| ("tags".to_owned(), Value::Array(tags.into_iter().map(Value::Text).collect())))
    });
    (field("shelf"), field("colour"), field("size"), field("rank"), field("due"), tags)
        .prop_map(|(a, b, c, d, e, f)| [a, b, c, d, e, f].into_iter().flatten().collect())
}

fn write() -> impl Strategy<Value = Write> {
    let precondition = || prop_oneof![3 => Just(Precondition::None), 1 => Just(Precondition::MustExist), 1 => Just(Precondition::MustNotExist)];
    prop_oneof![
        4 => (path(), document(), precondition()).prop_map(|(path, fields, precondition)| Write::Set { path, fields, precondition }),
        1 => (path(), precondition()).prop_map(|(path, precondition)| Write::Delete { path, precondition }),
    ]
}

/// The queries that the declarations cover: what is fixed, and what may be ordered behind it.
const COVERED: [(&[&str], &[&str]); 9] = [
    (&[], &["shelf"]),
    (&[], &["due"]),
    (&[], &["size"]),
    (&["shelf"], &[]),
    (&["colour"], &[]),
    (&["rank"], &[]),
    (&["shelf", "colour"], &[]),
    (&["shelf"], &["due"]),
    (&["tags"], &["due"]),
];

fn bound(field: &'static str) -> impl Strategy<Value = Bound<Value>> {
    prop_oneof![
        2 => Just(Bound::Unbounded),
        1 => value(field).prop_map(Bound::Included),
        1 => value(field).prop_map(Bound::Excluded),
    ]
}

fn order(field: &'static str) -> impl Strategy<Value = Order> {
    let direction = prop_oneof![Just(Direction::Ascending), Just(Direction::Descending)];
    (direction, bound(field), bound(field)).prop_map(|(direction, from, to)| Order {
        field: field.into(),
        direction,
        from,
        to,
    })
}

fn query() -> impl Strategy<Value = Query> {
    (prop::sample::select(&COVERED[..]), any::<bool>(), 1..6_u32, prop_oneof![4 => Just(false), 1 => Just(true)])
        .prop_flat_map(|((fixed, ordered), several, limit, group)| {
            let base = Query { limit, ..Query::collection(notes("org_a"), 1) };
            let mut query = Just(base).boxed();
            for (n, field) in fixed.iter().copied().enumerate() {
                query = if field == "tags" {
                    (query, "[xyz]")
                        .prop_map(|(q, tag)| Query { contains: Some(("tags".into(), Value::Text(tag))), ..q })
                        .boxed()
                } else if several && n == 0 {
                    (query, prop::collection::vec(value(field), 1..4))
                        .prop_map(move |(q, values)| Query { one_of: Some((field.into(), values)), ..q })
                        .boxed()
                } else {
                    (query, value(field)).prop_map(move |(q, value)| q.equal(field, value)).boxed()
                };
            }
            for field in ordered.iter().copied() {
                query = (query, order(field)).prop_map(|(q, order)| q.ordered(order)).boxed();
            }
            // A group is declared for `due`, alone or behind `shelf` in ascending order.
            let grouped = group && ordered == ["due"] && fixed != ["tags"];
            let alone = fixed.is_empty();
            query.prop_map(move |q| {
                let ascending = q.order.as_ref().is_some_and(|order| order.direction == Direction::Ascending);
                if grouped && (alone || ascending) { Query { scope: Scope::Group("notes".into()), ..q } } else { q }
            })
        })
}

fn compare(left: &Value, right: &Value) -> Ordering {
    match (left, right) {
        (Value::Int(l), Value::Int(r)) => l.cmp(r),
        (Value::Double(l), Value::Double(r)) => l.total_cmp(r),
        (Value::Time(l), Value::Time(r)) => l.cmp(r),
        (Value::Text(l), Value::Text(r)) => l.as_bytes().cmp(r.as_bytes()),
        _ => panic!("a field has one type"),
    }
}

fn in_range(order: &Order, value: &Value) -> bool {
    let above = match &order.from {
        Bound::Included(from) => compare(value, from).is_ge(),
        Bound::Excluded(from) => compare(value, from).is_gt(),
        Bound::Unbounded => true,
    };
    let below = match &order.to {
        Bound::Included(to) => compare(value, to).is_le(),
        Bound::Excluded(to) => compare(value, to).is_lt(),
        Bound::Unbounded => true,
    };
    above && below
}

/// All documents that match, in order, whatever the limit.
fn matching<'a>(model: &'a Model, query: &Query) -> Vec<(&'a DocPath, &'a Fields)> {
    let in_scope = |path: &DocPath| match &query.scope {
        Scope::Collection(collection) => path.parent() == *collection,
        Scope::Group(id) => path.parent().id() == id,
    };
    let matches = |fields: &Fields| {
        query.equals.iter().all(|(field, value)| fields.get(field) == Some(value))
            && query.one_of.iter().all(|(field, values)| fields.get(field).is_some_and(|value| values.contains(value)))
            && query
                .contains
                .iter()
                .all(|(field, value)| matches!(fields.get(field), Some(Value::Array(v)) if v.contains(value)))
            && query.order.iter().all(|order| fields.get(&order.field).is_some_and(|value| in_range(order, value)))
    };
    let mut found: Vec<_> = model.iter().filter(|(path, fields)| in_scope(path) && matches(fields)).collect();
    if let Some(order) = &query.order {
        found.sort_by(|a, b| compare(&a.1[&order.field], &b.1[&order.field]).then_with(|| a.0.cmp(b.0)));
        if order.direction == Direction::Descending {
            found.reverse();
        }
    }
    found
}

/// Applies the writes to the model if every precondition holds.
fn apply(model: &mut Model, writes: &[Write]) -> bool {
    let holds = |write: &Write| {
        let (Write::Set { path, precondition, .. } | Write::Delete { path, precondition }) = write;
        match precondition {
            Precondition::MustExist => model.contains_key(path),
            Precondition::MustNotExist => !model.contains_key(path),
            Precondition::None | Precondition::Unchanged(_) => true,
        }
    };
    if !writes.iter().all(holds) {
        return false;
    }
    for write in writes {
        match write {
            Write::Set { path, fields, .. } => model.insert(path.clone(), fields.clone()),
            Write::Delete { path, .. } => model.remove(path),
        };
    }
    true
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn queries_answer_as_filtering_and_sorting_does(
        commits in prop::collection::vec(prop::collection::vec(write(), 1..6), 1..12),
        queries in prop::collection::vec(query(), 1..12),
    ) {
        let world = in_memory(|stores| stores.documents);
        let mut model = Model::new();
        for mut writes in commits {
            writes.sort_by(|a, b| a.path().cmp(b.path()));
            writes.dedup_by(|a, b| a.path() == b.path());
            let done = block_on(world.port.commit(writes.clone()));
            if apply(&mut model, &writes) {
                done.unwrap();
            } else {
                prop_assert!(matches!(done, Err(StoreError::Conflict)));
            }
        }
        for query in queries {
            let expected = matching(&model, &query);
            let found = block_on(world.port.query(&query)).unwrap();
            let found: Vec<_> = found.iter().map(|document| (&document.path, &document.fields)).collect();
            prop_assert_eq!(&found[..], &expected[..expected.len().min(query.limit as usize)], "{:?}", query);
            prop_assert_eq!(block_on(world.port.count(&query)).unwrap(), expected.len() as u64);
        }
        let sum: i64 = matching(&model, &Query::collection(notes("org_a"), 1).ordered(Order::ascending("size")))
            .iter()
            .map(|(_, fields)| if let Value::Int(size) = fields["size"] { size } else { 0 })
            .sum();
        prop_assert_eq!(block_on(world.port.sum(&Query::collection(notes("org_a"), 1), "size")).unwrap(), sum);
    }
}
