use domain::inbound::MediaKind;
use domain::outbound::{Button, MediaSource, OutboundContent, Section, TemplateCategory};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::body;
use crate::problem::{Code, Place, Problem};

/// The types of content that can be sent.
const TYPES: [&str; 9] =
    ["text", "media", "location", "contacts", "reaction", "buttons", "list", "cta_url", "template"];

/// Reads the content of a message, so that what is wrong in it can be pointed at: its type first, then the fields of
/// that type.
pub(crate) fn read(mut fields: Map<String, Value>) -> Result<OutboundContent, Problem> {
    let invalid = |reason: &str| Problem::new(Code::InvalidBody).field(Place::Body, "/content/type", reason);
    let kind = match fields.remove("type") {
        Some(Value::String(kind)) => kind,
        Some(_) => return Err(invalid("must be a text")),
        None => return Err(invalid("missing field `type`")),
    };
    if !TYPES.contains(&kind.as_str()) {
        return Err(invalid(&format!("must be one of {}", TYPES.join(", "))));
    }
    let tagged = Value::Object(Map::from_iter([(kind, Value::Object(fields))]));
    let read: Result<Fields, _> = serde_path_to_error::deserialize(tagged);
    read.map(|read| read.0).map_err(|error| body::problem(&error, "/content", 1))
}

#[derive(Deserialize)]
struct Fields(#[serde(with = "Tagged")] OutboundContent);

/// The domain's content, with its type as the only key around its fields: in this form the reader knows at every step
/// where in the JSON it is.
#[derive(Deserialize)]
#[serde(remote = "OutboundContent", rename_all = "snake_case", deny_unknown_fields)]
enum Tagged {
    Text {
        body: String,
        #[serde(default)]
        preview_url: bool,
    },
    Media {
        kind: MediaKind,
        source: MediaSource,
        #[serde(default)]
        caption: Option<String>,
        #[serde(default)]
        filename: Option<String>,
        #[serde(default)]
        voice: bool,
    },
    Location {
        latitude: f64,
        longitude: f64,
        #[serde(default)]
        name: Option<String>,
        #[serde(default)]
        address: Option<String>,
    },
    Contacts {
        cards: Vec<Value>,
    },
    Reaction {
        target: domain::Wamid,
        #[serde(default)]
        emoji: Option<String>,
    },
    Buttons {
        body: String,
        #[serde(default)]
        header: Option<String>,
        #[serde(default)]
        footer: Option<String>,
        buttons: Vec<Button>,
    },
    List {
        body: String,
        #[serde(default)]
        header: Option<String>,
        #[serde(default)]
        footer: Option<String>,
        button: String,
        sections: Vec<Section>,
    },
    CtaUrl {
        body: String,
        #[serde(default)]
        header: Option<String>,
        #[serde(default)]
        footer: Option<String>,
        display_text: String,
        url: String,
    },
    Template {
        name: String,
        language: String,
        category: TemplateCategory,
        #[serde(default)]
        components: Vec<Value>,
    },
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(content: Value) -> Result<OutboundContent, Value> {
        let Value::Object(fields) = content else { unreachable!("an object") };
        read(fields).map_err(|problem| problem.body("")["errors"][0]["pointer"].clone())
    }

    #[test]
    fn every_type_reads_as_the_domain_writes_it() {
        let samples = [
            json!({"type": "text", "body": "oi", "preview_url": true}),
            json!({"type": "media", "kind": "document", "source": {"link": "https://example.com/a.pdf"},
                   "caption": "a", "filename": "a.pdf", "voice": false}),
            json!({"type": "location", "latitude": -23.5, "longitude": -46.6, "name": "loja"}),
            json!({"type": "contacts", "cards": [{"name": {"formatted_name": "Loja"}}]}),
            json!({"type": "reaction", "target": "wamid.A", "emoji": "👍"}),
            json!({"type": "buttons", "body": "b", "buttons": [{"id": "1", "title": "Sim"}]}),
            json!({"type": "list", "body": "b", "button": "Ver", "sections": [{"title": "t", "rows": [{"id": "1", "title": "r"}]}]}),
            json!({"type": "cta_url", "body": "b", "display_text": "Abrir", "url": "https://example.com"}),
            json!({"type": "template", "name": "pedido", "language": "pt_BR", "category": "utility", "components": []}),
        ];
        assert_eq!(samples.len(), TYPES.len());
        for (sample, kind) in samples.into_iter().zip(TYPES) {
            assert_eq!(sample["type"], kind);
            let domain: OutboundContent = serde_json::from_value(sample.clone()).unwrap();
            assert_eq!(serde_json::to_value(of(sample).unwrap()).unwrap(), serde_json::to_value(domain).unwrap());
        }
    }

    #[test]
    fn what_is_wrong_is_pointed_at() {
        for (content, pointer) in [
            (json!({}), "/content/type"),
            (json!({"type": 1}), "/content/type"),
            (json!({"type": "fax"}), "/content/type"),
            (json!({"type": "text"}), "/content/body"),
            (json!({"type": "text", "body": 1}), "/content/body"),
            (json!({"type": "text", "body": "a", "bold": true}), "/content/bold"),
            (json!({"type": "media", "kind": "fax", "source": {"id": "1"}}), "/content/kind"),
            (json!({"type": "media", "kind": "image", "source": {"id": 1}}), "/content/source/id"),
            (
                json!({"type": "buttons", "body": "b", "buttons": [{"id": "1", "title": "a"}, {"id": "2"}]}),
                "/content/buttons/1/title",
            ),
            (
                json!({"type": "list", "body": "b", "button": "v", "sections": [{"rows": [{"id": "1", "title": "t", "x/y": 1}]}]}),
                "/content/sections/0/rows/0/x~1y",
            ),
            (json!({"type": "reaction", "target": "with space"}), "/content/target"),
        ] {
            assert_eq!(of(content.clone()).err(), Some(json!(pointer)), "{content}");
        }
    }
}
