//! Buttons, lists, links, products, and the question where somebody is.

use serde::{Deserialize, Serialize};

use super::Media;

/// An interactive message of a kind that the product sends.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Wire", into = "Wire")]
pub struct Interactive {
    /// The `type`, which is that of the action.
    pub kind: InteractiveType,
    /// Above the words.
    pub header: Option<Header>,
    /// The words.
    pub body: Option<Words>,
    /// Below the words, at most 60 characters.
    pub footer: Option<Words>,
    /// What can be tapped.
    pub action: Action,
}

/// What can be tapped.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum Action {
    /// Up to three reply buttons.
    Buttons {
        /// The buttons.
        buttons: Vec<ReplyButton>,
    },
    /// A list to choose from.
    List {
        /// The word that opens it.
        button: String,
        /// Its sections.
        sections: Vec<Section>,
    },
    /// A button that opens an address.
    CtaUrl {
        /// Always `cta_url`.
        name: CtaName,
        /// Word and address.
        parameters: UrlParameters,
    },
    /// A button with which the customer sends where they are.
    LocationRequest {
        /// Always `send_location`.
        name: LocationName,
    },
    /// A product.
    Product {
        /// The catalogue.
        catalog_id: String,
        /// The product's id in it.
        product_retailer_id: String,
    },
    /// Products to choose from.
    ProductList {
        /// The catalogue.
        catalog_id: String,
        /// Its sections.
        sections: Vec<ProductSection>,
    },
}

/// Always `send_location`.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LocationName {
    /// Sends where they are.
    SendLocation,
}

/// A section of products.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProductSection {
    /// Its title; needed where there is more than one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Its products.
    pub product_items: Vec<ProductItem>,
}

/// A product.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProductItem {
    /// Its id in the catalogue.
    pub product_retailer_id: String,
}

/// Always `cta_url`.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CtaName {
    /// Opens an address.
    CtaUrl,
}

/// A reply button.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum ReplyButton {
    /// The only type.
    Reply {
        /// Id and word.
        reply: Reply,
    },
}

/// What a reply button shows and sends back.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// Comes back when it is tapped.
    pub id: String,
    /// The word on it.
    pub title: String,
}

/// A section of a list.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// Its title; needed where there is more than one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Its rows.
    pub rows: Vec<Row>,
}

/// A row of a list.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Comes back when it is chosen.
    pub id: String,
    /// The first line.
    pub title: String,
    /// The second line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// The word on a link button, and the address behind it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UrlParameters {
    /// The word.
    pub display_text: String,
    /// The address.
    pub url: String,
}

/// Words of a part.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    /// The words.
    pub text: String,
}

/// What stands above the words.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum Header {
    /// Words.
    Text {
        /// The words.
        text: String,
    },
    /// A picture.
    Image {
        /// The file.
        image: Media,
    },
    /// A film.
    Video {
        /// The file.
        video: Media,
    },
    /// A file.
    Document {
        /// The file.
        document: Media,
    },
}

/// The `type` of an interactive message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InteractiveType {
    /// Which.
    pub kind: InteractiveKind,
    /// Written in capitals, as some clients do and Meta takes.
    pub capitals: bool,
}

/// The kinds of interactive messages that the product sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InteractiveKind {
    /// Reply buttons.
    Button,
    /// A list.
    List,
    /// A link.
    CtaUrl,
    /// The question where somebody is.
    LocationRequest,
    /// A product.
    Product,
    /// Products.
    ProductList,
}

impl InteractiveKind {
    const ALL: [Self; 6] =
        [Self::Button, Self::List, Self::CtaUrl, Self::LocationRequest, Self::Product, Self::ProductList];

    /// Meta's name of it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Button => "button",
            Self::List => "list",
            Self::CtaUrl => "cta_url",
            Self::LocationRequest => "location_request_message",
            Self::Product => "product",
            Self::ProductList => "product_list",
        }
    }
}

impl Action {
    /// The kind of message that it makes.
    pub fn kind(&self) -> InteractiveKind {
        match self {
            Self::Buttons { .. } => InteractiveKind::Button,
            Self::List { .. } => InteractiveKind::List,
            Self::CtaUrl { .. } => InteractiveKind::CtaUrl,
            Self::LocationRequest { .. } => InteractiveKind::LocationRequest,
            Self::Product { .. } => InteractiveKind::Product,
            Self::ProductList { .. } => InteractiveKind::ProductList,
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    header: Option<Header>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    body: Option<Words>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    footer: Option<Words>,
    action: Action,
}

impl TryFrom<Wire> for Interactive {
    type Error = super::Unreadable;

    fn try_from(wire: Wire) -> Result<Self, Self::Error> {
        let kind = InteractiveKind::ALL.into_iter().find_map(|kind| {
            let capitals = wire.kind == kind.as_str().to_ascii_uppercase();
            (capitals || wire.kind == kind.as_str()).then_some(InteractiveType { kind, capitals })
        });
        match kind {
            Some(kind) if kind.kind == wire.action.kind() => {
                Ok(Self { kind, header: wire.header, body: wire.body, footer: wire.footer, action: wire.action })
            }
            _ => Err(super::Unreadable),
        }
    }
}

impl From<Interactive> for Wire {
    fn from(interactive: Interactive) -> Self {
        let name = interactive.kind.kind.as_str();
        Self {
            kind: if interactive.kind.capitals { name.to_ascii_uppercase() } else { name.to_owned() },
            header: interactive.header,
            body: interactive.body,
            footer: interactive.footer,
            action: interactive.action,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use serde_json::{Value, json};

    fn again(interactive: &Value) -> Option<Value> {
        let read: Interactive = serde_json::from_value(interactive.clone()).ok()?;
        serde_json::to_value(read).ok()
    }

    #[test]
    fn each_kind_that_is_read_and_written_is_the_same() {
        let buttons = json!({"buttons": [{"type": "reply", "reply": {"id": "1", "title": "Sim"}}]});
        let list = json!({"button": "Ver", "sections": [{"title": "a", "rows": [{"id": "1", "title": "t"}]},
                          {"rows": [{"id": "2", "title": "t", "description": "d"}]}]});
        let link = json!({"name": "cta_url", "parameters": {"display_text": "Abrir", "url": "https://example.com"}});
        for interactive in [
            json!({"type": "button", "body": {"text": "b"}, "action": buttons}),
            json!({"type": "BUTTON", "body": {"text": "b"}, "action": buttons,
                   "header": {"type": "document", "document": {"id": "1", "filename": "f"}}}),
            json!({"type": "list", "header": {"type": "text", "text": "h"}, "body": {"text": "b"},
                   "footer": {"text": "f"}, "action": list}),
            json!({"type": "cta_url", "body": {"text": "b"}, "action": link}),
        ] {
            assert_eq!(again(&interactive).as_ref(), Some(&interactive));
        }
    }

    #[test]
    fn what_the_product_does_not_send_is_not_readable() {
        for interactive in [
            json!({"type": "flow", "body": {"text": "b"}, "action": {"name": "flow", "parameters": {}}}),
            json!({"type": "list", "action": {"buttons": []}}),
            json!({"type": "button"}),
        ] {
            assert_eq!(again(&interactive), None, "{interactive}");
        }
    }
}
