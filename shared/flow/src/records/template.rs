use domain::contact::Dated;
use domain::template::{Category, ParameterFormat, Quality, Retouched, Status, Template, TemplateStatus};
use domain::{OrganizationId, TemplateChangeId, TemplateId, Timestamp};
use serde_json::Value as Json;

use super::{FieldReader, FieldWriter, RecordError, list_key, organization_path};
use crate::platform::Platform;
use crate::ports::{CollectionPath, DocPath, Document, Fields, Value};

/// The longest part of a key that is sorted or filtered by, in bytes.
const LONGEST: usize = 512;

/// Where an organization's templates are.
pub fn templates(organization: &OrganizationId) -> CollectionPath {
    organization_path(organization).collection("templates")
}

/// Where a template is.
pub fn template_path(organization: &OrganizationId, id: &TemplateId) -> DocPath {
    templates(organization).doc(id.as_str())
}

/// The id of a template: the same whether Meta lists it or tells of it first.
pub fn template_id(platform: &Platform, organization: &OrganizationId, waba_id: &str, meta_id: &str) -> TemplateId {
    TemplateId::derived(&platform.id_key, &[organization.as_str(), waba_id, meta_id])
}

/// Where what happened to a template is.
pub fn template_history(organization: &OrganizationId, id: &TemplateId) -> CollectionPath {
    template_path(organization, id).collection("history")
}

/// By what a list of templates is narrowed down, each alone or together with others.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TemplateFacet<'a> {
    /// How they stand.
    pub status: Option<&'a TemplateStatus>,
    /// What they are for.
    pub category: Option<&'a Category>,
    /// Their language.
    pub language: Option<&'a str>,
}

impl TemplateFacet<'_> {
    /// The text that stands for this narrowing down; `None`: there is none.
    pub fn key(&self) -> Option<String> {
        let parts = [
            ("s", self.status.map(TemplateStatus::as_str)),
            ("c", self.category.map(Category::as_str)),
            ("l", self.language),
        ];
        let parts: Vec<_> =
            parts.iter().filter_map(|(kind, value)| value.map(|value| format!("{kind}={}", clip(value, 64)))).collect();
        (!parts.is_empty()).then(|| parts.join("|"))
    }
}

/// The text that stands for all templates of an account that are there.
pub fn account_facet(waba_id: &str) -> String {
    format!("a={}", clip(waba_id, 64))
}

/// What a template's place in a list begins with: its name and language.
pub fn template_key(name: &str, language: &str) -> String {
    format!("{}.{}.", clip(name, LONGEST), clip(language, 64))
}

/// Writes a template; its words are sealed.
pub fn write_template(platform: &Platform, path: &DocPath, template: &Template) -> Fields {
    let Template { status, category, next_category, quality, listed, retouched, .. } = template;
    let at = |dated: Option<Timestamp>| dated;
    let next = next_category.as_ref();
    FieldWriter::new(platform, path.as_str())
        .put("sort", format!("{}{}", template_key(&template.name, &template.language), template.id))
        .put("facets", facets(template))
        .put("waba_id", template.waba_id.as_str())
        .put("meta_id", template.meta_id.as_str())
        .put("name", template.name.as_str())
        .put("language", template.language.as_str())
        .put("format", template.format.as_str())
        .put("status", status.as_ref().map(|dated| dated.value.name.as_str()))
        .put("status_at", at(status.as_ref().map(|dated| dated.at)))
        .sealed("reason_sealed", status.as_ref().and_then(|dated| dated.value.reason.as_deref()))
        .put("category", category.as_ref().map(|dated| dated.value.as_str()))
        .put("category_at", at(category.as_ref().map(|dated| dated.at)))
        .put("next_category", next.and_then(|dated| dated.value.as_ref()).map(Category::as_str))
        .put("next_category_at", at(next.map(|dated| dated.at)))
        .put("quality", quality.as_ref().map(|dated| dated.value.as_str()))
        .put("quality_at", at(quality.as_ref().map(|dated| dated.at)))
        .sealed_json("listed_sealed", listed.as_ref().map(|(_, components)| components))
        .put("listed_at", listed.as_ref().map(|(at, _)| *at))
        .sealed_json("retouched_sealed", retouched.as_ref().map(|(_, words)| words))
        .put("retouched_at", retouched.as_ref().map(|(at, _)| *at))
        .put("edits", template.edits.iter().map(|at| Value::Time(*at)).collect::<Vec<_>>())
        .put("created_at", template.created_at)
        .put("changed_at", template.changed_at)
        .done()
}

/// Every narrowing down that finds it.
fn facets(template: &Template) -> Vec<Value> {
    let mut facets = Vec::new();
    for choice in 0..8 {
        let facet = TemplateFacet {
            status: Some(template.status()).filter(|_| choice & 1 != 0),
            category: template.category().filter(|_| choice & 2 != 0),
            language: Some(template.language.as_str()).filter(|_| choice & 4 != 0),
        };
        facets.extend(facet.key());
    }
    if *template.status() != TemplateStatus::Deleted {
        facets.push(account_facet(&template.waba_id));
    }
    facets.sort_unstable();
    facets.dedup();
    facets.into_iter().map(Value::Text).collect()
}

/// Reads a template.
///
/// # Errors
/// [`RecordError`].
pub fn read_template(platform: &Platform, document: &Document) -> Result<Template, RecordError> {
    let fields = FieldReader::new(platform, document.path.as_str(), &document.fields);
    let name = |field: &str| fields.optional_text(field);
    let status = match (name("status")?, fields.optional_time("status_at")?) {
        (Some(status), Some(at)) => {
            let reason = fields.sealed("reason_sealed")?;
            Some(Dated { at, value: Status { name: TemplateStatus::parse(status), reason } })
        }
        _ => None,
    };
    let next = name("next_category")?.map(Category::parse);
    Ok(Template {
        id: document.path.id().parse().map_err(|_| fields.malformed_id())?,
        waba_id: fields.text("waba_id")?.to_owned(),
        meta_id: fields.text("meta_id")?.to_owned(),
        name: fields.text("name")?.to_owned(),
        language: fields.text("language")?.to_owned(),
        format: fields.named("format", ParameterFormat::parse)?.unwrap_or_default(),
        status,
        category: dated(name("category")?.map(Category::parse), fields.optional_time("category_at")?),
        next_category: fields.optional_time("next_category_at")?.map(|at| Dated { at, value: next }),
        quality: dated(name("quality")?.map(Quality::parse), fields.optional_time("quality_at")?),
        listed: fields.optional_time("listed_at")?.zip(fields.sealed_json::<Vec<Json>>("listed_sealed")?),
        retouched: fields.optional_time("retouched_at")?.zip(fields.sealed_json::<Retouched>("retouched_sealed")?),
        edits: times(&fields, document)?,
        created_at: fields.time("created_at")?,
        changed_at: fields.time("changed_at")?,
    })
}

fn dated<T>(value: Option<T>, at: Option<Timestamp>) -> Option<Dated<T>> {
    value.zip(at).map(|(value, at)| Dated { at, value })
}

fn times(fields: &FieldReader<'_>, document: &Document) -> Result<Vec<Timestamp>, RecordError> {
    let Some(Value::Array(times)) = document.fields.get("edits") else { return Ok(Vec::new()) };
    let time = |value: &Value| match value {
        Value::Time(at) => Ok(*at),
        _ => Err(fields.malformed("edits")),
    };
    times.iter().map(time).collect()
}

/// Something that happened to a template: a fact that is never changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateChange {
    /// Its id.
    pub id: TemplateChangeId,
    /// When it happened: as Meta says, or when it was seen or asked for.
    pub at: Timestamp,
    /// What is another.
    pub what: ChangedPart,
    /// What it is since then; nothing where it is words.
    pub value: Option<String>,
    /// Why, where Meta says so.
    pub reason: Option<String>,
    /// By what it is known.
    pub source: ChangeSource,
}

/// What of a template is another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangedPart {
    /// How it stands.
    Status,
    /// What people think of it.
    Quality,
    /// What it is for.
    Category,
    /// What it will be for.
    NextCategory,
    /// Its words.
    Components,
}

impl ChangedPart {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Status, Self::Quality, Self::Category, Self::NextCategory, Self::Components];

    /// Its stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Quality => "quality",
            Self::Category => "category",
            Self::NextCategory => "next_category",
            Self::Components => "components",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.as_str() == name)
    }
}

/// By what a change is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeSource {
    /// Meta told of it.
    Webhook,
    /// Meta listed it so.
    Sync,
    /// Somebody asked for it through the API.
    Api,
}

impl ChangeSource {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Webhook, Self::Sync, Self::Api];

    /// Its stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Webhook => "webhook",
            Self::Sync => "sync",
            Self::Api => "api",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.as_str() == name)
    }
}

/// Writes something that happened to a template.
pub fn write_template_change(platform: &Platform, path: &DocPath, change: &TemplateChange) -> Fields {
    FieldWriter::new(platform, path.as_str())
        .put("sort", list_key(change.at, change.id.as_str()))
        .put("at", change.at)
        .put("what", change.what.as_str())
        .put("value", change.value.as_deref())
        .sealed("reason_sealed", change.reason.as_deref())
        .put("source", change.source.as_str())
        .done()
}

/// Reads something that happened to a template.
///
/// # Errors
/// [`RecordError`].
pub fn read_template_change(platform: &Platform, document: &Document) -> Result<TemplateChange, RecordError> {
    let fields = FieldReader::new(platform, document.path.as_str(), &document.fields);
    Ok(TemplateChange {
        id: document.path.id().parse().map_err(|_| fields.malformed_id())?,
        at: fields.time("at")?,
        what: fields.named("what", ChangedPart::parse)?.ok_or_else(|| fields.missing("what"))?,
        value: fields.optional_text("value")?.map(str::to_owned),
        reason: fields.sealed("reason_sealed")?,
        source: fields.named("source", ChangeSource::parse)?.ok_or_else(|| fields.missing("source"))?,
    })
}

/// Where it stands that a template is being submitted: so that a request that comes again finds what the first one made.
pub fn submission_path(organization: &OrganizationId, id: &TemplateChangeId) -> DocPath {
    organization_path(organization).collection("submissions").doc(id.as_str())
}

/// Writes a submission: that Meta is asked, or which template came of it.
pub fn write_submission(platform: &Platform, path: &DocPath, made: Option<&TemplateId>, at: Timestamp) -> Fields {
    let made = made.map(TemplateId::as_str);
    FieldWriter::new(platform, path.as_str()).put("template", made).put("at", at).done()
}

/// Reads which template came of a submission, if any has yet.
///
/// # Errors
/// [`RecordError`].
pub fn read_submission(platform: &Platform, document: &Document) -> Result<Option<TemplateId>, RecordError> {
    FieldReader::new(platform, document.path.as_str(), &document.fields).optional_parsed("template")
}

fn clip(text: &str, most: usize) -> &str {
    let mut end = most.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_narrowed_down_by_has_one_text_in_every_combination() {
        let facet = TemplateFacet { status: Some(&TemplateStatus::Approved), category: None, language: Some("pt_BR") };
        assert_eq!(facet.key().as_deref(), Some("s=approved|l=pt_BR"));
        assert_eq!(TemplateFacet::default().key(), None);
    }

    #[test]
    fn long_names_are_cut_between_characters() {
        assert_eq!(clip("ãã", 3), "ã");
        assert_eq!(clip("ab", 9), "ab");
    }
}
