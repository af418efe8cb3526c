//! What can be sent, and Meta's limits on it, checked before anything is stored or called.

mod limits;
mod own_media;

pub use own_media::NamedMedia;

use crate::MediaId;
use crate::inbound::MediaKind;

/// What an outbound message says. It is stored sealed, as JSON of this type.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum OutboundContent {
    /// Words.
    Text {
        /// At most 4,096 characters.
        body: String,
        /// Show a preview of the first link.
        #[serde(default)]
        preview_url: bool,
    },
    /// A file: one that is stored here, one that is at Meta, or one that Meta fetches from a public address.
    Media {
        /// Its kind.
        kind: MediaKind,
        /// Where it is.
        source: MediaSource,
        /// At most 1,024 characters; not for audio and stickers.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        caption: Option<String>,
        /// The name a document shows.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        filename: Option<String>,
        /// An audio file is a voice note.
        #[serde(default)]
        voice: bool,
    },
    /// A place.
    Location {
        /// Degrees north, -90 to 90.
        latitude: f64,
        /// Degrees east, -180 to 180.
        longitude: f64,
        /// Its name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        /// Its address.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        address: Option<String>,
    },
    /// Contact cards, in Meta's own form.
    Contacts {
        /// 1 to 257 cards; each needs `name.formatted_name`.
        cards: Vec<serde_json::Value>,
    },
    /// An emoji on a message of the conversation; none takes it back.
    Reaction {
        /// Meta's id of the message.
        target: crate::Wamid,
        /// The emoji.
        #[serde(default)]
        emoji: Option<String>,
    },
    /// Up to three reply buttons.
    Buttons {
        /// At most 1,024 characters.
        body: String,
        /// Words of at most 60 characters, or a file.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        header: Option<Header>,
        /// At most 60 characters.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        footer: Option<String>,
        /// 1 to 3, with distinct ids and titles.
        buttons: Vec<Button>,
    },
    /// A list to choose one row from.
    List {
        /// At most 4,096 characters.
        body: String,
        /// At most 60 characters.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        header: Option<String>,
        /// At most 60 characters.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        footer: Option<String>,
        /// The word on the button that opens the list, at most 20 characters.
        button: String,
        /// 1 to 10 sections with at most 10 rows in all.
        sections: Vec<Section>,
    },
    /// A button that opens an address.
    CtaUrl {
        /// At most 1,024 characters.
        body: String,
        /// Words of at most 60 characters, or a file.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        header: Option<Header>,
        /// At most 60 characters.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        footer: Option<String>,
        /// The word on the button, at most 20 characters.
        display_text: String,
        /// An http or https address.
        url: String,
    },
    /// A button with which the customer sends where they are.
    LocationRequest {
        /// At most 1,024 characters.
        body: String,
    },
    /// A product of the catalogue that the number shows.
    Product {
        /// At most 1,024 characters.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        body: Option<String>,
        /// At most 60 characters.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        footer: Option<String>,
        /// Meta's id of the catalogue.
        catalog_id: String,
        /// The product's id in the catalogue.
        product_retailer_id: String,
    },
    /// Several products of the catalogue, to choose from.
    Products {
        /// At most 60 characters.
        header: String,
        /// At most 1,024 characters.
        body: String,
        /// At most 60 characters.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        footer: Option<String>,
        /// Meta's id of the catalogue.
        catalog_id: String,
        /// 1 to 10 sections with at most 30 products in all.
        sections: Vec<ProductSection>,
    },
    /// An approved template.
    Template {
        /// Lower-case letters, digits and underscores, at most 512.
        name: String,
        /// Meta's language code, such as `pt_BR`.
        language: String,
        /// Whether it is marketing: then a stop forbids it.
        category: TemplateCategory,
        /// Meta's `components`, in Meta's own form.
        #[serde(default)]
        components: Vec<serde_json::Value>,
    },
}

/// Where a media file is.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MediaSource {
    /// Meta's media id (an upload; valid 30 days).
    Id(String),
    /// A public https address that Meta fetches.
    Link(String),
    /// A file that is stored here.
    MediaId(MediaId),
}

/// What stands above the words of a message with buttons.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(untagged)]
pub enum Header {
    /// Words, at most 60 characters.
    Text(String),
    /// A file.
    Media(HeaderMedia),
}

/// A file above the words.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeaderMedia {
    /// A picture, a film or a document.
    pub kind: MediaKind,
    /// Where it is.
    pub source: MediaSource,
    /// The name a document shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filename: Option<String>,
}

/// A section of products.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProductSection {
    /// At most 24 characters; required when there is more than one section.
    #[serde(default)]
    pub title: String,
    /// Its products, by their ids in the catalogue.
    pub product_retailer_ids: Vec<String>,
}

/// A reply button.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Button {
    /// Comes back when it is tapped; at most 256 characters.
    pub id: String,
    /// At most 20 characters.
    pub title: String,
}

/// A section of a list.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// At most 24 characters; required when there is more than one section.
    #[serde(default)]
    pub title: String,
    /// Its rows.
    pub rows: Vec<Row>,
}

/// A row of a list.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Comes back when it is chosen; at most 200 characters.
    pub id: String,
    /// At most 24 characters.
    pub title: String,
    /// At most 72 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// What a template is for; the price and the rules hang on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TemplateCategory {
    /// Offers and news: needs consent, and a stop forbids it.
    Marketing,
    /// What the person expects: an order, an appointment.
    Utility,
    /// One-time codes.
    Authentication,
}

/// One thing that is wrong with a content, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{pointer}: {reason}")]
pub struct ContentError {
    /// JSON pointer into the content, such as `/buttons/0/title`.
    pub pointer: String,
    /// What is wrong, in plain words; never the value itself.
    pub reason: String,
}

impl OutboundContent {
    /// The stable name of the type, as the API shows it; a file goes by its kind.
    pub fn kind(&self) -> &str {
        match self {
            Self::Text { .. } => "text",
            Self::Media { kind, .. } => kind.as_str(),
            Self::Location { .. } => "location",
            Self::Contacts { .. } => "contacts",
            Self::Reaction { .. } => "reaction",
            Self::Buttons { .. } => "buttons",
            Self::List { .. } => "list",
            Self::CtaUrl { .. } => "cta_url",
            Self::LocationRequest { .. } => "location_request",
            Self::Product { .. } => "product",
            Self::Products { .. } => "products",
            Self::Template { .. } => "template",
        }
    }

    /// The words in it, which an assistant can read and a preview can show. A template's words are at Meta, not here.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text { body, .. }
            | Self::Buttons { body, .. }
            | Self::List { body, .. }
            | Self::CtaUrl { body, .. }
            | Self::LocationRequest { body }
            | Self::Products { body, .. } => Some(body),
            Self::Product { body, .. } => body.as_deref(),
            Self::Media { caption, .. } => caption.as_deref(),
            Self::Location { name, .. } => name.as_deref(),
            Self::Contacts { .. } | Self::Reaction { .. } | Self::Template { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use serde_json::json;

    #[test]
    fn a_file_goes_by_its_kind_and_its_caption() {
        let content = |json| serde_json::from_value::<OutboundContent>(json).unwrap();
        let image = content(json!({"type": "media", "kind": "image", "source": {"id": "1"}, "caption": "bolo"}));
        assert_eq!((image.kind(), image.text()), ("image", Some("bolo")));
        let text = content(json!({"type": "text", "body": "oi"}));
        assert_eq!((text.kind(), text.text()), ("text", Some("oi")));
    }
}
