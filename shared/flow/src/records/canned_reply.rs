use domain::canned_reply::CannedReply;
use domain::{CannedReplyId, OrganizationId};

use super::{FieldReader, FieldWriter, RecordError, list_key, organization_path};
use crate::platform::Platform;
use crate::ports::{CollectionPath, DocPath, Document, Fields};

/// Where an organization's canned replies are.
pub fn canned_replies(organization: &OrganizationId) -> CollectionPath {
    organization_path(organization).collection("canned_replies")
}

/// Where a canned reply is.
pub fn canned_reply_path(organization: &OrganizationId, id: &CannedReplyId) -> DocPath {
    canned_replies(organization).doc(id.as_str())
}

/// Writes a canned reply; what it says may be anything.
pub fn write_canned_reply(platform: &Platform, path: &DocPath, reply: &CannedReply) -> Fields {
    FieldWriter::new(platform, path.as_str())
        .sealed("shortcut_sealed", Some(&reply.shortcut))
        .sealed("title_sealed", Some(&reply.title))
        .sealed("text_sealed", Some(&reply.text))
        .put("created_at", reply.created_at)
        .put("sort", list_key(reply.created_at, reply.id.as_str()))
        .done()
}

/// Reads a canned reply.
///
/// # Errors
/// [`RecordError`].
pub fn read_canned_reply(platform: &Platform, document: &Document) -> Result<CannedReply, RecordError> {
    let fields = FieldReader::new(platform, document.path.as_str(), &document.fields);
    let sealed = |name: &str| fields.sealed(name)?.ok_or_else(|| fields.missing(name));
    Ok(CannedReply {
        id: document.path.id().parse().map_err(|_| fields.malformed_id())?,
        shortcut: sealed("shortcut_sealed")?,
        title: sealed("title_sealed")?,
        text: sealed("text_sealed")?,
        created_at: fields.time("created_at")?,
    })
}
