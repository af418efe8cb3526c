//! Events in the notation of the index: `message:text+reply`, `status:read+group`, `field:user_preferences:stop,stop` …

use domain::inbound::{EventKind, InboundContent, InboundEvent, InboundMessage, MediaKind, StatusUpdate, SystemChange};
use serde_json::Value;

/// The events of one body, with the preferences of one change as one.
pub(super) fn describe(events: &[InboundEvent]) -> String {
    let mut all: Vec<String> = Vec::new();
    for event in events {
        let next = describe_one(event);
        let preference = next.strip_prefix("field:user_preferences:");
        match (preference, all.last_mut().filter(|last| last.starts_with("field:user_preferences:"))) {
            (Some(choice), Some(last)) => *last = format!("{last},{choice}"),
            _ => all.push(next),
        }
    }
    all.join(";")
}

/// The kind of an event, for counting.
pub(super) fn kind_name(kind: &EventKind) -> &'static str {
    match kind {
        EventKind::Message(_) => "message",
        EventKind::Echo(_) => "echo",
        EventKind::Status(_) => "status",
        EventKind::Preference(_) => "preference",
        EventKind::UserIdChanged(_) => "user_id_changed",
        EventKind::Account(_) => "account",
        EventKind::Other { .. } => "other",
    }
}

fn describe_one(event: &InboundEvent) -> String {
    let value = &event.raw["entry"][0]["changes"][0]["value"];
    match &event.kind {
        EventKind::Message(message) => format!("message:{}", describe_message(message, &value["messages"][0])),
        EventKind::Echo(message) => {
            let item = &value["message_echoes"][0];
            format!("field:smb_message_echoes:{}", content_name(&message.content, item))
        }
        EventKind::Status(status) => format!("status:{}", describe_status(status, &value["statuses"][0])),
        EventKind::Preference(_) => format!("field:user_preferences:{}", text(&value["user_preferences"][0]["value"])),
        EventKind::UserIdChanged(_) => "field:user_id_update".to_owned(),
        EventKind::Account(account) => {
            // The index names what happened only for events, decisions and elements, not for scores.
            let named = account.what.as_deref().filter(|_| value.get("new_quality_score").is_none());
            named.map_or_else(
                || format!("field:{}", account.field.as_str()),
                |what| format!("field:{}:{what}", account.field.as_str()),
            )
        }
        // What nobody documents: known by its name alone, and only if that is no documented field.
        EventKind::Other { field } => format!("field:{field}"),
    }
}

fn describe_message(message: &InboundMessage, item: &Value) -> String {
    let kind = text(&item["type"]);
    let mut name = match item.get("type") {
        None => "<no type>".to_owned(),
        Some(_) => content_name(&message.content, item),
    };
    let says = |member: &str| item.get(member).is_some();
    let product = says("context") && !item["context"]["referred_product"].is_null();
    // A tap answers a message by its nature; the index marks only other answers.
    let tapped = matches!(kind, "button" | "interactive");
    let marks = [
        ("voice", matches!(message.content, InboundContent::Media { kind: MediaKind::Audio, voice: true, .. })),
        ("forwarded", message.forwarded),
        ("reply", message.reply_to.is_some() && !tapped && !product),
        ("referred_product", product),
        ("referral", message.referral.is_some()),
        ("errors", says("errors")),
        ("no_from", !says("from")),
        ("bsuid", says("from") && says("from_user_id") && message.person.user_id.is_some()),
    ];
    for (mark, _) in marks.iter().filter(|(_, set)| *set) {
        name = format!("{name}+{mark}");
    }
    name
}

/// Meta's name of the type, from what was understood of it.
fn content_name(content: &InboundContent, item: &Value) -> String {
    match content {
        InboundContent::Text { .. } => "text".into(),
        InboundContent::Media { kind, .. } => kind.as_str().into(),
        InboundContent::Location { .. } => "location".into(),
        InboundContent::Contacts { .. } => "contacts".into(),
        InboundContent::Choice { .. } if item.get("button").is_some() => "button".into(),
        InboundContent::Choice { .. } => format!("interactive/{}", text(&item["interactive"]["type"])),
        InboundContent::InteractiveReply { kind, .. } => format!("interactive/{kind}"),
        InboundContent::Reaction { .. } => "reaction".into(),
        InboundContent::Order { .. } => "order".into(),
        InboundContent::System { change, .. } => format!("system/{}", change_name(change)),
        InboundContent::Edit { .. } => "edit".into(),
        InboundContent::Revoke { .. } => "revoke".into(),
        InboundContent::Unsupported { .. } => text(&item["type"]).into(),
        InboundContent::Other { kind } => format!("not understood: {kind}"),
    }
}

fn change_name(change: &SystemChange) -> &str {
    match change {
        SystemChange::NumberChanged { .. } => "user_changed_number",
        SystemChange::UserIdChanged { .. } => "user_changed_user_id",
        SystemChange::IdentityChanged => "customer_identity_changed",
        SystemChange::Other { kind } => kind,
    }
}

fn describe_status(status: &StatusUpdate, item: &Value) -> String {
    let mut name = status.status.map_or("not understood", |status| status.as_str()).to_owned();
    let group = text(&item["recipient_type"]) == "group";
    let by_user_id = item.get("recipient_user_id").is_some() && status.person.user_id.is_some();
    for (mark, set) in
        [("bsuid", by_user_id), ("no_recipient_id", item.get("recipient_id").is_none()), ("group", group)]
    {
        if set {
            name = format!("{name}+{mark}");
        }
    }
    name
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
