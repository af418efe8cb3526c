use domain::{ConversationId, MessageId, OrganizationId};

use super::{FieldReader, FieldWriter, RecordError, organization_path};
use crate::platform::Platform;
use crate::ports::{DocPath, Document, Fields};

/// A direct send: where its message is, and what was asked for. It stands under the message's id, which follows from the
/// caller's key, so that a request that comes again finds the first one wherever its contact has moved to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectSend {
    /// The message's conversation.
    pub conversation: ConversationId,
    /// Stands for all that the request asked for.
    pub fingerprint: String,
}

/// Where a direct send is.
pub fn direct_send_path(organization: &OrganizationId, message: &MessageId) -> DocPath {
    organization_path(organization).collection("direct_sends").doc(message.as_str())
}

/// Writes a direct send.
pub fn write_direct_send(platform: &Platform, path: &DocPath, direct: &DirectSend) -> Fields {
    FieldWriter::new(platform, path.as_str())
        .put("conversation", direct.conversation.as_str())
        .put("fingerprint", direct.fingerprint.as_str())
        .done()
}

/// Reads a direct send.
///
/// # Errors
/// [`RecordError`].
pub fn read_direct_send(platform: &Platform, document: &Document) -> Result<DirectSend, RecordError> {
    let fields = FieldReader::new(platform, document.path.as_str(), &document.fields);
    Ok(DirectSend { conversation: fields.parsed("conversation")?, fingerprint: fields.text("fingerprint")?.to_owned() })
}
