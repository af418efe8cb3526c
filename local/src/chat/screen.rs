//! Messages as text.

use serde_json::{Map, Value, json};

use super::connection::Shown;

/// Something the customer can tap.
pub(super) struct Choice {
    message: String,
    kind: &'static str,
    id: String,
    title: String,
    description: Option<String>,
}

impl Choice {
    /// The message that a tap sends.
    pub(super) fn tap(&self) -> Map<String, Value> {
        let mut reply = Map::new();
        reply.insert("id".into(), self.id.as_str().into());
        reply.insert("title".into(), self.title.as_str().into());
        if let Some(description) = &self.description {
            reply.insert("description".into(), description.as_str().into());
        }
        let mut message = Map::new();
        message.insert("type".into(), "interactive".into());
        message.insert("interactive".into(), json!({ "type": self.kind, self.kind: reply }));
        message.insert("context".into(), json!({ "id": self.message }));
        message
    }
}

/// What a customer writes.
pub(super) fn written(line: &str) -> Map<String, Value> {
    let mut message = Map::new();
    message.insert("type".into(), "text".into());
    message.insert("text".into(), json!({ "body": line }));
    message
}

/// The choices of a message, in order.
pub(super) fn choices(shown: &Shown) -> Vec<Choice> {
    let choice = |kind, part: &Value| {
        let text = |key: &str| part.get(key).and_then(Value::as_str).map(str::to_owned);
        Some(Choice {
            message: shown.id.clone(),
            kind,
            id: text("id")?,
            title: text("title")?,
            description: text("description"),
        })
    };
    let Some(action) = shown.content.get("interactive").and_then(|interactive| interactive.get("action")) else {
        return Vec::new();
    };
    let list = |value: &Value, key: &str| value.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
    let buttons = list(action, "buttons");
    let buttons = buttons.iter().filter_map(|button| choice("button_reply", button.get("reply")?));
    let rows: Vec<Value> = list(action, "sections").iter().flat_map(|section| list(section, "rows")).collect();
    buttons.chain(rows.iter().filter_map(|row| choice("list_reply", row))).collect()
}

/// A message as text, line by line, safe for a terminal.
pub(super) fn text(shown: &Shown) -> String {
    let content = &shown.content;
    let kind = content.get("type").and_then(Value::as_str).unwrap_or_default();
    let own = content.get(kind).unwrap_or(&Value::Null);
    let at = |path: &str| own.pointer(path).and_then(Value::as_str).unwrap_or_default();
    let text = match kind {
        "text" => at("/body").to_owned(),
        "image" | "video" | "audio" | "document" | "sticker" => {
            let words = [at("/filename"), at("/caption"), at("/link")].into_iter().filter(|word| !word.is_empty());
            format!("[{kind}] {}", words.collect::<Vec<_>>().join(" "))
        }
        "location" => {
            format!("[location] {} {} ({}, {})", at("/name"), at("/address"), own["latitude"], own["longitude"])
        }
        "contacts" => {
            let names = own.as_array().into_iter().flatten();
            let names = names.filter_map(|card| card.pointer("/name/formatted_name")?.as_str());
            format!("[contact] {}", names.collect::<Vec<_>>().join(", "))
        }
        "reaction" if at("/emoji").is_empty() => "[reaction taken back]".to_owned(),
        "reaction" => format!("[reaction] {}", at("/emoji")),
        "interactive" => {
            let mut lines =
                vec![at("/header/text").to_owned(), at("/body/text").to_owned(), at("/footer/text").to_owned()];
            for (place, choice) in choices(shown).iter().enumerate() {
                let second = choice.description.as_deref().map(|text| format!(" – {text}")).unwrap_or_default();
                lines.push(format!("  /{} {}{second}", place + 1, choice.title));
            }
            lines.push(at("/action/parameters/url").to_owned());
            lines.retain(|line| !line.is_empty());
            lines.join("\n")
        }
        "template" => {
            let rendered = content.get("rendered");
            let part = |key: &str| rendered.and_then(|all| all.get(key)?.as_str()).unwrap_or_default();
            let lines = [part("header"), part("body"), part("footer")].into_iter().filter(|line| !line.is_empty());
            lines.collect::<Vec<_>>().join("\n")
        }
        other => format!("[{other}]"),
    };
    harmless(&text).trim().to_owned()
}

/// Without control characters, which could make a terminal do things.
pub(super) fn harmless(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' { ' ' } else { c }).collect()
}

/// The ticks of a message of the customer's.
pub(super) fn ticks(status: &str, colour: bool) -> &'static str {
    match (status, colour) {
        ("read", true) => "\x1b[36m✓✓\x1b[0m",
        ("read", false) => "✓✓ read",
        ("delivered", _) => "✓✓",
        ("sent", _) => "✓",
        ("failed", _) => "!",
        _ => "…",
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod unit {
    use super::*;

    fn shown(content: Value) -> Shown {
        let mut all = json!({ "sequence": 1, "id": "wamid.x", "from": "business", "status": "sent" });
        all.as_object_mut().unwrap().extend(content.as_object().unwrap().clone());
        serde_json::from_value(all).unwrap()
    }

    #[test]
    fn messages_become_text() {
        for (content, expected) in [
            (json!({"type": "text", "text": {"body": "Olá!\nTudo bem?"}}), "Olá!\nTudo bem?"),
            (json!({"type": "image", "image": {"id": "1", "caption": "o cardápio"}}), "[image] o cardápio"),
            (json!({"type": "reaction", "reaction": {"message_id": "x", "emoji": ""}}), "[reaction taken back]"),
            (json!({"type": "template", "template": {}, "rendered": {"body": "Olá, Bia!"}}), "Olá, Bia!"),
            (json!({"type": "hologram", "hologram": {}}), "[hologram]"),
        ] {
            assert_eq!(text(&shown(content)), expected);
        }
    }

    #[test]
    fn a_message_cannot_command_the_terminal() {
        assert_eq!(text(&shown(json!({"type": "text", "text": {"body": "a\u{1b}[2Jb\u{7}"}}))), "a [2Jb");
    }

    #[test]
    fn a_tap_answers_with_the_choice_and_quotes_its_message() {
        let message = shown(json!({"type": "interactive", "interactive": {
            "type": "list", "body": {"text": "Escolha"},
            "action": {"button": "Ver", "sections": [
                {"title": "A", "rows": [{"id": "r1", "title": "Pão", "description": "quente"}]},
                {"title": "B", "rows": [{"id": "r2", "title": "Bolo"}]},
            ]},
        }}));
        assert_eq!(text(&message), "Escolha\n  /1 Pão – quente\n  /2 Bolo");
        let tap = Value::Object(choices(&message)[0].tap());
        assert_eq!(tap["interactive"]["list_reply"], json!({"id": "r1", "title": "Pão", "description": "quente"}));
        assert_eq!(tap["context"]["id"], "wamid.x");
    }
}
