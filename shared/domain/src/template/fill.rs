//! A template with its variables filled in: as a person sees it, and as the `components` of a send.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::places::{Piece, pieces};
use super::{Button, Form, Header, ParameterFormat, Violation, Words};
use crate::MediaId;

/// The most that a text has once it is filled in.
const LONGEST_BODY: usize = 1_024;
const LONGEST_HEADER: usize = 60;

/// What stands for the variables. Those of a header, a text and a button's address are each counted on their own.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Values {
    /// The header's variables by name or number.
    pub header: BTreeMap<String, String>,
    /// The text's variables by name or number.
    pub body: BTreeMap<String, String>,
    /// By the button's place, from 0: the end of an address, a code to copy, or what a quick reply sends back.
    pub buttons: BTreeMap<String, String>,
    /// The file of the header.
    pub media: Option<HeaderMedia>,
    /// The place of the header.
    pub location: Option<HeaderLocation>,
}

/// The file that stands above the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeaderMedia {
    /// Meta's id of an upload.
    Id(String),
    /// A public https address.
    Link(String),
    /// A file that is stored here.
    Stored(MediaId),
}

/// The place that stands above the text.
#[derive(Debug, Clone, PartialEq)]
pub struct HeaderLocation {
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
    /// Its name.
    pub name: String,
    /// Its address.
    pub address: String,
}

/// A template that is filled in.
#[derive(Debug, Clone, PartialEq)]
pub struct Filled {
    /// The words above the text.
    pub header: Option<String>,
    /// The text.
    pub body: String,
    /// The words below.
    pub footer: Option<String>,
    /// The buttons.
    pub buttons: Vec<FilledButton>,
    /// What a send carries as `components`.
    pub components: Vec<Value>,
    /// It has parts that cannot be filled in here; a send must carry what they need besides.
    pub is_complete: bool,
}

/// A button that is filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilledButton {
    /// `quick_reply`, `url`, `phone_number`, `copy_code`, or another name of Meta's.
    pub kind: String,
    /// Its label.
    pub text: String,
    /// The address that it opens.
    pub url: Option<String>,
    /// The number that it calls.
    pub phone_number: Option<String>,
    /// The code that it copies.
    pub code: Option<String>,
}

impl Form {
    /// Fills in the variables.
    ///
    /// # Errors
    /// Every variable without a value, every value without a variable, and every value that Meta would refuse.
    pub fn fill(&self, format: ParameterFormat, values: &Values) -> Result<Filled, Vec<Violation>> {
        let mut fill = Fill { format, wrong: Vec::new(), components: Vec::new() };
        let header = fill.header(self.header.as_ref(), values);
        let body = self.body.clone().unwrap_or_default();
        let body = fill.words("body", "/body", &body, &values.body, LONGEST_BODY);
        let buttons = fill.buttons(&self.buttons, &values.buttons);
        if !fill.wrong.is_empty() {
            return Err(fill.wrong);
        }
        let (footer, components, is_complete) = (self.footer.clone(), fill.components, self.is_complete());
        Ok(Filled { header, body, footer, buttons, components, is_complete })
    }
}

struct Fill {
    format: ParameterFormat,
    wrong: Vec<Violation>,
    components: Vec<Value>,
}

impl Fill {
    fn fail(&mut self, pointer: String, reason: &str) {
        self.wrong.push(Violation::new(pointer, reason));
    }

    fn header(&mut self, header: Option<&Header>, values: &Values) -> Option<String> {
        let (mut takes_media, mut takes_location) = (false, false);
        let none = Words::default();
        let words = match header {
            Some(Header::Text(words)) => words,
            Some(Header::Media(kind)) => {
                takes_media = true;
                self.media(kind, values.media.as_ref());
                &none
            }
            Some(Header::Location) => {
                takes_location = true;
                self.location(values.location.as_ref());
                &none
            }
            Some(Header::Other(_)) | None => &none,
        };
        if values.media.is_some() && !takes_media {
            self.fail("/media".into(), "the header takes no file");
        }
        if values.location.is_some() && !takes_location {
            self.fail("/location".into(), "the header takes no place");
        }
        let filled = self.words("header", "/header", words, &values.header, LONGEST_HEADER);
        (!filled.is_empty()).then_some(filled)
    }

    fn media(&mut self, kind: &str, media: Option<&HeaderMedia>) {
        let file = match media {
            Some(HeaderMedia::Id(id)) if !id.is_empty() && id.len() <= 256 => json!({ "id": id }),
            Some(HeaderMedia::Link(link)) if link.starts_with("https://") && link.len() <= 2_000 => {
                json!({ "link": link })
            }
            Some(HeaderMedia::Stored(id)) => json!({ "media_id": id.as_str() }),
            Some(_) => return self.fail("/media".into(), "must be an id of Meta's or an https address"),
            None => return self.fail("/media".into(), "the header needs a file"),
        };
        let mut parameter = json!({ "type": kind });
        parameter[kind] = file;
        self.components.push(json!({ "type": "header", "parameters": [parameter] }));
    }

    fn location(&mut self, location: Option<&HeaderLocation>) {
        let Some(HeaderLocation { latitude, longitude, name, address }) = location else {
            return self.fail("/location".into(), "the header needs a place");
        };
        if latitude.abs() > 90.0 || longitude.abs() > 180.0 {
            return self.fail("/location".into(), "must be a place on earth");
        }
        let place = json!({ "latitude": latitude, "longitude": longitude, "name": name, "address": address });
        self.components.push(json!({ "type": "header", "parameters": [{ "type": "location", "location": place }] }));
    }

    /// Fills in one text, and adds its parameters.
    fn words(
        &mut self,
        part: &str,
        pointer: &str,
        words: &Words,
        values: &BTreeMap<String, String>,
        most: usize,
    ) -> String {
        let mut names = words.variables();
        if self.format == ParameterFormat::Positional {
            // Values are sent in the order of their numbers, not of their places.
            names.sort_by_key(|name| name.parse::<usize>().unwrap_or(usize::MAX));
        }
        let mut parameters = Vec::new();
        for name in &names {
            match values.get(*name) {
                None => self.fail(format!("{pointer}/{name}"), "the variable has no value"),
                Some(value) => {
                    self.value(format!("{pointer}/{name}"), value);
                    parameters.push(match self.format {
                        ParameterFormat::Positional => json!({ "type": "text", "text": value }),
                        ParameterFormat::Named => json!({ "type": "text", "parameter_name": name, "text": value }),
                    });
                }
            }
        }
        for name in values.keys().filter(|name| !names.contains(&name.as_str())) {
            self.fail(format!("{pointer}/{}", step(name)), "there is no such variable");
        }
        let filled: String = (pieces(&words.text).into_iter())
            .map(|piece| match piece {
                Piece::Words(words) => words,
                Piece::Place(name) => values.get(name).map_or("", String::as_str),
            })
            .collect();
        if filled.chars().count() > most {
            self.fail(pointer.to_owned(), &format!("must have at most {most} characters once it is filled in"));
        }
        if !parameters.is_empty() {
            self.components.push(json!({ "type": part, "parameters": parameters }));
        }
        filled
    }

    /// What Meta takes as a value.
    fn value(&mut self, pointer: String, value: &str) {
        if value.trim().is_empty() {
            self.fail(pointer, "must not be empty");
        } else if value.contains(['\n', '\t', '\r']) || value.contains("     ") {
            self.fail(pointer, "may hold no line break, no tab and no more than four spaces together");
        }
    }

    fn buttons(&mut self, buttons: &[Button], values: &BTreeMap<String, String>) -> Vec<FilledButton> {
        let mut used = Vec::new();
        let mut filled = Vec::new();
        for (n, button) in buttons.iter().enumerate() {
            let (index, pointer) = (n.to_string(), format!("/buttons/{n}"));
            let value = values.get(&index);
            let mut shown = FilledButton {
                kind: String::new(),
                text: button.text().to_owned(),
                url: None,
                phone_number: None,
                code: None,
            };
            match button {
                Button::QuickReply { .. } => {
                    shown.kind = "quick_reply".into();
                    used.push(index.clone());
                    if let Some(payload) = value {
                        self.button_value(&pointer, payload, 256);
                        self.button(&index, "quick_reply", json!({ "type": "payload", "payload": payload }));
                    }
                }
                Button::Url { url, .. } => {
                    shown.kind = "url".into();
                    if let Some(place) = url.variables().first() {
                        used.push(index.clone());
                        match value {
                            None => self.fail(pointer, "the address has no value"),
                            Some(end) => {
                                self.button_value(&pointer, end, 2_000);
                                self.button(&index, "url", json!({ "type": "text", "text": end }));
                                shown.url = Some(filled_address(url, place, end));
                            }
                        }
                    } else {
                        shown.url = Some(url.text.clone());
                    }
                }
                Button::Phone { phone_number, .. } => {
                    shown.kind = "phone_number".into();
                    shown.phone_number = Some(phone_number.clone());
                }
                Button::CopyCode { .. } => {
                    shown.kind = "copy_code".into();
                    used.push(index.clone());
                    match value {
                        None => self.fail(pointer, "the code has no value"),
                        Some(code) => {
                            self.button_value(&pointer, code, 15);
                            let parameter = json!({ "type": "coupon_code", "coupon_code": code });
                            self.button(&index, "copy_code", parameter);
                            shown.code = Some(code.clone());
                        }
                    }
                }
                Button::Other { kind, .. } => shown.kind = kind.to_ascii_lowercase(),
            }
            filled.push(shown);
        }
        for index in values.keys().filter(|index| !used.contains(index)) {
            self.fail(format!("/buttons/{}", step(index)), "no button there takes a value");
        }
        filled
    }

    fn button(&mut self, index: &str, kind: &str, parameter: Value) {
        self.components.push(json!({ "type": "button", "sub_type": kind, "index": index, "parameters": [parameter] }));
    }

    fn button_value(&mut self, pointer: &str, value: &str, most: usize) {
        if value.trim().is_empty() || value.chars().count() > most || value.contains(char::is_control) {
            self.fail(pointer.to_owned(), &format!("must have 1 to {most} characters, on one line"));
        }
    }
}

fn filled_address(url: &Words, place: &str, end: &str) -> String {
    let put = |piece| match piece {
        Piece::Words(words) => words,
        Piece::Place(name) if name == place => end,
        Piece::Place(_) => "",
    };
    pieces(&url.text).into_iter().map(put).collect()
}

fn step(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn form(components: &Value) -> Form {
        Form::read(components.as_array().unwrap())
    }

    fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn order() -> Form {
        form(&json!([
            {"type": "HEADER", "format": "TEXT", "text": "Pedido {{1}}"},
            {"type": "BODY", "text": "Oi {{2}}, seu pedido {{1}} saiu."},
            {"type": "FOOTER", "text": "Obrigada"},
            {"type": "BUTTONS", "buttons": [
                {"type": "QUICK_REPLY", "text": "Ok"}, {"type": "URL", "text": "Ver", "url": "https://a.example/p/{{1}}"},
                {"type": "COPY_CODE", "text": "Copiar"}, {"type": "PHONE_NUMBER", "text": "Ligar", "phone_number": "+551130000000"},
            ]},
        ]))
    }

    fn values() -> Values {
        Values {
            header: map(&[("1", "17")]),
            body: map(&[("1", "17"), ("2", "Lia")]),
            buttons: map(&[("1", "17?x=1"), ("2", "25OFF")]),
            ..Values::default()
        }
    }

    #[test]
    fn a_template_is_shown_as_a_person_sees_it_and_sent_as_meta_takes_it() {
        let filled = order().fill(ParameterFormat::Positional, &values()).unwrap();
        assert_eq!(filled.header.as_deref(), Some("Pedido 17"));
        assert_eq!(filled.body, "Oi Lia, seu pedido 17 saiu.");
        assert_eq!(filled.footer.as_deref(), Some("Obrigada"));
        assert_eq!(filled.buttons[1].url.as_deref(), Some("https://a.example/p/17?x=1"));
        assert_eq!(filled.buttons[2].code.as_deref(), Some("25OFF"));
        assert_eq!(filled.buttons[3].phone_number.as_deref(), Some("+551130000000"));
        assert!(filled.is_complete);
        let text = |text: &str| json!({"type": "text", "text": text});
        let expected = json!([
            {"type": "header", "parameters": [text("17")]},
            {"type": "body", "parameters": [text("17"), text("Lia")]},
            {"type": "button", "sub_type": "url", "index": "1", "parameters": [text("17?x=1")]},
            {"type": "button", "sub_type": "copy_code", "index": "2",
             "parameters": [{"type": "coupon_code", "coupon_code": "25OFF"}]},
        ]);
        assert_eq!(json!(filled.components), expected);
    }

    #[test]
    fn each_value_that_is_missing_and_each_that_is_too_many_is_named() {
        let values =
            Values { body: map(&[("2", "Lia"), ("3", "x")]), buttons: map(&[("3", "x")]), ..Values::default() };
        let wrong = order().fill(ParameterFormat::Positional, &values).unwrap_err();
        let pointers: Vec<_> = wrong.iter().map(|violation| violation.pointer.as_str()).collect();
        assert_eq!(pointers, ["/header/1", "/body/1", "/body/3", "/buttons/1", "/buttons/2", "/buttons/3"]);
        let media = Values { media: Some(HeaderMedia::Id("1".into())), ..self::values() };
        assert_eq!(order().fill(ParameterFormat::Positional, &media).unwrap_err()[0].pointer, "/media");
    }

    #[test]
    fn values_that_meta_would_refuse_are_named() {
        for value in ["", "two\nlines", "a\ttab", "five     spaces", &"a".repeat(1_100)] {
            let values = Values { body: map(&[("1", value), ("2", "Lia")]), ..self::values() };
            assert!(order().fill(ParameterFormat::Positional, &values).is_err(), "{value:?}");
        }
    }

    #[test]
    fn named_variables_are_sent_by_name() {
        let form = form(&json!([{"type": "BODY", "text": "Oi {{nome}}, bem?"}]));
        let values = Values { body: map(&[("nome", "Lia")]), ..Values::default() };
        let filled = form.fill(ParameterFormat::Named, &values).unwrap();
        let parameter = json!({"type": "text", "parameter_name": "nome", "text": "Lia"});
        assert_eq!(filled.components, [json!({"type": "body", "parameters": [parameter]})]);
    }

    #[test]
    fn a_header_takes_its_file_or_its_place() {
        let image = form(&json!([{"type": "HEADER", "format": "IMAGE"}, {"type": "BODY", "text": "a"}]));
        assert_eq!(image.fill(ParameterFormat::Positional, &Values::default()).unwrap_err()[0].pointer, "/media");
        let link = HeaderMedia::Link("https://a.example/b.png".into());
        let filled =
            image.fill(ParameterFormat::Positional, &Values { media: Some(link), ..Values::default() }).unwrap();
        assert_eq!(filled.components[0]["parameters"][0]["image"]["link"], "https://a.example/b.png");
        let place = form(&json!([{"type": "HEADER", "format": "LOCATION"}, {"type": "BODY", "text": "a"}]));
        let at = HeaderLocation { latitude: -23.5, longitude: -46.6, name: "Loja".into(), address: "Rua A".into() };
        let filled =
            place.fill(ParameterFormat::Positional, &Values { location: Some(at), ..Values::default() }).unwrap();
        assert_eq!(filled.components[0]["parameters"][0]["location"]["latitude"], -23.5);
    }

    #[test]
    fn parts_that_cannot_be_filled_in_here_are_said() {
        let carousel = form(&json!([{"type": "BODY", "text": "a"}, {"type": "CAROUSEL", "cards": []}]));
        assert!(!carousel.fill(ParameterFormat::Positional, &Values::default()).unwrap().is_complete);
    }
}
