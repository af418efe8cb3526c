use domain::price::Money;
use domain::{AssistantId, ConversationId, ModelCallId, NumberId, OrganizationId, Timestamp};

use super::{FieldReader, FieldWriter, RecordError, list_key, organization_path};
use crate::platform::Platform;
use crate::ports::{CollectionPath, DocPath, Document, Fields};

/// One answer of a language model, and what it cost. It is never changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelCall {
    /// Its id.
    pub id: ModelCallId,
    /// When it answered.
    pub at: Timestamp,
    /// The model's name.
    pub model: String,
    /// The assistant that asked it.
    pub assistant: AssistantId,
    /// The conversation that it was asked for; none where somebody tried the assistant out.
    pub conversation: Option<ConversationId>,
    /// The number of that conversation.
    pub number: Option<NumberId>,
    /// How many tokens it read.
    pub read: u32,
    /// How many tokens it wrote.
    pub written: u32,
    /// What that cost, where the price file says.
    pub cost: Option<Money>,
}

impl ModelCall {
    /// Its place among the calls.
    pub fn sort(&self) -> String {
        list_key(self.at, self.id.as_str())
    }
}

/// Where an organization's calls of language models are.
pub fn model_calls(organization: &OrganizationId) -> CollectionPath {
    organization_path(organization).collection("model_calls")
}

/// Where a call is.
pub fn model_call_path(organization: &OrganizationId, id: &ModelCallId) -> DocPath {
    model_calls(organization).doc(id.as_str())
}

/// Writes a call.
pub fn write_model_call(platform: &Platform, path: &DocPath, call: &ModelCall) -> Fields {
    let writer = FieldWriter::new(platform, path.as_str())
        .put("at", call.at)
        .put("sort", call.sort())
        .put("model", call.model.as_str())
        .put("assistant", call.assistant.as_str())
        .put("conversation", call.conversation.as_ref().map(ConversationId::as_str))
        .put("number", call.number.as_ref().map(NumberId::as_str))
        .put("read", call.read)
        .put("written", call.written);
    match &call.cost {
        Some(cost) => writer.json("cost", cost),
        None => writer,
    }
    .done()
}

/// Reads a call.
///
/// # Errors
/// [`RecordError`].
pub fn read_model_call(platform: &Platform, document: &Document) -> Result<ModelCall, RecordError> {
    let fields = FieldReader::new(platform, document.path.as_str(), &document.fields);
    let tokens =
        |name: &str| -> Result<u32, RecordError> { fields.int(name)?.try_into().map_err(|_| fields.malformed(name)) };
    Ok(ModelCall {
        id: document.path.id().parse().map_err(|_| fields.malformed_id())?,
        at: fields.time("at")?,
        model: fields.text("model")?.to_owned(),
        assistant: fields.parsed("assistant")?,
        conversation: fields.optional_parsed("conversation")?,
        number: fields.optional_parsed("number")?,
        read: tokens("read")?,
        written: tokens("written")?,
        cost: fields.json("cost")?,
    })
}
