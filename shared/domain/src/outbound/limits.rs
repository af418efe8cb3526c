//! Meta's documented limits on what can be sent.

use super::own_media::wrong_in_template;
use super::{Button, ContentError, Header, MediaSource, OutboundContent, ProductSection, Section};
use crate::inbound::MediaKind;

impl OutboundContent {
    /// Everything that is wrong with the content by Meta's documented limits; empty when it may be sent. Lengths are
    /// counted in characters (Unicode scalar values), as Meta counts them, never in bytes.
    pub fn validate(&self) -> Vec<ContentError> {
        let mut check = Check::default();
        match self {
            Self::Text { body, .. } => check.words("/body", body, 4096),
            Self::Media { kind, source, caption, filename, voice } => {
                check.media(*kind, source, caption.as_deref(), filename.as_deref(), *voice);
            }
            Self::Location { latitude, longitude, .. } => {
                check.range("/latitude", *latitude, 90.0);
                check.range("/longitude", *longitude, 180.0);
            }
            Self::Contacts { cards } => check.cards(cards),
            Self::Reaction { emoji, .. } => check.optional("/emoji", emoji.as_deref(), 32),
            Self::Buttons { body, header, footer, buttons } => {
                check.words("/body", body, 1024);
                check.header(header.as_ref());
                check.optional("/footer", footer.as_deref(), 60);
                check.buttons(buttons);
            }
            Self::List { body, header, footer, button, sections } => {
                check.frame(body, 4096, header.as_deref(), footer.as_deref());
                check.words("/button", button, 20);
                check.sections(sections);
            }
            Self::CtaUrl { body, header, footer, display_text, url } => {
                check.words("/body", body, 1024);
                check.header(header.as_ref());
                check.optional("/footer", footer.as_deref(), 60);
                check.words("/display_text", display_text, 20);
                check.address("/url", url, &["https://", "http://"]);
            }
            Self::LocationRequest { body } => check.words("/body", body, 1024),
            Self::Product { body, footer, catalog_id, product_retailer_id } => {
                check.optional("/body", body.as_deref(), 1024);
                check.optional("/footer", footer.as_deref(), 60);
                check.catalog(catalog_id);
                check.words("/product_retailer_id", product_retailer_id, 100);
            }
            Self::Products { header, body, footer, catalog_id, sections } => {
                check.words("/header", header, 60);
                check.frame(body, 1024, None, footer.as_deref());
                check.catalog(catalog_id);
                check.products(sections);
            }
            Self::Template { name, language, components, .. } => check.template(name, language, components),
        }
        check.errors
    }
}

/// Gathers what is wrong. Reasons never repeat the value, which may be personal.
#[derive(Default)]
struct Check {
    errors: Vec<ContentError>,
}

impl Check {
    fn fail(&mut self, pointer: impl Into<String>, reason: impl Into<String>) {
        self.errors.push(ContentError { pointer: pointer.into(), reason: reason.into() });
    }

    /// Required words of at most `max` characters.
    fn words(&mut self, pointer: &str, text: &str, max: usize) {
        if text.trim().is_empty() {
            self.fail(pointer, "must not be empty");
        } else if text.chars().count() > max {
            self.fail(pointer, format!("must have at most {max} characters"));
        }
    }

    fn optional(&mut self, pointer: &str, text: Option<&str>, max: usize) {
        if let Some(text) = text {
            self.words(pointer, text, max);
        }
    }

    fn frame(&mut self, body: &str, max: usize, header: Option<&str>, footer: Option<&str>) {
        self.words("/body", body, max);
        self.optional("/header", header, 60);
        self.optional("/footer", footer, 60);
    }

    fn range(&mut self, pointer: &str, degrees: f64, max: f64) {
        if !degrees.is_finite() || degrees.abs() > max {
            self.fail(pointer, format!("must be between -{max} and {max} degrees"));
        }
    }

    fn address(&mut self, pointer: &str, url: &str, schemes: &[&str]) {
        let rest = schemes.iter().find_map(|scheme| url.strip_prefix(scheme));
        let host = rest.and_then(|rest| rest.split(['/', '?', '#']).next()).unwrap_or_default();
        if host.is_empty() || url.chars().any(|c| c.is_whitespace() || c.is_control()) {
            self.fail(pointer, format!("must be an address that starts with {}", schemes.join(" or ")));
        } else if url.chars().count() > 2000 {
            self.fail(pointer, "must have at most 2000 characters");
        }
    }

    fn media(
        &mut self,
        kind: MediaKind,
        source: &MediaSource,
        caption: Option<&str>,
        filename: Option<&str>,
        voice: bool,
    ) {
        self.source("", source);
        self.optional("/caption", caption, 1024);
        if caption.is_some() && matches!(kind, MediaKind::Audio | MediaKind::Sticker) {
            self.fail("/caption", "audio and stickers carry no caption");
        }
        self.optional("/filename", filename, 240);
        if filename.is_some() && kind != MediaKind::Document {
            self.fail("/filename", "only a document shows a file name");
        }
        if voice && kind != MediaKind::Audio {
            self.fail("/voice", "only audio can be a voice note");
        }
    }

    fn source(&mut self, at: &str, source: &MediaSource) {
        match source {
            MediaSource::Id(id) => self.words(&format!("{at}/source/id"), id, 256),
            MediaSource::Link(link) => self.address(&format!("{at}/source/link"), link, &["https://"]),
            // Its own text says that it is an id.
            MediaSource::MediaId(_) => {}
        }
    }

    /// Words, or one of the files that Meta shows above words.
    fn header(&mut self, header: Option<&Header>) {
        match header {
            None => {}
            Some(Header::Text(text)) => self.words("/header", text, 60),
            Some(Header::Media(media)) => {
                if !matches!(media.kind, MediaKind::Image | MediaKind::Video | MediaKind::Document) {
                    self.fail("/header/kind", "must be image, video or document");
                }
                self.source("/header", &media.source);
                self.optional("/header/filename", media.filename.as_deref(), 240);
                if media.filename.is_some() && media.kind != MediaKind::Document {
                    self.fail("/header/filename", "only a document shows a file name");
                }
            }
        }
    }

    fn catalog(&mut self, id: &str) {
        if !(1..=32).contains(&id.len()) || !id.bytes().all(|b| b.is_ascii_digit()) {
            self.fail("/catalog_id", "must be Meta's id of a catalogue");
        }
    }

    fn products(&mut self, sections: &[ProductSection]) {
        self.count("/sections", sections.len(), 10, "sections");
        let products: usize = sections.iter().map(|section| section.product_retailer_ids.len()).sum();
        if products > 30 {
            self.fail("/sections", "must hold at most 30 products in all sections together");
        }
        for (i, section) in sections.iter().enumerate() {
            self.title(i, &section.title, sections.len());
            if section.product_retailer_ids.is_empty() {
                self.fail(format!("/sections/{i}/product_retailer_ids"), "must hold at least one product");
            }
            for (j, id) in section.product_retailer_ids.iter().enumerate() {
                self.words(&format!("/sections/{i}/product_retailer_ids/{j}"), id, 100);
            }
        }
    }

    /// The title of a section.
    fn title(&mut self, i: usize, title: &str, sections: usize) {
        if title.trim().is_empty() && sections > 1 {
            self.fail(format!("/sections/{i}/title"), "is required when there is more than one section");
        } else if title.chars().count() > 24 {
            self.fail(format!("/sections/{i}/title"), "must have at most 24 characters");
        }
    }

    fn cards(&mut self, cards: &[serde_json::Value]) {
        self.count("/cards", cards.len(), 257, "contact cards");
        for (i, card) in cards.iter().enumerate() {
            let name = card.pointer("/name/formatted_name").and_then(serde_json::Value::as_str);
            if name.is_none_or(|name| name.trim().is_empty()) {
                self.fail(format!("/cards/{i}/name/formatted_name"), "is required");
            }
        }
    }

    fn count(&mut self, pointer: &str, len: usize, max: usize, what: &str) {
        if len == 0 || len > max {
            self.fail(pointer, format!("must hold 1 to {max} {what}"));
        }
    }

    fn buttons(&mut self, buttons: &[Button]) {
        self.count("/buttons", buttons.len(), 3, "buttons");
        for (i, button) in buttons.iter().enumerate() {
            self.words(&format!("/buttons/{i}/id"), &button.id, 256);
            self.words(&format!("/buttons/{i}/title"), &button.title, 20);
            if buttons[..i].iter().any(|other| other.id == button.id) {
                self.fail(format!("/buttons/{i}/id"), "must differ from the other buttons' ids");
            }
            if buttons[..i].iter().any(|other| other.title == button.title) {
                self.fail(format!("/buttons/{i}/title"), "must differ from the other buttons' titles");
            }
        }
    }

    fn sections(&mut self, sections: &[Section]) {
        self.count("/sections", sections.len(), 10, "sections");
        let rows: usize = sections.iter().map(|section| section.rows.len()).sum();
        if rows > 10 {
            self.fail("/sections", "must hold at most 10 rows in all sections together");
        }
        let mut seen = std::collections::HashSet::new();
        for (i, section) in sections.iter().enumerate() {
            self.title(i, &section.title, sections.len());
            if section.rows.is_empty() {
                self.fail(format!("/sections/{i}/rows"), "must hold at least one row");
            }
            for (j, row) in section.rows.iter().enumerate() {
                let at = format!("/sections/{i}/rows/{j}");
                self.words(&format!("{at}/id"), &row.id, 200);
                self.words(&format!("{at}/title"), &row.title, 24);
                self.optional(&format!("{at}/description"), row.description.as_deref(), 72);
                if !seen.insert(row.id.as_str()) {
                    self.fail(format!("{at}/id"), "must differ from the other rows' ids");
                }
            }
        }
    }

    fn template(&mut self, name: &str, language: &str, components: &[serde_json::Value]) {
        self.words("/name", name, 512);
        if !name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_') {
            self.fail("/name", "may hold only lower-case letters, digits and underscores");
        }
        let mut parts = language.split('_');
        let primary =
            parts.next().is_some_and(|p| (2..=3).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_lowercase()));
        if !primary || !parts.all(|p| (2..=4).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_alphanumeric())) {
            self.fail("/language", "must be a language code such as pt_BR");
        }
        for pointer in wrong_in_template(components) {
            self.fail(pointer, "must be the id of a file of yours");
        }
        for (i, component) in components.iter().enumerate() {
            if component.get("type").and_then(serde_json::Value::as_str).is_none() {
                self.fail(format!("/components/{i}/type"), "is required");
            }
            let parameters = component.get("parameters");
            if parameters.is_some_and(|p| p.as_array().is_none_or(|list| list.iter().any(|item| !item.is_object()))) {
                self.fail(format!("/components/{i}/parameters"), "must be a list of objects");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use serde_json::json;

    fn content(json: serde_json::Value) -> OutboundContent {
        serde_json::from_value(json).unwrap()
    }

    fn wrong(json: serde_json::Value) -> Vec<String> {
        content(json).validate().into_iter().map(|error| error.pointer).collect()
    }

    fn long(n: usize) -> String {
        "ç".repeat(n)
    }

    #[test]
    fn limits_count_characters_and_not_bytes() {
        assert_eq!(wrong(json!({"type": "text", "body": long(4096)})), [""; 0]);
        assert_eq!(wrong(json!({"type": "text", "body": long(4097)})), ["/body"]);
        assert_eq!(wrong(json!({"type": "text", "body": "  \n"})), ["/body"]);
    }

    #[test]
    fn a_caption_belongs_to_pictures_films_and_documents_only() {
        let media = |kind: &str, more: serde_json::Value| {
            let mut all = json!({"type": "media", "kind": kind, "source": {"id": "1"}});
            all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            wrong(all)
        };
        assert_eq!(media("image", json!({"caption": long(1024)})), [""; 0]);
        assert_eq!(media("image", json!({"caption": long(1025)})), ["/caption"]);
        assert_eq!(media("audio", json!({"caption": "a", "voice": true})), ["/caption"]);
        assert_eq!(media("sticker", json!({"caption": "a"})), ["/caption"]);
        assert_eq!(media("video", json!({"filename": "a.mp4", "voice": true})), ["/filename", "/voice"]);
        assert_eq!(media("document", json!({"filename": "a.pdf"})), [""; 0]);
    }

    #[test]
    fn meta_fetches_media_from_https_addresses_only() {
        let link = |link: &str| wrong(json!({"type": "media", "kind": "image", "source": {"link": link}}));
        assert_eq!(link("https://example.com/a.png"), [""; 0]);
        for bad in ["http://example.com/a.png", "https://", "https:///a", "file:///etc/passwd", "https://a b/", ""] {
            assert_eq!(link(bad), ["/source/link"], "{bad}");
        }
    }

    #[test]
    fn a_place_lies_on_the_globe() {
        assert_eq!(wrong(json!({"type": "location", "latitude": -90.0, "longitude": 180.0})), [""; 0]);
        assert_eq!(
            wrong(json!({"type": "location", "latitude": 90.1, "longitude": -180.5})),
            ["/latitude", "/longitude"]
        );
        let nowhere = OutboundContent::Location { latitude: f64::NAN, longitude: 0.0, name: None, address: None };
        assert_eq!(nowhere.validate().len(), 1);
    }

    #[test]
    fn a_contact_card_needs_a_name() {
        let card = json!({"name": {"formatted_name": "Padaria"}});
        assert_eq!(wrong(json!({"type": "contacts", "cards": [card]})), [""; 0]);
        assert_eq!(wrong(json!({"type": "contacts", "cards": []})), ["/cards"]);
        assert_eq!(wrong(json!({"type": "contacts", "cards": vec![card; 258]})), ["/cards"]);
        assert_eq!(wrong(json!({"type": "contacts", "cards": [{"name": {}}]})), ["/cards/0/name/formatted_name"]);
    }

    #[test]
    fn a_reaction_is_taken_back_by_leaving_the_emoji_out() {
        assert_eq!(wrong(json!({"type": "reaction", "target": "wamid.A"})), [""; 0]);
        assert_eq!(wrong(json!({"type": "reaction", "target": "wamid.A", "emoji": "👍🏽"})), [""; 0]);
        assert_eq!(wrong(json!({"type": "reaction", "target": "wamid.A", "emoji": ""})), ["/emoji"]);
        assert_eq!(wrong(json!({"type": "reaction", "target": "wamid.A", "emoji": long(33)})), ["/emoji"]);
    }

    #[test]
    fn buttons_are_one_to_three_and_differ() {
        let button = |id: &str, title: &str| json!({"id": id, "title": title});
        let buttons = |list: serde_json::Value| wrong(json!({"type": "buttons", "body": "b", "buttons": list}));
        assert_eq!(buttons(json!([button("1", &long(20)), button(&long(256), "B"), button("3", "C")])), [""; 0]);
        assert_eq!(buttons(json!([])), ["/buttons"]);
        assert_eq!(
            buttons(json!([button("1", "A"), button("2", "B"), button("3", "C"), button("4", "D")])),
            ["/buttons"]
        );
        assert_eq!(buttons(json!([button("1", "A"), button("1", "A")])), ["/buttons/1/id", "/buttons/1/title"]);
        assert_eq!(buttons(json!([button(&long(257), &long(21))])), ["/buttons/0/id", "/buttons/0/title"]);
        assert_eq!(
            wrong(json!({"type": "buttons", "body": long(1025), "header": long(61), "footer": long(61),
                         "buttons": [button("1", "A")]})),
            ["/body", "/header", "/footer"]
        );
    }

    #[test]
    fn a_list_has_at_most_ten_rows_in_all() {
        let row = |id: String| json!({"id": id, "title": "t"});
        let rows = |from: usize, n: usize| (from..from + n).map(|i| row(i.to_string())).collect::<Vec<_>>();
        let list = |sections: serde_json::Value| {
            wrong(json!({"type": "list", "body": "b", "button": "Ver", "sections": sections}))
        };
        assert_eq!(list(json!([{"rows": rows(0, 10)}])), [""; 0]);
        assert_eq!(
            list(json!([{"title": "a", "rows": rows(0, 6)}, {"title": "b", "rows": rows(6, 5)}])),
            ["/sections"]
        );
        assert_eq!(list(json!([{"title": "a", "rows": rows(0, 1)}, {"rows": rows(1, 1)}])), ["/sections/1/title"]);
        assert_eq!(list(json!([{"rows": [row("1".into()), row("1".into())]}])), ["/sections/0/rows/1/id"]);
        assert_eq!(list(json!([{"title": long(25), "rows": []}])), ["/sections/0/title", "/sections/0/rows"]);
        assert_eq!(list(json!([])), ["/sections"]);
        let edge = json!({"id": long(200), "title": long(24), "description": long(72)});
        assert_eq!(list(json!([{"title": long(24), "rows": [edge]}])), [""; 0]);
        let over = json!({"id": long(201), "title": long(25), "description": long(73)});
        assert_eq!(list(json!([{"rows": [over]}])).len(), 3);
        assert_eq!(
            wrong(json!({"type": "list", "body": long(4097), "button": long(21), "sections": [{"rows": rows(0, 1)}]})),
            ["/body", "/button"]
        );
    }

    #[test]
    fn a_link_button_opens_a_web_address() {
        let cta =
            |text: &str, url: &str| wrong(json!({"type": "cta_url", "body": "b", "display_text": text, "url": url}));
        assert_eq!(cta(&long(20), "http://example.com?a=1"), [""; 0]);
        assert_eq!(cta(&long(21), "javascript:alert(1)"), ["/display_text", "/url"]);
        assert_eq!(cta("a", &format!("https://example.com/{}", "a".repeat(2000))), ["/url"]);
    }

    #[test]
    fn a_header_is_words_or_a_file_that_meta_shows_there() {
        let with = |header: serde_json::Value| {
            wrong(json!({"type": "buttons", "body": "b", "header": header, "buttons": [{"id": "1", "title": "Sim"}]}))
        };
        assert_eq!(with(json!({"kind": "image", "source": {"link": "https://example.com/a.png"}})), [""; 0]);
        assert_eq!(with(json!({"kind": "document", "source": {"id": "1"}, "filename": "a.pdf"})), [""; 0]);
        assert_eq!(with(json!({"kind": "audio", "source": {"id": "1"}})), ["/header/kind"]);
        assert_eq!(
            with(json!({"kind": "video", "source": {"link": "http://a"}, "filename": "a"})),
            ["/header/source/link", "/header/filename"]
        );
    }

    #[test]
    fn products_are_of_a_catalogue_and_thirty_at_the_most() {
        let ids = |n: usize| (0..n).map(|i| i.to_string()).collect::<Vec<_>>();
        let list = |sections: serde_json::Value| {
            wrong(json!({"type": "products", "header": "h", "body": "b", "catalog_id": "1", "sections": sections}))
        };
        assert_eq!(list(json!([{"product_retailer_ids": ids(30)}])), [""; 0]);
        assert_eq!(list(json!([{"product_retailer_ids": ids(31)}])), ["/sections"]);
        assert_eq!(
            list(json!([{"title": "a", "product_retailer_ids": []}, {"product_retailer_ids": ["x"]}])),
            ["/sections/0/product_retailer_ids", "/sections/1/title"]
        );
        let one = |catalog: &str, product: &str| {
            wrong(json!({"type": "product", "catalog_id": catalog, "product_retailer_id": product}))
        };
        assert_eq!(one("194836987003835", "sku-1"), [""; 0]);
        assert_eq!(one("a", ""), ["/catalog_id", "/product_retailer_id"]);
        assert_eq!(wrong(json!({"type": "location_request", "body": long(1025)})), ["/body"]);
    }

    #[test]
    fn a_template_is_named_as_meta_names_templates() {
        let template = |name: &str, language: &str, components: serde_json::Value| {
            wrong(json!({"type": "template", "name": name, "language": language, "category": "utility",
                         "components": components}))
        };
        assert_eq!(template(&"a".repeat(512), "pt_BR", json!([{"type": "body", "parameters": []}])), [""; 0]);
        assert_eq!(template("ok_1", "zh_Hant_TW", json!([])), [""; 0]);
        assert_eq!(template(&"a".repeat(513), "fil", json!([])), ["/name"]);
        assert_eq!(template("Bad-Name", "pt-BR", json!([])), ["/name", "/language"]);
        assert_eq!(
            template("a", "en", json!([{"parameters": [1]}, {"type": "body", "parameters": {}}])),
            ["/components/0/type", "/components/0/parameters", "/components/1/parameters"]
        );
    }

    #[test]
    fn a_reason_never_repeats_the_value() {
        let errors = content(json!({"type": "text", "body": format!("segredo{}", long(4096))})).validate();
        assert!(!format!("{errors:?}").contains("segredo"));
    }
}
