//! What Graph says of templates and numbers. Anything may be missing or of another form: what cannot be read is left out,
//! and nothing else with it.

use domain::line::LineReport;
use domain::template::{Category, Listed, ParameterFormat, Quality, Status, TemplateStatus};
use flow::ports::TemplatePage;
use serde_json::Value;

use crate::webhook::template::is_id;

/// What is asked about a template.
pub(crate) const FIELDS: &str =
    "id,name,language,status,category,components,parameter_format,quality_score,rejected_reason,correct_category";

/// Reads a page of templates; `None` where it is none.
pub fn read_page(body: &[u8]) -> Option<TemplatePage> {
    let page: Value = serde_json::from_slice(body).ok()?;
    let data = page.get("data")?.as_array()?;
    let mut read = TemplatePage { next: next_page(&page, data.len()), ..TemplatePage::default() };
    for one in data {
        match read_template(one) {
            Some(template) => read.templates.push(template),
            None => read.unreadable.push(text(one, "id").filter(|id| is_id(id))),
        }
    }
    Some(read)
}

/// Where the next page begins. Meta's last page has a cursor as well and no `next`; where others leave `next` out on all
/// pages, the one after the last is empty.
pub(crate) fn next_page(page: &Value, count: usize) -> Option<String> {
    let paging = page.get("paging")?;
    let after = paging.pointer("/cursors/after").and_then(Value::as_str).filter(|after| !after.is_empty())?;
    let goes_on = paging.get("next").is_some_and(Value::is_string) || count > 0;
    goes_on.then(|| after.to_owned())
}

/// Reads a template; `None` where it does not say which one it is.
pub fn read_template(value: &Value) -> Option<Listed> {
    let name = text(value, "name").filter(|name| name.len() <= 1_024)?;
    let language = text(value, "language").filter(|code| code.len() <= 64)?;
    let reason = text(value, "rejected_reason").filter(|reason| reason != "NONE");
    Some(Listed {
        meta_id: text(value, "id").filter(|id| is_id(id))?,
        name,
        language: language.replace('-', "_"),
        format: text(value, "parameter_format").and_then(|name| ParameterFormat::parse(&name)).unwrap_or_default(),
        status: Status { name: TemplateStatus::parse(&text(value, "status")?), reason },
        category: text(value, "category").map(|name| Category::parse(&name)),
        next_category: text(value, "correct_category").map(|name| Category::parse(&name)),
        quality: quality(value.get("quality_score")),
        components: value.get("components").and_then(Value::as_array).cloned().unwrap_or_default(),
    })
}

/// `{"score": "GREEN"}`, or the score itself.
fn quality(score: Option<&Value>) -> Option<Quality> {
    let score = score?;
    score.as_str().or_else(|| score.get("score").and_then(Value::as_str)).map(Quality::parse)
}

/// Reads what Graph says of a number.
pub fn read_number(value: &Value) -> LineReport {
    LineReport {
        display: text(value, "display_phone_number"),
        verified_name: text(value, "verified_name"),
        quality: text(value, "quality_rating"),
        status: text(value, "status"),
        name_status: text(value, "name_status"),
        tier: text(value, "whatsapp_business_manager_messaging_limit").or_else(|| text(value, "messaging_limit_tier")),
        throughput: value.pointer("/throughput/level").and_then(Value::as_str).map(str::to_owned),
    }
}

/// A text, or a number's digits.
fn text(value: &Value, name: &str) -> Option<String> {
    match value.get(name)? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use serde_json::json;

    fn page(value: &Value) -> TemplatePage {
        read_page(value.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn one_broken_template_costs_none_of_the_others() {
        let good = |id: &str| json!({"id": id, "name": "oi", "language": "pt_BR", "status": "APPROVED"});
        let read = page(&json!({"data": [good("1"), {"id": "2", "name": 5}, "x", null, good("3")]}));
        assert_eq!(read.templates.iter().map(|one| one.meta_id.as_str()).collect::<Vec<_>>(), ["1", "3"]);
        assert_eq!(read.unreadable, [Some("2".to_owned()), None, None]);
    }

    #[test]
    fn pages_are_followed_whether_or_not_they_say_next() {
        let cursors = json!({"before": "a", "after": "b"});
        let one = json!([{"id": "1"}]);
        assert_eq!(
            page(&json!({"data": one, "paging": {"cursors": cursors, "next": "https://…"}})).next,
            Some("b".into())
        );
        assert_eq!(page(&json!({"data": one, "paging": {"cursors": cursors}})).next, Some("b".into()));
        assert_eq!(
            page(&json!({"data": [], "paging": {"cursors": cursors, "next": "https://…"}})).next,
            Some("b".into())
        );
        assert_eq!(page(&json!({"data": [], "paging": {"cursors": cursors}})).next, None);
        assert_eq!(page(&json!({"data": one})).next, None);
        assert_eq!(read_page(b"[]"), None);
        assert_eq!(read_page(br#"{"error": {}}"#), None);
    }

    #[test]
    fn all_that_graph_says_of_a_template_is_read() {
        let value = json!({"id": 7, "name": "oi", "language": "pt-BR", "status": "REJECTED", "category": "MARKETING",
                           "correct_category": "UTILITY", "parameter_format": "NAMED", "rejected_reason": "SCAM",
                           "quality_score": {"score": "YELLOW"}, "components": [{"type": "BODY", "text": "a"}]});
        let read = read_template(&value).unwrap();
        assert_eq!((read.meta_id.as_str(), read.language.as_str()), ("7", "pt_BR"));
        assert_eq!((read.format, read.quality), (ParameterFormat::Named, Some(Quality::Yellow)));
        assert_eq!((read.status.name, read.status.reason.as_deref()), (TemplateStatus::Rejected, Some("SCAM")));
        assert_eq!((read.category, read.next_category), (Some(Category::Marketing), Some(Category::Utility)));
        let silent = json!({"id": 7, "name": "oi", "language": "pt_BR", "status": "APPROVED"});
        assert_eq!(read_template(&silent).unwrap().category, None);
    }
}
