use domain::assistant::Assistant;
use domain::locale::Language;
use domain::{AssistantId, KnowledgeId, OrganizationId};

use super::{FieldReader, FieldWriter, RecordError, organization_path};
use crate::platform::Platform;
use crate::ports::{CollectionPath, DocPath, Document, Fields};

/// A text that an organization's assistants answer from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnowledgeText {
    /// Its id.
    pub id: KnowledgeId,
    /// Its title.
    pub title: String,
    /// The text.
    pub text: String,
}

/// Where an organization's assistants are.
pub fn assistants(organization: &OrganizationId) -> CollectionPath {
    organization_path(organization).collection("assistants")
}

/// Where an assistant is.
pub fn assistant_path(organization: &OrganizationId, id: &AssistantId) -> DocPath {
    assistants(organization).doc(id.as_str())
}

/// Where an organization's knowledge is.
pub fn knowledge(organization: &OrganizationId) -> CollectionPath {
    organization_path(organization).collection("knowledge")
}

/// Writes an assistant.
pub fn write_assistant(platform: &Platform, organization: &OrganizationId, assistant: &Assistant) -> Fields {
    FieldWriter::new(platform, assistant_path(organization, &assistant.id).as_str())
        .put("name", assistant.name.as_str())
        .put("instructions", assistant.instructions.as_str())
        .put("model", assistant.model.as_str())
        .put("language", assistant.language.code())
        .json("texts", &assistant.texts)
        .json("hand_off", &assistant.hand_off)
        .done()
}

/// Reads an assistant.
///
/// # Errors
/// [`RecordError`].
pub fn read_assistant(platform: &Platform, document: &Document) -> Result<Assistant, RecordError> {
    let fields = FieldReader::new(platform, document.path.as_str(), &document.fields);
    Ok(Assistant {
        id: document.path.id().parse().map_err(|_| fields.malformed_id())?,
        name: fields.text("name")?.to_owned(),
        instructions: fields.text("instructions")?.to_owned(),
        model: fields.text("model")?.to_owned(),
        language: fields.named("language", Language::parse)?.unwrap_or_default(),
        texts: fields.json("texts")?.ok_or_else(|| fields.missing("texts"))?,
        hand_off: fields.json("hand_off")?.ok_or_else(|| fields.missing("hand_off"))?,
    })
}

/// Writes a knowledge text.
pub fn write_knowledge(platform: &Platform, organization: &OrganizationId, text: &KnowledgeText) -> Fields {
    FieldWriter::new(platform, knowledge(organization).doc(text.id.as_str()).as_str())
        .put("title", text.title.as_str())
        .put("text", text.text.as_str())
        .done()
}

/// Reads a knowledge text.
///
/// # Errors
/// [`RecordError`].
pub fn read_knowledge(platform: &Platform, document: &Document) -> Result<KnowledgeText, RecordError> {
    let fields = FieldReader::new(platform, document.path.as_str(), &document.fields);
    Ok(KnowledgeText {
        id: document.path.id().parse().map_err(|_| fields.malformed_id())?,
        title: fields.text("title")?.to_owned(),
        text: fields.text("text")?.to_owned(),
    })
}
