//! What a message says.

use domain::inbound::{InboundContent, MediaKind, Referral, SystemChange};

use super::view::View;

/// The content of a message, by its `type`; where that is missing, by the object that it carries.
pub(crate) fn content(message: View) -> InboundContent {
    let named = message.at("type").text();
    let kind = named
        .clone()
        .or_else(|| BODIES.iter().find(|body| message.at(body).is_object()).map(|body| (*body).to_owned()));
    let kind = kind.unwrap_or_default();
    let body = message.at(&kind);
    let known = match kind.as_str() {
        "text" => body.at("body").words().map(|body| InboundContent::Text { body }),
        "image" => Some(media(MediaKind::Image, body)),
        "video" => Some(media(MediaKind::Video, body)),
        "audio" | "voice" => Some(media(MediaKind::Audio, body)).map(|audio| as_voice(audio, kind == "voice")),
        "document" => Some(media(MediaKind::Document, body)),
        "sticker" => Some(media(MediaKind::Sticker, body)),
        "location" => body.is_object().then(|| InboundContent::Location {
            latitude: body.at("latitude").float(),
            longitude: body.at("longitude").float(),
            name: body.at("name").text(),
            address: body.at("address").text(),
        }),
        "contacts" => Some(InboundContent::Contacts {
            names: body.list().map(|card| card.at("name").at("formatted_name").text().unwrap_or_default()).collect(),
            cards: body.elements().to_vec(),
        }),
        "button" => choice(body.at("payload"), body.at("text"), body),
        "interactive" => Some(interactive(body)),
        "reaction" => {
            Some(InboundContent::Reaction { target: body.at("message_id").parsed(), emoji: body.at("emoji").text() })
        }
        "order" => Some(InboundContent::Order {
            text: body.at("text").text(),
            items: body.at("product_items").list().count(),
            body: body.value(),
        }),
        "system" => Some(InboundContent::System { body: body.at("body").text(), change: system_change(body) }),
        "edit" => Some(InboundContent::Edit {
            target: body.at("original_message_id").parsed(),
            content: body.at("message").is_object().then(|| Box::new(content(body.at("message")))),
        }),
        "revoke" => Some(InboundContent::Revoke { target: body.at("original_message_id").parsed() }),
        "unsupported" => Some(unsupported(message, body.at("type").text())),
        _ => None,
    };
    known.unwrap_or_else(|| match message.at("errors").list().next() {
        // Meta says why it cannot show the message; `unknown` is what older versions call it.
        Some(_) => unsupported(message, named.filter(|name| name != "unknown")),
        None => InboundContent::Other { kind },
    })
}

/// The advertisement or post that a message came from.
pub(crate) fn referral(message: View) -> Option<Referral> {
    let referral = message.at("referral");
    referral.is_object().then(|| Referral {
        source_id: referral.at("source_id").text(),
        source_type: referral.at("source_type").text(),
        source_url: referral.at("source_url").text(),
        headline: referral.at("headline").text(),
        ctwa_clid: referral.at("ctwa_clid").text(),
    })
}

/// The objects by which a message without `type` is known.
const BODIES: [&str; 16] = [
    "text",
    "image",
    "video",
    "audio",
    "voice",
    "document",
    "sticker",
    "location",
    "button",
    "interactive",
    "reaction",
    "order",
    "system",
    "edit",
    "revoke",
    "unsupported",
];

fn media(kind: MediaKind, body: View) -> InboundContent {
    InboundContent::Media {
        kind,
        id: body.at("id").text(),
        mime_type: body.at("mime_type").text(),
        sha256: body.at("sha256").text(),
        caption: body.at("caption").text(),
        filename: body.at("filename").text(),
        voice: body.at("voice").flag().unwrap_or_default(),
        animated: body.at("animated").flag().unwrap_or_default(),
    }
}

/// The legacy type `voice` is an audio with `voice` set.
fn as_voice(mut audio: InboundContent, legacy: bool) -> InboundContent {
    if let InboundContent::Media { voice, .. } = &mut audio {
        *voice |= legacy;
    }
    audio
}

fn choice(id: View, title: View, body: View) -> Option<InboundContent> {
    body.is_object().then(|| InboundContent::Choice {
        id: id.text(),
        title: title.text().unwrap_or_default(),
        description: body.at("description").text(),
    })
}

fn interactive(body: View) -> InboundContent {
    let kind = body.at("type").text().unwrap_or_default();
    let reply = body.at(&kind);
    let chosen = matches!(kind.as_str(), "button_reply" | "list_reply")
        .then(|| choice(reply.at("id"), reply.at("title"), reply))
        .flatten();
    chosen.unwrap_or_else(|| {
        let body = if reply.is_object() { reply } else { body };
        InboundContent::InteractiveReply { kind, body: body.value() }
    })
}

fn system_change(body: View) -> SystemChange {
    let new_user_id = body.at("user_id").parsed();
    match body.at("type").text().unwrap_or_default().as_str() {
        "user_changed_number" | "customer_changed_number" => SystemChange::NumberChanged {
            new_wa_id: body.at("wa_id").text().or_else(|| body.at("new_wa_id").text()),
            new_user_id,
        },
        "user_changed_user_id" => SystemChange::UserIdChanged { new_user_id },
        "customer_identity_changed" | "user_identity_changed" => SystemChange::IdentityChanged,
        other => SystemChange::Other { kind: other.to_owned() },
    }
}

fn unsupported(message: View, kind: Option<String>) -> InboundContent {
    InboundContent::Unsupported {
        kind,
        code: message.at("errors").list().next().and_then(|error| error.at("code").integer()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
    use super::*;
    use domain::Wamid;
    use serde_json::{Value, json};

    fn read(message: Value) -> InboundContent {
        content(View::new(&message))
    }

    fn wamid(text: &str) -> Wamid {
        text.parse().unwrap()
    }

    #[test]
    fn words_are_words() {
        assert_eq!(
            read(json!({"type": "text", "text": {"body": "Tem pão?"}})),
            InboundContent::Text { body: "Tem pão?".into() }
        );
    }

    #[test]
    fn files_keep_what_is_needed_to_fetch_them() {
        for (kind, expected) in [
            ("image", MediaKind::Image),
            ("video", MediaKind::Video),
            ("audio", MediaKind::Audio),
            ("document", MediaKind::Document),
            ("sticker", MediaKind::Sticker),
        ] {
            let mut message = json!({"type": kind});
            message[kind] = json!({"id": 99, "mime_type": "a/b; c=d", "sha256": "x=", "caption": "c", "filename": "f"});
            let expected = InboundContent::Media {
                kind: expected,
                id: Some("99".into()),
                mime_type: Some("a/b; c=d".into()),
                sha256: Some("x=".into()),
                caption: Some("c".into()),
                filename: Some("f".into()),
                voice: false,
                animated: false,
            };
            assert_eq!(read(message), expected);
        }
    }

    #[test]
    fn a_voice_note_is_one_in_the_old_form_and_in_the_new() {
        let voice = |message: Value| match read(message) {
            InboundContent::Media { kind: MediaKind::Audio, voice, .. } => voice,
            other => panic!("{other:?}"),
        };
        assert!(voice(json!({"type": "audio", "audio": {"id": "1", "voice": true}})));
        assert!(voice(json!({"type": "voice", "voice": {"id": "1"}})));
        assert!(!voice(json!({"type": "audio", "audio": {"id": "1"}})));
    }

    #[test]
    fn a_file_that_meta_could_not_deliver_has_no_id() {
        assert!(matches!(read(json!({"type": "image"})), InboundContent::Media { id: None, .. }));
    }

    #[test]
    fn a_place_with_coordinates_that_are_no_numbers_keeps_its_name() {
        let place =
            read(json!({"type": "location", "location": {"latitude": "x", "longitude": "-46.6", "name": "Loja"}}));
        let expected = InboundContent::Location {
            latitude: None,
            longitude: Some(-46.6),
            name: Some("Loja".into()),
            address: None,
        };
        assert_eq!(place, expected);
    }

    #[test]
    fn a_card_may_lack_its_name() {
        let cards = json!([{"name": {"formatted_name": "Rita"}}, {"phones": []}]);
        let InboundContent::Contacts { names, cards } = read(json!({"type": "contacts", "contacts": cards})) else {
            panic!("no contacts")
        };
        assert_eq!((names, cards.len()), (vec!["Rita".to_owned(), String::new()], 2));
    }

    #[test]
    fn taps_on_buttons_and_rows_are_choices() {
        let tap = |id: &str, title: &str, description: Option<&str>| InboundContent::Choice {
            id: Some(id.into()),
            title: title.into(),
            description: description.map(Into::into),
        };
        assert_eq!(read(json!({"type": "button", "button": {"payload": "p", "text": "Sim"}})), tap("p", "Sim", None));
        assert_eq!(
            read(json!({"type": "interactive", "interactive": {"type": "button_reply",
                        "button_reply": {"id": "b", "title": "Não"}}})),
            tap("b", "Não", None)
        );
        assert_eq!(
            read(json!({"type": "interactive", "interactive": {"type": "list_reply",
                        "list_reply": {"id": "r", "title": "Bolo", "description": "de milho"}}})),
            tap("r", "Bolo", Some("de milho"))
        );
    }

    #[test]
    fn other_interactive_answers_are_kept_as_they_came() {
        let form = json!({"type": "nfm_reply", "nfm_reply": {"response_json": "[1]", "body": "Sent"}});
        let expected = InboundContent::InteractiveReply { kind: "nfm_reply".into(), body: form["nfm_reply"].clone() };
        assert_eq!(read(json!({"type": "interactive", "interactive": form})), expected);
        let new = json!({"type": "something_new", "x": 1});
        let expected = InboundContent::InteractiveReply { kind: "something_new".into(), body: new.clone() };
        assert_eq!(read(json!({"type": "interactive", "interactive": new})), expected);
        let nothing = InboundContent::InteractiveReply { kind: String::new(), body: Value::Null };
        assert_eq!(read(json!({"type": "interactive"})), nothing);
    }

    #[test]
    fn a_reaction_is_taken_back_by_no_emoji_and_by_an_empty_one() {
        let reaction = |body: Value| read(json!({"type": "reaction", "reaction": body}));
        let on = |emoji: Option<&str>| InboundContent::Reaction {
            target: Some(wamid("wamid.T")),
            emoji: emoji.map(Into::into),
        };
        assert_eq!(reaction(json!({"message_id": "wamid.T", "emoji": "🥐"})), on(Some("🥐")));
        assert_eq!(reaction(json!({"message_id": "wamid.T", "emoji": ""})), on(None));
        assert_eq!(reaction(json!({"message_id": "wamid.T"})), on(None));
        assert_eq!(reaction(json!({})), InboundContent::Reaction { target: None, emoji: None });
    }

    #[test]
    fn an_order_counts_its_lines() {
        let order = json!({"catalog_id": "1", "text": "sem glúten", "product_items": [{"quantity": 2}, {}]});
        let InboundContent::Order { text, items, body } = read(json!({"type": "order", "order": order})) else {
            panic!("no order")
        };
        assert_eq!((text.as_deref(), items, body), (Some("sem glúten"), 2, order));
    }

    #[test]
    fn a_system_message_says_what_changed() {
        let change = |body: Value| match read(json!({"type": "system", "system": body})) {
            InboundContent::System { change, .. } => change,
            other => panic!("{other:?}"),
        };
        assert_eq!(
            change(json!({"type": "user_changed_number", "wa_id": "5511999990001", "user_id": "BR.2"})),
            SystemChange::NumberChanged {
                new_wa_id: Some("5511999990001".into()),
                new_user_id: Some("BR.2".parse().unwrap())
            }
        );
        assert_eq!(
            change(json!({"type": "user_changed_user_id", "user_id": "BR.2"})),
            SystemChange::UserIdChanged { new_user_id: Some("BR.2".parse().unwrap()) }
        );
        assert_eq!(change(json!({"type": "customer_identity_changed"})), SystemChange::IdentityChanged);
        assert_eq!(change(json!({"type": "moon_phase"})), SystemChange::Other { kind: "moon_phase".into() });
    }

    #[test]
    fn edits_and_deletions_name_the_message_they_change() {
        let edit = json!({"original_message_id": "wamid.T", "message": {"type": "text", "text": {"body": "dois"}}});
        let expected = InboundContent::Edit {
            target: Some(wamid("wamid.T")),
            content: Some(Box::new(InboundContent::Text { body: "dois".into() })),
        };
        assert_eq!(read(json!({"type": "edit", "edit": edit})), expected);
        assert_eq!(
            read(json!({"type": "revoke", "revoke": {"original_message_id": "wamid.T"}})),
            InboundContent::Revoke { target: Some(wamid("wamid.T")) }
        );
        assert_eq!(read(json!({"type": "revoke"})), InboundContent::Revoke { target: None });
    }

    #[test]
    fn what_meta_cannot_show_says_why() {
        let errors = json!([{"code": "131051", "title": "t"}]);
        let unsupported = |kind: Option<&str>, code| InboundContent::Unsupported { kind: kind.map(Into::into), code };
        assert_eq!(
            read(json!({"type": "unsupported", "errors": errors, "unsupported": {"type": "poll_creation"}})),
            unsupported(Some("poll_creation"), Some(131_051))
        );
        assert_eq!(read(json!({"type": "unsupported"})), unsupported(None, None));
        assert_eq!(read(json!({"type": "unknown", "errors": errors})), unsupported(None, Some(131_051)));
        assert_eq!(read(json!({"type": "hologram", "errors": errors})), unsupported(Some("hologram"), Some(131_051)));
    }

    #[test]
    fn a_type_that_nobody_has_heard_of_is_other() {
        assert_eq!(
            read(json!({"type": "hologram", "hologram": {}})),
            InboundContent::Other { kind: "hologram".into() }
        );
        assert_eq!(read(json!({"type": "text", "text": {}})), InboundContent::Other { kind: "text".into() });
        assert_eq!(read(json!({})), InboundContent::Other { kind: String::new() });
        assert_eq!(read(json!([1])), InboundContent::Other { kind: String::new() });
    }

    #[test]
    fn a_message_without_a_type_is_known_by_what_it_carries() {
        assert!(matches!(read(json!({"location": {"latitude": 1, "longitude": 2}})), InboundContent::Location { .. }));
    }

    #[test]
    fn an_advertisement_is_kept() {
        let message = json!({"referral": {"source_id": "7", "source_type": "ad", "ctwa_clid": "c"}});
        let ad = referral(View::new(&message)).unwrap();
        assert_eq!((ad.source_id.as_deref(), ad.source_type.as_deref()), (Some("7"), Some("ad")));
        assert_eq!(referral(View::new(&json!({}))), None);
    }
}
