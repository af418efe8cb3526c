use domain::{AssistantId, KnowledgeId, OrganizationId, Timestamp};

use super::{FieldReader, FieldWriter, RecordError, list_key, organization_path};
use crate::platform::Platform;
use crate::ports::{CollectionPath, DocPath, Document, Fields, Value};

/// A text that an organization's assistants answer from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnowledgeText {
    /// Its id.
    pub id: KnowledgeId,
    /// Its title.
    pub title: String,
    /// The text.
    pub text: String,
    /// Whether anything is answered from it.
    pub is_enabled: bool,
    /// Who answers from it.
    pub readers: Readers,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Which assistants answer from a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Readers {
    /// All of the organization's.
    All,
    /// These.
    Named(Vec<AssistantId>),
}

impl KnowledgeText {
    /// Whether this assistant answers from it.
    pub fn is_for(&self, assistant: &AssistantId) -> bool {
        let is_named = match &self.readers {
            Readers::All => true,
            Readers::Named(named) => named.contains(assistant),
        };
        self.is_enabled && is_named
    }
}

/// Where an organization's knowledge is.
pub fn knowledge(organization: &OrganizationId) -> CollectionPath {
    organization_path(organization).collection("knowledge")
}

/// Where a text of it is.
pub fn knowledge_path(organization: &OrganizationId, id: &KnowledgeId) -> DocPath {
    knowledge(organization).doc(id.as_str())
}

/// Writes a knowledge text.
pub fn write_knowledge(platform: &Platform, organization: &OrganizationId, text: &KnowledgeText) -> Fields {
    let named = match &text.readers {
        Readers::All => None,
        Readers::Named(named) => {
            Some(named.iter().map(|id| Value::Text(id.as_str().to_owned())).collect::<Vec<Value>>())
        }
    };
    FieldWriter::new(platform, knowledge_path(organization, &text.id).as_str())
        .put("title", text.title.as_str())
        .put("text", text.text.as_str())
        .put("is_disabled", (!text.is_enabled).then_some(true))
        .put("is_for_named", named.is_some().then_some(true))
        .put("assistants", named)
        .put("created_at", text.created_at)
        .put("sort", list_key(text.created_at, text.id.as_str()))
        .done()
}

/// Reads a knowledge text.
///
/// # Errors
/// [`RecordError`].
pub fn read_knowledge(platform: &Platform, document: &Document) -> Result<KnowledgeText, RecordError> {
    let fields = FieldReader::new(platform, document.path.as_str(), &document.fields);
    let readers = match fields.flag("is_for_named")? {
        true => Readers::Named(fields.ids("assistants")?),
        false => Readers::All,
    };
    Ok(KnowledgeText {
        id: document.path.id().parse().map_err(|_| fields.malformed_id())?,
        title: fields.text("title")?.to_owned(),
        text: fields.text("text")?.to_owned(),
        is_enabled: !fields.flag("is_disabled")?,
        readers,
        // One from before it was noted.
        created_at: fields.optional_time("created_at")?.unwrap_or_default(),
    })
}
