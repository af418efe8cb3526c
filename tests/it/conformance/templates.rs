//! Templates of the folder: as Meta lists them, tells of them and takes them.

use domain::account::AccountEvent;
use domain::inbound::EventKind;
use domain::template::{Category, Form, NewTemplate, ParameterFormat, TemplateDraft, TemplateNews, TemplateStatus};
use serde_json::Value;
use whatsapp::manage::{read_page, read_template};
use whatsapp::webhook::{read_event, split};

use super::{report, samples};

/// What a template of the folder breaks, where Meta's rules of today or this product's do not take it: a part of its name,
/// and where it is refused first.
const REFUSED: [(&str, &str); 9] = [
    // Categories of before 2023.
    ("expectedtemplate1", "/category"),
    ("expectedtemplate2", "/category"),
    ("expectedtemplate4", "/category"),
    // An authentication template has Meta's own text.
    ("expectedtemplate9", "/components/0/type"),
    // Flows, catalogues, products and carousels are not made here; two have a placeholder as their name.
    ("create_flow_template_message_by_flow_json", "/name"),
    ("create_flow_template_message_by_id", "/name"),
    ("abandoned_cart_offer", "/components/0/format"),
    ("carousel_template_product_cards_v1", "/components/1/type"),
    ("intro_catalog_offer", "/components/2/buttons/0/type"),
];

#[test]
fn every_event_of_a_template_says_which_one_and_what_happened() {
    let Some(samples) = samples("webhook") else { return };
    let of_templates = |expected: &str| {
        expected.starts_with("field:message_template_") || expected.starts_with("field:template_category_update")
    };
    let samples: Vec<_> = samples.into_iter().filter(|sample| of_templates(&sample.expected)).collect();
    let mut wrong = Vec::new();
    for sample in &samples {
        for event in split(&sample.body) {
            let EventKind::Account(AccountEvent { template: Some(template), .. }) = read_event(&event.json).kind else {
                wrong.push(format!("{}: no template", sample.name));
                continue;
            };
            let value = &sample.json()["entry"][0]["changes"][0]["value"];
            let id = value["message_template_id"].to_string();
            let is_named = id == template.meta_id && value["message_template_name"] == template.name.as_str();
            let says = match &template.news {
                TemplateNews::Status { status, .. } => {
                    value["event"].as_str().map(TemplateStatus::after_event).as_ref() == Some(&status.name)
                }
                TemplateNews::Quality(quality) => value["new_quality_score"] == quality.meta(),
                TemplateNews::Category(category) => value["new_category"] == category.meta(),
                TemplateNews::NextCategory { next, .. } => value["correct_category"] == next.meta(),
                TemplateNews::Words(words) => value["message_template_element"].as_str() == words.body.as_deref(),
            };
            if !is_named || !says {
                wrong.push(format!("{}: read as {template:?}", sample.name));
            }
        }
    }
    assert!(samples.len() >= 7, "what is compared is there");
    report("template events", samples.len(), &wrong);
}

#[test]
fn every_template_that_meta_lists_is_read_with_all_its_parts() {
    let Some(samples) = samples("mgmt_response") else { return };
    let (mut wrong, mut counted) = (Vec::new(), 0);
    for sample in samples.iter().filter(|sample| sample.expected.starts_with("get:")) {
        let value = sample.json();
        let listed = match (sample.expected.as_str(), value.get("data")) {
            ("get:message_templates:200", Some(_)) => {
                let page = read_page(&sample.body).unwrap_or_default();
                if !page.unreadable.is_empty() || page.templates.is_empty() {
                    wrong.push(format!("{}: {} cannot be read", sample.name, page.unreadable.len()));
                }
                page.templates
            }
            ("get:template_id:200", _) => read_template(&value).into_iter().collect(),
            _ => continue,
        };
        counted += 1;
        for template in listed {
            let form = Form::read(&template.components);
            if form.body.is_none() || !form.other.is_empty() {
                wrong.push(format!("{}: {} is not understood", sample.name, template.name));
            }
        }
    }
    assert!(counted >= 3, "what is compared is there");
    report("listed templates", counted, &wrong);
}

#[test]
fn every_template_of_the_folder_is_taken_or_refused_for_a_rule_that_is_known() {
    let Some(samples) = samples("mgmt_request") else { return };
    let samples: Vec<_> = samples.into_iter().filter(|sample| sample.expected == "post:message_templates").collect();
    let mut wrong = Vec::new();
    for sample in &samples {
        let value = sample.json();
        // Several languages at once are another call of Meta's.
        let Some(language) = value["language"].as_str() else { continue };
        let text = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
        let new = NewTemplate {
            name: text("name"),
            language: language.to_owned(),
            category: Category::parse(&text("category")),
            format: ParameterFormat::Positional,
            components: value["components"].as_array().cloned().unwrap_or_default(),
        };
        let expected = REFUSED.iter().find(|(name, _)| sample.name.contains(name)).map(|(_, pointer)| *pointer);
        let found = TemplateDraft::check(new.clone()).err();
        let first = found.as_ref().and_then(|violations| violations.first()).map(|first| first.pointer.as_str());
        if first != expected {
            wrong.push(format!("{}: expected {expected:?}, found {found:?}", sample.name));
        }
        // What cannot be made here is still shown as it is.
        let form = Form::read(&new.components);
        let parts = form.other.len() + usize::from(form.header.is_some()) + usize::from(form.body.is_some());
        if parts == 0 {
            wrong.push(format!("{}: no part of it is known", sample.name));
        }
    }
    assert!(samples.len() > 15, "what is compared is there");
    report("submitted templates", samples.len(), &wrong);
}

/// The bodies of all events about templates, with the account and the time that a test gives them.
pub(crate) fn bodies(waba_id: &str, at: i64) -> Option<Vec<Value>> {
    let samples = samples("webhook")?.into_iter().filter(|sample| {
        sample.expected.starts_with("field:message_template_") || sample.expected.starts_with("field:template_category")
    });
    let bodies = samples.enumerate().map(|(n, sample)| {
        let mut body = sample.json();
        body["entry"][0]["id"] = waba_id.into();
        body["entry"][0]["time"] = (at + i64::try_from(n).expect("a few")).into();
        body
    });
    Some(bodies.collect())
}
