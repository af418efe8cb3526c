//! What may be submitted to Meta.

use serde_json::Value;

use super::check::Check;
use super::{Category, ParameterFormat, Violation};

/// A template as somebody wants it.
#[derive(Debug, Clone, PartialEq)]
pub struct NewTemplate {
    /// Its name.
    pub name: String,
    /// Meta's code of its language, such as `pt_BR`.
    pub language: String,
    /// What it is for.
    pub category: Category,
    /// How its variables are called.
    pub format: ParameterFormat,
    /// Its parts, as Meta writes them.
    pub components: Vec<Value>,
}

/// A template that keeps all of Meta's documented limits.
#[derive(Debug, Clone, PartialEq)]
pub struct TemplateDraft(NewTemplate);

impl TemplateDraft {
    /// Checks a template.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn check(mut new: NewTemplate) -> Result<Self, Vec<Violation>> {
        let mut check = Check::new(&new.category, new.format);
        check.name(&new.name);
        check.language(&new.language);
        if let Category::Other(_) = new.category {
            check.fail("/category", "must be marketing, utility or authentication");
        }
        check.components(&new.components);
        let violations = check.done();
        if violations.is_empty() {
            normalise(&mut new.components);
            Ok(Self(new))
        } else {
            Err(violations)
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Its language.
    pub fn language(&self) -> &str {
        &self.0.language
    }

    /// What it is for.
    pub fn category(&self) -> &Category {
        &self.0.category
    }

    /// How its variables are called.
    pub fn format(&self) -> ParameterFormat {
        self.0.format
    }

    /// Its parts.
    pub fn components(&self) -> &[Value] {
        &self.0.components
    }
}

/// A change of a template that keeps all of Meta's documented limits.
#[derive(Debug, Clone, PartialEq)]
pub struct TemplateEdit {
    category: Option<Category>,
    components: Option<Vec<Value>>,
}

impl TemplateEdit {
    /// Checks a change of a template of this category (unless the change gives it another) and with variables of this
    /// kind.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn check(
        now: &Category,
        format: ParameterFormat,
        category: Option<Category>,
        components: Option<Vec<Value>>,
    ) -> Result<Self, Vec<Violation>> {
        let mut check = Check::new(category.as_ref().unwrap_or(now), format);
        if let Some(Category::Other(_)) = category {
            check.fail("/category", "must be marketing, utility or authentication");
        }
        if let Some(components) = &components {
            check.components(components);
        }
        let violations = check.done();
        if !violations.is_empty() {
            return Err(violations);
        }
        let components = components.map(|mut components| {
            normalise(&mut components);
            components
        });
        Ok(Self { category, components })
    }

    /// The other category.
    pub fn category(&self) -> Option<&Category> {
        self.category.as_ref()
    }

    /// The other parts.
    pub fn components(&self) -> Option<&[Value]> {
        self.components.as_deref()
    }
}

/// Meta's names in upper case, as Meta shows them afterwards.
fn normalise(components: &mut [Value]) {
    let upper = |part: &mut Value, names: &[&str]| {
        for name in names {
            if let Some(Value::String(text)) = part.get_mut(*name) {
                text.make_ascii_uppercase();
            }
        }
    };
    for component in components {
        upper(component, &["type", "format"]);
        for button in component.get_mut("buttons").and_then(Value::as_array_mut).into_iter().flatten() {
            upper(button, &["type", "otp_type"]);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use serde_json::json;

    fn template(components: Value) -> NewTemplate {
        NewTemplate {
            name: "pedido_pronto".into(),
            language: "pt_BR".into(),
            category: Category::Utility,
            format: ParameterFormat::Positional,
            components: components.as_array().unwrap().clone(),
        }
    }

    fn body() -> Value {
        json!({"type": "BODY", "text": "Oi {{1}}, tudo bem?", "example": {"body_text": [["Lia"]]}})
    }

    fn wrong(new: NewTemplate) -> Vec<String> {
        match TemplateDraft::check(new) {
            Ok(_) => Vec::new(),
            Err(wrong) => wrong.into_iter().map(|violation| violation.pointer).collect(),
        }
    }

    #[test]
    fn a_right_template_is_taken_with_metas_names_in_upper_case() {
        let buttons = json!({"type": "buttons", "buttons": [{"type": "quick_reply", "text": "Ok"}]});
        let draft = TemplateDraft::check(template(json!([body(), buttons]))).unwrap();
        assert_eq!(draft.components()[1]["type"], "BUTTONS");
        assert_eq!(draft.components()[1]["buttons"][0]["type"], "QUICK_REPLY");
    }

    #[test]
    fn name_language_and_category_are_checked_together_with_the_parts() {
        let new = NewTemplate {
            name: "Pedido pronto".into(),
            language: "português".into(),
            category: Category::parse("TRANSACTIONAL"),
            ..template(json!([]))
        };
        assert_eq!(wrong(new), ["/name", "/language", "/category", "/components"]);
        assert_eq!(wrong(NewTemplate { name: "a".repeat(513), ..template(json!([body()])) }), ["/name"]);
    }

    #[test]
    fn the_limits_of_texts_are_characters() {
        let text = |count: usize| json!([{"type": "BODY", "text": "ã".repeat(count)}]);
        assert_eq!(wrong(template(text(1_024))), [""; 0]);
        assert_eq!(wrong(template(text(1_025))), ["/components/0/text"]);
        let parts = |header: usize, footer: usize| {
            json!([{"type": "HEADER", "format": "TEXT", "text": "é".repeat(header)}, body(),
                   {"type": "FOOTER", "text": "í".repeat(footer)}])
        };
        assert_eq!(wrong(template(parts(60, 60))), [""; 0]);
        assert_eq!(wrong(template(parts(61, 61))), ["/components/0/text", "/components/2/text"]);
    }

    #[test]
    fn variables_are_contiguous_stand_inside_and_have_examples() {
        let of = |text: &str, examples: Value| {
            wrong(template(json!([{"type": "BODY", "text": text, "example": {"body_text": [examples]}}])))
        };
        assert_eq!(of("a {{1}} b {{2}} c", json!(["x", "y"])), [""; 0]);
        assert_eq!(of("a {{1}} b {{3}} c", json!(["x", "y"])), ["/components/0/text"]);
        assert_eq!(of("a {{2}} b", json!(["x"])), ["/components/0/text"]);
        assert_eq!(of("{{1}} b", json!(["x"])), ["/components/0/text"]);
        assert_eq!(of("a {{1}}", json!(["x"])), ["/components/0/text"]);
        assert_eq!(of("a {{nome}} b", json!(["x"])), ["/components/0/text"]);
        assert_eq!(of("a {{1} b", json!([])), ["/components/0/text"]);
        assert_eq!(of("a {{1}} b", json!(["x", "y"])), ["/components/0/example/body_text"]);
        assert_eq!(
            wrong(template(json!([{"type": "BODY", "text": "a {{1}} b"}]))),
            ["/components/0/example/body_text"]
        );
    }

    #[test]
    fn named_variables_have_names_and_an_example_each() {
        let of = |text: &str, examples: Value| {
            let components = json!([{"type": "BODY", "text": text, "example": {"body_text_named_params": examples}}]);
            wrong(NewTemplate { format: ParameterFormat::Named, ..template(components) })
        };
        let example = |name: &str| json!({"param_name": name, "example": "x"});
        assert_eq!(of("a {{nome}} b", json!([example("nome")])), [""; 0]);
        assert_eq!(of("a {{Nome}} b", json!([example("Nome")])), ["/components/0/text"]);
        assert_eq!(of("a {{nome}} b", json!([example("outro")])), ["/components/0/example/body_text_named_params"]);
        assert_eq!(of("a {{nome}} b", json!([])), ["/components/0/example/body_text_named_params"]);
    }

    #[test]
    fn a_header_has_one_variable_and_a_footer_none() {
        let header = |text: &str, example: Value| {
            wrong(template(json!([{"type": "HEADER", "format": "TEXT", "text": text, "example": example}, body()])))
        };
        assert_eq!(header("Pedido {{1}}", json!({"header_text": ["7"]})), [""; 0]);
        assert_eq!(header("{{1}} e {{2}}", json!({"header_text": ["7", "8"]})), ["/components/0/text"]);
        assert_eq!(header("uma\nlinha", json!({"header_text": []})), ["/components/0/text"]);
        let footer = json!([body(), {"type": "FOOTER", "text": "Até {{1}}"}]);
        assert_eq!(wrong(template(footer)), ["/components/1/text"]);
    }

    #[test]
    fn a_file_above_the_text_has_a_sample() {
        let header = |example: Value| {
            wrong(template(json!([{"type": "HEADER", "format": "IMAGE", "example": example}, body()])))
        };
        assert_eq!(header(json!({"header_handle": ["4::aW1hZ2U="]})), [""; 0]);
        assert_eq!(header(json!({})), ["/components/0/example/header_handle"]);
        assert_eq!(wrong(template(json!([{"type": "HEADER", "format": "LOCATION"}, body()]))), [""; 0]);
        assert_eq!(
            wrong(template(json!([{"type": "HEADER", "format": "HOLOGRAM"}, body()]))),
            ["/components/0/format"]
        );
    }

    fn buttons(buttons: Value) -> Vec<String> {
        let found = wrong(template(json!([body(), {"type": "BUTTONS", "buttons": buttons}])));
        found.into_iter().map(|pointer| pointer.replace("/components/1/buttons", "")).collect()
    }

    fn quick(text: &str) -> Value {
        json!({"type": "QUICK_REPLY", "text": text})
    }

    #[test]
    fn buttons_are_counted_by_kind() {
        let url = |n: usize| json!({"type": "URL", "text": format!("Ver {n}"), "url": "https://a.example"});
        let phone =
            |n: usize| json!({"type": "PHONE_NUMBER", "text": format!("L {n}"), "phone_number": "+551130000000"});
        let code = json!({"type": "COPY_CODE", "example": "25OFF"});
        let ten: Vec<_> = (0..10).map(|n| quick(&format!("q{n}"))).collect();
        assert_eq!(buttons(json!(ten)), [""; 0]);
        assert_eq!(buttons(json!((0..11).map(|n| quick(&format!("q{n}"))).collect::<Vec<_>>())), [""]);
        assert_eq!(buttons(json!([url(1), url(2)])), [""; 0]);
        assert_eq!(buttons(json!([url(1), url(2), url(3)])), ["/2/type"]);
        assert_eq!(buttons(json!([phone(1), phone(2)])), ["/1/type"]);
        assert_eq!(buttons(json!([code, code])), ["/1/type"]);
        assert_eq!(buttons(json!([])), [""]);
    }

    #[test]
    fn quick_replies_stand_together_with_labels_of_their_own() {
        let url = json!({"type": "URL", "text": "Ver", "url": "https://a.example"});
        assert_eq!(buttons(json!([quick("a"), quick("b"), url])), [""; 0]);
        assert_eq!(buttons(json!([quick("a"), url, quick("b")])), ["/2/type"]);
        assert_eq!(buttons(json!([quick("a"), quick("a")])), ["/1/text"]);
        assert_eq!(buttons(json!([quick(&"é".repeat(25))])), [""; 0]);
        assert_eq!(buttons(json!([quick(&"é".repeat(26))])), ["/0/text"]);
        assert_eq!(buttons(json!([quick("a {{1}} b")])), ["/0/text"]);
    }

    #[test]
    fn an_address_holds_one_variable_at_its_end_with_an_example() {
        let url = |url: &str, example: Value| {
            buttons(json!([{"type": "URL", "text": "Ver", "url": url, "example": example}]))
        };
        assert_eq!(url("https://a.example/p/{{1}}", json!(["https://a.example/p/7"])), [""; 0]);
        assert_eq!(url("https://a.example/{{1}}/p", json!(["https://a.example/7/p"])), ["/0/url"]);
        assert_eq!(url("https://a.example/{{1}}", json!([])), ["/0/example"]);
        assert_eq!(url("a.example", Value::Null), ["/0/url"]);
    }

    #[test]
    fn a_code_to_copy_has_at_most_fifteen_characters() {
        let code = |code: &str| buttons(json!([{"type": "COPY_CODE", "example": code}]));
        assert_eq!(code("123456789012345"), [""; 0]);
        assert_eq!(code("1234567890123456"), ["/0/example"]);
    }

    #[test]
    fn parts_and_fields_that_are_not_known_are_named() {
        let carousel = json!([body(), {"type": "CAROUSEL", "cards": []}]);
        assert_eq!(wrong(template(carousel)), ["/components/1/type"]);
        assert_eq!(wrong(template(json!([body(), body()]))), ["/components/1/type"]);
        let extra = json!([{"type": "BODY", "text": "oi, tudo bem?", "colour": "red"}]);
        assert_eq!(wrong(template(extra)), ["/components/0/colour"]);
        assert_eq!(wrong(template(json!([5, body()]))), ["/components/0"]);
    }

    #[test]
    fn an_authentication_template_has_metas_own_text_and_one_button() {
        let auth =
            |components: Value| wrong(NewTemplate { category: Category::Authentication, ..template(components) });
        let body = json!({"type": "BODY", "add_security_recommendation": true});
        let footer = |minutes: i64| json!({"type": "FOOTER", "code_expiration_minutes": minutes});
        let otp = |button: Value| json!({"type": "BUTTONS", "buttons": [button]});
        let copy = otp(json!({"type": "OTP", "otp_type": "COPY_CODE", "text": "Copiar"}));
        assert_eq!(auth(json!([body, footer(5), copy])), [""; 0]);
        assert_eq!(auth(json!([body, footer(91), copy])), ["/components/1/code_expiration_minutes"]);
        assert_eq!(auth(json!([body])), ["/components"]);
        let words = json!({"type": "BODY", "text": "Seu código é {{1}}."});
        assert_eq!(auth(json!([words, copy])), ["/components/0/text"]);
        let header = json!({"type": "HEADER", "format": "TEXT", "text": "Código"});
        assert_eq!(auth(json!([header, body, copy])), ["/components/0/type"]);
        let one_tap = |apps: Value| otp(json!({"type": "OTP", "otp_type": "ONE_TAP", "supported_apps": apps}));
        let app = json!({"package_name": "com.example.loja", "signature_hash": "K8a/AINcGX7"});
        assert_eq!(auth(json!([body, one_tap(json!([app]))])), [""; 0]);
        assert_eq!(auth(json!([body, one_tap(json!([]))])), ["/components/1/buttons/0/supported_apps"]);
        assert_eq!(auth(json!([body, otp(quick("a"))])), ["/components/1/buttons/0/type"]);
    }

    #[test]
    fn a_change_is_checked_like_the_whole() {
        let check = |components: Value| {
            TemplateEdit::check(&Category::Utility, ParameterFormat::Positional, None, components.as_array().cloned())
        };
        assert!(check(json!([body()])).is_ok());
        assert_eq!(check(json!([])).unwrap_err()[0].pointer, "/components");
        assert!(check(Value::Null).is_ok());
    }
}
