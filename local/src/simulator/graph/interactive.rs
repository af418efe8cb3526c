//! Interactive messages: buttons, lists, links, products and location requests, with Meta's documented limits. Other
//! kinds pass with their body unchecked.

use std::collections::HashSet;

use serde_json::Value;

use super::GraphError;
use super::part::{Part, invalid};

/// Kinds that Meta documents and that are not looked into here.
const OTHERS: [&str; 10] = [
    "flow",
    "catalog_message",
    "address_message",
    "order_details",
    "order_status",
    "carousel",
    "voice_call",
    "call_permission_request",
    "request_contact_info",
    "contact_request",
];

/// Checks an `interactive` object.
///
/// # Errors
/// Meta's error for the first thing that is wrong.
pub(super) fn check(interactive: Part<'_>) -> Result<(), GraphError> {
    match interactive.text("type", 64)? {
        "button" => {
            frame(interactive, 1_024)?;
            buttons(interactive.part("action")?)
        }
        "list" => {
            frame(interactive, 4_096)?;
            list(interactive.part("action")?)
        }
        "cta_url" => {
            frame(interactive, 1_024)?;
            let action = interactive.part("action")?;
            if action.text("name", 64)? != "cta_url" {
                return Err(invalid("action['name'] must be cta_url."));
            }
            let parameters = action.part("parameters")?;
            parameters.text("display_text", 20)?;
            match url::Url::parse(parameters.text("url", 2_000)?) {
                Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(()),
                _ => Err(invalid("parameters['url'] must be an http or https address.")),
            }
        }
        "location_request_message" => {
            interactive.part("body")?.text("text", 1_024)?;
            match interactive.part("action")?.text("name", 64)? {
                "send_location" => Ok(()),
                _ => Err(invalid("action['name'] must be send_location.")),
            }
        }
        "product" => {
            if interactive.has("header") {
                return Err(invalid("A message with one product has no header."));
            }
            if let Some(body) = interactive.optional_part("body")? {
                body.text("text", 1_024)?;
            }
            let action = interactive.part("action")?;
            action.text("catalog_id", 64)?;
            action.text("product_retailer_id", 100).map(|_| ())
        }
        "product_list" => {
            frame(interactive, 1_024)?;
            interactive.part("header")?.text("text", 60)?;
            products(interactive.part("action")?)
        }
        kind if OTHERS.contains(&kind) => Ok(()),
        _ => Err(GraphError::parameter("Param interactive['type'] is not a known type.")),
    }
}

/// The file above the words: its id at Meta, and its type.
pub(super) fn file(interactive: Part<'_>) -> Result<Option<(String, String)>, GraphError> {
    let Some(header) = interactive.optional_part("header")? else { return Ok(None) };
    let kind = header.text("type", 16)?;
    if !matches!(kind, "image" | "video" | "document") {
        return Ok(None);
    }
    let id = header.part(kind)?.optional_text("id", 256)?;
    Ok(id.map(|id| (id.to_owned(), kind.to_owned())))
}

fn products(action: Part<'_>) -> Result<(), GraphError> {
    action.text("catalog_id", 64)?;
    let sections = action.list("sections", 1, 10)?;
    let mut products = 0;
    for section in sections {
        let section = Part::of(section, "sections")?;
        if sections.len() > 1 {
            section.text("title", 24)?;
        }
        for item in section.list("product_items", 1, 30)? {
            Part::of(item, "product_items")?.text("product_retailer_id", 100)?;
            products += 1;
        }
    }
    if products > 30 {
        return Err(invalid("A list has at most 30 products in all its sections."));
    }
    Ok(())
}

/// Body, header and footer.
fn frame(interactive: Part<'_>, longest_body: usize) -> Result<(), GraphError> {
    interactive.part("body")?.text("text", longest_body)?;
    if let Some(header) = interactive.optional_part("header")?
        && header.text("type", 16)? == "text"
    {
        header.text("text", 60)?;
    }
    if let Some(footer) = interactive.optional_part("footer")? {
        footer.text("text", 60)?;
    }
    Ok(())
}

fn buttons(action: Part<'_>) -> Result<(), GraphError> {
    let mut ids = HashSet::new();
    let mut titles = HashSet::new();
    for button in action.list("buttons", 1, 3)? {
        let reply = Part::of(button, "buttons")?.part("reply")?;
        if !ids.insert(reply.text("id", 256)?) || !titles.insert(reply.text("title", 20)?) {
            return Err(invalid("The ids and titles of buttons must differ."));
        }
    }
    Ok(())
}

fn list(action: Part<'_>) -> Result<(), GraphError> {
    action.text("button", 20)?;
    let sections = action.list("sections", 1, 10)?;
    let mut ids = HashSet::new();
    for section in sections {
        let section = Part::of(section, "sections")?;
        if sections.len() > 1 || section.get("title").and_then(Value::as_str).is_some_and(|title| !title.is_empty()) {
            section.text("title", 24)?;
        }
        for row in section.list("rows", 1, 10)? {
            let row = Part::of(row, "rows")?;
            row.text("title", 24)?;
            row.optional_text("description", 72)?;
            if !ids.insert(row.text("id", 200)?) {
                return Err(invalid("The ids of rows must differ."));
            }
        }
    }
    if ids.len() > 10 {
        return Err(invalid("A list has at most 10 rows in all its sections."));
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod unit {
    use serde_json::json;

    use super::*;

    fn verdict(interactive: &Value) -> Result<(), GraphError> {
        check(Part::of(interactive, "interactive").unwrap())
    }

    fn button(id: &str, title: &str) -> Value {
        json!({ "type": "reply", "reply": { "id": id, "title": title } })
    }

    fn with_buttons(buttons: Vec<Value>) -> Value {
        json!({ "type": "button", "body": { "text": "b" }, "action": { "buttons": buttons } })
    }

    fn with_rows(sections: Vec<Vec<Value>>) -> Value {
        let sections: Vec<Value> = sections
            .into_iter()
            .enumerate()
            .map(|(at, rows)| json!({ "title": at.to_string(), "rows": rows }))
            .collect();
        json!({ "type": "list", "body": { "text": "b" }, "action": { "button": "Ver", "sections": sections } })
    }

    fn rows(from: usize, count: usize) -> Vec<Value> {
        (from..from + count).map(|at| json!({ "id": at.to_string(), "title": format!("linha {at}") })).collect()
    }

    #[test]
    fn interactive_messages_within_the_limits_are_taken() {
        for message in [
            with_buttons(vec![button("1", "Sim"), button("2", "Não"), button("3", &"x".repeat(20))]),
            with_rows(vec![rows(0, 4), rows(4, 6)]),
            json!({"type": "cta_url", "body": {"text": "b"}, "action": {"name": "cta_url", "parameters": {"display_text": "Abrir", "url": "https://example.com"}}}),
            json!({"type": "location_request_message", "body": {"text": "b"}, "action": {"name": "send_location"}}),
            json!({"type": "product", "action": {"catalog_id": "1", "product_retailer_id": "a"}}),
            json!({"type": "product_list", "header": {"type": "text", "text": "h"}, "body": {"text": "b"},
                   "action": {"catalog_id": "1", "sections": [{"product_items": [{"product_retailer_id": "a"}]}]}}),
        ] {
            assert!(verdict(&message).is_ok(), "{message}");
        }
    }

    #[test]
    fn interactive_messages_over_a_limit_are_refused() {
        for message in [
            with_buttons(vec![]),
            with_buttons((0..4).map(|at| button(&at.to_string(), &at.to_string())).collect()),
            with_buttons(vec![button("1", &"x".repeat(21))]),
            with_buttons(vec![button("1", "Sim"), button("1", "Não")]),
            with_buttons(vec![button("1", "Sim"), button("2", "Sim")]),
            with_rows(vec![rows(0, 6), rows(6, 5)]),
            with_rows(vec![rows(0, 2), rows(1, 2)]),
            with_rows(vec![]),
            json!({"type": "button", "action": {"buttons": [button("1", "Sim")]}}),
            json!({"type": "cta_url", "body": {"text": "b"}, "action": {"name": "cta_url", "parameters": {"display_text": "Abrir", "url": "nowhere"}}}),
            json!({"type": "hologram", "body": {"text": "b"}}),
            json!({"type": "location_request_message", "body": {"text": "b"}, "action": {"name": "where"}}),
            json!({"type": "product", "header": {"type": "text", "text": "h"},
                   "action": {"catalog_id": "1", "product_retailer_id": "a"}}),
            json!({"type": "product_list", "body": {"text": "b"},
                   "action": {"catalog_id": "1", "sections": [{"product_items": [{"product_retailer_id": "a"}]}]}}),
        ] {
            assert!(verdict(&message).is_err(), "{message}");
        }
    }
}
