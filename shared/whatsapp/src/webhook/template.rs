//! What the webhook tells of templates.

use domain::Timestamp;
use domain::account::AccountField;
use domain::template::{Category, Quality, Retouched, Status, TemplateEvent, TemplateNews, TemplateStatus};
use serde_json::{Map, Value};

use super::view::View;

/// The longest name or language that is taken over; Meta's own are shorter.
const LONGEST: usize = 512;

/// The template that an event is about, and what happened to it. `None` where it names none, or says nothing of it.
///
/// Meta's own samples show a quality under the field of statuses: what stands in the event decides.
pub(super) fn template(field: AccountField, value: View, at: Option<Timestamp>) -> Option<TemplateEvent> {
    let of_templates = matches!(
        field,
        AccountField::MessageTemplateStatusUpdate
            | AccountField::MessageTemplateQualityUpdate
            | AccountField::TemplateCategoryUpdate
            | AccountField::MessageTemplateComponentsUpdate
    );
    let meta_id = value.at("message_template_id").text().filter(|id| of_templates && is_id(id))?;
    let news = status(value).or_else(|| quality(value)).or_else(|| category(value)).or_else(|| words(field, value))?;
    let short = |name: &str| value.at(name).text().unwrap_or_default().chars().take(LONGEST).collect::<String>();
    // Meta writes `en-US` here, and `en_US` everywhere else.
    let language = short("message_template_language").replace('-', "_");
    Some(TemplateEvent { meta_id, name: short("message_template_name"), language, at: at.unwrap_or_default(), news })
}

/// Meta's ids are digits.
pub(crate) fn is_id(id: &str) -> bool {
    (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_digit())
}

fn status(value: View) -> Option<TemplateNews> {
    let name = TemplateStatus::after_event(&value.at("event").text()?);
    let status = Status { name, reason: reason(value) };
    Some(TemplateNews::Status { status, category: value.at("message_template_category").text().map(read_category) })
}

/// Why, in Meta's words where it has some.
fn reason(value: View) -> Option<String> {
    let said = |text: Option<String>| text.filter(|text| text != "NONE").map(|text| text.chars().take(1_000).collect());
    let places = [
        value.at("rejection_info").at("reason"),
        value.at("other_info").at("description"),
        value.at("other_info").at("title"),
        value.at("reason"),
        value.at("disable_info").at("disable_date"),
    ];
    places.into_iter().find_map(|place| said(place.text()))
}

fn quality(value: View) -> Option<TemplateNews> {
    Some(TemplateNews::Quality(Quality::parse(&value.at("new_quality_score").text()?)))
}

/// Meta announces a change with the category that a template has as the new one, and the one to come as the correct one.
fn category(value: View) -> Option<TemplateNews> {
    let new = read_category(value.at("new_category").text()?);
    let next = value.at("correct_category").text().map(read_category).filter(|next| *next != new);
    Some(match next {
        Some(next) => TemplateNews::NextCategory { now: new, next },
        None => TemplateNews::Category(new),
    })
}

fn read_category(name: String) -> Category {
    Category::from(name)
}

fn words(field: AccountField, value: View) -> Option<TemplateNews> {
    if field != AccountField::MessageTemplateComponentsUpdate {
        return None;
    }
    let buttons = value.at("message_template_buttons").elements().iter().map(button).collect();
    Some(TemplateNews::Words(Retouched {
        header: value.at("message_template_title").text(),
        body: value.at("message_template_element").text(),
        footer: value.at("message_template_footer").text(),
        buttons,
    }))
}

/// A button as components have it: `message_template_button_url` is its `url`.
fn button(button: &Value) -> Value {
    let members = button.as_object().into_iter().flatten().map(|(name, value)| {
        let name = name.strip_prefix("message_template_button_").unwrap_or(name);
        (name.to_owned(), value.clone())
    });
    Value::Object(members.collect::<Map<_, _>>())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use serde_json::json;

    const AT: Timestamp = Timestamp::MAX;

    fn read(field: AccountField, mut value: Value) -> Option<TemplateNews> {
        value["message_template_id"] = json!(12345);
        value["message_template_name"] = json!("oi");
        value["message_template_language"] = json!("pt-BR");
        let event = template(field, View::new(&value), Some(AT))?;
        assert_eq!((event.meta_id.as_str(), event.name.as_str(), event.language.as_str()), ("12345", "oi", "pt_BR"));
        assert_eq!(event.at, AT);
        Some(event.news)
    }

    fn status(name: TemplateStatus, reason: Option<&str>, category: Option<Category>) -> TemplateNews {
        TemplateNews::Status { status: Status { name, reason: reason.map(str::to_owned) }, category }
    }

    #[test]
    fn a_status_has_its_reason_and_its_category_where_meta_says_them() {
        let field = AccountField::MessageTemplateStatusUpdate;
        let of = |value| read(field, value).unwrap();
        assert_eq!(of(json!({"event": "APPROVED", "reason": "NONE"})), status(TemplateStatus::Approved, None, None));
        let rejected = json!({"event": "REJECTED", "reason": "SCAM", "message_template_category": "UTILITY"});
        assert_eq!(of(rejected), status(TemplateStatus::Rejected, Some("SCAM"), Some(Category::Utility)));
        let paused = json!({"event": "PAUSED", "reason": null, "other_info": {"title": "FIRST_PAUSE", "description": "Three hours."}});
        assert_eq!(of(paused), status(TemplateStatus::Paused, Some("Three hours."), None));
        let told = json!({"event": "REJECTED", "reason": "TAG_CONTENT_MISMATCH", "rejection_info": {"reason": "Not what it says."}});
        assert_eq!(of(told), status(TemplateStatus::Rejected, Some("Not what it says."), None));
        assert_eq!(of(json!({"event": "REINSTATED"})), status(TemplateStatus::Approved, None, None));
        let flagged = json!({"event": "FLAGGED", "reason": null, "disable_info": {"disable_date": "January 31, 2021"}});
        assert_eq!(of(flagged), status(TemplateStatus::Flagged, Some("January 31, 2021"), None));
    }

    #[test]
    fn a_quality_is_one_under_either_field() {
        for field in [AccountField::MessageTemplateQualityUpdate, AccountField::MessageTemplateStatusUpdate] {
            let news = read(field, json!({"previous_quality_score": "GREEN", "new_quality_score": "YELLOW"}));
            assert_eq!(news, Some(TemplateNews::Quality(Quality::Yellow)));
        }
    }

    #[test]
    fn a_category_that_will_change_is_no_category_that_has_changed() {
        let field = AccountField::TemplateCategoryUpdate;
        let done = json!({"previous_category": "UTILITY", "new_category": "MARKETING"});
        assert_eq!(read(field, done), Some(TemplateNews::Category(Category::Marketing)));
        let announced = json!({"new_category": "UTILITY", "correct_category": "MARKETING"});
        let next = TemplateNews::NextCategory { now: Category::Utility, next: Category::Marketing };
        assert_eq!(read(field, announced), Some(next));
    }

    #[test]
    fn changed_words_come_in_the_form_of_components() {
        let value = json!({"message_template_title": "Oi!", "message_template_element": "Seu pedido {{1}} saiu.",
                           "message_template_buttons": [{"message_template_button_type": "URL",
                                                         "message_template_button_text": "Ver",
                                                         "message_template_button_url": "https://a.example"}]});
        let Some(TemplateNews::Words(words)) = read(AccountField::MessageTemplateComponentsUpdate, value) else {
            unreachable!("words")
        };
        assert_eq!((words.header.as_deref(), words.footer), (Some("Oi!"), None));
        assert_eq!(words.buttons, [json!({"type": "URL", "text": "Ver", "url": "https://a.example"})]);
    }

    #[test]
    fn what_names_no_template_or_says_nothing_is_only_kept() {
        let none = json!({"event": "APPROVED"});
        assert_eq!(template(AccountField::MessageTemplateStatusUpdate, View::new(&none), None), None);
        let odd = json!({"event": "APPROVED", "message_template_id": "a/b"});
        assert_eq!(template(AccountField::MessageTemplateStatusUpdate, View::new(&odd), None), None);
        assert_eq!(read(AccountField::MessageTemplateStatusUpdate, json!({})), None);
        assert_eq!(read(AccountField::AccountUpdate, json!({"event": "X"})), None);
    }
}
