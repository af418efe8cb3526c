//! Meta's documented limits on a template that is made or changed. Lengths are counted in characters.

use std::collections::BTreeSet;

use serde_json::Value;

use super::form::{kind_of, text_at};
use super::places::{Piece, has_stray_braces, pieces, variables};
use super::{Category, ParameterFormat, Violation};

/// Gathers everything that is wrong.
pub(super) struct Check {
    is_authentication: bool,
    format: ParameterFormat,
    found: Vec<Violation>,
}

impl Check {
    pub fn new(category: &Category, format: ParameterFormat) -> Self {
        Self { is_authentication: *category == Category::Authentication, format, found: Vec::new() }
    }

    pub fn done(self) -> Vec<Violation> {
        self.found
    }

    pub fn fail(&mut self, pointer: impl Into<String>, reason: impl Into<String>) {
        self.found.push(Violation::new(pointer, reason));
    }

    pub fn name(&mut self, name: &str) {
        let valid = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        if name.is_empty() || name.len() > 512 || !name.bytes().all(valid) {
            self.fail("/name", "must have 1 to 512 lower-case letters, digits and underscores");
        }
    }

    /// `pt`, `pt_BR`: two or three letters, and perhaps a country.
    pub fn language(&mut self, language: &str) {
        let (tongue, country) = language.split_once('_').map_or((language, None), |(a, b)| (a, Some(b)));
        let is_tongue = (2..=3).contains(&tongue.len()) && tongue.bytes().all(|b| b.is_ascii_lowercase());
        let is_country = |code: &str| code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase());
        if !is_tongue || !country.is_none_or(is_country) {
            self.fail("/language", "must be a code of Meta's, such as pt_BR");
        }
    }

    pub fn components(&mut self, components: &[Value]) {
        let mut seen = BTreeSet::new();
        for (n, component) in components.iter().enumerate() {
            let at = format!("/components/{n}");
            if !component.is_object() {
                self.fail(at, "must be an object");
                continue;
            }
            let kind = kind_of(component);
            let is_known = matches!(kind.as_str(), "HEADER" | "BODY" | "FOOTER" | "BUTTONS");
            if !is_known {
                self.fail(at + "/type", "must be HEADER, BODY, FOOTER or BUTTONS: other parts cannot be made here");
                continue;
            }
            if !seen.insert(kind.clone()) {
                self.fail(at + "/type", "may come once");
                continue;
            }
            match (kind.as_str(), self.is_authentication) {
                ("HEADER", true) => self.fail(at + "/type", "an authentication template has no header"),
                ("HEADER", false) => self.header(&at, component),
                ("BODY", true) => self.authentication_body(&at, component),
                ("BODY", false) => self.body(&at, component),
                ("FOOTER", true) => self.authentication_footer(&at, component),
                ("FOOTER", false) => self.footer(&at, component),
                (_, true) => self.one_time_button(&at, component),
                (_, false) => self.buttons(&at, component),
            }
        }
        if !seen.contains("BODY") {
            self.fail("/components", "must hold a BODY");
        } else if self.is_authentication && !seen.contains("BUTTONS") {
            self.fail("/components", "an authentication template needs BUTTONS with one of type OTP");
        }
    }

    /// Refuses members that are not among these.
    fn members(&mut self, at: &str, part: &Value, known: &[&str]) {
        for name in part.as_object().into_iter().flat_map(|members| members.keys()) {
            if !known.contains(&name.as_str()) {
                let step = name.replace('~', "~0").replace('/', "~1");
                self.fail(format!("{at}/{step}"), "is not known here");
            }
        }
    }

    /// Words that must be there, of at most so many characters. `None` where they are not right.
    fn words<'a>(&mut self, at: &str, part: &'a Value, name: &str, most: usize) -> Option<&'a str> {
        let pointer = format!("{at}/{name}");
        match text_at(part, name) {
            None => self.fail(pointer, "must be a text"),
            Some(text) if text.trim().is_empty() => self.fail(pointer, "must not be empty"),
            Some(text) if text.chars().count() > most => {
                self.fail(pointer, format!("must have at most {most} characters"));
            }
            Some(text) => return Some(text),
        }
        None
    }

    /// One line of words without variables.
    fn plain(&mut self, at: &str, part: &Value, name: &str, most: usize) {
        let Some(text) = self.words(at, part, name, most) else { return };
        if !variables(text).is_empty() || has_stray_braces(text) {
            self.fail(format!("{at}/{name}"), "holds no variables");
        } else if text.contains('\n') {
            self.fail(format!("{at}/{name}"), "must be one line");
        }
    }

    fn header(&mut self, at: &str, component: &Value) {
        self.members(at, component, &["type", "format", "text", "example"]);
        let format = text_at(component, "format").unwrap_or_default().to_ascii_uppercase();
        match format.as_str() {
            "TEXT" => {
                let Some(text) = self.words(at, component, "text", 60) else { return };
                if text.contains('\n') {
                    self.fail(format!("{at}/text"), "must be one line");
                }
                if variables(text).len() > 1 {
                    return self.fail(format!("{at}/text"), "may hold one variable");
                }
                if self.variables(at, text) {
                    self.examples(at, component, text, "header_text", false);
                }
            }
            "IMAGE" | "VIDEO" | "DOCUMENT" => {
                let handle = component.pointer("/example/header_handle/0").and_then(Value::as_str);
                if handle.is_none_or(str::is_empty) {
                    let reason = "must hold the handle of a sample file that was uploaded to Meta";
                    self.fail(format!("{at}/example/header_handle"), reason);
                }
            }
            "LOCATION" => {}
            _ => self.fail(format!("{at}/format"), "must be TEXT, IMAGE, VIDEO, DOCUMENT or LOCATION"),
        }
    }

    fn body(&mut self, at: &str, component: &Value) {
        self.members(at, component, &["type", "text", "example"]);
        let Some(text) = self.words(at, component, "text", 1_024) else { return };
        let pieces = pieces(text.trim());
        let ends = [pieces.first(), pieces.last()];
        if ends.into_iter().flatten().any(|piece| matches!(piece, Piece::Place(_))) {
            return self.fail(format!("{at}/text"), "must neither begin nor end with a variable");
        }
        if self.variables(at, text) {
            self.examples(at, component, text, "body_text", true);
        }
    }

    /// The names of the variables are right.
    fn variables(&mut self, at: &str, text: &str) -> bool {
        let names = variables(text);
        let reason = if has_stray_braces(text) {
            "holds {{ or }} that belong to no variable"
        } else if self.format == ParameterFormat::Positional {
            let numbers: BTreeSet<usize> = names.iter().filter_map(|name| name.parse().ok()).collect();
            if numbers.len() == names.len() && numbers.iter().copied().eq(1..=names.len()) {
                return true;
            }
            "must number its variables from {{1}}, without gaps"
        } else {
            let is_named = |name: &&str| {
                let valid = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
                name.bytes().all(valid) && !name.bytes().all(|b| b.is_ascii_digit())
            };
            if names.iter().all(is_named) {
                return true;
            }
            "must name its variables with lower-case letters, digits and underscores"
        };
        self.fail(format!("{at}/text"), reason);
        false
    }

    /// Each variable has an example. Those of a body by numbers stand in a list of lists.
    fn examples(&mut self, at: &str, component: &Value, text: &str, member: &str, nested: bool) {
        let names = variables(text);
        let example = component.get("example");
        let (member, is_right) = match self.format {
            ParameterFormat::Positional => {
                let list = example.and_then(|example| example.get(member)).and_then(Value::as_array);
                let list = if nested { list.and_then(|list| list.first()).and_then(Value::as_array) } else { list };
                let given = list.map_or(&[][..], Vec::as_slice);
                (member.to_owned(), given.len() == names.len() && given.iter().all(is_words))
            }
            ParameterFormat::Named => {
                let member = format!("{member}_named_params");
                let given = example.and_then(|example| example.get(&member)).and_then(Value::as_array);
                let given = given.map_or(&[][..], Vec::as_slice);
                let has = |name: &&str| {
                    let is_own = |one: &&Value| text_at(one, "param_name") == Some(*name);
                    given.iter().find(is_own).and_then(|one| one.get("example")).is_some_and(is_words)
                };
                let is_right = given.len() == names.len() && names.iter().all(has);
                (member, is_right)
            }
        };
        if !is_right {
            self.fail(format!("{at}/example/{member}"), "must hold an example for each variable, and no other");
        }
    }

    fn footer(&mut self, at: &str, component: &Value) {
        self.members(at, component, &["type", "text"]);
        self.plain(at, component, "text", 60);
    }

    fn buttons(&mut self, at: &str, component: &Value) {
        self.members(at, component, &["type", "buttons"]);
        let Some(buttons) = self.list(at, component, 10) else { return };
        let (mut kinds, mut labels) = (Vec::<String>::new(), BTreeSet::new());
        for (n, button) in buttons.iter().enumerate() {
            let at = format!("{at}/buttons/{n}");
            let kind = kind_of(button);
            let most = match kind.as_str() {
                "QUICK_REPLY" => 10,
                "URL" => 2,
                "PHONE_NUMBER" | "COPY_CODE" => 1,
                _ => {
                    self.fail(at + "/type", "must be QUICK_REPLY, URL, PHONE_NUMBER or COPY_CODE");
                    continue;
                }
            };
            let is_quick = |kind: &str| kind == "QUICK_REPLY";
            if kinds.iter().filter(|known| **known == kind).count() >= most {
                self.fail(at.clone() + "/type", format!("may come at most {most} times"));
            } else if is_quick(&kind)
                && kinds.iter().any(|known| is_quick(known))
                && !kinds.last().is_some_and(|last| is_quick(last))
            {
                self.fail(at.clone() + "/type", "quick replies must stand next to each other");
            }
            self.button(&at, &kind, button);
            if kind != "COPY_CODE" && text_at(button, "text").is_some_and(|text| !labels.insert(text)) {
                self.fail(at + "/text", "must differ from the other labels");
            }
            kinds.push(kind);
        }
    }

    fn list<'a>(&mut self, at: &str, component: &'a Value, most: usize) -> Option<&'a [Value]> {
        let list = component.get("buttons").and_then(Value::as_array);
        let list = list.filter(|list| (1..=most).contains(&list.len()));
        if list.is_none() {
            self.fail(format!("{at}/buttons"), format!("must hold 1 to {most} buttons"));
        }
        list.map(Vec::as_slice)
    }

    fn button(&mut self, at: &str, kind: &str, button: &Value) {
        match kind {
            "QUICK_REPLY" => {
                self.members(at, button, &["type", "text"]);
                self.plain(at, button, "text", 25);
            }
            "URL" => {
                self.members(at, button, &["type", "text", "url", "example"]);
                self.plain(at, button, "text", 25);
                self.address(at, button);
            }
            "PHONE_NUMBER" => {
                self.members(at, button, &["type", "text", "phone_number"]);
                self.plain(at, button, "text", 25);
                let number = text_at(button, "phone_number").unwrap_or_default();
                let digits = number.strip_prefix('+').unwrap_or(number);
                if !(5..=20).contains(&digits.len()) || !digits.bytes().all(|b| b.is_ascii_digit()) {
                    self.fail(format!("{at}/phone_number"), "must have 5 to 20 digits, perhaps after a +");
                }
            }
            _ => {
                self.members(at, button, &["type", "text", "example"]);
                let example = button.get("example");
                // Meta's own samples have it as a text and as a list of one.
                let code = example.and_then(|one| one.as_str().or_else(|| one.get(0).and_then(Value::as_str)));
                if !code.is_some_and(|code| (1..=15).contains(&code.chars().count())) {
                    self.fail(format!("{at}/example"), "must be a code of 1 to 15 characters");
                }
            }
        }
    }

    fn address(&mut self, at: &str, button: &Value) {
        let Some(url) = self.words(at, button, "url", 2_000) else { return };
        let pointer = format!("{at}/url");
        let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
        if !rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/')) || url.contains(char::is_whitespace) {
            return self.fail(pointer, "must be an address that starts with https:// or http://");
        }
        let names = variables(url);
        if has_stray_braces(url) || names.len() > 1 || !matches!(names.first(), None | Some(&"1")) {
            return self.fail(pointer, "may hold the one variable {{1}}");
        }
        let ends_with_it = matches!(pieces(url).as_slice(), [Piece::Words(_), Piece::Place(_)]);
        if names.is_empty() {
            return;
        }
        if !ends_with_it {
            self.fail(pointer, "may hold its variable at its end alone");
        } else if !button.pointer("/example/0").is_some_and(is_words) {
            self.fail(format!("{at}/example"), "must hold an example of the whole address");
        }
    }

    fn authentication_body(&mut self, at: &str, component: &Value) {
        self.members(at, component, &["type", "add_security_recommendation"]);
        if component.get("add_security_recommendation").is_some_and(|flag| !flag.is_boolean()) {
            self.fail(format!("{at}/add_security_recommendation"), "must be true or false");
        }
    }

    fn authentication_footer(&mut self, at: &str, component: &Value) {
        self.members(at, component, &["type", "code_expiration_minutes"]);
        let minutes = component.get("code_expiration_minutes").and_then(Value::as_i64);
        if !minutes.is_some_and(|minutes| (1..=90).contains(&minutes)) {
            self.fail(format!("{at}/code_expiration_minutes"), "must be a whole number from 1 to 90");
        }
    }

    fn one_time_button(&mut self, at: &str, component: &Value) {
        self.members(at, component, &["type", "buttons"]);
        let Some([button]) = self.list(at, component, 1) else { return };
        let at = format!("{at}/buttons/0");
        if kind_of(button) != "OTP" {
            return self.fail(at + "/type", "must be OTP");
        }
        let known = [
            "type",
            "otp_type",
            "text",
            "autofill_text",
            "supported_apps",
            "package_name",
            "signature_hash",
            "zero_tap_terms_accepted",
        ];
        self.members(&at, button, &known);
        for label in ["text", "autofill_text"] {
            if button.get(label).is_some() {
                self.plain(&at, button, label, 25);
            }
        }
        match text_at(button, "otp_type").unwrap_or_default().to_ascii_uppercase().as_str() {
            "COPY_CODE" => {}
            "ONE_TAP" => self.apps(&at, button),
            "ZERO_TAP" => {
                self.apps(&at, button);
                if button.get("zero_tap_terms_accepted") != Some(&Value::Bool(true)) {
                    self.fail(at + "/zero_tap_terms_accepted", "must be true");
                }
            }
            _ => self.fail(at + "/otp_type", "must be COPY_CODE, ONE_TAP or ZERO_TAP"),
        }
    }

    /// The apps that take the code by themselves: a list, or one in the old form.
    fn apps(&mut self, at: &str, button: &Value) {
        let is_app =
            |app: &Value| ["package_name", "signature_hash"].iter().all(|name| app.get(name).is_some_and(is_words));
        let listed = button.get("supported_apps").and_then(Value::as_array);
        let is_right = match listed {
            Some(apps) => (1..=5).contains(&apps.len()) && apps.iter().all(is_app),
            None => is_app(button),
        };
        if !is_right {
            let reason = "must hold 1 to 5 apps, each with package_name and signature_hash";
            self.fail(format!("{at}/supported_apps"), reason);
        }
    }
}

fn is_words(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !text.trim().is_empty())
}
