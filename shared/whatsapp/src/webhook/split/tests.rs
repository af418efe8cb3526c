#![allow(clippy::unwrap_used, reason = "tests")]
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt::Write as _;

use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::webhook::class::LISTS;
use crate::webhook::read_event;
use crate::webhook::view::View;

fn cut_json(body: &Value) -> Vec<SplitEvent> {
    split(body.to_string().as_bytes())
}

fn parsed(event: &SplitEvent) -> Value {
    serde_json::from_str(&event.json).unwrap()
}

fn classes(events: &[SplitEvent]) -> Vec<EventClass> {
    events.iter().map(|event| event.class).collect()
}

fn body(value: Value) -> Value {
    json!({"object": "whatsapp_business_account", "entry": [{"id": "55", "changes": [{"field": "messages", "value": value}]}]})
}

fn metadata() -> Value {
    json!({"display_phone_number": "551130000000", "phone_number_id": "777"})
}

fn message(from: &str, id: &str) -> Value {
    json!({"from": from, "id": id, "timestamp": "1700000000", "type": "text", "text": {"body": "oi"}})
}

/// Every scalar and empty container with the path to it, list positions left out.
fn leaves(value: &Value, path: &str, out: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            members.iter().for_each(|(name, value)| leaves(value, &format!("{path}/{name}"), out));
        }
        Value::Array(elements) if !elements.is_empty() => {
            elements.iter().for_each(|value| leaves(value, &format!("{path}/*"), out));
        }
        leaf => {
            out.insert(format!("{path}={leaf}"));
        }
    }
}

fn lost(body: &Value, events: &[SplitEvent]) -> Vec<String> {
    let mut before = BTreeSet::new();
    let mut after = BTreeSet::new();
    leaves(body, "", &mut before);
    events.iter().for_each(|event| leaves(&parsed(event), "", &mut after));
    before.difference(&after).cloned().collect()
}

#[test]
fn a_body_with_one_event_is_that_event() {
    let body = body(json!({"metadata": metadata(), "contacts": [{"wa_id": "1"}, {"wa_id": "2"}],
                           "messages": [message("5511999990001", "wamid.A")], "new": {"x": []}}));
    let events = cut_json(&body);
    assert_eq!(classes(&events), [EventClass::Message]);
    assert_eq!(parsed(&events[0]), body);
}

#[test]
fn messages_and_statuses_of_one_body_go_separate_ways() {
    let events = cut_json(&body(json!({
        "metadata": metadata(),
        "messages": [message("5511999990001", "wamid.A")],
        "statuses": [{"id": "wamid.B", "status": "sent", "recipient_id": "5511999990002"}],
        "errors": [{"code": 130_429}],
    })));
    assert_eq!(classes(&events), [EventClass::Message, EventClass::Status, EventClass::Account]);
    assert_eq!(events.iter().map(SplitEvent::is_status).collect::<Vec<_>>(), [false, true, false]);
    for event in &events {
        assert_eq!(event.routing.waba_id.as_deref(), Some("55"));
        assert_eq!(event.routing.number_id.as_deref(), Some("777"));
        assert_eq!(parsed(event)["entry"][0]["changes"][0]["value"]["metadata"], metadata());
    }
}

#[test]
fn a_change_of_another_field_is_one_event_whatever_lists_it_holds() {
    let change = json!({"field": "flows", "value": {"event": "CLIENT_ERROR_RATE", "errors": [{"a": 1}, {"a": 2}]}});
    let body = json!({"entry": [{"id": "55", "changes": [change, change]}]});
    let events = cut_json(&body);
    assert_eq!(classes(&events), [EventClass::Account, EventClass::Account]);
    assert_eq!(parsed(&events[0])["entry"][0]["changes"], json!([change]));
}

#[test]
fn one_bad_status_does_not_take_the_messages_of_its_body_with_it() {
    let text = r#"{"entry":[{"changes":[{"field":"messages","value":{
        "statuses":[{"id":"w","status":"sent","timestamp":1e999},7],
        "messages":[{"id":"m","from":"5511999990001","type":"text","text":{"body":"oi"}}]}}]}]}"#;
    let kinds: Vec<_> = split(text.as_bytes()).iter().map(|event| read_event(&event.json).kind).collect();
    assert!(matches!(kinds[0], domain::inbound::EventKind::Other { .. }));
    assert!(matches!(kinds[1], domain::inbound::EventKind::Other { .. }));
    assert!(matches!(kinds[2], domain::inbound::EventKind::Message(_)));
}

#[test]
fn each_event_gets_its_own_contact_and_strangers_are_left_over() {
    let contact = |wa_id: &str| json!({"wa_id": wa_id, "profile": {"name": format!("n{wa_id}")}});
    let body = body(json!({
        "contacts": [contact("5511999990001"), contact("5511999990002"), contact("5511999990003")],
        "messages": [message("5511999990002", "wamid.A"), message("5511999990001", "wamid.B"),
                     message("551199990002", "wamid.C")],
    }));
    let events = cut_json(&body);
    let contacts: Vec<_> =
        events.iter().map(|event| parsed(event)["entry"][0]["changes"][0]["value"]["contacts"].clone()).collect();
    assert_eq!(contacts[0], json!([contact("5511999990002")]));
    assert_eq!(contacts[1], json!([contact("5511999990001")]));
    assert_eq!(contacts[2], json!([contact("5511999990002")]), "the ninth digit is looked past");
    assert_eq!(contacts[3], json!([contact("5511999990003")]));
    assert_eq!(events[3].class, EventClass::Remainder);
}

#[test]
fn a_person_is_routed_by_user_id_and_else_by_canonical_phone() {
    let person = |value: Value| cut_json(&body(value))[0].routing.person.clone();
    let by_user = json!({"id": "a", "from": "5511999990001", "from_user_id": "BR.1"});
    assert_eq!(person(json!({"messages": [by_user]})).as_deref(), Some("BR.1"));
    let both = json!({"contacts": [{"wa_id": "5511999990001", "user_id": "BR.1"}], "messages": [message("5511999990001", "a")]});
    assert_eq!(person(both).as_deref(), Some("BR.1"));
    assert_eq!(person(json!({"messages": [message("551188880001", "a")]})).as_deref(), Some("5511988880001"));
    assert_eq!(person(json!({"messages": [message("GUEST", "a")]})).as_deref(), Some("GUEST"));
    let only = json!({"contacts": [{"user_id": "BR.9"}], "messages": [{"id": "a"}, {"id": "b"}]});
    assert_eq!(person(only).as_deref(), Some("BR.9"));
}

#[test]
fn the_same_event_has_the_same_fingerprint_in_every_batch() {
    let status = |status: &str| json!({"id": "wamid.S", "status": status, "recipient_id": "5511999990001"});
    let alone = cut_json(&body(json!({"metadata": metadata(), "messages": [message("5511999990001", "wamid.A")]})));
    let batch = cut_json(&body(json!({
        "metadata": metadata(),
        "statuses": [status("sent"), status("read"), status("sent")],
        "messages": [message("5511999990002", "wamid.B"), message("5511999990001", "wamid.A")],
    })));
    assert_eq!(batch[4].fingerprint, alone[0].fingerprint);
    assert_eq!(batch[0].fingerprint, batch[2].fingerprint);
    let all: HashSet<_> = batch.iter().map(|event| &event.fingerprint).collect();
    assert_eq!(all.len(), 4);
}

#[test]
fn an_account_event_is_known_by_its_content_whatever_the_order_of_its_members() {
    let one = br#"{"entry":[{"id":"5","time":7,"changes":[{"field":"account_update","value":{"event":"X"}}]}]}"#;
    let two = br#"{"entry":[{"time":7,"id":"5","changes":[{"value":{"event":"X"},"field":"account_update"}]}]}"#;
    let later = br#"{"entry":[{"id":"5","time":8,"changes":[{"field":"account_update","value":{"event":"X"}}]}]}"#;
    assert_eq!(split(one)[0].fingerprint, split(two)[0].fingerprint);
    assert_ne!(split(one)[0].fingerprint, split(later)[0].fingerprint);
}

#[test]
fn the_same_message_id_at_another_number_is_another_event() {
    let at = |number: &str| {
        let value = json!({"metadata": {"phone_number_id": number}, "messages": [message("5511999990001", "wamid.A")]});
        cut_json(&body(value))[0].fingerprint.clone()
    };
    assert_ne!(at("1"), at("2"));
}

#[test]
fn what_cannot_be_cut_is_kept_whole() {
    let deep = format!("{}1{}", "[".repeat(40), "]".repeat(40));
    let deep = format!(r#"{{"entry":[{{"changes":[{{"value":{deep}}}]}}]}}"#);
    for text in ["", "null", "[]", "nonsense", r#"{"a":1"#, r#"{"entry":[],"entry":[]}"#, &deep] {
        let events = split(text.as_bytes());
        assert_eq!(classes(&events), [EventClass::Unparsed], "{text}");
        assert_eq!(parsed(&events[0])["unparsed"], json!({"encoding": "utf-8", "body": text}));
    }
    let binary = [0xff, 0xfe, 0x00];
    assert_eq!(parsed(&split(&binary)[0])["unparsed"], json!({"encoding": "base64", "body": "//4A"}));
    assert_eq!(parsed(&split(&[1; 300])[0])["unparsed"]["encoding"], "base64");
}

#[test]
fn a_list_that_is_named_twice_is_kept_whole() {
    let text =
        r#"{"entry":[{"changes":[{"field":"messages","value":{"messages":[{"id":"a"}],"messages":[{"id":"b"}]}}]}]}"#;
    assert_eq!(classes(&split(text.as_bytes())), [EventClass::Unparsed]);
}

#[test]
fn a_name_twice_inside_an_event_stays_in_its_json() {
    let text =
        r#"{"entry":[{"changes":[{"field":"messages","value":{"messages":[{"id":"a","id":"b"},{"id":"c"}]}}]}]}"#;
    let events = split(text.as_bytes());
    assert_eq!(events.len(), 2);
    assert!(events[0].json.contains(r#"{"id":"a","id":"b"}"#));
}

#[test]
fn a_body_of_a_million_empty_elements_is_kept_whole() {
    let text = format!(r#"{{"entry":[{{"changes":[{{"value":{{"messages":[{}{{}}]}}}}]}}]}}"#, "{},".repeat(1_000_000));
    assert_eq!(classes(&split(text.as_bytes())), [EventClass::Unparsed]);
    let text = format!(r#"{{"entry":[{}{{}}]}}"#, "{},".repeat(20_000));
    assert_eq!(classes(&split(text.as_bytes())), [EventClass::Unparsed]);
}

#[test]
fn what_is_large_and_shared_is_carried_once() {
    let large = "x".repeat(100_000);
    let messages: Vec<_> = (0..500).map(|i| message("5511999990001", &format!("wamid.{i}"))).collect();
    let contact = json!({"wa_id": "5511999990001", "note": large});
    let mut whole = body(json!({"metadata": {"phone_number_id": "777", "note": large}, "contacts": [contact],
                                "messages": messages, "note": large}));
    whole["note"] = json!(large);
    let events = cut_json(&whole);
    assert_eq!(lost(&whole, &events), [""; 0]);
    assert!(events.iter().map(|event| event.json.len()).sum::<usize>() < 1_000_000);
}

#[test]
fn half_a_surrogate_pair_does_not_stop_an_event() {
    let text = r#"{"entry":[{"changes":[{"value":{"messages":[{"id":"a","from":"5511999990001","type":"text","text":{"body":"oi \ud83d"}}]}}]}]}"#;
    let event = read_event(&split(text.as_bytes())[0].json);
    let domain::inbound::EventKind::Message(message) = event.kind else { unreachable!("{:?}", event.kind) };
    assert_eq!(message.content.text(), Some("oi \u{fffd}"));
}

#[test]
fn nothing_personal_prints() {
    let event = &cut_json(&body(json!({"messages": [message("5511999990001", "wamid.A")]})))[0];
    let printed = format!("{event:?} {:?}", event.routing);
    assert!(!printed.contains("5511999990001") && !printed.contains("wamid.A") && !printed.contains("oi"), "{printed}");
}

/// JSON of any form, up to a few levels.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from), members("[a-d]{1,2}", inner),]
    })
}

fn members(names: &'static str, values: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    proptest::collection::btree_map(names, values, 0..4)
        .prop_map(|members| Value::Object(members.into_iter().collect()))
}

/// An object of the given members, each of which may be missing or be something else altogether, and of unknown ones.
fn object_of(known: Vec<(&'static str, BoxedStrategy<Value>)>) -> impl Strategy<Value = Value> {
    let known: Vec<_> = known
        .into_iter()
        .map(|(name, value)| {
            prop_oneof![
                6 => value.prop_map(move |value| Some((name, value))),
                1 => any_json().prop_map(move |value| Some((name, value))),
                1 => Just(None),
            ]
        })
        .collect();
    (known, proptest::collection::btree_map("[w-z]{1,3}", any_json(), 0..3)).prop_map(|(known, unknown)| {
        let known = known.into_iter().flatten().map(|(name, value)| (name.to_owned(), value));
        Value::Object(known.chain(unknown).collect::<BTreeMap<_, _>>().into_iter().collect())
    })
}

fn id() -> BoxedStrategy<Value> {
    prop_oneof![
        (0..4_u8).prop_map(|n| json!(format!("551199999000{n}"))),
        (0..4_u8).prop_map(|n| json!(format!("BR.{n}"))),
    ]
    .boxed()
}

fn list(of: impl Strategy<Value = Value> + 'static) -> BoxedStrategy<Value> {
    proptest::collection::vec(of, 0..4).prop_map(Value::from).boxed()
}

fn any_body() -> impl Strategy<Value = Value> {
    let contact = object_of(vec![("wa_id", id()), ("user_id", id()), ("profile", any_json().boxed())]);
    let message = object_of(vec![
        ("from", id()),
        ("from_user_id", id()),
        ("id", id()),
        ("type", "text|image|reaction|system".prop_map(Value::from).boxed()),
        ("text", any_json().boxed()),
    ]);
    let status =
        object_of(vec![("id", id()), ("recipient_id", id()), ("status", "sent|read".prop_map(Value::from).boxed())]);
    let preference = object_of(vec![("wa_id", id()), ("value", Just(json!("stop")).boxed())]);
    let value = object_of(vec![
        ("metadata", Just(metadata()).boxed()),
        ("contacts", list(contact)),
        ("messages", list(message)),
        ("statuses", list(status)),
        ("user_preferences", list(preference)),
        ("errors", list(any_json())),
    ]);
    let field = "messages|user_preferences|history|flows".prop_map(Value::from).boxed();
    let change = object_of(vec![("field", field), ("value", value.boxed())]);
    let entry = object_of(vec![("id", id()), ("time", Just(json!(7)).boxed()), ("changes", list(change))]);
    object_of(vec![("object", Just(json!("whatsapp_business_account")).boxed()), ("entry", list(entry))])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn the_events_together_hold_every_leaf_of_the_body(body in any_body()) {
        prop_assert_eq!(lost(&body, &cut_json(&body)), Vec::<String>::new());
    }

    #[test]
    fn every_event_can_be_read_alone_and_keeps_its_json(body in any_body()) {
        for event in cut_json(&body) {
            prop_assert_eq!(read_event(&event.json).raw, parsed(&event));
        }
    }

    #[test]
    fn every_element_of_a_list_is_an_event(body in any_body()) {
        let events = cut_json(&body);
        let mut expected = 0;
        for change in body["entry"].as_array().into_iter().flatten().flat_map(|entry| entry["changes"].as_array()).flatten() {
            let view = View::new(change);
            let field = view.at("field").text().or_else(|| view.at("value").at("field").text());
            let lists = LISTS.iter().filter(|list| EventClass::of(field.as_deref(), list).is_some());
            let elements = lists.filter_map(|list| change["value"][list].as_array().map(Vec::len));
            expected += elements.sum::<usize>().max(1);
        }
        let real = events.iter().filter(|event| event.class != EventClass::Remainder).count();
        prop_assert!(real >= expected, "{} of {}", real, expected);
    }

    #[test]
    fn cutting_twice_gives_the_same(body in any_body()) {
        prop_assert_eq!(cut_json(&body), cut_json(&body));
        for event in cut_json(&body).iter().filter(|event| event.class != EventClass::Remainder) {
            let again = split(event.json.as_bytes());
            prop_assert_eq!(again.len(), 1);
            prop_assert_eq!(parsed(&again[0]), parsed(event));
        }
    }

    #[test]
    fn no_bytes_make_it_panic(body in proptest::collection::vec(any::<u8>(), 0..256)) {
        prop_assert!(!split(&body).is_empty());
    }

    #[test]
    fn no_damage_to_a_body_makes_it_panic(body in any_body(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut text = String::new();
        write!(text, "{body}").unwrap();
        let mut bytes = text.into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        for event in split(&bytes) {
            read_event(&event.json);
        }
    }
}
