//! From what the flow decided to what Meta reads.

use domain::Wamid;
use domain::inbound::MediaKind;
use domain::outbound::{self, MediaSource, OutboundContent};
use flow::ports;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::interactive::{CtaName, LocationName};
use super::{
    Action, Content, Context, Form, Header, Interactive, InteractiveType, Location, Media, MediaRef, ProductItem,
    ProductSection, Reaction, RecipientType, Reply, ReplyButton, Row, Section, SendRequest, Template, TemplateLanguage,
    Text, UrlParameters, Words,
};

impl SendRequest {
    /// The request for one message.
    pub fn new(request: &ports::SendRequest) -> Self {
        let content = Content::from(&request.content);
        // Meta documents no context for reactions: what they stand on says it.
        let quotes = !matches!(content, Content::Reaction(_));
        Self {
            recipient_type: Some(RecipientType::Individual),
            to: request.to.wa_id.as_deref().map(e164),
            recipient: request.to.user_id.as_ref().map(|user_id| user_id.as_str().to_owned()),
            recipient_identity_key_hash: None,
            context: request.reply_to.as_ref().filter(|_| quotes).map(Context::from),
            biz_opaque_callback_data: Some(request.callback_data.clone()),
            product_policy: None,
            message_activity_sharing: None,
            names_type: true,
            content,
        }
    }
}

/// `+` and digits, whatever form Meta gave the number in. What is no number goes as it is.
fn e164(wa_id: &str) -> String {
    let is_number = !wa_id.is_empty() && wa_id.bytes().all(|b| b.is_ascii_digit());
    if is_number { format!("+{wa_id}") } else { wa_id.to_owned() }
}

impl From<&Wamid> for Context {
    fn from(message: &Wamid) -> Self {
        Self { message_id: message.as_str().to_owned() }
    }
}

impl From<&OutboundContent> for Content {
    fn from(content: &OutboundContent) -> Self {
        match content {
            OutboundContent::Text { body, preview_url } => {
                Self::Text(Text { body: body.clone(), preview_url: Some(*preview_url) })
            }
            OutboundContent::Media { kind, source, caption, filename, voice } => {
                let media = Media {
                    source: MediaRef::from(source),
                    caption: caption.clone(),
                    filename: filename.clone(),
                    voice: voice.then_some(true),
                };
                match kind {
                    MediaKind::Image => Self::Image(media),
                    MediaKind::Video => Self::Video(media),
                    MediaKind::Audio => Self::Audio(media),
                    MediaKind::Document => Self::Document(media),
                    MediaKind::Sticker => Self::Sticker(media),
                }
            }
            OutboundContent::Location { latitude, longitude, name, address } => Self::Location(Location {
                latitude: (*latitude).into(),
                longitude: (*longitude).into(),
                name: name.clone(),
                address: address.clone(),
            }),
            OutboundContent::Contacts { cards } => Self::Contacts(forms(cards)),
            OutboundContent::Reaction { target, emoji } => Self::Reaction(Reaction {
                message_id: target.as_str().to_owned(),
                emoji: emoji.clone().unwrap_or_default(),
            }),
            OutboundContent::Buttons { body, header, footer, buttons } => {
                let buttons = buttons.iter().map(|button| ReplyButton::Reply {
                    reply: Reply { id: button.id.clone(), title: button.title.clone() },
                });
                interactive(
                    header.as_ref().map(Header::from),
                    Some(body),
                    footer,
                    Action::Buttons { buttons: buttons.collect() },
                )
            }
            OutboundContent::List { body, header, footer, button, sections } => {
                let sections = sections.iter().map(Section::from).collect();
                let header = header.clone().map(|text| Header::Text { text });
                interactive(header, Some(body), footer, Action::List { button: button.clone(), sections })
            }
            OutboundContent::CtaUrl { body, header, footer, display_text, url } => {
                let parameters = UrlParameters { display_text: display_text.clone(), url: url.clone() };
                let action = Action::CtaUrl { name: CtaName::CtaUrl, parameters };
                interactive(header.as_ref().map(Header::from), Some(body), footer, action)
            }
            OutboundContent::LocationRequest { body } => {
                interactive(None, Some(body), &None, Action::LocationRequest { name: LocationName::SendLocation })
            }
            OutboundContent::Product { body, footer, catalog_id, product_retailer_id } => {
                let action = Action::Product {
                    catalog_id: catalog_id.clone(),
                    product_retailer_id: product_retailer_id.clone(),
                };
                interactive(None, body.as_ref(), footer, action)
            }
            OutboundContent::Products { header, body, footer, catalog_id, sections } => {
                let header = Some(Header::Text { text: header.clone() });
                let sections = sections.iter().map(ProductSection::from).collect();
                let action = Action::ProductList { catalog_id: catalog_id.clone(), sections };
                interactive(header, Some(body), footer, action)
            }
            OutboundContent::Template { name, language, components, category: _ } => Self::Template(Template {
                name: name.clone(),
                language: TemplateLanguage { code: language.clone(), policy: None },
                components: (!components.is_empty()).then(|| forms(components)),
            }),
        }
    }
}

impl From<&MediaSource> for MediaRef {
    fn from(source: &MediaSource) -> Self {
        match source {
            MediaSource::Id(id) => Self::Id(id.clone()),
            MediaSource::Link(link) => Self::Link(link.clone()),
            // Whoever sends has put Meta's id in its place; Meta says of one of ours that it has no such file.
            MediaSource::MediaId(id) => Self::Id(id.to_string()),
        }
    }
}

impl From<&outbound::Header> for Header {
    fn from(header: &outbound::Header) -> Self {
        match header {
            outbound::Header::Text(text) => Self::Text { text: text.clone() },
            outbound::Header::Media(media) => {
                let source = MediaRef::from(&media.source);
                let file = Media { source, caption: None, filename: media.filename.clone(), voice: None };
                match media.kind {
                    MediaKind::Video => Self::Video { video: file },
                    MediaKind::Document => Self::Document { document: file },
                    MediaKind::Image | MediaKind::Audio | MediaKind::Sticker => Self::Image { image: file },
                }
            }
        }
    }
}

impl From<&outbound::ProductSection> for ProductSection {
    fn from(section: &outbound::ProductSection) -> Self {
        let item = |id: &String| ProductItem { product_retailer_id: id.clone() };
        Self {
            title: Some(section.title.clone()).filter(|title| !title.is_empty()),
            product_items: section.product_retailer_ids.iter().map(item).collect(),
        }
    }
}

impl From<&domain::outbound::Section> for Section {
    fn from(section: &domain::outbound::Section) -> Self {
        let row = |row: &domain::outbound::Row| Row {
            id: row.id.clone(),
            title: row.title.clone(),
            description: row.description.clone(),
        };
        Self {
            title: Some(section.title.clone()).filter(|title| !title.is_empty()),
            rows: section.rows.iter().map(row).collect(),
        }
    }
}

fn interactive(header: Option<Header>, body: Option<&String>, footer: &Option<String>, action: Action) -> Content {
    Content::Interactive(Interactive {
        kind: InteractiveType { kind: action.kind(), capitals: false },
        header,
        body: body.map(|text| Words { text: text.clone() }),
        footer: footer.clone().map(|text| Words { text }),
        action,
    })
}

/// Parts that are stored in Meta's own form already.
fn forms<T: DeserializeOwned>(parts: &[Value]) -> Vec<Form<T>> {
    let form = |part: &Value| {
        serde_json::from_value(part.clone()).map_or_else(|_| Form::Other(part.clone()), Form::Documented)
    };
    parts.iter().map(form).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use serde_json::json;

    fn wire(wa_id: Option<&str>, user_id: Option<&str>, content: Value, reply_to: Option<&str>) -> Value {
        let request = ports::SendRequest {
            to: ports::Address {
                wa_id: wa_id.map(Into::into),
                user_id: user_id.map(|user_id| user_id.parse().unwrap()),
            },
            content: serde_json::from_value(content).unwrap(),
            reply_to: reply_to.map(|wamid| wamid.parse().unwrap()),
            callback_data: "in_1".into(),
        };
        serde_json::to_value(SendRequest::new(&request)).unwrap()
    }

    /// The content's member, and the `type` that names it.
    fn content(content: Value) -> (String, Value) {
        let wire = wire(Some("5511999990001"), None, content, None);
        let kind = wire["type"].as_str().unwrap().to_owned();
        let member = wire[&kind].clone();
        (kind, member)
    }

    #[test]
    fn a_message_is_addressed_by_plus_and_digits_answers_and_carries_our_id() {
        let text = json!({"type": "text", "body": "oi"});
        assert_eq!(
            wire(Some("5511999990001"), Some("BR.1"), text.clone(), Some("wamid.Q")),
            json!({"messaging_product": "whatsapp", "recipient_type": "individual", "to": "+5511999990001",
                   "recipient": "BR.1", "context": {"message_id": "wamid.Q"}, "biz_opaque_callback_data": "in_1",
                   "type": "text", "text": {"body": "oi", "preview_url": false}})
        );
        let by_user = wire(None, Some("BR.1"), text, None);
        assert_eq!((by_user.get("to"), by_user.get("context")), (None, None));
    }

    #[test]
    fn an_address_keeps_its_plus_and_what_is_no_number_goes_as_it_is() {
        assert_eq!(e164("551187654321"), "+551187654321");
        assert_eq!(e164("+551187654321"), "+551187654321");
        assert_eq!(e164("GUEST"), "GUEST");
    }

    #[test]
    fn files_go_under_their_kind() {
        let media = |kind: &str| json!({"type": "media", "kind": kind, "source": {"id": "9"}});
        for kind in ["image", "video", "audio", "document", "sticker"] {
            assert_eq!(content(media(kind)), (kind.to_owned(), json!({"id": "9"})));
        }
        let voice =
            json!({"type": "media", "kind": "audio", "source": {"link": "https://example.com/a"}, "voice": true});
        assert_eq!(content(voice).1, json!({"link": "https://example.com/a", "voice": true}));
        let file = json!({"type": "media", "kind": "document", "source": {"id": "9"}, "caption": "c", "filename": "f"});
        assert_eq!(content(file).1, json!({"id": "9", "caption": "c", "filename": "f"}));
    }

    #[test]
    fn places_cards_and_reactions_have_metas_form() {
        let place = json!({"type": "location", "latitude": -23.5, "longitude": -46.6, "name": "Loja"});
        assert_eq!(content(place), ("location".into(), json!({"latitude": -23.5, "longitude": -46.6, "name": "Loja"})));
        let cards = json!([{"name": {"formatted_name": "Rita"}}, {"new": 1}]);
        assert_eq!(content(json!({"type": "contacts", "cards": cards})), ("contacts".into(), cards));
        assert_eq!(
            content(json!({"type": "reaction", "target": "wamid.Q", "emoji": "🥐"})),
            ("reaction".into(), json!({"message_id": "wamid.Q", "emoji": "🥐"}))
        );
        assert_eq!(content(json!({"type": "reaction", "target": "wamid.Q"})).1["emoji"], "");
    }

    #[test]
    fn a_reaction_quotes_nothing() {
        let reaction = json!({"type": "reaction", "target": "wamid.Q", "emoji": "🥐"});
        assert_eq!(wire(Some("1"), None, reaction, Some("wamid.Q")).get("context"), None);
    }

    #[test]
    fn buttons_lists_and_links_are_interactive() {
        let buttons = json!({"type": "buttons", "body": "b", "header": "h", "footer": "f",
                             "buttons": [{"id": "1", "title": "Sim"}]});
        assert_eq!(
            content(buttons),
            (
                "interactive".into(),
                json!({"type": "button", "header": {"type": "text", "text": "h"}, "body": {"text": "b"},
                "footer": {"text": "f"}, "action": {"buttons": [{"type": "reply", "reply": {"id": "1", "title": "Sim"}}]}})
            )
        );
        let list = json!({"type": "list", "body": "b", "button": "Ver",
                          "sections": [{"rows": [{"id": "1", "title": "t", "description": "d"}]}]});
        assert_eq!(
            content(list).1,
            json!({"type": "list", "body": {"text": "b"}, "action": {"button": "Ver",
                   "sections": [{"rows": [{"id": "1", "title": "t", "description": "d"}]}]}})
        );
        let link = json!({"type": "cta_url", "body": "b", "display_text": "Abrir", "url": "https://example.com"});
        assert_eq!(
            content(link).1,
            json!({"type": "cta_url", "body": {"text": "b"}, "action": {"name": "cta_url",
                   "parameters": {"display_text": "Abrir", "url": "https://example.com"}}})
        );
    }

    #[test]
    fn a_file_stands_above_buttons_in_metas_form() {
        let header = |kind: &str| {
            let buttons = json!([{"id": "1", "title": "Sim"}]);
            let header = json!({"kind": kind, "source": {"id": "9"}});
            content(json!({"type": "buttons", "body": "b", "header": header, "buttons": buttons})).1["header"].clone()
        };
        for kind in ["image", "video", "document"] {
            assert_eq!(header(kind), json!({"type": kind, kind: {"id": "9"}}));
        }
    }

    #[test]
    fn products_and_location_requests_have_metas_form() {
        let request = json!({"type": "location_request", "body": "Onde você está?"});
        assert_eq!(
            content(request).1,
            json!({"type": "location_request_message", "body": {"text": "Onde você está?"},
                   "action": {"name": "send_location"}})
        );
        let product = json!({"type": "product", "catalog_id": "1", "product_retailer_id": "bolo"});
        assert_eq!(
            content(product).1,
            json!({"type": "product", "action": {"catalog_id": "1", "product_retailer_id": "bolo"}})
        );
        let products = json!({"type": "products", "header": "h", "body": "b", "catalog_id": "1",
                              "sections": [{"title": "Bolos", "product_retailer_ids": ["a", "b"]}]});
        assert_eq!(
            content(products).1,
            json!({"type": "product_list", "header": {"type": "text", "text": "h"}, "body": {"text": "b"},
                   "action": {"catalog_id": "1", "sections": [{"title": "Bolos", "product_items": [
                       {"product_retailer_id": "a"}, {"product_retailer_id": "b"}]}]}})
        );
    }

    #[test]
    fn a_template_names_its_language_and_leaves_its_category_to_us() {
        let components = json!([{"type": "body", "parameters": [{"type": "text", "text": "Lia"}]}]);
        let template = json!({"type": "template", "name": "pedido", "language": "pt_BR", "category": "utility",
                              "components": components});
        assert_eq!(
            content(template),
            ("template".into(), json!({"name": "pedido", "language": {"code": "pt_BR"}, "components": components}))
        );
        let bare = json!({"type": "template", "name": "oi", "language": "en", "category": "utility"});
        assert_eq!(content(bare).1, json!({"name": "oi", "language": {"code": "en"}}));
    }
}
