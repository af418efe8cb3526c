//! One event's JSON, understood.

use domain::account::{AccountEvent, AccountField};
use domain::inbound::{EventKind, InboundEvent, InboundMessage, MarketingPreference, PreferenceChoice, UserIdChange};
use domain::{NumberId, Timestamp};

use super::class::{EventClass, LISTS};
use super::content::{content, referral};
use super::line::line;
use super::person::{is_named, person};
use super::split::unparsed;
use super::status::status;
use super::template::template;
use super::view::View;

/// Reads one event as [`super::split`] makes it. Never fails: what is not understood is [`EventKind::Other`], and the
/// whole JSON stays in `raw` either way. JSON that the parser cannot hold (a number beyond 64 bits of float) is kept as
/// text, in the form of an unparsed body.
pub fn read_event(json: &str) -> InboundEvent {
    let raw = serde_json::from_str(json).unwrap_or_else(|_| {
        // Our own JSON of a text: always a value.
        serde_json::from_str(&unparsed(json.as_bytes()).json).unwrap_or_default()
    });
    let (waba_id, number, kind) = understand(View::new(&raw));
    InboundEvent { waba_id, number, kind, raw }
}

fn understand(body: View) -> (Option<String>, Option<NumberId>, EventKind) {
    let entry = body.at("entry").list().next();
    let change = entry.and_then(|entry| entry.at("changes").list().next());
    let (Some(entry), Some(change)) = (entry, change) else {
        let waba_id = entry.and_then(|entry| entry.at("id").text());
        let field = if body.at("unparsed").is_object() { "unparsed" } else { "unknown" };
        return (waba_id, None, EventKind::Other { field: field.to_owned() });
    };
    let value = change.at("value");
    let field = [change, value, entry, body].iter().find_map(|level| level.at("field").text());
    let number = value.at("metadata").at("phone_number_id").parsed();
    let known = only_item(field.as_deref(), value).and_then(|(class, item)| {
        // Where an event has no time of its own, its entry may have one; where neither has, it is the oldest of all.
        let at = item.at("timestamp").moment().or_else(|| entry.at("time").moment()).unwrap_or_default();
        read(class, item, value.at("contacts"), at)
    });
    let kind = known.unwrap_or_else(|| account(field.as_deref(), value, entry.at("time").moment()));
    (entry.at("id").text(), number, kind)
}

/// The one element that is the event. Several mean that this is no single event.
fn only_item<'a>(field: Option<&str>, value: View<'a>) -> Option<(EventClass, View<'a>)> {
    let classes = LISTS.iter().filter_map(|list| Some((list, EventClass::of(field, list)?)));
    let mut items = classes.flat_map(|(list, class)| value.at(list).list().map(move |item| (class, item)));
    let first = items.next()?;
    items.next().is_none().then_some(first)
}

/// An event of a documented field, or of one that nobody has heard of. Errors of the account come under `messages`, or
/// under no field.
fn account(field: Option<&str>, value: View, at: Option<Timestamp>) -> EventKind {
    let list = LISTS.iter().find(|list| value.at(list).list().next().is_some());
    let is_error = list == Some(&"errors") && matches!(field, None | Some("messages"));
    let name = if is_error { Some("errors") } else { field };
    match name.and_then(AccountField::parse) {
        Some(field) => EventKind::Account(AccountEvent {
            field,
            what: what(value),
            template: template(field, value, at).map(Box::new),
            line: line(field, value, at).map(Box::new),
        }),
        None => EventKind::Other { field: field.or(list.copied()).unwrap_or("unknown").to_owned() },
    }
}

/// Meta's name of what happened, which stands in one of a few places.
fn what(value: View) -> Option<String> {
    let element = |list: &str, name: &str| value.at(list).list().next().and_then(|first| first.at(name).text());
    let own = || ["event", "decision", "new_quality_score"].iter().find_map(|name| value.at(name).text());
    let of_element = || {
        [("calls", "event"), ("automatic_events", "event_name"), ("groups", "type"), ("errors", "code")]
            .iter()
            .find_map(|(list, name)| element(list, name))
    };
    own().or_else(of_element)
}

fn read(class: EventClass, item: View, contacts: View, at: Timestamp) -> Option<EventKind> {
    match class {
        EventClass::Message => message(class, item, contacts, at).map(EventKind::Message),
        EventClass::Echo => message(class, item, contacts, at).map(EventKind::Echo),
        EventClass::Status => status(item, contacts, at).map(|status| EventKind::Status(Box::new(status))),
        EventClass::Preference => preference(item, contacts, at).map(EventKind::Preference),
        EventClass::UserIdChange => user_id_change(item, contacts, at).map(EventKind::UserIdChanged),
        EventClass::Account | EventClass::Remainder | EventClass::Unparsed => None,
    }
}

fn message(class: EventClass, item: View, contacts: View, at: Timestamp) -> Option<Box<InboundMessage>> {
    // What is said in a group is said to the group: it opens no conversation with the person.
    if item.at("group_id").text().is_some() {
        return None;
    }
    let context = item.at("context");
    let message = InboundMessage {
        wamid: item.at("id").parsed()?,
        at,
        person: person(class, item, contacts),
        content: content(item),
        reply_to: context.at("id").parsed(),
        forwarded: ["forwarded", "frequently_forwarded"].iter().any(|key| context.at(key).flag() == Some(true)),
        referral: referral(item),
    };
    is_named(&message.person).then(|| Box::new(message))
}

fn preference(item: View, contacts: View, at: Timestamp) -> Option<MarketingPreference> {
    if item.at("category").text().is_some_and(|category| category != "marketing_messages") {
        return None;
    }
    let choice = match item.at("value").text()?.as_str() {
        "stop" => PreferenceChoice::Stop,
        "resume" | "signup" => PreferenceChoice::Resume,
        other => PreferenceChoice::Other(other.to_owned()),
    };
    let preference = MarketingPreference { person: person(EventClass::Preference, item, contacts), at, choice };
    is_named(&preference.person).then_some(preference)
}

fn user_id_change(item: View, contacts: View, at: Timestamp) -> Option<UserIdChange> {
    let current: domain::UserId = item.at("user_id").at("current").parsed()?;
    let mut person = person(EventClass::UserIdChange, item, contacts);
    person.user_id = Some(current.clone());
    person.parent_user_id = item.at("parent_user_id").at("current").parsed().or(person.parent_user_id);
    Some(UserIdChange { previous: item.at("user_id").at("previous").parsed()?, current, person, at })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
    use super::*;
    use domain::delivery::DeliveryStatus;
    use domain::inbound::InboundContent;
    use serde_json::{Value, json};

    fn event(field: Value, value: Value) -> InboundEvent {
        let body = json!({"object": "whatsapp_business_account",
                          "entry": [{"id": "55", "time": 1_700_000_000, "changes": [{"field": field, "value": value}]}]});
        let event = read_event(&body.to_string());
        assert_eq!(event.raw, body, "the JSON is kept as it came");
        event
    }

    fn kind(field: &str, value: Value) -> EventKind {
        event(json!(field), value).kind
    }

    fn other(field: &str) -> EventKind {
        EventKind::Other { field: field.into() }
    }

    fn text(from: Value) -> Value {
        json!({"from": from, "id": "wamid.A", "timestamp": "1700000001", "type": "text", "text": {"body": "oi"}})
    }

    #[test]
    fn a_message_has_its_account_number_person_time_and_words() {
        let event = event(
            json!("messages"),
            json!({"metadata": {"phone_number_id": "777"}, "contacts": [{"wa_id": "5511999990001", "profile": {"name": "Lia"}}],
                   "messages": [text(json!("5511999990001"))]}),
        );
        assert_eq!((event.waba_id.as_deref(), event.number.as_ref().map(NumberId::as_str)), (Some("55"), Some("777")));
        let EventKind::Message(message) = event.kind else { panic!("{:?}", event.kind) };
        assert_eq!(message.at, Timestamp::from_seconds(1_700_000_001));
        assert_eq!(message.person.name.as_deref(), Some("Lia"));
        assert_eq!(message.content, InboundContent::Text { body: "oi".into() });
        assert_eq!((message.reply_to, message.forwarded, message.referral), (None, false, None));
    }

    #[test]
    fn what_a_message_answers_and_that_it_was_forwarded_is_kept() {
        let of = |context: Value| {
            let mut message = text(json!("5511999990001"));
            message["context"] = context;
            match kind("messages", json!({"messages": [message]})) {
                EventKind::Message(message) => (message.reply_to.map(String::from), message.forwarded),
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(of(json!({"id": "wamid.Q", "from": "1"})), (Some("wamid.Q".into()), false));
        assert_eq!(of(json!({"forwarded": true})), (None, true));
        assert_eq!(of(json!({"frequently_forwarded": true})), (None, true));
    }

    #[test]
    fn a_message_that_names_nobody_or_has_no_id_is_only_kept() {
        assert_eq!(kind("messages", json!({"messages": [text(Value::Null)]})), other("messages"));
        let no_id = json!({"from": "5511999990001", "type": "text", "text": {"body": "oi"}});
        assert_eq!(kind("messages", json!({"messages": [no_id]})), other("messages"));
    }

    #[test]
    fn what_is_said_in_a_group_opens_no_conversation() {
        let mut message = text(json!("5511999990001"));
        message["group_id"] = json!("G1");
        assert_eq!(kind("messages", json!({"messages": [message]})), other("messages"));
    }

    #[test]
    fn old_messages_of_a_history_are_not_taken_for_new_ones() {
        let old = kind("history", json!({"messages": [text(json!("5511999990001"))]}));
        assert_eq!(
            old,
            EventKind::Account(AccountEvent { field: AccountField::History, what: None, template: None, line: None })
        );
    }

    #[test]
    fn an_echo_is_written_by_the_business_to_the_person() {
        let echo = json!({"from": "551130000000", "to": "5511999990001", "id": "wamid.E", "timestamp": 1, "type": "text",
                          "text": {"body": "oi"}});
        let EventKind::Echo(message) = kind("smb_message_echoes", json!({"message_echoes": [echo]})) else {
            panic!("no echo")
        };
        assert_eq!(message.person.phone.unwrap().digits(), "5511999990001");
    }

    #[test]
    fn a_status_is_one_even_when_it_names_nobody() {
        let EventKind::Status(status) = kind("messages", json!({"statuses": [{"id": "w", "status": "read"}]})) else {
            panic!("no status")
        };
        assert_eq!(status.status, Some(DeliveryStatus::Read));
        assert_eq!(status.at, Timestamp::from_seconds(1_700_000_000), "the entry's time stands in");
    }

    #[test]
    fn a_choice_about_marketing_is_stop_or_resume() {
        let choice = |value: &str| match kind(
            "user_preferences",
            json!({"user_preferences": [{"wa_id": "5511999990001", "value": value, "timestamp": 9,
                                         "category": "marketing_messages"}]}),
        ) {
            EventKind::Preference(preference) => preference.choice,
            other => panic!("{other:?}"),
        };
        assert_eq!(choice("stop"), PreferenceChoice::Stop);
        assert_eq!(choice("resume"), PreferenceChoice::Resume);
        assert_eq!(choice("signup"), PreferenceChoice::Resume);
        assert_eq!(choice("maybe"), PreferenceChoice::Other("maybe".into()));
    }

    #[test]
    fn a_choice_about_something_else_than_marketing_stops_nothing() {
        let choice = json!({"wa_id": "5511999990001", "value": "stop", "category": "calls"});
        assert_eq!(kind("user_preferences", json!({"user_preferences": [choice]})), other("user_preferences"));
    }

    #[test]
    fn a_new_user_id_names_both() {
        let update = json!({"wa_id": "5511999990001", "user_id": {"previous": "BR.1", "current": "BR.2"},
                            "parent_user_id": {"previous": "BR.ENT.1", "current": "BR.ENT.2"}, "timestamp": "9"});
        let EventKind::UserIdChanged(change) = kind("user_id_update", json!({"user_id_update": [update]})) else {
            panic!("no change")
        };
        assert_eq!((change.previous.as_str(), change.current.as_str()), ("BR.1", "BR.2"));
        assert_eq!(change.person.user_id, Some(change.current));
        assert_eq!(change.person.parent_user_id.unwrap().as_str(), "BR.ENT.2");
        assert_eq!(change.person.phone.unwrap().digits(), "5511999990001");
    }

    #[test]
    fn an_event_of_the_account_says_what_happened() {
        let account = |field: &str, value: Value| match kind(field, value) {
            EventKind::Account(event) => (event.field.as_str(), event.what),
            other => panic!("{other:?}"),
        };
        let what = |what: &str| Some(what.to_owned());
        assert_eq!(
            account("account_update", json!({"event": "DISABLED_UPDATE"})),
            ("account_update", what("DISABLED_UPDATE"))
        );
        assert_eq!(account("phone_number_name_update", json!({"decision": "APPROVED"})).1, what("APPROVED"));
        assert_eq!(account("calls", json!({"calls": [{"event": "connect"}]})).1, what("connect"));
        assert_eq!(
            account("group_lifecycle_update", json!({"groups": [{"type": "group_create"}]})).1,
            what("group_create")
        );
        assert_eq!(account("history", json!({"history": []})), ("history", None));
        assert_eq!(account("messages", json!({"errors": [{"code": 130_429}]})), ("errors", what("130429")));
    }

    #[test]
    fn a_field_of_tomorrow_is_kept_under_its_name() {
        assert_eq!(kind("a_field_of_tomorrow", json!({"event": "X"})), other("a_field_of_tomorrow"));
        assert_eq!(kind("messages", Value::Null), other("messages"));
    }

    #[test]
    fn a_field_that_stands_too_high_or_is_missing_does_not_matter() {
        let message = json!({"messages": [text(json!("5511999990001"))]});
        let at_entry = json!({"entry": [{"field": "messages", "changes": [{"value": message}]}]});
        let nowhere = json!({"entry": [{"changes": [{"value": message}]}]});
        for body in [at_entry, nowhere] {
            assert!(matches!(read_event(&body.to_string()).kind, EventKind::Message(_)), "{body}");
        }
        assert!(matches!(event(Value::Null, json!({"errors": [1]})).kind, EventKind::Account(_)));
        assert_eq!(event(Value::Null, json!({"messages": [1]})).kind, other("messages"));
    }

    #[test]
    fn json_of_any_form_is_kept() {
        for json in ["{}", "[]", "null", "5", r#"{"entry":{}}"#, r#"{"entry":[[]]}"#, r#"{"entry":[{"changes":[0]}]}"#]
        {
            let event = read_event(json);
            assert!(matches!(event.kind, EventKind::Other { .. }), "{json}");
            assert_eq!(event.raw.to_string(), json);
        }
    }

    #[test]
    fn a_number_that_no_float_can_hold_is_kept_as_text() {
        let json = r#"{"entry":[{"changes":[{"value":{"x":1e999}}]}]}"#;
        let event = read_event(json);
        assert_eq!(event.kind, other("unparsed"));
        assert_eq!(event.raw["unparsed"]["body"], json);
    }
}
