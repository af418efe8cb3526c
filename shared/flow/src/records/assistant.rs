use domain::assistant::{Assistant, AssistantSettings};
use domain::locale::Language;
use domain::{AssistantId, OrganizationId, Timestamp};

use super::audit::{put_who, read_who};
use super::{FieldReader, FieldWriter, RecordError, list_key, organization_path};
use crate::audit::Who;
use crate::platform::Platform;
use crate::ports::{CollectionPath, DocPath, Document, Fields};

/// An assistant as it is kept: what is drafted, and the version that answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManagedAssistant {
    /// Its id.
    pub id: AssistantId,
    /// What is edited. Nobody but who tries it out is answered from it.
    pub draft: AssistantSettings,
    /// The version that answers; none, before the first was published.
    pub published: Option<PublishedVersion>,
    /// Since when it is archived: it answers nothing.
    pub archived_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// The version of an assistant that answers. It is the newest: going back to an earlier one makes a version that repeats it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedVersion {
    /// Its number, from 1.
    pub number: u32,
    /// Since when it answers.
    pub at: Timestamp,
    /// What it is.
    pub settings: AssistantSettings,
}

/// A version of an assistant. It never changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssistantVersion {
    /// Its number, from 1.
    pub number: u32,
    /// Since when it answered.
    pub at: Timestamp,
    /// Who published it.
    pub by: Who,
    /// The number of the version that it repeats.
    pub repeats: Option<u32>,
    /// What it is.
    pub settings: AssistantSettings,
}

impl ManagedAssistant {
    /// The assistant as it is drafted.
    pub fn drafted(&self) -> Assistant {
        Assistant { id: self.id.clone(), settings: self.draft.clone() }
    }

    /// The assistant that answers, with the number of its version; `None`: it was never published, or is archived.
    pub fn in_charge(&self) -> Option<(u32, Assistant)> {
        let version = self.published.as_ref().filter(|_| self.archived_at.is_none())?;
        Some((version.number, Assistant { id: self.id.clone(), settings: version.settings.clone() }))
    }
}

/// Where an organization's assistants are.
pub fn assistants(organization: &OrganizationId) -> CollectionPath {
    organization_path(organization).collection("assistants")
}

/// Where an assistant is.
pub fn assistant_path(organization: &OrganizationId, id: &AssistantId) -> DocPath {
    assistants(organization).doc(id.as_str())
}

/// Where the versions of an assistant are.
pub fn versions(organization: &OrganizationId, id: &AssistantId) -> CollectionPath {
    assistant_path(organization, id).collection("versions")
}

/// Where a version of an assistant is.
pub fn version_path(organization: &OrganizationId, id: &AssistantId, number: u32) -> DocPath {
    versions(organization, id).doc(&number.to_string())
}

/// Writes an assistant.
pub fn write_assistant(platform: &Platform, organization: &OrganizationId, assistant: &ManagedAssistant) -> Fields {
    let published = assistant.published.as_ref();
    let path = assistant_path(organization, &assistant.id);
    let writer = FieldWriter::new(platform, path.as_str())
        .json("draft", &assistant.draft)
        .put("version", published.map(|version| version.number))
        .put("published_at", published.map(|version| version.at))
        .put("archived_at", assistant.archived_at)
        .put("created_at", assistant.created_at)
        .put("sort", list_key(assistant.created_at, assistant.id.as_str()));
    match published {
        Some(version) => writer.json("published", &version.settings).done(),
        None => writer.done(),
    }
}

/// Reads an assistant.
///
/// # Errors
/// [`RecordError`].
pub fn read_assistant(platform: &Platform, document: &Document) -> Result<ManagedAssistant, RecordError> {
    let fields = FieldReader::new(platform, document.path.as_str(), &document.fields);
    let id = document.path.id().parse().map_err(|_| fields.malformed_id())?;
    let Some(draft) = fields.json("draft")? else {
        return Ok(without_versions(id, settings(&fields)?));
    };
    let number = fields.optional_int("version")?.map(u32::try_from);
    let number = number.transpose().map_err(|_| fields.malformed("version"))?;
    let published = match (number, fields.optional_time("published_at")?, fields.json("published")?) {
        (Some(number), Some(at), Some(settings)) => Some(PublishedVersion { number, at, settings }),
        (None, None, None) => None,
        _ => return Err(fields.malformed("published")),
    };
    Ok(ManagedAssistant {
        id,
        draft,
        published,
        archived_at: fields.optional_time("archived_at")?,
        created_at: fields.time("created_at")?,
    })
}

/// A record from before there were versions: what it says is drafted and answers.
fn without_versions(id: AssistantId, settings: AssistantSettings) -> ManagedAssistant {
    let at = Timestamp::default();
    let published = PublishedVersion { number: 1, at, settings: settings.clone() };
    ManagedAssistant { id, draft: settings, published: Some(published), archived_at: None, created_at: at }
}

fn settings(fields: &FieldReader<'_>) -> Result<AssistantSettings, RecordError> {
    Ok(AssistantSettings {
        name: fields.text("name")?.to_owned(),
        instructions: fields.text("instructions")?.to_owned(),
        model: fields.text("model")?.to_owned(),
        language: fields.named("language", Language::parse)?.unwrap_or_default(),
        texts: fields.json("texts")?.ok_or_else(|| fields.missing("texts"))?,
        hand_off: fields.json("hand_off")?.ok_or_else(|| fields.missing("hand_off"))?,
    })
}

/// Writes a version of an assistant. Its key in the list is its number, so that the newest comes first.
pub fn write_version(platform: &Platform, path: &DocPath, id: &AssistantId, version: &AssistantVersion) -> Fields {
    let writer = FieldWriter::new(platform, path.as_str())
        .json("settings", &version.settings)
        .put("at", version.at)
        .put("repeats", version.repeats)
        .put("sort", format!("{:016x}.{id}", version.number));
    put_who(writer, &version.by).done()
}

/// Reads a version of an assistant.
///
/// # Errors
/// [`RecordError`].
pub fn read_version(platform: &Platform, document: &Document) -> Result<AssistantVersion, RecordError> {
    let fields = FieldReader::new(platform, document.path.as_str(), &document.fields);
    let repeats = fields.optional_int("repeats")?.map(u32::try_from).transpose();
    Ok(AssistantVersion {
        number: document.path.id().parse().map_err(|_| fields.malformed_id())?,
        at: fields.time("at")?,
        by: read_who(&fields)?.ok_or_else(|| fields.missing("actor"))?,
        repeats: repeats.map_err(|_| fields.malformed("repeats"))?,
        settings: fields.json("settings")?.ok_or_else(|| fields.missing("settings"))?,
    })
}
