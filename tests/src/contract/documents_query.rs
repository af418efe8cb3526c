//! The contract of [`Documents`]: queries, counts and sums over declared indexes.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::ops::Bound;

use domain::Timestamp;
use flow::ports::{Documents, Order, Precondition, Query, Value, Write};

use super::documents::{fields, invalid, note, notes, put, set, text};
use super::{World, cases};

cases! { dyn Documents;
    a_collection_lists_its_own_documents_by_path,
    an_equality_finds_exactly_the_documents_with_the_value,
    a_list_is_ordered_by_its_field_in_both_directions,
    documents_without_the_field_are_not_in_the_list,
    equal_values_are_ordered_by_path,
    a_range_has_the_bounds_that_were_asked_for,
    a_list_is_paged_by_its_last_value,
    an_equality_and_an_order_go_together,
    two_equalities_go_together,
    a_list_field_is_found_by_its_elements,
    one_of_finds_any_of_its_values_in_order,
    one_of_takes_30_values_and_no_more,
    a_query_returns_at_most_its_limit,
    a_count_counts_all_whatever_the_limit,
    a_sum_adds_the_field_of_what_matches,
    a_query_that_no_declared_index_covers_is_refused,
    a_group_spans_all_collections_of_its_id,
    a_query_shows_the_last_commit,
    a_query_never_leaves_its_collection
}

fn all() -> Query {
    Query::collection(notes("org_a"), 100)
}

/// The ids of the documents that the query finds.
async fn ids(documents: &dyn Documents, query: &Query) -> Vec<String> {
    documents.query(query).await.unwrap().iter().map(|document| document.path.id().to_owned()).collect()
}

async fn put_all(documents: &dyn Documents, field: &str, values: &[(&str, Value)]) {
    let writes = values.iter().map(|(id, value)| set(note(id), fields([(field, value.clone())]))).collect();
    documents.commit(writes).await.unwrap();
}

async fn a_collection_lists_its_own_documents_by_path(world: World<dyn Documents>) {
    for id in ["b", "a", "ab", "B", "c"] {
        put(&*world.port, note(id), fields([])).await;
    }
    put(&*world.port, notes("org_b").doc("other"), fields([])).await;
    put(&*world.port, note("a").collection("notes").doc("below"), fields([])).await;
    put(&*world.port, note("a").collection("other").doc("below"), fields([])).await;
    assert_eq!(ids(&*world.port, &all()).await, ["B", "a", "ab", "b", "c"]);
    assert_eq!(ids(&*world.port, &Query { limit: 2, ..all() }).await, ["B", "a"]);
}

async fn an_equality_finds_exactly_the_documents_with_the_value(world: World<dyn Documents>) {
    let at = Timestamp::from_micros(1_795_000_000_000_001);
    let values = [
        ("absent", None),
        ("bool", Some(Value::Bool(false))),
        ("bytes", Some(Value::Bytes(b"a".to_vec()))),
        ("double", Some(Value::Double(1.5))),
        ("empty", Some(text(""))),
        ("int", Some(Value::Int(0))),
        ("text", Some(text("a"))),
        ("text_longer", Some(text("ab"))),
        ("text_upper", Some(text("A"))),
        ("text_zero", Some(text("a\u{0}"))),
        ("time", Some(Value::Time(at))),
    ];
    for (id, value) in &values {
        let fields = value.iter().map(|value| ("v".to_owned(), value.clone())).collect();
        put(&*world.port, note(id), fields).await;
    }
    for (id, value) in values {
        if let Some(value) = value {
            assert_eq!(ids(&*world.port, &all().equal("v", value.clone())).await, [id], "for {value:?}");
        }
    }
    assert_eq!(ids(&*world.port, &all().equal("v", Value::Bool(true))).await, [""; 0]);
    assert_eq!(ids(&*world.port, &all().equal("w", text("a"))).await, [""; 0]);
}

async fn a_list_is_ordered_by_its_field_in_both_directions(world: World<dyn Documents>) {
    let time = |micros: i64| Value::Time(Timestamp::from_micros(1_795_000_000_000_000 + micros));
    let lists = [
        vec![Value::Bool(false), Value::Bool(true)],
        [i64::MIN, -256, -1, 0, 1, 255, 256, i64::MAX].map(Value::Int).to_vec(),
        [-1e300, -1.5, -0.1, 0.0, 5e-324, 0.1, 1.5, 1e300].map(Value::Double).to_vec(),
        [0, 1, 1_000_000].map(time).to_vec(),
        ["", "\u{0}", "A", "Z", "a", "a\u{0}", "a\u{1}", "aa", "b", "é", "\u{ffff}", "\u{10000}"].map(text).to_vec(),
        [vec![], vec![0], vec![0, 0], vec![0, 1], vec![1], vec![0xff], vec![0xff, 0]].map(Value::Bytes).to_vec(),
    ];
    for (n, list) in lists.iter().enumerate() {
        let field = format!("v{n}");
        // Written so that the order of the paths is another one.
        let named: Vec<(String, Value)> =
            list.iter().enumerate().map(|(i, value)| (format!("{:02}", (i * 7) % 13), value.clone())).collect();
        let pairs: Vec<(&str, Value)> = named.iter().map(|(id, value)| (id.as_str(), value.clone())).collect();
        put_all(&*world.port, &field, &pairs).await;
        let mut expected: Vec<&str> = named.iter().map(|(id, _)| id.as_str()).collect();
        assert_eq!(ids(&*world.port, &all().ordered(Order::ascending(&field))).await, expected, "list {n}");
        expected.reverse();
        assert_eq!(ids(&*world.port, &all().ordered(Order::descending(&field))).await, expected, "list {n}");
    }
}

async fn documents_without_the_field_are_not_in_the_list(world: World<dyn Documents>) {
    put(&*world.port, note("with"), fields([("due", Value::Int(1))])).await;
    put(&*world.port, note("without"), fields([("other", Value::Int(1))])).await;
    assert_eq!(ids(&*world.port, &all().ordered(Order::ascending("due"))).await, ["with"]);
    assert_eq!(ids(&*world.port, &all().ordered(Order::descending("due"))).await, ["with"]);
    assert_eq!(world.port.count(&all().ordered(Order::ascending("due"))).await.unwrap(), 1);
}

async fn equal_values_are_ordered_by_path(world: World<dyn Documents>) {
    put_all(&*world.port, "due", &["c", "a", "b"].map(|id| (id, Value::Int(1)))).await;
    put_all(&*world.port, "due", &[("z", Value::Int(0))]).await;
    assert_eq!(ids(&*world.port, &all().ordered(Order::ascending("due"))).await, ["z", "a", "b", "c"]);
    assert_eq!(ids(&*world.port, &all().ordered(Order::descending("due"))).await, ["c", "b", "a", "z"]);
    assert_eq!(ids(&*world.port, &all().equal("due", Value::Int(1))).await, ["a", "b", "c"]);
}

async fn a_range_has_the_bounds_that_were_asked_for(world: World<dyn Documents>) {
    put_all(&*world.port, "due", &["1", "2", "3", "4"].map(|id| (id, Value::Int(id.parse().unwrap())))).await;
    let (included, excluded) = (|n| Bound::Included(Value::Int(n)), |n| Bound::Excluded(Value::Int(n)));
    let ranges = [
        (included(2), included(3), "23"),
        (excluded(2), included(3), "3"),
        (included(2), excluded(3), "2"),
        (excluded(1), excluded(4), "23"),
        (Bound::Unbounded, included(2), "12"),
        (Bound::Unbounded, excluded(2), "1"),
        (included(3), Bound::Unbounded, "34"),
        (excluded(3), Bound::Unbounded, "4"),
        (included(3), included(2), ""),
        (excluded(2), excluded(2), ""),
        (excluded(2), excluded(3), ""),
        (included(5), Bound::Unbounded, ""),
    ];
    for (from, to, expected) in ranges {
        let up = Order { from: from.clone(), to: to.clone(), ..Order::ascending("due") };
        assert_eq!(ids(&*world.port, &all().ordered(up.clone())).await.concat(), expected, "from {from:?} to {to:?}");
        assert_eq!(world.port.count(&all().ordered(up)).await.unwrap(), expected.len() as u64);
        let down = Order { from: from.clone(), to: to.clone(), ..Order::descending("due") };
        let reversed: String = expected.chars().rev().collect();
        assert_eq!(ids(&*world.port, &all().ordered(down)).await.concat(), reversed, "from {from:?} to {to:?}");
    }
}

async fn a_list_is_paged_by_its_last_value(world: World<dyn Documents>) {
    let values: Vec<(String, Value)> = (0..7).map(|n| (n.to_string(), text(&format!("2026-{n}")))).collect();
    let pairs: Vec<(&str, Value)> = values.iter().map(|(id, value)| (id.as_str(), value.clone())).collect();
    put_all(&*world.port, "due", &pairs).await;
    for (order, expected) in [(Order::ascending("due"), "0123456"), (Order::descending("due"), "6543210")] {
        let (mut seen, mut next) = (String::new(), order);
        // Two full pages, one with the rest, and an empty one.
        for _ in 0..4 {
            let page = world.port.query(&Query { limit: 3, ..all() }.ordered(next.clone())).await.unwrap();
            assert!(page.len() <= 3);
            let Some(last) = page.last() else { break };
            page.iter().for_each(|document| seen.push_str(document.path.id()));
            next = next.after(last.fields["due"].clone());
        }
        assert_eq!(seen, expected);
    }
}

async fn an_equality_and_an_order_go_together(world: World<dyn Documents>) {
    for (id, shelf, due) in [("a", 1, 30), ("b", 1, 10), ("c", 2, 20), ("d", 1, 20), ("e", 1, 40)] {
        put(&*world.port, note(id), fields([("shelf", Value::Int(shelf)), ("due", Value::Int(due))])).await;
    }
    put(&*world.port, note("f"), fields([("shelf", Value::Int(1))])).await;
    let shelf = all().equal("shelf", Value::Int(1));
    assert_eq!(ids(&*world.port, &shelf.clone().ordered(Order::ascending("due"))).await, ["b", "d", "a", "e"]);
    assert_eq!(ids(&*world.port, &shelf.clone().ordered(Order::descending("due"))).await, ["e", "a", "d", "b"]);
    let until = Order::ascending("due").up_to(Value::Int(30)).after(Value::Int(10));
    assert_eq!(ids(&*world.port, &shelf.ordered(until)).await, ["d", "a"]);
}

async fn two_equalities_go_together(world: World<dyn Documents>) {
    for (id, shelf, colour) in [("a", 1, "red"), ("b", 1, "blue"), ("c", 2, "red"), ("d", 1, "red")] {
        put(&*world.port, note(id), fields([("shelf", Value::Int(shelf)), ("colour", text(colour))])).await;
    }
    let both = all().equal("shelf", Value::Int(1)).equal("colour", text("red"));
    assert_eq!(ids(&*world.port, &both).await, ["a", "d"]);
    assert_eq!(world.port.count(&both).await.unwrap(), 2);
}

async fn a_list_field_is_found_by_its_elements(world: World<dyn Documents>) {
    let tags = |tags: &[&str]| Value::Array(tags.iter().map(|tag| text(tag)).collect());
    for (id, due, list) in [("a", 2, tags(&["x", "y", "x"])), ("b", 1, tags(&["x"])), ("c", 3, tags(&[]))] {
        put(&*world.port, note(id), fields([("due", Value::Int(due)), ("tags", list)])).await;
    }
    put(&*world.port, note("d"), fields([("due", Value::Int(0)), ("tags", text("x"))])).await;
    let tagged = |tag| Query { contains: Some(("tags".into(), text(tag))), ..all() };
    assert_eq!(ids(&*world.port, &tagged("x")).await, ["a", "b"]);
    assert_eq!(ids(&*world.port, &tagged("y")).await, ["a"]);
    assert_eq!(ids(&*world.port, &tagged("z")).await, [""; 0]);
    assert_eq!(world.port.count(&tagged("x")).await.unwrap(), 2);
    assert_eq!(ids(&*world.port, &tagged("x").ordered(Order::ascending("due"))).await, ["b", "a"]);
}

async fn one_of_finds_any_of_its_values_in_order(world: World<dyn Documents>) {
    for (id, shelf, due) in [("a", 1, 40), ("b", 2, 10), ("c", 3, 20), ("d", 1, 30), ("e", 2, 50), ("f", 2, 30)] {
        put(&*world.port, note(id), fields([("shelf", Value::Int(shelf)), ("due", Value::Int(due))])).await;
    }
    let one_of = |values: &[i64]| Query {
        one_of: Some(("shelf".into(), values.iter().map(|n| Value::Int(*n)).collect())),
        ..all()
    };
    assert_eq!(ids(&*world.port, &one_of(&[2, 1, 9])).await, ["a", "b", "d", "e", "f"]);
    assert_eq!(ids(&*world.port, &one_of(&[3, 3])).await, ["c"]);
    assert_eq!(world.port.count(&one_of(&[1, 2, 2])).await.unwrap(), 5);
    let ascending = one_of(&[2, 1]).ordered(Order::ascending("due"));
    assert_eq!(ids(&*world.port, &ascending).await, ["b", "d", "f", "a", "e"]);
    assert_eq!(ids(&*world.port, &Query { limit: 3, ..ascending }).await, ["b", "d", "f"]);
    let descending = one_of(&[2, 1]).ordered(Order::descending("due"));
    assert_eq!(ids(&*world.port, &descending).await, ["e", "a", "f", "d", "b"]);
    assert_eq!(ids(&*world.port, &Query { limit: 2, ..descending }).await, ["e", "a"]);
}

async fn one_of_takes_30_values_and_no_more(world: World<dyn Documents>) {
    put_all(&*world.port, "shelf", &[("a", Value::Int(29)), ("b", Value::Int(30))]).await;
    let one_of = |n| Query { one_of: Some(("shelf".into(), (0..n).map(Value::Int).collect())), ..all() };
    assert_eq!(ids(&*world.port, &one_of(30)).await, ["a"]);
    invalid(world.port.query(&one_of(31)).await);
    invalid(world.port.count(&one_of(31)).await);
}

async fn a_query_returns_at_most_its_limit(world: World<dyn Documents>) {
    for part in 0..3 {
        let writes = (0..350).map(|n| {
            let n = part * 350 + n;
            set(note(&format!("{n:04}")), fields([("due", Value::Int(n))]))
        });
        world.port.commit(writes.collect()).await.unwrap();
    }
    let found = ids(&*world.port, &Query { limit: 1_000, ..all() }.ordered(Order::ascending("due"))).await;
    assert_eq!((found.len(), found[0].as_str(), found[999].as_str()), (1_000, "0000", "0999"));
    assert_eq!(ids(&*world.port, &Query { limit: 1, ..all() }.ordered(Order::descending("due"))).await, ["1049"]);
    invalid(world.port.query(&Query { limit: 0, ..all() }).await);
    invalid(world.port.query(&Query { limit: 1_001, ..all() }).await);
}

async fn a_count_counts_all_whatever_the_limit(world: World<dyn Documents>) {
    assert_eq!(world.port.count(&all()).await.unwrap(), 0);
    let writes =
        (0..50).map(|n| set(note(&format!("{n:02}")), fields([("due", Value::Int(n)), ("shelf", Value::Int(n % 2))])));
    world.port.commit(writes.collect()).await.unwrap();
    let one = Query { limit: 1, ..all() };
    assert_eq!(world.port.count(&one).await.unwrap(), 50);
    assert_eq!(world.port.count(&one.clone().equal("shelf", Value::Int(1))).await.unwrap(), 25);
    let late = Order { from: Bound::Included(Value::Int(40)), ..Order::ascending("due") };
    assert_eq!(world.port.count(&one.clone().ordered(late.clone())).await.unwrap(), 10);
    assert_eq!(world.port.count(&one.equal("shelf", Value::Int(0)).ordered(late)).await.unwrap(), 5);
}

async fn a_sum_adds_the_field_of_what_matches(world: World<dyn Documents>) {
    assert_eq!(world.port.sum(&all(), "size").await.unwrap(), 0);
    for (id, shelf, due, size) in [("a", 1, 1, 10), ("b", 1, 2, -3), ("c", 2, 3, 100), ("d", 1, 9, 10)] {
        let note = fields([("shelf", Value::Int(shelf)), ("due", Value::Int(due)), ("size", Value::Int(size))]);
        put(&*world.port, super::documents::note(id), note).await;
    }
    put(&*world.port, note("without"), fields([("shelf", Value::Int(1)), ("due", Value::Int(1))])).await;
    let one = Query { limit: 1, ..all() };
    assert_eq!(world.port.sum(&one, "size").await.unwrap(), 117);
    let shelf = one.equal("shelf", Value::Int(1));
    assert_eq!(world.port.sum(&shelf, "size").await.unwrap(), 17);
    let early = shelf.ordered(Order::ascending("due").up_to(Value::Int(2)));
    assert_eq!(world.port.sum(&early, "size").await.unwrap(), 7);
    let early = all().ordered(Order::ascending("due").up_to(Value::Int(3)));
    assert_eq!(world.port.sum(&early, "due").await.unwrap(), 7);
}

async fn a_query_that_no_declared_index_covers_is_refused(world: World<dyn Documents>) {
    put(&*world.port, note("a"), fields([("body", Value::Int(1)), ("rank", Value::Int(1))])).await;
    let group = || Query::group("notes", 10);
    let uncovered = [
        ("an exempt field", all().equal("body", Value::Int(1))),
        ("an order over an exempt field", all().ordered(Order::ascending("body"))),
        ("a direction that an override left out", all().ordered(Order::descending("rank"))),
        ("two fields without a composite", all().equal("colour", text("red")).ordered(Order::ascending("due"))),
        ("two equalities without one", all().equal("size", Value::Int(1)).equal("colour", text("red"))),
        (
            "fields of a longer composite",
            Query { contains: Some(("tags".into(), text("x"))), ..all() }
                .equal("due", text("x"))
                .equal("shelf", text("y")),
        ),
        ("the order before the equality", all().equal("due", Value::Int(1)).ordered(Order::ascending("shelf"))),
        ("a list that an override left out", Query { contains: Some(("rank".into(), Value::Int(1))), ..all() }),
        ("a group without a declaration", group().equal("shelf", Value::Int(1))),
        ("a group in the other direction", group().equal("shelf", Value::Int(1)).ordered(Order::descending("due"))),
        ("a group with a collection's composite", group().equal("colour", text("red")).equal("shelf", Value::Int(1))),
        ("a whole group", group()),
    ];
    for (what, query) in uncovered {
        let result = world.port.query(&query).await;
        assert!(matches!(result, Err(flow::ports::StoreError::Invalid(_))), "{what}: {result:?}");
        let result = world.port.count(&query).await;
        assert!(matches!(result, Err(flow::ports::StoreError::Invalid(_))), "{what}: {result:?}");
    }
    invalid(world.port.sum(&all().equal("colour", text("red")), "size").await);
    invalid(world.port.sum(&all(), "body").await);
    assert_eq!(ids(&*world.port, &all().ordered(Order::ascending("rank"))).await, ["a"]);
}

async fn a_group_spans_all_collections_of_its_id(world: World<dyn Documents>) {
    let put_due = async |path, shelf, due| {
        put(&*world.port, path, fields([("shelf", Value::Int(shelf)), ("due", Value::Int(due))])).await;
    };
    put_due(notes("org_b").doc("b"), 1, 1).await;
    put_due(notes("org_a").doc("a"), 1, 3).await;
    put_due(notes("org_a").doc("c"), 2, 2).await;
    put_due(notes("org_a").doc("c").collection("notes").doc("deep"), 1, 2).await;
    put_due(notes("org_a").doc("c").collection("notes2").doc("other"), 1, 1).await;
    let group = || Query::group("notes", 10);
    assert_eq!(ids(&*world.port, &group().ordered(Order::ascending("due"))).await, ["b", "c", "deep", "a"]);
    let due = Order::ascending("due").up_to(Value::Int(2));
    assert_eq!(ids(&*world.port, &group().ordered(due.clone())).await, ["b", "c", "deep"]);
    assert_eq!(ids(&*world.port, &group().equal("shelf", Value::Int(1)).ordered(due)).await, ["b", "deep"]);
    assert_eq!(ids(&*world.port, &group().ordered(Order::descending("due"))).await, ["a", "deep", "c", "b"]);
    assert_eq!(world.port.count(&group().ordered(Order::ascending("due"))).await.unwrap(), 4);
}

async fn a_query_shows_the_last_commit(world: World<dyn Documents>) {
    let due = || all().ordered(Order::ascending("due"));
    put_all(&*world.port, "due", &[("a", Value::Int(1)), ("b", Value::Int(2))]).await;
    assert_eq!(ids(&*world.port, &due()).await, ["a", "b"]);
    put_all(&*world.port, "due", &[("a", Value::Int(3))]).await;
    assert_eq!(ids(&*world.port, &due()).await, ["b", "a"]);
    assert_eq!(ids(&*world.port, &all().equal("due", Value::Int(1))).await, [""; 0]);
    put(&*world.port, note("b"), fields([("other", Value::Int(1))])).await;
    assert_eq!(ids(&*world.port, &due()).await, ["a"]);
    world.port.commit(vec![Write::Delete { path: note("a"), precondition: Precondition::None }]).await.unwrap();
    assert_eq!(ids(&*world.port, &due()).await, [""; 0]);
    put_all(&*world.port, "due", &[("a", Value::Int(9))]).await;
    let found = world.port.query(&due()).await.unwrap();
    assert_eq!(Some(&found[0]), world.port.get(&note("a")).await.unwrap().as_ref());
}

async fn a_query_never_leaves_its_collection(world: World<dyn Documents>) {
    for organization in ["org_a", "org_aa", "org_b"] {
        for id in ["x", "y"] {
            let fields = fields([("shelf", Value::Int(1)), ("due", Value::Int(1)), ("size", Value::Int(1))]);
            put(&*world.port, notes(organization).doc(id), fields).await;
        }
    }
    let of_b = Query::collection(notes("org_a"), 100);
    let shelf = of_b.clone().equal("shelf", Value::Int(1));
    let queries = [
        of_b.clone(),
        shelf.clone(),
        of_b.ordered(Order::ascending("due")),
        shelf.clone().ordered(Order::descending("due")),
    ];
    for query in queries {
        let found = world.port.query(&query).await.unwrap();
        assert_eq!(found.len(), 2);
        assert!(found.iter().all(|document| document.path.parent() == notes("org_a")));
        assert_eq!(world.port.count(&query).await.unwrap(), 2);
    }
    assert_eq!(world.port.sum(&shelf, "size").await.unwrap(), 2);
}
