use std::borrow::Cow;

use domain::inbound::MediaKind;
use domain::outbound::{Button, Header, MediaSource, OutboundContent, ProductSection, Section, TemplateCategory};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::openapi::schema::{AdditionalProperties, Discriminator, OneOfBuilder};
use utoipa::openapi::{Ref, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::body;
use crate::problem::{Code, Place, Problem};
use crate::schema;

/// The types of content that can be sent.
const TYPES: [&str; 12] = [
    "text",
    "media",
    "location",
    "contacts",
    "reaction",
    "buttons",
    "list",
    "cta_url",
    "location_request",
    "product",
    "products",
    "template",
];

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
#[derive(Deserialize, ToSchema)]
#[serde(remote = "OutboundContent", rename_all = "snake_case", deny_unknown_fields)]
enum Tagged {
    Text {
        #[schema(min_length = 1, max_length = 4096)]
        body: String,
        #[serde(default)]
        preview_url: bool,
    },
    Media {
        #[schema(schema_with = media_kind)]
        kind: MediaKind,
        #[schema(value_type = SourceFields)]
        source: MediaSource,
        #[serde(default)]
        caption: Option<String>,
        #[serde(default)]
        filename: Option<String>,
        #[serde(default)]
        voice: bool,
    },
    Location {
        #[schema(minimum = -90, maximum = 90)]
        latitude: f64,
        #[schema(minimum = -180, maximum = 180)]
        longitude: f64,
        #[serde(default)]
        name: Option<String>,
        #[serde(default)]
        address: Option<String>,
    },
    Contacts {
        #[schema(value_type = Vec<Object>, min_items = 1)]
        cards: Vec<Value>,
    },
    Reaction {
        /// WhatsApp's id of the message.
        #[schema(value_type = String)]
        target: domain::Wamid,
        /// Without one, an earlier reaction is taken back.
        #[serde(default)]
        emoji: Option<String>,
    },
    Buttons {
        #[schema(min_length = 1, max_length = 1024)]
        body: String,
        #[serde(default)]
        #[schema(value_type = Option<HeaderFields>)]
        header: Option<Header>,
        #[serde(default)]
        footer: Option<String>,
        #[schema(value_type = Vec<ButtonFields>, min_items = 1, max_items = 3)]
        buttons: Vec<Button>,
    },
    List {
        #[schema(min_length = 1, max_length = 4096)]
        body: String,
        #[serde(default)]
        header: Option<String>,
        #[serde(default)]
        footer: Option<String>,
        #[schema(min_length = 1, max_length = 20)]
        button: String,
        #[schema(value_type = Vec<SectionFields>, min_items = 1, max_items = 10)]
        sections: Vec<Section>,
    },
    CtaUrl {
        #[schema(min_length = 1, max_length = 1024)]
        body: String,
        #[serde(default)]
        #[schema(value_type = Option<HeaderFields>)]
        header: Option<Header>,
        #[serde(default)]
        footer: Option<String>,
        #[schema(min_length = 1, max_length = 20)]
        display_text: String,
        url: String,
    },
    LocationRequest {
        #[schema(min_length = 1, max_length = 1024)]
        body: String,
    },
    Product {
        #[serde(default)]
        body: Option<String>,
        #[serde(default)]
        footer: Option<String>,
        /// Meta's id of the catalogue.
        #[schema(pattern = "^[0-9]{1,32}$")]
        catalog_id: String,
        /// The product's id in the catalogue.
        #[schema(min_length = 1, max_length = 100)]
        product_retailer_id: String,
    },
    Products {
        #[schema(min_length = 1, max_length = 60)]
        header: String,
        #[schema(min_length = 1, max_length = 1024)]
        body: String,
        #[serde(default)]
        footer: Option<String>,
        /// Meta's id of the catalogue.
        #[schema(pattern = "^[0-9]{1,32}$")]
        catalog_id: String,
        #[schema(value_type = Vec<ProductSectionFields>, min_items = 1, max_items = 10)]
        sections: Vec<ProductSection>,
    },
    Template {
        name: String,
        #[schema(example = "pt_BR")]
        language: String,
        #[schema(schema_with = template_category)]
        category: TemplateCategory,
        #[serde(default)]
        #[schema(value_type = Vec<Object>)]
        components: Vec<Value>,
    },
}

/// Where a media file is: one of the two.
#[derive(ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = MediaSource)]
#[expect(dead_code, reason = "says how the domain's type is read")]
enum SourceFields {
    /// Meta's id of an upload.
    Id(String),
    /// A public https address that Meta fetches.
    Link(String),
    /// A file that is stored here.
    MediaId(String),
}

/// What stands above the words: words of at most 60 characters, or a file.
#[derive(ToSchema)]
#[serde(untagged)]
#[schema(as = Header)]
#[expect(dead_code, reason = "says how the domain's type is read")]
enum HeaderFields {
    Text(String),
    Media(HeaderMediaFields),
}

/// A file above the words.
#[derive(ToSchema)]
#[schema(as = HeaderMedia)]
#[expect(dead_code, reason = "says how the domain's type is read")]
struct HeaderMediaFields {
    #[schema(schema_with = header_kind)]
    kind: MediaKind,
    source: SourceFields,
    /// The name a document shows.
    #[schema(max_length = 240)]
    filename: Option<String>,
}

/// A section of products.
#[derive(ToSchema)]
#[schema(as = ProductSection)]
#[expect(dead_code, reason = "says how the domain's type is read")]
struct ProductSectionFields {
    /// Needed where there is more than one section.
    #[schema(max_length = 24, required = false)]
    title: String,
    #[schema(min_items = 1, max_items = 30)]
    product_retailer_ids: Vec<String>,
}

/// A reply button.
#[derive(ToSchema)]
#[schema(as = Button)]
#[expect(dead_code, reason = "says how the domain's type is read")]
struct ButtonFields {
    /// Comes back when it is tapped.
    #[schema(min_length = 1, max_length = 256)]
    id: String,
    #[schema(min_length = 1, max_length = 20)]
    title: String,
}

/// A section of a list.
#[derive(ToSchema)]
#[schema(as = Section)]
#[expect(dead_code, reason = "says how the domain's type is read")]
struct SectionFields {
    /// Needed where there is more than one section.
    #[schema(max_length = 24, required = false)]
    title: String,
    #[schema(min_items = 1, max_items = 10)]
    rows: Vec<RowFields>,
}

/// A row of a list.
#[derive(ToSchema)]
#[schema(as = Row)]
#[expect(dead_code, reason = "says how the domain's type is read")]
struct RowFields {
    /// Comes back when it is chosen.
    #[schema(min_length = 1, max_length = 200)]
    id: String,
    #[schema(min_length = 1, max_length = 24)]
    title: String,
    #[schema(max_length = 72)]
    description: Option<String>,
}

fn media_kind() -> RefOr<Schema> {
    schema::names(&[MediaKind::Image, MediaKind::Audio, MediaKind::Video, MediaKind::Document, MediaKind::Sticker])
}

fn header_kind() -> RefOr<Schema> {
    schema::names(&[MediaKind::Image, MediaKind::Video, MediaKind::Document])
}

fn template_category() -> RefOr<Schema> {
    schema::names(&[TemplateCategory::Marketing, TemplateCategory::Utility, TemplateCategory::Authentication])
}

/// What can be sent, as callers write it: the fields of its type, and the type beside them.
pub(crate) struct SendableContent;

impl PartialSchema for SendableContent {
    fn schema() -> RefOr<Schema> {
        let kinds = kinds();
        let at = |component: &str| Ref::from_schema_name(component);
        let mapping = kinds.iter().map(|kind| (kind.name.clone(), at(&kind.component).ref_location));
        let discriminator = Discriminator::with_mapping("type", mapping);
        let one_of = kinds.iter().fold(OneOfBuilder::new(), |one_of, kind| one_of.item(at(&kind.component)));
        RefOr::T(Schema::OneOf(one_of.discriminator(Some(discriminator)).build()))
    }
}

impl ToSchema for SendableContent {
    fn name() -> Cow<'static, str> {
        "Content".into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        Tagged::schemas(schemas);
        schemas.extend(kinds().into_iter().map(|kind| (kind.component, kind.fields)));
    }
}

/// A type of content, in the document.
struct ContentKind {
    name: String,
    component: String,
    fields: RefOr<Schema>,
}

/// Every type, with its name among its fields.
fn kinds() -> Vec<ContentKind> {
    let RefOr::T(Schema::OneOf(kinds)) = Tagged::schema() else { return Vec::new() };
    let kinds = kinds.items.into_iter().filter_map(|kind| {
        let RefOr::T(Schema::Object(mut tagged)) = kind else { return None };
        let (name, RefOr::T(Schema::Object(mut fields))) = tagged.properties.pop_first()? else { return None };
        fields.properties.insert("type".to_owned(), schema::names(&[&name]));
        fields.required.insert(0, "type".to_owned());
        fields.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
        Some(ContentKind { component: component(&name), name, fields: RefOr::T(Schema::Object(fields)) })
    });
    kinds.collect()
}

/// What a type is called among the document's schemas: `cta_url` is `CtaUrlContent`.
fn component(name: &str) -> String {
    let words = name.split('_').map(|word| {
        let (first, rest) = word.split_at(word.len().min(1));
        first.to_ascii_uppercase() + rest
    });
    words.chain(["Content".to_owned()]).collect()
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
            json!({"type": "location_request", "body": "b"}),
            json!({"type": "product", "catalog_id": "1", "product_retailer_id": "a", "body": "b"}),
            json!({"type": "products", "header": "h", "body": "b", "catalog_id": "1",
                   "sections": [{"title": "t", "product_retailer_ids": ["a"]}]}),
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
    fn every_type_has_a_name_in_the_document() {
        let kinds = kinds();
        assert_eq!(kinds.iter().map(|kind| kind.name.as_str()).collect::<Vec<_>>(), TYPES);
        assert_eq!(kinds[7].component, "CtaUrlContent");
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
