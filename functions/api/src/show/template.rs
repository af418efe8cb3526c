use domain::Timestamp;
use domain::template::{Button, Category, Filled, FilledButton, Header, Template};
use flow::records::{ChangeSource, ChangedPart, TemplateChange};
use flow::templates::Synced;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::schema;

/// A message template, as far as it is known.
#[derive(Serialize, ToSchema)]
#[schema(as = Template)]
pub(crate) struct ShownTemplate<'a> {
    #[schema(schema_with = schema::template_id)]
    id: &'a str,
    name: &'a str,
    /// WhatsApp's code.
    #[schema(example = "pt_BR")]
    language: &'a str,
    /// `marketing`, `utility` or `authentication`; null where it is not known yet.
    #[schema(example = "utility")]
    category: Option<&'a str>,
    /// The category that Meta has announced to move it to.
    next_category: Option<&'a str>,
    /// `pending`, `approved`, `rejected`, `paused`, `disabled`, `in_appeal`, `flagged`, `limit_exceeded`, `archived`, `deleted` …; Meta may add others.
    #[schema(example = "approved")]
    status: &'a str,
    /// Why it stands like this, where Meta says so.
    status_reason: Option<&'a str>,
    /// Since when, as Meta says.
    #[schema(schema_with = schema::maybe_time)]
    status_since: Option<Timestamp>,
    /// `green`, `yellow`, `red` or `unknown`.
    #[schema(example = "green")]
    quality: &'a str,
    #[schema(schema_with = schema::parameter_format)]
    parameter_format: &'static str,
    variables: ShownVariables,
    /// Its parts, as WhatsApp writes them.
    #[schema(value_type = Vec<Object>)]
    components: Vec<Value>,
    /// Meta's id of the WhatsApp business account that it belongs to.
    business_account_id: &'a str,
    /// Meta's id of it.
    whatsapp_id: &'a str,
    #[schema(schema_with = schema::time)]
    created_at: Timestamp,
}

/// What must be filled in before a template is sent.
#[derive(Serialize, ToSchema)]
#[schema(as = TemplateVariables)]
struct ShownVariables {
    /// The header's variables.
    header: Vec<String>,
    /// `image`, `video`, `document` or `gif`, where the header is a file, and `location`, where it is a place.
    header_media: Option<String>,
    /// The text's variables.
    body: Vec<String>,
    /// The buttons that take a value, by their places from 0.
    buttons: Vec<String>,
}

/// Shows a template.
pub(crate) fn template(template: &Template) -> ShownTemplate<'_> {
    let status = template.status.as_ref();
    let next_category = template.next_category.as_ref().and_then(|dated| dated.value.as_ref());
    ShownTemplate {
        id: template.id.as_str(),
        name: &template.name,
        language: &template.language,
        category: template.category().map(Category::as_str),
        next_category: next_category.map(Category::as_str),
        status: template.status().as_str(),
        status_reason: status.and_then(|dated| dated.value.reason.as_deref()),
        status_since: status.map(|dated| dated.at),
        quality: template.quality().as_str(),
        parameter_format: template.format.as_str(),
        variables: variables(template),
        components: template.components(),
        business_account_id: &template.waba_id,
        whatsapp_id: &template.meta_id,
        created_at: template.created_at,
    }
}

fn variables(template: &Template) -> ShownVariables {
    let form = template.form();
    let owned = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect::<Vec<_>>();
    let (header, header_media) = match &form.header {
        Some(Header::Text(words)) => (owned(words.variables()), None),
        Some(Header::Media(kind)) => (Vec::new(), Some(kind.clone())),
        Some(Header::Location) => (Vec::new(), Some("location".to_owned())),
        Some(Header::Other(_)) | None => (Vec::new(), None),
    };
    let takes_value = |button: &Button| match button {
        Button::Url { url, .. } => !url.variables().is_empty(),
        Button::CopyCode { .. } => true,
        _ => false,
    };
    let buttons = form.buttons.iter().enumerate().filter(|(_, button)| takes_value(button));
    ShownVariables {
        header,
        header_media,
        body: form.body.as_ref().map(|body| owned(body.variables())).unwrap_or_default(),
        buttons: buttons.map(|(n, _)| n.to_string()).collect(),
    }
}

/// Something that happened to a template.
#[derive(Serialize, ToSchema)]
#[schema(as = TemplateChange)]
pub(crate) struct ShownTemplateChange<'a> {
    #[schema(schema_with = schema::template_change_id)]
    id: &'a str,
    /// When it happened, as Meta says; or when it was seen or asked for.
    #[schema(schema_with = schema::time)]
    at: Timestamp,
    /// What is another.
    #[schema(schema_with = schema::changed_part)]
    what: ChangedPart,
    /// What it is since then; null where it is words.
    value: Option<&'a str>,
    /// Why, where Meta says so.
    reason: Option<&'a str>,
    /// By what it is known: Meta told of it, Meta listed it so, or somebody asked for it.
    #[schema(schema_with = schema::change_source)]
    source: ChangeSource,
}

/// Shows something that happened to a template.
pub(crate) fn template_change(change: &TemplateChange) -> ShownTemplateChange<'_> {
    ShownTemplateChange {
        id: change.id.as_str(),
        at: change.at,
        what: change.what,
        value: change.value.as_deref(),
        reason: change.reason.as_deref(),
        source: change.source,
    }
}

/// A template as a person sees it.
#[derive(Serialize, ToSchema)]
#[schema(as = TemplatePreview)]
pub(crate) struct ShownPreview<'a> {
    header: Option<&'a str>,
    body: &'a str,
    footer: Option<&'a str>,
    buttons: Vec<ShownPreviewButton<'a>>,
    /// What a message's content carries as `components` to look like this.
    #[schema(value_type = Vec<Object>)]
    components: &'a [Value],
    /// False where it has parts that cannot be filled in here, such as a carousel: a message must carry what they need besides.
    complete: bool,
}

/// A button as a person sees it.
#[derive(Serialize, ToSchema)]
#[schema(as = TemplatePreviewButton)]
struct ShownPreviewButton<'a> {
    /// `quick_reply`, `url`, `phone_number`, `copy_code`, or another name of Meta's.
    r#type: &'a str,
    text: &'a str,
    /// The address that it opens.
    url: Option<&'a str>,
    /// The number that it calls.
    phone_number: Option<&'a str>,
    /// The code that it copies.
    code: Option<&'a str>,
}

/// Shows a template that is filled in.
pub(crate) fn preview(filled: &Filled) -> ShownPreview<'_> {
    ShownPreview {
        header: filled.header.as_deref(),
        body: &filled.body,
        footer: filled.footer.as_deref(),
        buttons: filled.buttons.iter().map(preview_button).collect(),
        components: &filled.components,
        complete: filled.is_complete,
    }
}

fn preview_button(button: &FilledButton) -> ShownPreviewButton<'_> {
    ShownPreviewButton {
        r#type: &button.kind,
        text: &button.text,
        url: button.url.as_deref(),
        phone_number: button.phone_number.as_deref(),
        code: button.code.as_deref(),
    }
}

/// What a listing came to.
#[derive(Serialize, ToSchema)]
#[schema(as = TemplateSync)]
pub(crate) struct ShownSync {
    /// Templates that were not known.
    added: usize,
    /// Those that are otherwise than they were known.
    updated: usize,
    /// Those that Meta does not list any more.
    deleted: usize,
    /// Those that could not be read.
    unreadable: usize,
    /// False where it took too long: it goes on by itself, and until then nothing is taken for deleted.
    complete: bool,
}

/// Shows what a listing came to.
pub(crate) fn sync(synced: &Synced) -> ShownSync {
    let Synced { added, updated, deleted, unreadable, complete } = *synced;
    ShownSync { added, updated, deleted, unreadable, complete }
}
